"""Maps are laid out in the order of the sheet, and neurons without a good fit stay empty."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.fields.gabor import fit_gabors, gabor
from neurosim.analysis.maps.maps import (
    gabor_maps,
    gabor_selectivity,
    map_vectors,
    orientation_vectors,
    smoothed_vectors,
    tuning_maps,
)
from neurosim.analysis.maps.sheet import Sheet

SHEET = Sheet(3, 4, torus=True)
ANGLES = np.arange(12) * np.pi / 12


def planted_fields():
    shape = {"x0": 5.5, "y0": 5.5, "frequency": 0.2, "phase": 0.3, "sigma_x": 2.0, "sigma_y": 2.5}
    columns = {name: np.full(12, value) for name, value in shape.items()}
    return gabor(columns | {"orientation": ANGLES, "amplitude": np.ones(12)}, height=12, width=12)


def test_planted_orientations_stand_where_their_neurons_are():
    fields = planted_fields()
    fields[5] = np.random.default_rng(0).normal(size=(12, 12))
    maps = gabor_maps(fit_gabors(fields), SHEET)
    expected = np.where(np.arange(12) == 5, np.nan, ANGLES)
    np.testing.assert_allclose(
        np.angle(np.exp(2j * (maps["orientation"] - expected))) / 2 + expected, expected, atol=1e-9
    )
    assert maps["good"].tolist() == [k != 5 for k in range(12)]
    assert maps.loc[7, ["row", "column"]].tolist() == [1, 3]
    assert maps.loc[5].drop(["row", "column", "good"]).isna().all()
    np.testing.assert_allclose(maps["frequency"].dropna(), 0.2)


def test_a_fit_at_a_bound_is_left_out_on_request():
    fits = fit_gabors(planted_fields())
    fits.loc[2, "gabor_like"] = False
    assert gabor_maps(fits, SHEET)["good"].all()
    assert np.flatnonzero(~gabor_maps(fits, SHEET, gabor_like_only=True)["good"]).tolist() == [2]


def test_selectivity_of_a_gabor_is_that_of_its_measured_tuning():
    """Two implementations: gratings shown to the drawn field, and the formula from its parameters."""
    shape = {"x0": 20, "y0": 20, "orientation": 0.4, "frequency": 0.1, "amplitude": 1.0}
    angles = np.arange(36) * np.pi / 36
    for sigma_x, sigma_y, phase in [(2.5, 4.0, 0.0), (4.0, 3.0, 1.2)]:
        field = gabor(shape | {"sigma_x": sigma_x, "sigma_y": sigma_y, "phase": phase}, height=41, width=41)[
            0
        ]
        y, x = np.indices((41, 41))
        waves = np.exp(
            -0.2j * np.pi * (np.cos(angles)[:, None, None] * x + np.sin(angles)[:, None, None] * y)
        )
        vector = orientation_vectors(np.abs((waves * field).sum(axis=(1, 2)))[None], angles)[0]
        formula = gabor_selectivity([0.1 * sigma_x], [0.1 * sigma_y], [phase])[0]
        assert np.abs(vector) == pytest.approx(formula, abs=2e-3)
        assert np.angle(vector) / 2 == pytest.approx(0.4, abs=1e-3)


def test_selectivity_of_long_fields_has_a_closed_form():
    """A tuning curve that is a narrow Gaussian of s = 1/(2 pi n_y) has circular variance 1 - exp(-2 s²)."""
    narrow = np.exp(-2 / (2 * np.pi * 2.5) ** 2)
    assert gabor_selectivity([1.0], [2.5], [0.0])[0] == pytest.approx(narrow, abs=1e-3)


def test_orientation_vectors_of_cosine_tuning_have_a_closed_form():
    curves = 1 + 0.6 * np.cos(2 * (ANGLES - np.array([[0.3], [2.9]])))
    np.testing.assert_allclose(orientation_vectors(curves, ANGLES), 0.3 * np.exp([0.6j, 5.8j]))
    assert np.isnan(orientation_vectors(np.zeros((1, 12)), ANGLES)).all()


def test_tables_and_vectors_say_the_same():
    vectors = np.append(0.5 * np.exp(2j * ANGLES[:-1]), np.nan)
    maps = tuning_maps(vectors, SHEET)
    np.testing.assert_allclose(map_vectors(maps), vectors)
    np.testing.assert_allclose(maps["orientation"][:11], ANGLES[:11], atol=1e-12)
    assert not tuning_maps(vectors, SHEET, least_selectivity=0.6)["good"].any()


def test_smoothing_fills_a_gap_from_its_neighbours_and_lowers_noise():
    rng = np.random.default_rng(0)
    sheet = Sheet(80, 80, torus=True)
    noisy = 1 + rng.normal(size=6400) + 1j * rng.normal(size=6400)
    noisy[17] = np.nan
    smooth = smoothed_vectors(noisy, sheet, width=2)
    assert np.isfinite(smooth).all()
    # The average of white noise: sqrt(sum w²)/sum w = 1/(2 sigma sqrt(pi)).
    assert np.std(smooth) == pytest.approx(np.sqrt(2) / (4 * np.sqrt(np.pi)), rel=0.1)


def test_what_cannot_be_laid_out_is_refused():
    with pytest.raises(ValueError, match="12 neurons of a 3 × 4 sheet, got 11"):
        gabor_maps(fit_gabors(planted_fields()[:11]), SHEET)
    with pytest.raises(ValueError, match="missing \\['orientation'"):
        gabor_maps(pd.DataFrame({"r2": [1.0] * 12}), SHEET)
    with pytest.raises(ValueError, match="1 infinite"):
        tuning_maps([np.inf] + [1.0] * 11, SHEET)
    with pytest.raises(ValueError, match="12 NaN"):
        smoothed_vectors(np.full(12, np.nan), SHEET, width=1)
    with pytest.raises(ValueError, match="evenly spaced"):
        orientation_vectors(np.ones((1, 3)), [0.0, 0.5, 1.0])
    with pytest.raises(ValueError, match="rectify"):
        orientation_vectors([[1.0, -1.0]], [0.0, np.pi / 2])
