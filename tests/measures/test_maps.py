"""Maps planted on a sheet: measured, told from shuffled ones, and left out where too little is known."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.spectrum import narrow_band_map
from neurosim.measures.maps import MAPS, Mapped, map_measures

_SHEET = Sheet(16, 16, torus=True)
_N = _SHEET.n_neurons


def _fits(orientation: np.ndarray, *, good: float = 1.0) -> pd.DataFrame:
    shape = {"frequency": 0.2, "phase": 0.0, "x0": 3.0, "y0": 3.0, "nx": 0.4, "ny": 0.5}
    r2 = np.where(np.arange(_N) < good * _N, 0.9, 0.1)
    return pd.DataFrame({"orientation": orientation, **shape, "r2": r2})


def _measured(orientation: np.ndarray, *, good: float = 1.0) -> Mapped:
    rng = np.random.default_rng(0)
    x = np.arange(8) - 3.5
    waves = np.cos(orientation)[:, None, None] * x + np.sin(orientation)[:, None, None] * x[:, None]
    code = rng.random((50, _N))
    return map_measures(_SHEET, fits=_fits(orientation, good=good), fields=np.sin(waves), code=code, rng=rng)


@pytest.fixture(scope="module")
def planted() -> np.ndarray:
    vectors = narrow_band_map(_SHEET, wavelength=8, rng=np.random.default_rng(1), bandwidth=0.3)
    return np.asarray(np.angle(vectors) / 2 % np.pi)


def test_a_planted_map_is_found_and_the_same_neurons_in_other_places_have_none(planted: np.ndarray) -> None:
    found = _measured(planted)
    metrics = found.metrics
    assert set(metrics) <= set(MAPS.metrics)
    assert metrics["oriented_neurons"] == _N
    assert metrics["map_wavelength"] == pytest.approx(8, rel=0.15)
    assert 2.2 < metrics["pinwheel_density"] < 4.2  # π in the limit of a thin ring
    assert "map_ring_missing" not in metrics
    assert metrics["pinwheels"] == len(found.drawn["pinwheels"])
    for name in ("pinwheel_density", "pinwheels_noise_ratio", "map_quality"):
        low, high = metrics[f"{name}_interval"]
        assert low <= metrics[name] <= high
    low, high = metrics["pinwheels_noise_ratio_interval"]
    assert low < 1 < high
    fields, activity = (found.drawn["similarity"][name].iloc[0] for name in ("fields", "activity"))
    assert fields["similarity"] > fields["shuffled_high"]
    assert abs(activity["similarity"]) < 0.05  # responses are drawn independently
    mixed = _measured(np.random.default_rng(2).permutation(planted)).metrics
    for name in ("neighbour_orientation_difference_deg", "local_homogeneity", "morans_i"):
        assert mixed[name] == pytest.approx(mixed[f"{name}_shuffled"], rel=0.1, abs=0.05)
        assert metrics[f"{name}_shuffled"] == pytest.approx(mixed[f"{name}_shuffled"], rel=0.05, abs=0.02)
    assert metrics["neighbour_orientation_difference_deg"] < 30
    assert metrics["morans_i"] > 0.3
    assert metrics["map_selectivity"] > 1.5 * metrics["map_selectivity_shuffled"]


def test_neurons_in_shuffled_places_have_no_density_and_the_reason_stands_there(planted: np.ndarray) -> None:
    metrics = _measured(np.random.default_rng(2).permutation(planted)).metrics
    assert set(metrics) <= set(MAPS.metrics)
    assert "low-pass" in metrics["map_ring_missing"]
    for name in ("map_wavelength", "pinwheel_density", "pinwheel_density_shuffled", "map_quality"):
        assert np.isnan(metrics[name])
    assert np.isnan(metrics["pinwheel_density_interval"] + metrics["map_quality_interval"]).all()
    low, high = metrics["pinwheels_noise_ratio_interval"]
    assert low < 1 < high


def test_with_too_few_good_fits_there_is_no_map_but_what_needs_no_fit(planted: np.ndarray) -> None:
    found = _measured(planted, good=0.4)
    assert set(found.metrics) == {"oriented_neurons"}
    assert "vectors" not in found.drawn
    assert set(found.drawn["similarity"]) == {"fields", "activity"}


def test_a_silent_network_on_a_small_sheet_is_no_error() -> None:
    rng = np.random.default_rng(0)
    fits = _fits(np.zeros(_N)).iloc[:6]
    found = map_measures(
        Sheet(2, 3, torus=True), fits=fits, fields=np.zeros((6, 4, 4)), code=np.zeros((9, 6)), rng=rng
    )
    assert found.metrics == {"oriented_neurons": 6}
    assert found.drawn["similarity"] == {}


def test_a_field_and_its_negative_are_alike_where_activity_has_both_signs(planted: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    fields = np.ones((_N, 2, 2)) * rng.choice([-1.0, 1.0], _N)[:, None, None]
    tables = {}
    for signed in (False, True):
        code = rng.random((20, _N)) - 0.5 * signed
        found = map_measures(_SHEET, fits=_fits(planted), fields=fields, code=code, rng=rng)
        tables[signed] = found.drawn["similarity"]["fields"]["similarity"]
    np.testing.assert_allclose(tables[True], 1)
    assert np.abs(tables[False]).max() < 0.2
