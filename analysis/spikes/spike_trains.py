"""Single spike trains, one neuron and one stimulus each: how fast and how regularly a neuron fires while it fires."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from neurosim.analysis.spikes.spike_input import checked_spikes

__all__ = ["WithinStimulus", "train_statistics", "within_stimulus"]


class WithinStimulus(NamedTuple):
    """How a population fires while it fires."""

    rate_hz: float
    """Spikes per second of a neuron in those presentations in which it fires at all; NaN without a spike."""
    isi_cv: float
    """Mean coefficient of variation of the intervals of a train; NaN without a train of enough of them."""
    n_trains: int
    """Trains that `isi_cv` is the mean of."""


def train_statistics(spikes: xr.Dataset) -> pd.DataFrame:
    """Describe every spike train: the spikes of one neuron to one stimulus.

    Intervals over an onset are in no train, so that different rates for different stimuli do not count as irregular
    firing, as they do in `neurosim.analysis.spikes.spikes.firing_statistics`.

    Parameters
    ----------
    spikes : xarray.Dataset
        A table of spikes as for `neurosim.analysis.spikes.spikes.spike_counts`.

    Returns
    -------
    DataFrame
        One row per neuron and stimulus with a spike (index ``stimulus``, ``neuron``):

        - ``n_spikes``: 1 or more.
        - ``rate_hz``: spikes per second of the presentation.
        - ``isi_cv``: standard deviation of the intervals (over their number) over their mean, 0 for a clock; NaN for
          fewer than two intervals. Over few intervals it reads low: a Poisson train's square is expected to be
          (n − 1)/(n + 1) for n of them.

    Raises
    ------
    TypeError, ValueError
        If `spikes` is no such table.

    Examples
    --------
    >>> import xarray as xr
    >>> rows = {"time": [0.01, 0.02, 0.03, 0.05], "stimulus": [0, 0, 0, 1], "neuron": [2, 2, 2, 0]}
    >>> attrs = {"n_stimuli": 2, "n_neurons": 3, "duration": 0.1}
    >>> table = train_statistics(xr.Dataset({k: ("spike", v) for k, v in rows.items()}, attrs=attrs))
    >>> table.reset_index().round(9)
       stimulus  neuron  n_spikes  rate_hz  isi_cv
    0         0       2         3     30.0     0.0
    1         1       0         1     10.0     NaN
    """
    table = checked_spikes(spikes)
    order = np.lexsort((table.time, table.neuron, table.stimulus))
    cells = (table.stimulus * table.n_neurons + table.neuron)[order]
    trains, first, counts = np.unique(cells, return_index=True, return_counts=True)
    columns = {
        "n_spikes": counts,
        "rate_hz": counts / table.duration,
        "isi_cv": _interval_cv(table.time[order], first, counts),
    }
    index = pd.MultiIndex.from_arrays(np.divmod(trains, table.n_neurons), names=["stimulus", "neuron"])
    return pd.DataFrame(columns, index=index)


def within_stimulus(spikes: xr.Dataset, *, least_intervals: int = 5) -> WithinStimulus:
    """Summarise how a population fires while it fires.

    Parameters
    ----------
    spikes : xarray.Dataset
        A table of spikes as for `neurosim.analysis.spikes.spikes.spike_counts`.
    least_intervals : int, default=5
        Trains of fewer intervals say nothing of their variation.

    Raises
    ------
    TypeError, ValueError
        If `spikes` is no such table, or `least_intervals` is below 2.

    Examples
    --------
    >>> import xarray as xr
    >>> clock = {"time": np.arange(10) / 100, "stimulus": np.zeros(10, int), "neuron": np.ones(10, int)}
    >>> attrs = {"n_stimuli": 2, "n_neurons": 3, "duration": 0.1}
    >>> found = within_stimulus(xr.Dataset({k: ("spike", v) for k, v in clock.items()}, attrs=attrs))
    >>> round(found.rate_hz), round(found.isi_cv, 9), found.n_trains
    (100, 0.0, 1)
    """
    if least_intervals < 2:
        raise ValueError(
            f"expected least_intervals of 2 or more, got {least_intervals}: one has no variation"
        )
    trains = train_statistics(spikes)
    enough = trains.loc[trains["n_spikes"] > least_intervals, "isi_cv"]
    return WithinStimulus(float(trains["rate_hz"].mean()), float(enough.mean()), len(enough))


def _interval_cv(
    times: NDArray[np.float64], first: NDArray[np.intp], counts: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the CV of each train's intervals; trains lie one after the other from `first` on."""
    train = np.repeat(np.arange(len(counts)), counts)
    within = train[1:] == train[:-1]
    intervals, train = np.diff(times)[within], train[1:][within]
    number = np.where(counts > 2, counts - 1, np.nan)
    mean = np.bincount(train, intervals, minlength=len(counts)) / number
    square = np.bincount(train, (intervals - mean[train]) ** 2, minlength=len(counts)) / number
    spread: NDArray[np.float64] = np.sqrt(square) / mean
    return spread
