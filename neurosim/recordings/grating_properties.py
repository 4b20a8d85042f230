"""Tuning to gratings from whatever was varied: each property that the conditions allow, by the functions for models."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.tuning.curve_input import response_grid
from neurosim.analysis.tuning.direction import bars_of_directions, direction_properties
from neurosim.analysis.tuning.frequency import frequency_properties
from neurosim.analysis.tuning.orientation import orientation_properties
from neurosim.analysis.tuning.phase import phase_components
from neurosim.analysis.tuning.size import size_properties
from neurosim.recordings.columns import CONDITIONS
from neurosim.recordings.recording import ConditionMeans

__all__ = ["grating_properties", "shown_to_all"]

Floats = NDArray[np.float64]
_LEAST = {"orientation_deg": 4, "direction_deg": 4, "frequency_cpd": 4, "diameter_deg": 3}


def grating_properties(means: ConditionMeans) -> pd.DataFrame:
    """Measure what the conditions allow: orientation, direction, spatial frequency, size, F1/F0.

    Parameters
    ----------
    means : ConditionMeans
        From `Responses.means`. Conditions other than disparity have to be one grid: every combination shown.

    Returns
    -------
    DataFrame
        One row per unit, the columns of `orientation_properties`, `direction_properties`, `frequency_properties` and
        `size_properties`, as far as four orientations or directions, four frequencies, three diameters were shown.
        What else was varied is a setting, of which each unit has its best. F1 is that over phases, or, where gratings
        drift (``means.modulation``), that in time, averaged over the phases they began at. A unit that was not shown
        every condition has NaN. Empty if nothing can be measured.

    Raises
    ------
    ValueError
        If a combination of conditions was never shown, a response is negative, or angles are not in equal steps.

    Examples
    --------
    >>> angles = np.arange(0.0, 180.0, 30.0)
    >>> shown = pd.DataFrame({"orientation_deg": angles})
    >>> curve = (10 + 10 * np.cos(2 * np.deg2rad(angles - 30)))[:, None]
    >>> grating_properties(ConditionMeans(shown, curve, None, None))["circular_variance"].round(6).tolist()
    [0.5]
    """
    conditions = means.conditions
    axes = [name for name in CONDITIONS if name in conditions and len(conditions[name].unique()) > 1]
    tuned = [name for name in axes if len(conditions[name].unique()) >= _LEAST.get(name, np.inf)]
    if not tuned:
        return pd.DataFrame(index=pd.RangeIndex(means.mean.shape[1], name="unit"))
    if (means.mean < 0).any():
        raise ValueError(
            f"expected responses of 0 or more, such as spikes/s, got {(means.mean < 0).sum()} negative of "
            f"{means.mean.size}: tuning is measured on rates; rectify what falls below the baseline first"
        )
    grid, values = response_grid(means.mean, conditions, axes=tuple(axes))
    modulation = (
        None if means.modulation is None else response_grid(means.modulation, conditions, axes=tuple(axes))[0]
    )
    if "phase_deg" in axes:
        at = axes.index("phase_deg")
        if modulation is None:
            grid, modulation = phase_components(np.moveaxis(grid, at + 1, -1), phases_deg=values[at])
        else:  # of gratings that drift, it is the phase they begin at
            grid, modulation = grid.mean(axis=at + 1), modulation.mean(axis=at + 1)
        axes, values = axes[:at] + axes[at + 1 :], values[:at] + values[at + 1 :]
    given = _Grid(axes, values, grid, modulation, means.spontaneous)
    tables = [_TUNING[name](given) for name in tuned if name in axes]
    return pd.concat(tables, axis=1) if tables else pd.DataFrame(index=pd.RangeIndex(len(grid), name="unit"))


def shown_to_all(means: ConditionMeans) -> NDArray[np.bool_]:
    """Return which units, shape (n_units,), were shown every condition."""
    return np.asarray(np.isfinite(means.mean).all(axis=0))


class _Grid:
    """Rates by axis, and each axis last when it is asked for."""

    def __init__(
        self,
        axes: list[str],
        values: tuple[Floats, ...],
        rates: Floats,
        modulation: Floats | None,
        spontaneous: Floats | None,
    ) -> None:
        self._axes, self._values, self._rates, self._modulation = axes, values, rates, modulation
        self.spontaneous = spontaneous

    def along(self, name: str) -> tuple[Floats, Floats | None, Floats]:
        """Return rates and modulation (n_units, n_settings, n_values), the axis last, and its values."""
        at = self._axes.index(name)
        last = [
            None if each is None else np.moveaxis(each, at + 1, -1).reshape(len(each), -1, each.shape[at + 1])
            for each in (self._rates, self._modulation)
        ]
        assert last[0] is not None
        return last[0], last[1], self._values[at]


def _orientation(given: _Grid) -> pd.DataFrame:
    rates, modulation, angles = given.along("orientation_deg")
    return orientation_properties(
        rates, orientations_deg=angles, modulation=modulation, spontaneous=given.spontaneous
    )


def _direction(given: _Grid) -> pd.DataFrame:
    rates, modulation, angles = given.along("direction_deg")
    bars, orientations = bars_of_directions(rates, directions_deg=angles)
    if modulation is not None:
        modulation, _ = bars_of_directions(modulation, directions_deg=angles)
    return pd.concat(
        [
            direction_properties(rates, directions_deg=angles),
            orientation_properties(
                bars, orientations_deg=orientations, modulation=modulation, spontaneous=given.spontaneous
            ),
        ],
        axis=1,
    )


def _frequency(given: _Grid) -> pd.DataFrame:
    rates, modulation, frequencies = given.along("frequency_cpd")
    return frequency_properties(
        rates, frequencies_cpd=frequencies, modulation=modulation, spontaneous=given.spontaneous
    )


def _size(given: _Grid) -> pd.DataFrame:
    rates, modulation, diameters = given.along("diameter_deg")
    return size_properties(
        rates, diameters_deg=diameters, modulation=modulation, spontaneous=given.spontaneous
    )


_TUNING = {
    "orientation_deg": _orientation,
    "direction_deg": _direction,
    "frequency_cpd": _frequency,
    "diameter_deg": _size,
}
