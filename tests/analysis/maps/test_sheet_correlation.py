"""Similarity falls with distance where it was planted, and nowhere else."""

import numpy as np
import pytest
from scipy import stats

from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.sheet_correlation import (
    activity_similarity,
    field_similarity,
    similarity_distance_correlation,
    similarity_with_distance,
)

SHEET = Sheet(10, 10, torus=True)


def smooth_activity(width=1.5, n_stimuli=3000):
    """Noise averaged with a Gaussian: neighbours correlate as exp(-d²/4 width²)."""
    noise = np.random.default_rng(0).normal(size=(n_stimuli, 100))
    return SHEET.gaussian_sums(noise, width=width)


def test_the_correlation_of_smoothed_noise_has_a_closed_form():
    sheet = Sheet(12, 12, torus=True)
    noise = np.random.default_rng(0).normal(size=(6000, 144))
    activity = sheet.gaussian_sums(noise, width=1.0)
    table = similarity_with_distance(
        activity_similarity(activity), sheet, rng=np.random.default_rng(1), n_draws=5
    )
    apart = sheet.distances()[np.triu_indices(144, k=1)]
    expected = [np.exp(-(apart[np.rint(apart) == k] ** 2) / 4).mean() for k in range(1, 6)]
    np.testing.assert_allclose(table["similarity"][:5], expected, atol=0.02)
    assert table["n_pairs"].tolist()[:2] == [144 * 4, int((np.rint(apart) == 2).sum())]


def test_shuffled_places_have_the_mean_similarity_at_every_distance():
    similarity = activity_similarity(smooth_activity())
    table = similarity_with_distance(similarity, SHEET, rng=np.random.default_rng(0))
    overall = similarity[np.triu_indices(100, k=1)].mean()
    np.testing.assert_allclose(table["shuffled"], overall, atol=0.01)
    near = table.iloc[0]
    assert near["low"] < near["similarity"] < near["high"]
    assert near["low"] > near["shuffled_high"]


def test_neurons_without_order_stay_within_the_shuffled_band():
    inside = []
    for seed in range(20):
        similarity = activity_similarity(np.random.default_rng(seed).normal(size=(50, 100)))
        table = similarity_with_distance(similarity, SHEET, rng=np.random.default_rng(seed), n_draws=60)
        inside.append(
            (table["shuffled_low"] < table["similarity"]) & (table["similarity"] < table["shuffled_high"])
        )
    assert np.mean(inside) > 0.85


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """Similarities u_i + u_j of independent u: the truth is 0, and pairs that share a neuron depend."""
    held = []
    for seed in range(60):
        u = np.random.default_rng(seed).normal(size=36)
        sheet = Sheet(6, 6, torus=True)
        table = similarity_with_distance(u[:, None] + u, sheet, rng=np.random.default_rng(seed), n_draws=100)
        held.append(table["low"].iloc[0] < 0 < table["high"].iloc[0])
    assert 0.85 < np.mean(held) <= 1


def test_silent_neurons_are_left_out():
    activity = smooth_activity()
    activity[:, [4, 50]] = 7.0
    similarity = activity_similarity(activity)
    assert np.flatnonzero(np.isnan(similarity).all(axis=0)).tolist() == [4, 50]
    table = similarity_with_distance(similarity, SHEET, rng=np.random.default_rng(0), n_draws=5)
    assert table["n_pairs"].iloc[0] == 400 - 16
    assert table.notna().all(axis=None)


def test_similarities_are_correlations_and_cosines():
    rng = np.random.default_rng(0)
    responses, fields = rng.normal(size=(30, 6)), rng.normal(size=(6, 4, 5))
    np.testing.assert_allclose(activity_similarity(responses), np.corrcoef(responses.T))
    np.testing.assert_allclose(
        activity_similarity(responses, absolute=True), np.corrcoef(np.abs(responses).T), atol=1e-12
    )
    flat = fields.reshape(6, -1)
    unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    np.testing.assert_allclose(field_similarity(-3 * fields), unit @ unit.T)
    fields[1] = -fields[0]
    assert field_similarity(fields, absolute=True)[0, 1] == pytest.approx(1)


def test_the_correlation_with_distance_is_pearsons_over_pairs():
    similarity = activity_similarity(smooth_activity())
    upper = np.triu_indices(100, k=1)
    found = similarity_distance_correlation(similarity, SHEET, rng=np.random.default_rng(0), n_shuffles=99)
    expected = np.corrcoef(similarity[upper], SHEET.distances()[upper])[0, 1]
    assert found["correlation"] == pytest.approx(expected)
    assert found["p_value"] == 0.01


def test_p_values_of_shuffled_places_are_uniform():
    rng = np.random.default_rng(0)
    sheet, similarity = Sheet(6, 6, torus=True), -Sheet(6, 6, torus=True).distances()
    values = []
    for _ in range(200):
        order = rng.permutation(36)
        shuffled = similarity[np.ix_(order, order)]
        values.append(similarity_distance_correlation(shuffled, sheet, rng=rng, n_shuffles=49)["p_value"])
    counts = np.histogram(values, np.arange(6) / 5 + 0.001)[0]
    assert counts.sum() == 200
    assert stats.chisquare(counts).pvalue > 1e-3


def test_what_cannot_be_compared_is_refused():
    rng = np.random.default_rng(0)
    lopsided = np.triu(np.ones((100, 100)))
    with pytest.raises(ValueError, match="symmetric"):
        similarity_with_distance(lopsided, SHEET, rng=rng)
    with pytest.raises(ValueError, match="100 neurons of a 10 × 10 sheet, got 9"):
        similarity_with_distance(np.eye(9), SHEET, rng=rng)
    with pytest.raises(ValueError, match="got 0 of 100"):
        similarity_distance_correlation(np.full((100, 100), np.nan), SHEET, rng=rng)
    with pytest.raises(ValueError, match="all the same"):
        similarity_distance_correlation(np.ones((100, 100)), SHEET, rng=rng)
    with pytest.raises(ValueError, match="three stimuli"):
        activity_similarity(np.ones((2, 100)))
    with pytest.raises(ValueError, match="two draws"):
        similarity_with_distance(np.eye(100), SHEET, rng=rng, n_draws=1)
    with pytest.raises(ValueError, match="of one step or more"):
        similarity_with_distance(np.eye(100), SHEET, rng=rng, max_distance=0.5)
