"""Tuning curves of every unit, for whoever looks at them one by one."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.laboratory.v1_protocol.shown import ProtocolResponses

__all__ = ["tuning_curves"]

_DIGITS = 3


def tuning_curves(responses: ProtocolResponses) -> pd.DataFrame:
    """Return each unit's rates over orientation, frequency and size, the others as it answers most.

    Parameters
    ----------
    responses : ProtocolResponses
        With a unit that answers a grating.

    Returns
    -------
    DataFrame
        ``unit``, ``curve`` (orientation, frequency or size), ``x`` (degrees of the bars, cycles/degree, degrees across)
        and ``rate`` (spikes/s, mean over phases), sorted by unit, curve and x.
    """
    scale, (one, two, three) = responses.scale(), responses.protocol.sets
    orientation, frequency, size = (scale.rates(each).mean(axis=-1) for each in responses.sets)
    fine, coarse, diameters = (
        responses.protocol.fine, responses.protocol.coarse, responses.protocol.diameters
    )  # fmt: skip
    by_diameter = (len(frequency), -1, len(fine), len(two.orientations))
    by_frequency = (len(size), len(coarse), len(diameters), len(three.orientations))
    curves = [
        _table("orientation", one.orientations, _best(orientation.swapaxes(1, 2))),
        _table("frequency", fine, _best(frequency.reshape(by_diameter).swapaxes(1, 2))),
        _table("size", diameters, _best(size.reshape(by_frequency).swapaxes(1, 2))),
    ]
    table = pd.concat(curves, ignore_index=True)
    return table.sort_values(["unit", "curve", "x"], ignore_index=True)


def _best(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rates (n_units, n_values) through each unit's largest, of rates (n_units, n_values, ...)."""
    flat = rates.reshape(*rates.shape[:2], -1)
    largest = flat.max(axis=1).argmax(axis=1)
    return np.take_along_axis(flat, largest[:, None, None], axis=2)[:, :, 0]


def _table(name: str, x: NDArray[np.floating], rates: NDArray[np.float64]) -> pd.DataFrame:
    columns = list(_columns(x, rates))
    return pd.DataFrame({"unit": columns[0], "curve": name, "x": columns[1], "rate": columns[2]})


def _columns(x: NDArray[np.floating], rates: NDArray[np.float64]) -> Iterator[NDArray[np.generic]]:
    n_units = len(rates)
    yield np.repeat(np.arange(n_units), len(x))
    yield np.tile(x, n_units)
    yield np.round(rates.ravel(), _DIGITS)
