"""Units with a formula, through stimuli, experiments and properties: each property within 2 % of its closed form."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from gabor_units import GaborUnits
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from neurosim.analysis.fields.gabor import gabor
from neurosim.analysis.tuning.frequency import frequency_properties
from neurosim.analysis.tuning.orientation import orientation_properties
from neurosim.analysis.tuning.size import size_properties
from neurosim.laboratory.components import over_phases
from neurosim.laboratory.responders import Responder, energy_units, feed_forward
from neurosim.laboratory.size import size_tuning
from neurosim.laboratory.tuning import frequency_tuning, orientation_tuning
from neurosim.stimuli.laboratory.visual_field import VisualField, bar_orientation

Floats = NDArray[np.float64]
Drive = Callable[[ArrayLike, ArrayLike], Floats]
KINDS = {"rectified": 1, "energy": 2}  # mean over phases grows with this power of the drive


def responder(gabors: GaborUnits, kind: str) -> Responder:
    if kind == "rectified":
        return feed_forward(gabors.fields(), threshold=0.0)
    return energy_units(gabors.fields(), gabors.fields(1))


def flank(curve: Callable[[float], float], peak: float, end: float) -> float:
    """Where a curve that is 1 at its peak has fallen to .707."""
    return float(brentq(lambda x: curve(x) / curve(peak) - np.sqrt(0.5), peak, end))


def unit_drive(gabors: GaborUnits, unit: int, power: int) -> Drive:
    one = GaborUnits(gabors.parameters.iloc[[unit]], gabors.field)

    def drive(frequency: ArrayLike, angle: ArrayLike) -> Floats:
        return np.asarray(one.drive(np.atleast_2d(frequency), np.atleast_2d(angle))[0] ** power)

    return drive


@pytest.mark.parametrize("kind", KINDS)
def test_orientation_properties_of_gabor_units(gabors: GaborUnits, kind: str) -> None:
    found = over_phases(
        orientation_tuning(
            responder(gabors, kind), gabors.units, field=gabors.field, n_orientations=120, n_phases=12
        )
    )
    table = orientation_properties(
        found["mean"].values,
        orientations_deg=found.orientation_deg.values,
        modulation=found.modulation.values,
    )
    fine = np.linspace(0, np.pi, 3600, endpoint=False)
    for unit, parameters in gabors.parameters.iterrows():
        f, theta = parameters["frequency"], parameters["orientation"]
        drive = unit_drive(gabors, unit, KINDS[kind])
        curve = drive(f, fine)
        row = table.loc[unit]
        assert row["circular_variance"] == pytest.approx(
            1 - np.abs(curve @ np.exp(2j * fine)) / curve.sum(), rel=0.02
        )
        bars = np.rad2deg(bar_orientation(theta))
        apart = (row["preferred_orientation"] - bars + 90) % 180 - 90
        assert abs(apart) < 0.02 * row["orientation_half_width"] + 0.1
        half = flank(lambda a, d=drive, at=(f, theta): float(d(at[0], at[1] + a)[0]), 0.0, np.pi / 2)  # type: ignore[misc]
        assert row["orientation_half_width"] == pytest.approx(np.rad2deg(half), rel=0.02)
        across = (drive(f, theta + np.pi / 2) / drive(f, theta))[0]
        assert row["orthogonal_to_preferred"] == pytest.approx(across, rel=0.02, abs=0.005)
        assert row["orientation_selectivity_index"] == pytest.approx((1 - across) / (1 + across), rel=0.02)
    wanted = np.pi / 2 if kind == "rectified" else 0.0
    np.testing.assert_allclose(table["modulation_ratio"], wanted, rtol=0.02, atol=0.03)
    assert (table["orientation_selective"] == 1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_frequency_properties_of_gabor_units(gabors: GaborUnits, kind: str) -> None:
    frequencies = 2.0 ** np.linspace(-1.5, 2.9, 60)
    found = over_phases(
        frequency_tuning(
            responder(gabors, kind),
            gabors.units,
            field=gabors.field,
            frequencies_cpd=frequencies,
            n_phases=12,
        )
    )
    table = frequency_properties(found["mean"].values, frequencies_cpd=frequencies)
    fine = np.linspace(0.02, 0.45, 5000)
    for unit, parameters in gabors.parameters.iterrows():
        drive = unit_drive(gabors, unit, KINDS[kind])

        def curve(f: float, drive: Drive = drive, theta: float = parameters["orientation"]) -> float:
            return float(drive(f, theta)[0])

        best = float(fine[drive(fine, parameters["orientation"]).argmax()])
        low, high = flank(curve, best, 0.005), flank(curve, best, 0.5)
        row = table.loc[unit]
        assert row["peak_frequency"] == pytest.approx(16 * best, rel=0.02)
        assert row["frequency_bandwidth_octaves"] == pytest.approx(np.log2(high / low), rel=0.02)
        assert row["frequency_bandwidth"] == pytest.approx(100 * low / high, rel=0.02)
        assert row["frequency_selective"] == 1


def test_a_difference_of_gabors_is_suppressed_as_its_formula_says_and_a_gabor_is_not() -> None:
    """Drive within a radius R: the sum of w σ² (1 - exp(-R²/2σ²)) over both envelopes."""
    field = VisualField(height=96, width=96, pixels_per_degree=16)
    shape = {"x0": 47.5, "y0": 47.5, "orientation": 0.4, "frequency": 0.2, "phase": 0.0}
    inner, outer = (
        gabor({**shape, "sigma_x": s, "sigma_y": s, "amplitude": 1.0}, height=96, width=96)
        for s in (4.0, 9.0)
    )
    weight = 0.1
    units = pd.DataFrame(
        {"x_deg": [0, 0], "y_deg": 0.0, "orientation_rad": bar_orientation(0.4), "frequency_cpd": 3.2}
    )
    diameters = np.linspace(0.3, 5.9, 29)
    found = over_phases(
        size_tuning(
            feed_forward(np.concatenate([inner - weight * outer, inner]), threshold=0.0, background=0.5),
            units,
            field=field,
            diameters_deg=diameters,
        )
    )
    table = size_properties(found["mean"].values, diameters_deg=diameters)

    def drive(diameter: Floats) -> Floats:
        radius = 16 * np.asarray(diameter) / 2
        return 16.0 * -np.expm1(-(radius**2) / 32) - weight * 81.0 * -np.expm1(-(radius**2) / 162)

    curve = drive(np.linspace(0.1, 5.9, 20_000))
    peak, plateau = curve.max(), drive(diameters[-1])
    row = table.loc[0]
    assert row["surround_suppression_index"] == pytest.approx((peak - plateau) / peak, rel=0.02)
    reached = np.linspace(0.1, 5.9, 20_000)[np.argmax(curve >= 0.95 * peak)]
    assert 0 <= row["grating_summation_field"] - reached <= 0.2 + 1e-9  # the next diameter shown
    assert row["suppressed"]
    assert table.loc[1, "surround_suppression_index"] == pytest.approx(0, abs=0.005)
    assert not table.loc[1, "suppressed"]


def test_responses_without_phases_are_refused() -> None:
    response = xr.DataArray(np.ones((2, 3)), dims=("unit", "contrast"))
    with pytest.raises(ValueError, match="over phase_rad, got the dimensions unit, contrast"):
        over_phases(xr.Dataset({"response": response}))
