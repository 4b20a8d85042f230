"""What an analysis asks of a table of spikes: its variables, its attributes and the order of its rows."""

from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

__all__ = ["SpikeTable", "checked_spikes"]

_SOURCE = 'pass what `simulate(..., record="spikes")` returns'


class SpikeTable(NamedTuple):
    """Spikes as plain arrays of one length, sorted by time since onset."""

    time: NDArray[np.float64]
    """Seconds since the onset of the spike's stimulus, from 0 to `duration`."""
    stimulus: NDArray[np.int64]
    neuron: NDArray[np.int64]
    n_stimuli: int
    n_neurons: int
    duration: float
    """Seconds each stimulus was shown."""


def checked_spikes(spikes: xr.Dataset) -> SpikeTable:
    """Return a table of spikes as plain arrays, or say what is wrong with it.

    Parameters
    ----------
    spikes : xarray.Dataset
        ``time`` (seconds since the onset of its stimulus, 0 or more), ``stimulus`` and ``neuron`` (int) along
        the dimension ``spike``, sorted by time; attributes ``n_stimuli``, ``n_neurons`` (int) and
        ``duration`` (seconds each stimulus was shown). It may hold no spike at all.

    Returns
    -------
    SpikeTable

    Raises
    ------
    TypeError
        If `spikes` is no Dataset, or a variable or attribute has the wrong type.
    ValueError
        If a variable or attribute is missing or has a value out of range, or the spikes are not sorted.

    Examples
    --------
    >>> import xarray as xr
    >>> rows = {"time": [0.01, 0.02], "stimulus": [0, 0], "neuron": [1, 0]}
    >>> attrs = {"n_stimuli": 1, "n_neurons": 2, "duration": 0.1}
    >>> checked_spikes(xr.Dataset({k: ("spike", v) for k, v in rows.items()}, attrs=attrs)).neuron
    array([1, 0])
    """
    if not isinstance(spikes, xr.Dataset):
        raise TypeError(f"expected spikes as an xarray.Dataset, got {type(spikes).__name__}: {_SOURCE}")
    _all_there(spikes)
    n_stimuli, n_neurons = _number_of(spikes, "n_stimuli"), _number_of(spikes, "n_neurons")
    duration = _duration(spikes.attrs["duration"])
    return SpikeTable(
        time=_times(spikes["time"].to_numpy(), duration),
        stimulus=_indices(spikes, "stimulus", n_stimuli),
        neuron=_indices(spikes, "neuron", n_neurons),
        n_stimuli=n_stimuli,
        n_neurons=n_neurons,
        duration=duration,
    )


def _all_there(spikes: xr.Dataset) -> None:
    for name in ("time", "stimulus", "neuron"):
        found = spikes.variables[name].dims if name in spikes.variables else "no such variable"
        if found != ("spike",):
            raise ValueError(f"expected `{name}` along the one dimension `spike`, got {found}: {_SOURCE}")
    missing = [name for name in ("n_stimuli", "n_neurons", "duration") if name not in spikes.attrs]
    if missing:
        raise ValueError(
            f"expected spikes with the attributes n_stimuli, n_neurons and duration, missing: "
            f"{', '.join(missing)}; set them in `spikes.attrs`, since silent neurons and stimuli leave no row"
        )


def _number_of(spikes: xr.Dataset, name: str) -> int:
    value = spikes.attrs[name]
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(
            f"expected the attribute {name} to be an int, got {value!r}: set it in `spikes.attrs`"
        )
    if value < 1:
        raise ValueError(
            f"expected the attribute {name} to be 1 or more, got {value}: set it in `spikes.attrs`"
        )
    return int(value)


def _duration(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"expected the attribute duration as a number of seconds, got {value!r}")
    seconds = float(value)
    if not 0 < seconds < np.inf:
        raise ValueError(
            f"expected a finite duration above 0 s, got {value}: the time each stimulus is shown"
        )
    return seconds


def _times(values: NDArray[Any], duration: float) -> NDArray[np.float64]:
    if not np.issubdtype(values.dtype, np.floating):
        raise TypeError(f"expected spike times as floats, in seconds, got {values.dtype}: divide by the unit")
    outside = ~((values >= 0) & (values <= duration))  # NaN is outside too
    if outside.any():
        raise ValueError(
            f"expected spike times from 0 s to the duration, {duration:g} s, got {int(outside.sum())} outside, "
            f"the first of them {values[outside][0]:g}: times are in seconds since the onset of the stimulus"
        )
    if (np.diff(values) < 0).any():
        raise ValueError('expected spikes sorted by time, got unsorted ones: use `spikes.sortby("time")`')
    return values.astype(np.float64)


def _indices(spikes: xr.Dataset, name: str, size: int) -> NDArray[np.int64]:
    values = spikes[name].to_numpy()
    if not np.issubdtype(values.dtype, np.integer):
        raise TypeError(f"expected `{name}` as integers, counted from 0, got {values.dtype}: {_SOURCE}")
    outside = (values < 0) | (values >= size)
    if outside.any():
        raise ValueError(
            f"expected `{name}` from 0 to {size - 1}, got {values[outside][0]}: "
            f"check the attribute n_{'stimuli' if name == 'stimulus' else 'neurons'}={size}"
        )
    return values.astype(np.int64)
