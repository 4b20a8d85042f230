"""What tuning asks of its input: rates by unit, setting and condition; angles in degrees, all the way round."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

__all__ = ["angles_around", "checked_rates", "per_unit", "response_grid", "rising"]

Floats = NDArray[np.float64]


def response_grid(
    responses: ArrayLike, stimuli: pd.DataFrame, *, axes: tuple[str, ...]
) -> tuple[Floats, tuple[Floats, ...]]:
    """Arrange responses to a table of stimuli as one axis per stimulus parameter.

    Parameters
    ----------
    responses : array_like, shape (n_stimuli, n_units)
        Rates, spike counts or activity, any unit; row by row those to the stimuli of the table.
    stimuli : DataFrame
        One row per stimulus.
    axes : tuple of str
        Columns of the table, in the order wanted: ``("frequency", "orientation", "phase")``.

    Returns
    -------
    grid : ndarray, shape (n_units, n_values of the first column, ...)
        Mean over the stimuli that agree in all the columns, such as trials.
    values : tuple of ndarray
        The values along each axis, rising, in the unit of the column.

    Raises
    ------
    ValueError
        If the numbers of stimuli differ, a column is missing or not finite, or a combination was never shown.

    Examples
    --------
    >>> stimuli = pd.DataFrame({"orientation": [0, 90, 0, 90], "phase": [0, 0, 180, 180]})
    >>> grid, values = response_grid([[1.0], [2.0], [3.0], [4.0]], stimuli, axes=("orientation", "phase"))
    >>> grid.tolist(), values[0].tolist()
    ([[[1.0, 3.0], [2.0, 4.0]]], [0.0, 90.0])
    """
    given = unmasked(responses, "responses").astype(np.float64, copy=False)
    missing = [axis for axis in axes if axis not in stimuli]
    if missing:
        raise ValueError(
            f"expected the columns {', '.join(axes)} in the table of stimuli; missing: {', '.join(missing)} "
            f"(it has {', '.join(map(str, stimuli.columns)) or 'none'})"
        )
    if given.ndim != 2 or len(given) != len(stimuli) or not len(stimuli):
        raise ValueError(
            f"expected responses of shape (n_stimuli, n_units) with one row for each of the {len(stimuli)} stimuli of "
            f"the table, got shape {given.shape}"
        )
    shown = stimuli[list(axes)].to_numpy(dtype=np.float64)
    if not np.isfinite(shown).all():
        raise ValueError(f"expected finite {', '.join(axes)}, got NaN or infinite values; leave blanks out")
    found = [np.unique(column, return_inverse=True) for column in shown.T]
    values, places = tuple(value for value, _ in found), tuple(place for _, place in found)
    number = np.zeros([len(value) for value in values])
    np.add.at(number, places, 1.0)
    if not number.all():
        gap = ", ".join(
            f"{axis}={value[at]:g}"
            for axis, value, at in zip(axes, values, np.argwhere(number == 0)[0], strict=True)
        )
        raise ValueError(
            f"expected every combination of {', '.join(axes)} to be shown, got none of {int((number == 0).sum())} of "
            f"{number.size}, first {gap}; choose the stimuli of one grid"
        )
    total = np.zeros((*number.shape, given.shape[1]))
    np.add.at(total, places, given)
    return np.moveaxis(total / number[..., None], -1, 0), values


def checked_rates(rates: ArrayLike, n_values: int, *, name: str = "rates") -> Floats:
    """Return rates as (n_units, n_settings, n_values): 0 or more, or NaN where something was not measured."""
    array = unmasked(rates, name).astype(np.float64, copy=False)
    if array.ndim == 2:
        array = array[:, None, :]
    if array.ndim != 3 or array.size == 0 or array.shape[2] != n_values:
        raise ValueError(
            f"expected `{name}` of shape (n_units, n_settings, {n_values}) or (n_units, {n_values}), the tuned "
            f"parameter last, got shape {np.shape(rates)}"
        )
    if np.isinf(array).any():
        raise ValueError(f"expected finite `{name}`, got {np.isinf(array).sum()} infinite values")
    if (array < 0).any():
        raise ValueError(
            f"expected `{name}` of 0 or more, got {(array < 0).sum()} negative of {array.size}: rectify activity and "
            "scale it to spikes/s first (`rate_scale`)"
        )
    return array


def per_unit(name: str, values: ArrayLike | None, n_units: int) -> Floats:
    """Return one number for each unit, NaN throughout for None."""
    if values is None:
        return np.full(n_units, np.nan)
    array = np.asarray(values, dtype=np.float64)
    if array.shape != (n_units,):
        raise ValueError(
            f"expected `{name}` of shape ({n_units},), one for each unit, got shape {array.shape}"
        )
    return array


def angles_around(name: str, angles: ArrayLike, *, period: float) -> Floats:
    """Return angles (degrees) that rise in equal steps all the way round, or say what is wrong."""
    array = np.asarray(angles, dtype=np.float64)
    if array.ndim != 1 or len(array) < 3:
        raise ValueError(f"expected three `{name}` or more (degrees), got shape {array.shape}")
    step, wanted = np.diff(array), period / len(array)
    if np.allclose(step, wanted, rtol=1e-6):
        return array
    if np.allclose(step, np.deg2rad(wanted), rtol=1e-4):
        raise ValueError(
            f"expected `{name}` in degrees, got steps of {step[0]:.3g}, which looks like radians; pass np.rad2deg"
            " of them"
        )
    raise ValueError(
        f"expected `{name}` that rise in equal steps over {period:g} degrees ({wanted:g} apart for {len(array)}), got "
        f"steps from {step.min():g} to {step.max():g}"
    )


def rising(name: str, values: ArrayLike, *, least: int) -> Floats:
    """Return rising positive values, or say what is wrong."""
    array = np.asarray(values, dtype=np.float64)
    good = array.ndim == 1 and len(array) >= least and np.isfinite(array).all() and (array > 0).all()
    if not good or not (np.diff(array) > 0).all():
        raise ValueError(f"expected {least} or more rising `{name}` above 0, got {array.tolist()}")
    return array
