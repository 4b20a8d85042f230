"""Smooth maps are told from shuffled ones, and the p-values of shuffled ones are uniform."""

import numpy as np
import pytest
from scipy import stats

from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.smoothness import (
    local_homogeneity,
    map_smoothness,
    morans_i,
    neighbour_difference,
    scalar_smoothness,
)

SHEET = Sheet(8, 8, torus=True)
N_SHUFFLES = 99  # p-values are multiples of .01: a hundred of them, equally likely by chance


def random_map(seed=0, n=64):
    return np.random.default_rng(seed).uniform(0, np.pi, n)


def ramp():
    return np.pi * SHEET.positions[:, 1] / 8


def naive_moran(numbers, sheet):
    weights = (sheet.distances() < 1.5) & ~np.eye(sheet.n_neurons, dtype=bool)
    z = numbers - numbers.mean()
    return len(z) / weights.sum() * (z @ weights @ z.conj()).real / (np.abs(z) ** 2).sum()


def test_a_ramp_of_orientation_has_closed_forms():
    """One turn over eight columns: 22.5° to the six neighbours in other columns, 0 to the two in one's own."""
    theta = ramp()
    assert neighbour_difference(np.degrees(theta), SHEET, period=180) == pytest.approx(22.5 * 6 / 8)
    assert morans_i(theta, SHEET, period=np.pi) == pytest.approx((6 * np.cos(np.pi / 4) + 2) / 8)
    steps = np.minimum(np.arange(8), 8 - np.arange(8))
    weight = np.exp(-(steps**2) / 2)
    expected = (weight * np.cos(2 * np.pi * np.arange(8) / 8)).sum() / weight.sum()
    np.testing.assert_allclose(local_homogeneity(theta, SHEET, width=1), expected)


def test_differences_take_the_shorter_way_round_whatever_the_turns():
    theta = np.degrees(ramp())
    turned = theta + 180 * np.random.default_rng(0).integers(-3, 4, 64)
    assert neighbour_difference(turned, SHEET, period=180) == pytest.approx(
        neighbour_difference(theta, SHEET, period=180)
    )
    assert neighbour_difference(theta, SHEET) > 25


@pytest.mark.parametrize("torus", [True, False])
def test_morans_i_is_that_of_the_definition(torus):
    sheet = Sheet(6, 9, torus=torus)
    values = random_map(n=54)
    assert morans_i(values, sheet) == pytest.approx(naive_moran(values, sheet))
    circular = naive_moran(np.exp(2j * values), sheet)
    assert morans_i(values, sheet, period=np.pi) == pytest.approx(circular)


def test_shuffled_means_are_those_theory_gives():
    table = map_smoothness(random_map(), SHEET, rng=np.random.default_rng(1), n_shuffles=4000)
    assert table.loc["morans_i", "shuffled"] == pytest.approx(-1 / 63, abs=0.003)
    assert table.loc["neighbour_difference_deg", "shuffled"] == pytest.approx(45, abs=1.5)


def test_a_smooth_map_is_as_extreme_as_the_shuffles_allow():
    noisy = ramp() + np.random.default_rng(0).normal(size=64, scale=0.2)
    table = map_smoothness(noisy, SHEET, rng=np.random.default_rng(0), n_shuffles=199)
    assert (table["p_value"] == 1 / 200).all()
    assert table[["n_neurons", "n_pairs"]].to_numpy().tolist() == [[64, 256]] * 3
    scalar = scalar_smoothness(np.cos(2 * noisy), SHEET, rng=np.random.default_rng(0), n_shuffles=199)
    assert (scalar["p_value"] == 1 / 200).all()


def test_a_map_rougher_than_chance_is_not_called_smooth():
    board = (SHEET.positions.sum(axis=1) % 2) * np.pi / 2
    pairs = SHEET.neighbour_pairs(connectivity=4)
    table = map_smoothness(board, SHEET, rng=np.random.default_rng(0), n_shuffles=99, pairs=pairs)
    assert table.loc["morans_i", "value"] == pytest.approx(-1)
    assert (table["p_value"] == 1).all()


def test_neurons_without_a_value_are_left_out_with_their_pairs():
    theta = ramp()
    theta[[3, 40]] = np.nan
    table = map_smoothness(theta, SHEET, rng=np.random.default_rng(0), n_shuffles=99)
    assert table["n_neurons"].tolist() == [62] * 3
    assert table["n_pairs"].tolist() == [256 - 16] * 3
    index = local_homogeneity(theta, SHEET)
    assert np.flatnonzero(np.isnan(index)).tolist() == [3, 40]
    assert table.loc["local_homogeneity", "value"] == pytest.approx(np.nanmean(index))


def test_few_neurons_leave_a_wide_band():
    few = random_map()
    few[np.random.default_rng(2).choice(64, 44, replace=False)] = np.nan
    bands = []
    for values in (few, random_map()):
        table = map_smoothness(values, SHEET, rng=np.random.default_rng(0), n_shuffles=199)
        bands.append((table["shuffled_high"] - table["shuffled_low"])["neighbour_difference_deg"])
    assert bands[0] > 2 * bands[1]


def p_values(n_draws, seed):
    """Of shuffled sheets: one smooth map with gaps, its neurons dealt out anew every time."""
    rng = np.random.default_rng(seed)
    theta = ramp() + rng.normal(size=64, scale=0.3)
    theta[:5] = np.nan
    shuffled = [
        map_smoothness(rng.permutation(theta), SHEET, rng=rng, n_shuffles=N_SHUFFLES)["p_value"]
        for _ in range(n_draws)
    ]
    return np.array(shuffled)


def assert_uniform(values, n_bins):
    """All of the possible p-values equally often, by chi-square over equal bins."""
    ranks = np.rint(values * (N_SHUFFLES + 1)).astype(int)
    assert ranks.min() >= 1
    assert ranks.max() <= N_SHUFFLES + 1
    for column in ranks.T:
        counts = np.bincount((column - 1) * n_bins // (N_SHUFFLES + 1), minlength=n_bins)
        assert stats.chisquare(counts).pvalue > 1e-3


def test_p_values_of_shuffled_sheets_are_uniform():
    assert_uniform(p_values(150, seed=5), n_bins=5)


@pytest.mark.slow
def test_p_values_of_a_thousand_shuffled_sheets_are_uniform():
    assert_uniform(p_values(1000, seed=6), n_bins=20)


def test_the_test_of_uniformity_can_fail():
    skewed = np.ceil(100 * np.random.default_rng(0).random((150, 1)) ** 2) / 100
    with pytest.raises(AssertionError):
        assert_uniform(skewed, n_bins=5)


def test_what_cannot_be_measured_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="64 neurons of a 8 × 8 sheet, got 60"):
        map_smoothness(random_map(n=60), SHEET, rng=rng)
    with pytest.raises(ValueError, match="got 2 of 64: too few good fits"):
        neighbour_difference(np.append([1.0, 2.0], np.full(62, np.nan)), SHEET)
    sparse = np.full(64, np.nan)
    sparse[[0, 20, 52]] = 1.0
    with pytest.raises(ValueError, match="both have a value"):
        morans_i(sparse, SHEET)
    with pytest.raises(ValueError, match="the same for all"):
        morans_i(np.full(64, 0.3), SHEET, period=np.pi)
    with pytest.raises(ValueError, match="fits on"):
        local_homogeneity(random_map(), SHEET, width=4)
    with pytest.raises(ValueError, match="n_shuffles=0"):
        scalar_smoothness(random_map(), SHEET, rng=rng, n_shuffles=0)
    with pytest.raises(ValueError, match="1 infinite"):
        neighbour_difference(np.append(np.inf, random_map(n=63)), SHEET)
    with pytest.raises(ValueError, match="period above 0"):
        neighbour_difference(random_map(), SHEET, period=0)


@pytest.mark.parametrize("pair", [(0, -1), (0, 9)])
def test_a_pair_with_a_neuron_beyond_the_sheet_is_refused(pair):
    with pytest.raises(
        ValueError, match=rf"pairs of neurons of the sheet, 0 to 8, .* with {min(pair)} to {max(pair)}"
    ):
        neighbour_difference(np.arange(9.0), Sheet(3, 3, torus=False), pairs=[pair])
