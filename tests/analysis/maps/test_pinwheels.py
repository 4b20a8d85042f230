"""Planted pinwheels are all found, none is invented, and random maps have the density of the closed form."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.maps.maps import smoothed_vectors
from neurosim.analysis.maps.pinwheel_density import count_interval, density_with_interval
from neurosim.analysis.maps.pinwheels import (
    count_pinwheels,
    find_pinwheels,
    map_quality,
    pinwheel_density,
    pinwheel_summary,
)
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.spectrum import map_wavelength, narrow_band_map

GRID = Sheet(40, 50, torus=False)
TORUS = Sheet(32, 48, torus=True)
PLANTED = np.array([[8.3, 9.6], [9.2, 30.1], [24.7, 20.4], [28.5, 41.2], [33.1, 8.8]])
SIGNS = np.array([1, -1, 1, 1, -1])


def planted():
    """Pinwheels anywhere on a plain sheet: the angles around them add up; vectors are short near them."""
    apart = (GRID.positions[:, None] - PLANTED) @ (1j, 1)
    angle = (np.angle(apart) * SIGNS).sum(axis=1)
    return np.tanh(np.abs(apart) / 3).prod(axis=1) * np.exp(1j * angle)


def lattice(shift=(0.3, 0.6)):
    """Waves on the torus: a pinwheel wherever both sines are zero, signs in turn."""
    row, column = ((TORUS.positions - shift) * 2 * np.pi / 16).T
    return (np.sin(column) + 1j * np.sin(row)) / np.sqrt(2)


def noise(n, seed):
    """A tenth of the longest vectors in each direction."""
    return 0.1 * np.random.default_rng(seed).normal(size=(n, 2)) @ (1, 1j)


def assert_same_pinwheels(found, places, signs, sheet, within):
    assert len(found) == len(places)
    apart = found[["row", "column"]].to_numpy()[:, None] - places
    if sheet.torus:
        sides = np.array([sheet.height, sheet.width])
        apart = (apart + sides / 2) % sides - sides / 2
    distance = np.linalg.norm(apart, axis=2)
    assert distance.min(axis=1).max() < within
    assert sorted(distance.argmin(axis=1)) == list(range(len(places)))
    assert (found["sign"].to_numpy() == np.asarray(signs)[distance.argmin(axis=1)]).all()


def lattice_pinwheels(shift):
    steps = np.array([(i, j) for i in range(4) for j in range(6)])
    return (8.0 * steps + shift) % (32, 48), (-1) ** steps.sum(axis=1)


def test_planted_pinwheels_are_found_with_sign_and_place():
    assert_same_pinwheels(find_pinwheels(planted(), GRID), PLANTED, SIGNS, GRID, within=0.2)


@pytest.mark.parametrize("seed", range(5))
def test_none_is_lost_or_invented_at_ten_percent_noise(seed):
    noisy = planted() + noise(GRID.n_neurons, seed)
    assert_same_pinwheels(find_pinwheels(noisy, GRID), PLANTED, SIGNS, GRID, within=1)
    smooth = smoothed_vectors(noisy, GRID, width=1)
    assert_same_pinwheels(find_pinwheels(smooth, GRID), PLANTED, SIGNS, GRID, within=0.6)


@pytest.mark.parametrize("shift", [(0.3, 0.6), (0.0, 0.0), (0.5, 0.0), (7.9, 3.25)])
def test_pinwheels_on_a_torus_are_found_wherever_they_fall(shift):
    """On a neuron, on the line between two, across the edge: once each."""
    found = find_pinwheels(lattice(shift), TORUS)
    assert_same_pinwheels(found, *lattice_pinwheels(shift), TORUS, within=0.03)
    noisy = lattice(shift) + noise(TORUS.n_neurons, 3)
    smooth = smoothed_vectors(noisy, TORUS, width=1)
    assert_same_pinwheels(find_pinwheels(smooth, TORUS), *lattice_pinwheels(shift), TORUS, within=0.6)


def test_signs_on_a_torus_add_up_to_zero_whatever_the_map():
    for seed in range(10):
        vectors = np.random.default_rng(seed).normal(size=(TORUS.n_neurons, 2)) @ (1, 1j)
        found = find_pinwheels(vectors, TORUS)
        assert len(found) == count_pinwheels(vectors, TORUS) > 300
        assert found["sign"].sum() == 0


def test_a_pinwheel_in_a_bilinear_square_is_found_to_rounding():
    sheet = Sheet(2, 2, torus=False)
    for seed in range(200):
        corners = np.random.default_rng(seed).normal(size=(4, 2)) @ (1, 1j)
        for _, (row, column, _sign) in find_pinwheels(corners, sheet).iterrows():
            weights = np.outer([1 - row, row], [1 - column, column]).ravel()
            assert abs(corners @ weights) < 1e-9


def test_mirroring_the_sheet_flips_the_signs():
    mirrored = GRID.as_map(planted())[:, ::-1].ravel()
    assert find_pinwheels(mirrored, GRID)["sign"].sum() == -SIGNS.sum()
    assert find_pinwheels(planted().conj(), GRID)["sign"].sum() == -SIGNS.sum()


def test_a_map_without_pinwheels_has_none():
    ramp = np.exp(2j * np.pi * TORUS.positions[:, 1] / 12)
    assert find_pinwheels(ramp, TORUS).empty
    summary = pinwheel_summary(ramp, TORUS, rng=np.random.default_rng(0), n_shuffles=2, n_noise=5)
    assert summary[["pinwheels", "pinwheel_density", "density_low", "noise_pinwheels"]].tolist() == [
        0,
        0,
        0,
        0,
    ]
    assert summary["density_high"] > 0
    assert summary["shuffled_density"] > 1
    # Noise of a single wave has no pinwheels either, and a quality says nothing where there are so few.
    assert np.isnan(summary[["ratio_to_noise", "ratio_low", "ratio_high", "map_quality"]].astype(float)).all()


def test_squares_with_a_gap_are_passed_over_and_not_counted():
    vectors = lattice()
    vectors[3 * TORUS.width + 3 : 3 * TORUS.width + 6] = np.nan
    summary = pinwheel_summary(vectors, TORUS, rng=np.random.default_rng(0), n_shuffles=1)
    assert summary["area"] == TORUS.n_neurons - 8
    assert summary["pinwheels"] == 24
    vectors[0] = np.nan  # a corner of the square around the pinwheel at (.3, .6)
    assert len(find_pinwheels(vectors, TORUS)) == 23


def test_the_density_of_the_lattice_has_a_closed_form():
    """Four pinwheels per squared wavelength."""
    summary = pinwheel_summary(lattice(), TORUS, rng=np.random.default_rng(0), smoothing=1, n_shuffles=3)
    assert summary["pinwheel_density"] == pytest.approx(4)
    assert summary["map_wavelength"] == pytest.approx(16)
    assert summary["density_low"] < 4 < summary["density_high"]
    assert summary["positive"] == summary["negative"] == 12
    assert summary["selectivity"] > 2 * summary["shuffled_selectivity"]


def test_a_map_without_a_ring_has_no_density_but_a_ratio_to_noise():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(TORUS.n_neurons, 2)) @ (1, 1j)
    summary = pinwheel_summary(noise, TORUS, rng=rng, smoothing=1.0, n_shuffles=5, n_noise=50)
    assert "white or low-pass" in summary["no_ring"]
    nothing = [
        "map_wavelength",
        "pinwheel_density",
        "density_low",
        "density_high",
        "map_quality",
        "shuffled_density",
    ]
    assert np.isnan(summary[nothing].astype(float)).all()
    assert summary["pinwheels"] > 20
    assert summary["ratio_low"] < 1 < summary["ratio_high"]
    assert summary["noise_low"] <= summary["pinwheels"] <= summary["noise_high"]


def unit_ring(sheet, rng):
    """Pinwheels of a random map; equal lengths add the short waves that sharp pinwheels have."""
    vectors = narrow_band_map(sheet, wavelength=8, rng=rng, bandwidth=0.3)
    return vectors / np.abs(vectors)


def test_a_map_with_fewer_pinwheels_than_noise_has_a_ratio_below_one_within_its_interval():
    """A third fewer, by the mean of forty maps; the interval of each holds that ratio, and excludes 1 in most."""
    sheet, rng = Sheet(48, 48, torus=True), np.random.default_rng(0)
    found = pd.DataFrame(
        pinwheel_summary(unit_ring(sheet, rng), sheet, rng=rng, n_shuffles=1, n_noise=20) for _ in range(40)
    )
    truth = found["pinwheels"].sum() / found["noise_pinwheels"].sum()
    assert truth < 0.8
    covered = (found["ratio_low"] <= truth) & (truth <= found["ratio_high"])
    assert covered.mean() >= 0.95
    assert (found["ratio_high"] < 1).mean() > 0.5


def test_intervals_of_density_and_quality_cover_the_closed_form():
    sheet, rng = Sheet(32, 32, torus=True), np.random.default_rng(5)
    maps = [narrow_band_map(sheet, wavelength=8, rng=rng, bandwidth=0.3) for _ in range(40)]
    found = pd.DataFrame(pinwheel_summary(v, sheet, rng=rng, n_shuffles=1, n_noise=1) for v in maps)
    assert ((found["density_low"] < np.pi) & (np.pi < found["density_high"])).mean() >= 0.95
    assert ((found["quality_low"] <= 1) & (found["quality_high"] == 1)).mean() >= 0.95
    assert (found["quality_low"] <= found["map_quality"]).all()
    assert (found["map_quality"] <= found["quality_high"]).all()


def test_quality_is_not_stated_for_a_handful_of_pinwheels():
    few, enough = (density_with_interval(n, wavelength=8.0, area=n * 64 / np.pi) for n in (4, 10))
    assert few["pinwheel_density"] == enough["pinwheel_density"] == pytest.approx(np.pi)
    assert np.isnan(few["map_quality"])
    assert enough["map_quality"] == pytest.approx(1)
    assert few["density_low"] < enough["density_low"]
    assert few["density_high"] > enough["density_high"]


def test_the_interval_of_a_count_is_where_poisson_counts_as_extreme_have_two_and_a_half_percent():
    from scipy.stats import poisson

    low, high = count_interval(12)
    assert poisson.sf(11, low) == pytest.approx(0.025)
    assert poisson.cdf(12, high) == pytest.approx(0.025)
    with pytest.raises(ValueError, match="0 or more"):
        count_interval(-1)


def test_quality_is_highest_at_pi():
    density = np.linspace(0.1, 10, 991)
    assert density[map_quality(density).argmax()] == pytest.approx(np.pi, abs=0.01)
    assert map_quality(np.pi) == 1
    from scipy.stats import gamma

    expected = gamma.pdf(5.0, 1.8, scale=np.pi / 0.8) / gamma.pdf(np.pi, 1.8, scale=np.pi / 0.8)
    assert map_quality(5.0) == pytest.approx(expected)


def random_density(seed, torus):
    sheet = Sheet(256, 256, torus=torus)
    vectors = narrow_band_map(sheet, wavelength=16, rng=np.random.default_rng(seed))
    area = 256**2 if torus else 255**2
    wavelength = map_wavelength(vectors, sheet)
    return pinwheel_density(len(find_pinwheels(vectors, sheet)), wavelength=wavelength, area=area)


def test_the_density_of_a_random_map_is_near_pi():
    """About 800 pinwheels: one map strays by 3 %."""
    assert random_density(0, torus=True) == pytest.approx(np.pi, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("torus", [True, False])
def test_the_mean_density_of_random_maps_is_pi(torus):
    densities = [random_density(seed, torus) for seed in range(20)]
    assert np.mean(densities) == pytest.approx(np.pi, rel=0.02)
    assert np.abs(np.array(densities) / np.pi - 1).max() < 0.1


def test_what_cannot_be_searched_is_refused():
    with pytest.raises(ValueError, match="a line has no pinwheels"):
        find_pinwheels(np.ones(5), Sheet(1, 5, torus=True))
    with pytest.raises(ValueError, match="2000 neurons of a 40 × 50 sheet, got 7"):
        find_pinwheels(np.ones(7), GRID)
    with pytest.raises(ValueError, match="0 or more"):
        map_quality([-1.0])
    with pytest.raises(ValueError, match="above 0"):
        pinwheel_density(3, wavelength=0, area=10)
    with pytest.raises(ValueError, match="n_shuffles=0"):
        pinwheel_summary(lattice(), TORUS, rng=np.random.default_rng(0), n_shuffles=0)
    checkered = np.where(TORUS.positions.sum(axis=1) % 2, np.nan, lattice())
    with pytest.raises(ValueError, match="smooth the map first"):
        pinwheel_summary(checkered, TORUS, rng=np.random.default_rng(0))
