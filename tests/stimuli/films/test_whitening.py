"""Whitening in space and time, and the ceiling on contrast."""

import numpy as np
import pytest

from neurosim.stimuli import SpaceTimeWhitening

RNG = np.random.default_rng(0)
SHAPE = (4, 3, 5)
# Correlated pixels and a mean grey that wanders.
CLIPS = (
    RNG.standard_normal((3000, 60)) @ RNG.standard_normal((60, 60)) + 9 * RNG.standard_normal((3000, 1))
).reshape(-1, *SHAPE)


def test_rows_are_white_and_know_nothing_of_mean_grey() -> None:
    whiten = SpaceTimeWhitening(20, loudest=None).fit(CLIPS)
    rows = whiten.apply(CLIPS)
    np.testing.assert_allclose(rows.T @ rows / len(rows) * whiten.unit_**2, np.eye(20), atol=1e-9)
    np.testing.assert_allclose(whiten.apply(CLIPS + 7), rows, atol=1e-9)
    assert 0.3 < whiten.kept_ < 1


def test_loud_clips_are_turned_down_and_counted() -> None:
    loud = CLIPS * np.where(RNG.random(len(CLIPS)) < 0.1, 20.0, 1.0)[:, None, None, None]
    whiten = SpaceTimeWhitening(20, loudest=1.5).fit(loud)
    norms = np.linalg.norm(whiten.apply(loud), axis=1)
    assert norms.max() == pytest.approx(1.5)
    assert np.median(norms) == pytest.approx(1.0)
    assert whiten.share_cut(loud) == pytest.approx(np.mean(norms > 1.4999))
    free = SpaceTimeWhitening(20, loudest=None).fit(loud)
    assert np.linalg.norm(free.apply(loud), axis=1).max() > 10
    assert free.share_cut(loud) == 0


def test_what_rows_stand_for_and_look_for_are_the_clips_themselves() -> None:
    whiten = SpaceTimeWhitening(59, loudest=None).fit(CLIPS)
    rows = whiten.apply(CLIPS)
    grey = CLIPS.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(whiten.clips_of(rows, space="feature"), CLIPS - grey, atol=1e-8)
    filters = whiten.clips_of(np.eye(59), space="filter").reshape(59, -1)
    np.testing.assert_allclose((CLIPS - grey).reshape(len(CLIPS), -1) @ filters.T, rows, atol=1e-8)


def test_clips_that_vary_too_little_are_refused() -> None:
    still = np.repeat(RNG.random((500, 1, 3, 5)), 4, axis=1)
    with pytest.raises(
        ValueError, match=r"n_kept: expected at most 14, .* got 20; keep fewer, or give clips that move"
    ):
        SpaceTimeWhitening(20).fit(still)
    assert SpaceTimeWhitening(14).fit(still).kept_ == pytest.approx(1)
    whiten = SpaceTimeWhitening(20).fit(CLIPS)
    with pytest.raises(ValueError, match=r"clips of shape \(4, 3, 5\), as fitted"):
        whiten.apply(CLIPS[:, :3])
    with pytest.raises(ValueError, match="space: expected one of whitened, filter, feature"):
        whiten.clips_of(np.eye(20), space="image")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="call fit"):
        SpaceTimeWhitening().apply(CLIPS)
