"""A trained network and its held-out code as one labelled data set."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from neurosim.measures.response import Response
from neurosim.measures.seen import dictionaries
from neurosim.networks.models import declared
from neurosim.runs.arms import Arms
from neurosim.runs.sheets import sheet_of
from neurosim.stimuli.kinds.stimuli import Stimuli, only

_HISTORY_UNITS = {"objective": "squared unit of the stimuli", "duration": "s"}
_NATS = dict.fromkeys(("objective", "log_likelihood", "divergence"), "nats")
_STIMULUS_UNIT = "same unit as the stimuli"


def network_dataset(network: Any, *, stimuli: Stimuli, answer: Response) -> xr.Dataset:
    """Return what a run on photographs learned, ready for netCDF.

    Parameters
    ----------
    network : estimator
        Fitted: `dictionary_`, `history_`, the thresholds and other learned arrays that it has are read.
    stimuli : Stimuli
        What it was fitted on.
    answer : Response
        Its answer to ``stimuli.held_out``.

    Returns
    -------
    xarray.Dataset
        Variables `dictionary` (neuron, pixel), `threshold` (neuron) of networks that have one, `code` and `held_out`
        (stimulus, ...), the learning history by `batch`, and those of `lateral` (neuron, from_neuron), `drive_gain`
        (neuron), `gain`, `excite` (neuron, inhibitory), `inhibit` (inhibitory, neuron), `disinhibit`
        (from_inhibitory, inhibitory) and `inhibitory_threshold` (inhibitory), `noise_sd`, `prior_scale` and
        `decoder_offset` (pixel) that the network has. Neurons on a sheet have `row` and `column`, whose attribute
        ``torus`` is 1 if opposite edges meet. Spiking networks have `counts` (stimulus, neuron; or spiking_neuron,
        where a field has two) and ``counts_<population>`` of other populations. Every variable has `units` and
        `long_name`.
    """
    variables = {
        "dictionary": _variable(("neuron", "pixel"), network.dictionary_, "1", "feed-forward weights"),
        "held_out": _variable(("stimulus", "pixel"), only(stimuli.held_out), "whitened", "held-out stimuli"),
    }
    return xr.Dataset(variables | _learned(network, answer), attrs=_attributes(stimuli))


def arms_dataset(arms: Arms, *, stimuli: Stimuli, codes: Mapping[str, NDArray[np.floating]]) -> xr.Dataset:
    """Return what several networks learned from the same photographs, ready for netCDF.

    Parameters
    ----------
    arms : Arms
        Fitted.
    stimuli : Stimuli
        What they were fitted on.
    codes : mapping of str to ndarray (n_test, n_neurons)
        Their answers to ``stimuli.held_out``, each patch in the arm's own unit.

    Returns
    -------
    xarray.Dataset
        `held_out` (stimulus, pixel), and of each arm ``dictionary_<arm>`` (neuron_<arm>, pixel), ``code_<arm>``
        (stimulus, neuron_<arm>) and ``objective_<arm>`` (batch_<arm>), its course in training.
    """
    variables = {
        "held_out": _variable(("stimulus", "pixel"), only(stimuli.held_out), "whitened", "held-out stimuli")
    }
    for arm in arms:
        neuron, own = f"neuron_{arm.name}", f"arm {arm.name}, patches normalised by {arm.normalise!r}"
        course = arm.network.history_["objective"].to_numpy()
        variables |= {
            f"dictionary_{arm.name}": _variable(
                (neuron, "pixel"), arm.network.dictionary_, "1", f"weights, {own}"
            ),
            f"code_{arm.name}": _variable(
                ("stimulus", neuron), codes[arm.name], "1", f"held-out code, {own}"
            ),
            f"objective_{arm.name}": _variable((f"batch_{arm.name}",), course, "1", f"objective, {own}"),
        }
    return xr.Dataset(variables, attrs=_attributes(stimuli))


def linked_dataset(network: Any, *, stimuli: Stimuli, answer: Response) -> xr.Dataset:
    """Return what a run on modalities learned, ready for netCDF.

    Parameters
    ----------
    network : estimator
        Fitted, as for `network_dataset`; what it has of ``block_of_`` and ``classes_`` is read too.
    stimuli : Stimuli
        What it was fitted on.
    answer : Response
        Its answer to held-out stimuli in the modalities the recipe presents.

    Returns
    -------
    xarray.Dataset
        As `network_dataset`, with ``dictionary_<modality>`` (neuron, pixel_<modality>) and
        ``held_out_<modality>`` (stimulus, pixel_<modality>) in place of `dictionary` and `held_out`; `label`
        (stimulus) of stimuli that have classes, and `block` (neuron), the class a neuron belongs to or -1.
        ``shape_<modality>``, an attribute, is what turns rows into pictures.
    """
    variables = {}
    for name, fields in dictionaries(network, list(stimuli.training)).items():
        pixels, held_out = f"pixel_{name}", stimuli.held_out[name]
        variables[f"dictionary_{name}"] = _variable(("neuron", pixels), fields, "1", f"weights from {name}")
        variables[f"held_out_{name}"] = _variable(
            ("stimulus", pixels), held_out, "1", f"held-out stimuli, {name}"
        )
    if stimuli.labels is not None:
        variables["label"] = _variable(("stimulus",), stimuli.labels.held_out, "1", "class of the stimulus")
    if declared(network).has("labels"):
        blocks = np.append(network.classes_, -1)[network.block_of_]
        variables["block"] = _variable(("neuron",), blocks, "1", "class the neuron belongs to, -1 for none")
    shapes = {f"shape_{name}": list(shape) for name, shape in stimuli.shapes.items()}
    return xr.Dataset(variables | _learned(network, answer), attrs=shapes)


def _learned(network: Any, answer: Response) -> dict[str, xr.Variable]:
    """Return what does not depend on the kind of stimuli: code, thresholds, other weights, learning history."""
    variables = {"code": _code(network, answer)}
    if declared(network).threshold is not None:
        variables["threshold"] = _variable(("neuron",), _thresholds(network), _STIMULUS_UNIT, "threshold")
    for array in declared(network).learned:
        # An array goes with some parameters only, as gains do with their kind of homeostasis.
        values = getattr(network, array.attribute, None)
        if values is not None:
            variables[array.name] = _variable(array.dimensions, values, "1", array.meaning)
    return variables | _places(network) | _counts(answer) | _history(network)


def _places(network: Any) -> dict[str, xr.Variable]:
    """Return where neurons sit, if they have a sheet."""
    sheet = sheet_of(network)
    if sheet is None:
        return {}
    variables = {}
    for name, places in zip(("row", "column"), np.asarray(network.positions_).T, strict=True):
        variables[name] = _variable(("neuron",), places, "1", f"{name} of the neuron on its sheet")
        variables[name].attrs["torus"] = int(sheet.torus)
    return variables


def _thresholds(network: Any) -> NDArray[np.floating]:
    found = getattr(network, str(declared(network).threshold))
    return np.broadcast_to(np.asarray(found, dtype=np.float64), (len(network.dictionary_),))


def _code(network: Any, answer: Response) -> xr.Variable:
    unit, meaning = _STIMULUS_UNIT, "settled activity to held-out stimuli"
    if declared(network).has("dense"):
        meaning = "guessed mean activity to held-out stimuli"
    elif answer.is_counted:
        unit, meaning = "1", "spikes per held-out stimulus"
    elif answer.counts:
        meaning = "firing rates to held-out stimuli"
    return _variable(("stimulus", "neuron"), answer.code, unit, meaning)


def _counts(answer: Response) -> dict[str, xr.Variable]:
    variables = {}
    for number, (population, counts) in enumerate(answer.counts.items()):
        own = "neuron" if counts.shape[1] == answer.code.shape[1] else "spiking_neuron"
        name, unit = ("counts", own) if number == 0 else (f"counts_{population}", population)
        meaning = f"spikes per held-out stimulus, population {population!r}"
        variables[name] = _variable(("stimulus", unit), counts.astype(np.int32), "1", meaning)
    return variables


def _history(network: Any) -> dict[str, xr.Variable]:
    units = _NATS if declared(network).has("likelihood") else _HISTORY_UNITS
    return {
        name: _variable(("batch",), values.to_numpy(), units.get(str(name), "1"), f"{name} in training")
        for name, values in network.history_.items()
    }


def _variable(dimensions: tuple[str, ...], values: Any, units: str, long_name: str) -> xr.Variable:
    return xr.Variable(dimensions, np.asarray(values), attrs={"units": units, "long_name": long_name})


def _attributes(stimuli: Stimuli) -> dict[str, Any]:
    assert stimuli.image_space is not None
    ((height, width),) = stimuli.shapes.values()
    return {
        "patch_height": height,
        "patch_width": width,
        "pixel_order": "rows of the patch one after the other; split into ON and OFF, all ON pixels first",
        "whitening": repr(stimuli.image_space.whitener),
    }
