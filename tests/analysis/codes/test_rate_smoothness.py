"""Smoothness of rates: closed forms, a linear code, quantised and shuffled ones."""

import numpy as np
import pytest

from neurosim.analysis.codes.rate_smoothness import rate_smoothness

STIMULI = np.random.default_rng(0).normal(size=(800, 4))


def naive(stimuli, code, n_neighbours):
    """The definition, pair by pair."""
    apart = np.square(stimuli[:, None] - stimuli).sum(axis=2)
    moved = np.square(code[:, None] - code).sum(axis=2)
    near = np.argsort(apart, axis=1)[:, 1 : n_neighbours + 1]
    others = moved[~np.eye(len(code), dtype=bool)]
    return 1 - np.take_along_axis(moved, near, axis=1).mean() / others.mean()


def test_it_is_what_the_definition_gives_pair_by_pair():
    code = np.maximum(STIMULI @ np.random.default_rng(1).normal(size=(4, 6)) - 1, 0)
    found = rate_smoothness(STIMULI, code, rng=0, n_neighbours=7)
    assert found["smoothness"] == pytest.approx(naive(STIMULI, code, 7))


def test_a_rotation_of_the_stimuli_is_as_smooth_as_they_are():
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(4, 4)))[0]
    found = rate_smoothness(STIMULI, STIMULI @ turn, rng=0)
    assert found["smoothness"] == pytest.approx(found["stimuli"])
    assert found["stimuli"] > 0.8


def test_codes_dealt_out_anew_have_no_smoothness_and_alternating_ones_less_than_none():
    assert rate_smoothness(STIMULI, STIMULI, rng=0)["shuffled"] == pytest.approx(0, abs=0.03)
    line, alternating = np.arange(100.0)[:, None], (np.arange(100.0) % 2)[:, None]
    assert rate_smoothness(line, alternating, rng=0, n_neighbours=2)["smoothness"] < -0.9


def test_finer_quantisation_is_rougher():
    coarse, fine = (
        np.eye(k)[np.digitize(STIMULI[:, 0], np.quantile(STIMULI[:, 0], np.arange(1, k) / k))]
        for k in (2, 20)
    )
    found = [rate_smoothness(STIMULI, code, rng=0)["smoothness"] for code in (fine, coarse)]
    assert found[0] < found[1] - 0.2


def test_units_are_no_matter_and_at_most_so_many_stimuli_are_used():
    plain = rate_smoothness(STIMULI, STIMULI**3, rng=0)
    scaled = rate_smoothness(STIMULI * 1e200, STIMULI**3 * 1e-200, rng=0)
    np.testing.assert_allclose(scaled, plain, rtol=1e-9)
    fewer = rate_smoothness(STIMULI, STIMULI**3, rng=0, max_stimuli=100)
    assert fewer["smoothness"] < plain["smoothness"] - 0.05


@pytest.mark.parametrize(
    ("stimuli", "code", "options", "message"),
    [
        ([[0.0], [1.0]], [[1.0]], {}, "differ, got 1 rows"),
        ([[0.0], [1.0], [2.0]], [[1.0], [2.0]], {}, "each of 3 stimuli, got 2"),
        ([[0.0], [1.0]], [[1.0], [2.0]], {"n_neighbours": 2}, "from 1 to 1"),
        ([[0.0], [1.0]], [[1.0], [1.0]], {"n_neighbours": 1}, "`code` that differ"),
        ([[0.0], [np.inf]], [[1.0], [2.0]], {}, "finite `stimuli`"),
    ],
)
def test_impossible_input_is_named(stimuli, code, options, message):
    with pytest.raises(ValueError, match=message):
        rate_smoothness(stimuli, code, rng=0, **options)
