"""Networks and runs as labelled arrays: xarray, and so netCDF."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from neurosim._version import __version__
from neurosim.exchange.source import NetworkOrRun, Source, Stimuli, source_of
from neurosim.networks.saving.saved_network import ESTIMATOR, estimator_variables

__all__ = ["to_xarray"]


def to_xarray(network_or_run: NetworkOrRun, *, stimuli: Stimuli = None) -> xr.Dataset:
    """Return what a network learned, and what it answers, as arrays with names, dimensions and meanings.

    Parameters
    ----------
    network_or_run : estimator, str or Path
        A fitted network, a file that ``net.save`` wrote, or the folder of a run.
    stimuli : array, shape (n_stimuli, n_pixels), or int, optional
        Shown to a network, whose `code` is then among the arrays; of a run, how many of its held-out stimuli.

    Returns
    -------
    xarray.Dataset
        `dictionary` (neuron, pixel), other learned arrays by the names of ``network.nc``, the history of learning by
        `batch`; with stimuli or of a run `code` (stimulus, neuron), and of spiking networks `counts`. A run has the
        columns of ``fields.csv`` too, by neuron. Every variable has ``units`` and ``long_name``; ``to_netcdf`` writes
        it, with any engine that knows text.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is nothing of that name, or a run is not whole.

    Examples
    --------
    >>> from neurosim.networks import LCA
    >>> labelled = to_xarray(LCA.from_dictionary(np.eye(3), threshold=0.5), stimuli=np.ones((2, 3)))
    >>> dict(labelled["code"].sizes), float(labelled["code"].max().round(2))
    ({'stimulus': 2, 'neuron': 3}, 0.5)
    """
    source = source_of(network_or_run, stimuli=stimuli)
    if source.stored is None:
        return _of_network(source)
    # What a network is made of again is of no use to others.
    dataset = source.stored.drop_vars([name for name in source.stored if str(name).startswith(ESTIMATOR)])
    dataset = dataset.assign(_of_neurons(source, dataset)).assign_attrs(run=source.name, neurosim=__version__)
    answered = "stimulus" in dataset.dims or source.stimuli is None
    return dataset if answered else dataset.assign(_answers(source))


def _of_network(source: Source) -> xr.Dataset:
    variables = estimator_variables(source.network, {})
    del variables[ESTIMATOR]
    attributes = {"network": f"{source.network!r}", "neurosim": __version__}
    dataset = xr.Dataset(variables, attrs=attributes)
    return dataset if source.stimuli is None else dataset.assign(_answers(source))


def _answers(source: Source) -> dict[str, xr.Variable]:
    network, shown = source.network, source.shown
    code = network.transform(shown)
    variables = {"code": _variable(("stimulus", "neuron"), code, "as of the network", "code of the stimuli")}
    if source.spikes:
        for number, (population, counts) in enumerate(network.spike_counts(shown).items()):
            own = "neuron" if counts.shape[1] == code.shape[1] else "spiking_neuron"
            name, unit = ("counts", own) if number == 0 else (f"counts_{population}", population)
            meaning = f"spikes per stimulus, population {population!r}"
            variables[name] = _variable(("stimulus", unit), counts.astype(np.int32), "1", meaning)
    return variables


def _of_neurons(source: Source, dataset: xr.Dataset) -> dict[str, xr.Variable]:
    """Return the columns of ``fields.csv`` that are not there under their name already."""
    table = source.neurons
    if table is None or dataset.sizes.get("neuron") != len(table):
        return {}
    new = [name for name in table.columns if name not in dataset and name not in dataset.dims]
    return {name: _variable(("neuron",), _plain(table[name]), "", f"{name} of fields.csv") for name in new}


def _plain(column: pd.Series) -> NDArray[Any]:
    """Return a column as an array that netCDF knows."""
    is_text = not pd.api.types.is_numeric_dtype(column.dtype)
    return column.fillna("").to_numpy(dtype=str) if is_text else column.to_numpy()


def _variable(dimensions: tuple[str, ...], values: Any, units: str, long_name: str) -> xr.Variable:
    return xr.Variable(dimensions, np.asarray(values), attrs={"units": units, "long_name": long_name})
