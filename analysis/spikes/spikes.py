"""Spikes counted, handed to Neo, and described by Elephant's statistics."""

import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from neurosim.analysis.spikes.spike_input import SpikeTable, checked_spikes

if TYPE_CHECKING:
    import neo

__all__ = ["firing_statistics", "spike_counts", "to_neo"]


def spike_counts(spikes: xr.Dataset) -> NDArray[np.int64]:
    """Count the spikes of each neuron to each stimulus.

    Parameters
    ----------
    spikes : xarray.Dataset
        ``time`` (seconds since the onset of its stimulus), ``stimulus`` and ``neuron`` (int) along ``spike``,
        sorted by time; attributes ``n_stimuli``, ``n_neurons`` and ``duration`` (seconds).

    Returns
    -------
    ndarray of int, shape (n_stimuli, n_neurons)
        0 or more; silent neurons and stimuli have their row or column of zeros.

    Raises
    ------
    TypeError, ValueError
        If `spikes` is no such table.

    Examples
    --------
    >>> import xarray as xr
    >>> rows = {"time": [0.01, 0.02, 0.05], "stimulus": [1, 0, 1], "neuron": [2, 0, 2]}
    >>> attrs = {"n_stimuli": 2, "n_neurons": 3, "duration": 0.1}
    >>> spike_counts(xr.Dataset({k: ("spike", v) for k, v in rows.items()}, attrs=attrs))
    array([[1, 0, 0],
           [0, 0, 2]])
    """
    return _counts(checked_spikes(spikes))


def to_neo(spikes: xr.Dataset, *, names: Sequence[str] | None = None) -> "neo.Block":
    """Write spikes as Neo's objects, which Elephant reads and Neo's file formats store.

    A train is made for every stimulus and neuron, the silent ones too, at about .2 ms each: select
    stimuli before converting a long recording.

    Parameters
    ----------
    spikes : xarray.Dataset
        A table of spikes as for `spike_counts`.
    names : sequence of str, length n_neurons, optional
        What the neurons are called; ``"neuron 0"`` and so on if not given.

    Returns
    -------
    neo.Block
        One Segment per stimulus (annotated ``stimulus``), in it one SpikeTrain per neuron (annotated
        ``neuron``). Times are in seconds since onset, from 0 to the duration shown.

    Raises
    ------
    ModuleNotFoundError
        If the extra ``spikes`` is not installed.
    TypeError, ValueError
        If `spikes` is no table of spikes, or the names are not one per neuron.

    References
    ----------
    Garcia et al. 2014, Front Neuroinform 8:10, doi:10.3389/fninf.2014.00010.

    Examples
    --------
    >>> import xarray as xr
    >>> rows = {"time": [0.01, 0.02, 0.05], "stimulus": [1, 0, 1], "neuron": [2, 0, 2]}
    >>> attrs = {"n_stimuli": 2, "n_neurons": 3, "duration": 0.1}
    >>> block = to_neo(xr.Dataset({k: ("spike", v) for k, v in rows.items()}, attrs=attrs))
    >>> train = block.segments[1].spiketrains[2]
    >>> train.magnitude.tolist(), train.annotations, str(train.t_stop)
    ([0.01, 0.05], {'neuron': 2}, '0.1 s')
    """
    neo = _spikes_extra()[0]
    table = checked_spikes(spikes)
    names = _checked_names(names, table.n_neurons)
    order = np.lexsort((table.time, table.neuron, table.stimulus))
    times = _split(table.time[order], _counts(table).ravel())
    block = neo.Block(name="spikes")
    for stimulus in range(table.n_stimuli):
        segment = neo.Segment(name=f"stimulus {stimulus}", index=stimulus, stimulus=stimulus)
        block.segments.append(segment)
        for neuron, name in enumerate(names):
            train = neo.SpikeTrain(next(times), units="s", t_stop=table.duration, name=name, neuron=neuron)
            segment.spiketrains.append(train)
    return block


def firing_statistics(spikes: xr.Dataset) -> pd.DataFrame:
    """Describe how each neuron fires: rate, irregularity and variability from stimulus to stimulus.

    The presentations are laid end to end in the order shown. A network's membranes are reset between stimuli,
    so an interval that spans an onset is not the membrane's own: such intervals mix into ``isi_cv``, and where
    a neuron fires about once per stimulus or less they are nearly all of it.

    Parameters
    ----------
    spikes : xarray.Dataset
        A table of spikes as for `spike_counts`.

    Returns
    -------
    DataFrame
        One row per neuron (index ``neuron``):

        - ``rate_hz``: spikes per second of stimulation, 0 or more.
        - ``isi_cv``: standard deviation of the interspike intervals over their mean, 0 for a clock and 1 for a
          Poisson process; NaN for fewer than two intervals.
        - ``fano_factor``: variance of the counts over stimuli (divided by their number, not by one less) over
          their mean, 0 for the same count every time and 1 for Poisson counts; NaN for a silent neuron or a
          single stimulus.

        All three are Elephant's numbers.

    Raises
    ------
    ModuleNotFoundError
        If the extra ``spikes`` is not installed.
    TypeError, ValueError
        If `spikes` is no such table.

    References
    ----------
    Elephant, doi:10.5281/zenodo.1186602 (RRID:SCR_003833), ``elephant.statistics``.

    Examples
    --------
    >>> import xarray as xr
    >>> rows = {"time": [0.02, 0.05, 0.07], "stimulus": [0, 1, 0], "neuron": [0, 1, 0]}
    >>> attrs = {"n_stimuli": 2, "n_neurons": 2, "duration": 0.1}
    >>> firing_statistics(xr.Dataset({k: ("spike", v) for k, v in rows.items()}, attrs=attrs))
            rate_hz  isi_cv  fano_factor
    neuron
    0          10.0     NaN          1.0
    1           5.0     NaN          0.5
    """
    neo, statistics = _spikes_extra()
    table = checked_spikes(spikes)
    counts = _counts(table)
    order = np.lexsort((table.time, table.stimulus, table.neuron))
    end_to_end = (table.stimulus * table.duration + table.time)[order]
    # Rounding may put a spike at the very end a hair beyond the product.
    t_stop = max(table.n_stimuli * table.duration, end_to_end.max(initial=0.0))
    rows = []
    for times, per_stimulus in zip(_split(end_to_end, counts.sum(axis=0)), counts.T, strict=True):
        train = neo.SpikeTrain(times, units="s", t_stop=t_stop)
        rate = float(statistics.mean_firing_rate(train).rescale("Hz").magnitude)
        rows.append((rate, _isi_cv(statistics, times), _fano_factor(statistics, times, per_stimulus)))
    index = pd.RangeIndex(table.n_neurons, name="neuron")
    return pd.DataFrame(rows, columns=["rate_hz", "isi_cv", "fano_factor"], index=index)


def _counts(table: SpikeTable) -> NDArray[np.int64]:
    cell = table.stimulus * table.n_neurons + table.neuron
    counts = np.bincount(cell, minlength=table.n_stimuli * table.n_neurons)
    return counts.reshape(table.n_stimuli, table.n_neurons)


def _split(times: NDArray[np.float64], counts: NDArray[np.int64]) -> Iterator[NDArray[np.float64]]:
    """Cut times into consecutive pieces of so many spikes each."""
    edges = np.concatenate([[0], np.cumsum(counts)]).tolist()
    return (times[start:stop] for start, stop in pairwise(edges))


def _isi_cv(statistics: Any, times: NDArray[np.float64]) -> float:
    # One interval has no spread; its coefficient of variation would read 0, like a clock's.
    return float(statistics.cv(statistics.isi(times))) if len(times) > 2 else float("nan")


def _fano_factor(statistics: Any, times: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    # The same for one stimulus: without a second count a factor of 0 would be no finding.
    return float(statistics.fanofactor(list(_split(times, counts)))) if len(counts) > 1 else float("nan")


def _checked_names(names: Sequence[str] | None, n_neurons: int) -> Sequence[str]:
    if names is None:
        return [f"neuron {neuron}" for neuron in range(n_neurons)]
    if isinstance(names, str) or len(names) != n_neurons:
        got = "one text" if isinstance(names, str) else str(len(names))
        raise ValueError(f"expected one name per neuron, {n_neurons} in all, got {got}: pass a list of str")
    return names


def _spikes_extra() -> tuple[Any, Any]:
    """Import Neo and Elephant, which take seconds, only when they are asked for."""
    try:
        with warnings.catch_warnings():  # Elephant's import sets filters for the whole process
            import elephant.statistics
            import neo
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"this needs Neo and Elephant, and {error.name} is not installed: run "
            '`pip install -e ".[spikes]"` in the clone of neurosim',
            name=error.name,
        ) from error
    return neo, elephant.statistics
