"""A trained network and its held-out code as one labelled data set."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from neurosim.runs.prepare import Stimuli

_HISTORY_UNITS = {"objective": "squared unit of the stimuli", "duration": "s"}


def network_dataset(network: Any, *, stimuli: Stimuli, code: NDArray[np.floating]) -> xr.Dataset:
    """Return what a run learned, ready for netCDF.

    Parameters
    ----------
    network : estimator
        Fitted: `dictionary_`, `history_` and `threshold` are read, and `lateral_` where the network has it.
    stimuli : Stimuli
        What it was fitted on.
    code : ndarray (n_stimuli, n_neurons)
        Its answer to ``stimuli.held_out``.

    Returns
    -------
    xarray.Dataset
        Variables `dictionary` (neuron, pixel), `threshold` (neuron), `lateral` (neuron, from_neuron),
        `code` and `held_out` (stimulus, ...), and the learning history by `batch`. Every variable has
        `units` and `long_name`.
    """
    n_neurons = network.dictionary_.shape[0]
    threshold = np.broadcast_to(np.asarray(network.threshold, dtype=np.float64), (n_neurons,))
    pixel = "same unit as the stimuli"
    variables = {
        "dictionary": _variable(("neuron", "pixel"), network.dictionary_, "1", "feed-forward weights"),
        "threshold": _variable(("neuron",), threshold, pixel, "membrane threshold"),
        "code": _variable(("stimulus", "neuron"), code, pixel, "settled activity to held-out stimuli"),
        "held_out": _variable(("stimulus", "pixel"), stimuli.held_out, "whitened", "held-out stimuli"),
    }
    lateral = getattr(network, "lateral_", None)
    if lateral is not None:
        what = "lateral inhibition: what the activity of from_neuron takes from neuron"
        variables["lateral"] = _variable(("neuron", "from_neuron"), lateral, "1", what)
    return xr.Dataset(variables | _history(network), attrs=_attributes(stimuli))


def _history(network: Any) -> dict[str, xr.Variable]:
    return {
        name: _variable(
            ("batch",), values.to_numpy(), _HISTORY_UNITS.get(str(name), "1"), f"{name} in training"
        )
        for name, values in network.history_.items()
    }


def _variable(dimensions: tuple[str, ...], values: Any, units: str, long_name: str) -> xr.Variable:
    return xr.Variable(dimensions, np.asarray(values), attrs={"units": units, "long_name": long_name})


def _attributes(stimuli: Stimuli) -> dict[str, Any]:
    return {
        "patch_height": stimuli.size,
        "patch_width": stimuli.size,
        "pixel_order": "rows of the patch one after the other; split into ON and OFF, all ON pixels first",
        "whitening": repr(stimuli.whitener),
    }


def write_dataset(dataset: xr.Dataset, path: str) -> None:
    """Write a data set as compressed netCDF-4.

    Parameters
    ----------
    dataset : xarray.Dataset
        What to write.
    path : str
        The file.
    """
    compressed = {str(name): {"zlib": True, "complevel": 4} for name in dataset.data_vars}
    dataset.to_netcdf(path, engine="h5netcdf", encoding=compressed)
