"""A trained network, or several, and held-out codes as one labelled data set."""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from neurosim.front_end.parallel import AnyFrontEnd, ParallelFrontEnd
from neurosim.measures.context import Context
from neurosim.measures.response import Response
from neurosim.networks.models import declared
from neurosim.networks.saving.saved_network import estimator_variables
from neurosim.stimuli.kinds.stimuli import Stimuli, Whitener, only

_HISTORY_UNITS = {"objective": "squared unit of the stimuli", "duration": "s"}
_NATS = dict.fromkeys(("objective", "log_likelihood", "divergence"), "nats")
_MAPPED = "reverse_correlation"
_STIMULUS_UNIT = "same unit as the stimuli"


def network_dataset(context: Context) -> xr.Dataset:
    """Return what was learned, and the responses to held-out stimuli, ready for netCDF.

    Parameters
    ----------
    context : Context
        Of one network, whose `history_`, thresholds and other learned arrays are read, or of several.

    Returns
    -------
    xarray.Dataset
        Variables `dictionary` (neuron, pixel), `threshold` (neuron) of networks that have one, `code` and `held_out`
        (stimulus, ...), the learning history by `batch`, and the arrays that the network's model declares as learned.
        Neurons on a sheet have `row` and `column`, whose attribute ``torus`` is 1 if opposite edges meet. Spiking
        networks have `counts` (stimulus, neuron; or spiking_neuron, where a field has two) and
        ``counts_<population>`` of other populations. Every variable has `units` and `long_name`. `image_field` (neuron,
        image_row, image_column) is how the fields look in the image, in single precision.

        Other stimuli than photographs have ``dictionary_<modality>`` (neuron, pixel_<modality>) and
        ``held_out_<modality>`` (stimulus, pixel_<modality>) in place of `dictionary` and `held_out`; `label`
        (stimulus) where they have classes, and `block` (neuron), the class a neuron belongs to or -1.
        ``shape_<modality>``, an attribute, is what turns rows into pictures. Clips of films, whose rows are rotated,
        have ``picture_clips`` (pixel_clips, picture_row, picture_column) instead, what one unit of each entry of a row
        stands for, frames side by side: rows times it are pictures. Its attribute ``frames`` is their number.

        Of several networks there are `held_out` (stimulus, pixel), and of each ``dictionary_<condition>``
        (neuron_<condition>, pixel), ``image_field_<condition>``, ``code_<condition>`` (stimulus, neuron_<condition>)
        and ``objective_<condition>`` (batch_<condition>), its history of learning.

        ``estimator``, of several networks ``estimator_<condition>``, and what else it takes, is what `neurosim.load`
        makes the network of again.
    """
    if context.conditions:
        variables = _of_several(context)
        for name, each in context.conditions.items():
            variables |= estimator_variables(each.network, variables, suffix=f"_{name}")
        return xr.Dataset(variables, attrs=_attributes(context.stimuli))
    if context.stimuli.image_space is not None:
        shown, attributes = _patches(context), _attributes(context.stimuli)
    else:
        shown = _modalities(context)
        attributes = _shapes(context.stimuli)
    variables = shown | _learned(context)
    return xr.Dataset(variables | estimator_variables(context.network, variables), attrs=attributes)


def _shapes(stimuli: Stimuli) -> dict[str, list[int]]:
    """Return what turns rows into pictures, for those that are pictures as they are, perhaps in several channels."""
    rotated = stimuli.rotated()
    return {f"shape_{name}": list(shape) for name, shape in stimuli.shapes.items() if name not in rotated}


def _patches(context: Context) -> dict[str, xr.Variable]:
    fields, held_out = only(context.dictionaries), only(context.stimuli.held_out)
    return {
        "dictionary": _variable(("neuron", "pixel"), fields, "1", "feed-forward weights"),
        "held_out": _variable(("stimulus", "pixel"), held_out, "whitened", "held-out stimuli"),
        "image_field": _in_the_image(context, ("neuron", "image_row", "image_column")),
    }


def _in_the_image(context: Context, dimensions: tuple[str, ...]) -> xr.Variable:
    """Return fields as they look in the image, which people look at and nothing is computed from."""
    how = "mapped with noise" if context.recipe.analysis.fields == _MAPPED else "computed from the weights"
    meaning = f"fields in the image, {how}, as they are compared with cortex"
    return _variable(dimensions, context.fields["image"].astype(np.float32), "1", meaning)


def _modalities(context: Context) -> dict[str, xr.Variable]:
    stimuli = context.stimuli
    variables: dict[str, xr.Variable] = {}
    for name, fields in context.dictionaries.items():
        pixels, held_out = f"pixel_{name}", stimuli.held_out[name]
        variables[f"dictionary_{name}"] = _variable(("neuron", pixels), fields, "1", f"weights from {name}")
        variables[f"held_out_{name}"] = _variable(
            ("stimulus", pixels), held_out, "1", f"held-out stimuli, {name}"
        )
    for name, (frames, pictures) in stimuli.rotated().items():
        meaning = f"a unit of each entry of {name} as {frames} frames side by side"
        dimensions = (f"pixel_{name}", "picture_row", "picture_column")
        variables[f"picture_{name}"] = _variable(dimensions, pictures, "1", meaning)
        variables[f"picture_{name}"].attrs["frames"] = frames
    if stimuli.labels is not None:
        variables["label"] = _variable(("stimulus",), stimuli.labels.held_out, "1", "class of the stimulus")
    if context.block_of is not None:
        blocks = np.append(context.network.classes_, -1)[context.block_of]
        variables["block"] = _variable(("neuron",), blocks, "1", "class the neuron belongs to, -1 for none")
    return variables


def _of_several(context: Context) -> dict[str, xr.Variable]:
    held_out = only(context.stimuli.held_out)
    variables = {"held_out": _variable(("stimulus", "pixel"), held_out, "whitened", "held-out stimuli")}
    normalised = {each.name: each.normalise for each in context.recipe.arms}
    for name, each in context.conditions.items():
        neuron, own = f"neuron_{name}", f"condition {name}, patches normalised by {normalised[name]!r}"
        objective = each.network.history_["objective"].to_numpy()
        variables |= {
            f"dictionary_{name}": _variable(
                (neuron, "pixel"), only(each.dictionaries), "1", f"weights, {own}"
            ),
            f"code_{name}": _variable(("stimulus", neuron), each.code, "1", f"held-out code, {own}"),
            f"objective_{name}": _variable((f"batch_{name}",), objective, "1", f"objective, {own}"),
            f"image_field_{name}": _in_the_image(each, (neuron, "image_row", "image_column")),
        }
    return variables


def _learned(context: Context) -> dict[str, xr.Variable]:
    """Return what does not depend on the stimuli: code, thresholds, other weights, places, learning history."""
    network = context.network
    variables = {"code": _code(context)}
    if declared(network).threshold is not None:
        variables["threshold"] = _variable(("neuron",), _thresholds(network), _STIMULUS_UNIT, "threshold")
    for array in declared(network).learned:
        # An array goes with some parameters only, as gains do with their kind of homeostasis.
        values = getattr(network, array.attribute, None)
        if values is not None:
            variables[array.name] = _variable(array.dimensions, values, "1", array.meaning)
    places = {} if context.sheet is None else _places(network)
    return variables | places | _counts(context.response) | _history(network)


def _places(network: Any) -> dict[str, xr.Variable]:
    """Return where neurons sit on their sheet."""
    variables = {}
    for name, places in zip(("row", "column"), np.asarray(network.positions_).T, strict=True):
        variables[name] = _variable(("neuron",), places, "1", f"{name} of the neuron on its sheet")
        variables[name].attrs["torus"] = int(bool(network.torus))
    return variables


def _thresholds(network: Any) -> NDArray[np.floating]:
    found = getattr(network, str(declared(network).threshold))
    return np.broadcast_to(np.asarray(found, dtype=np.float64), (len(network.dictionary_),))


def _code(context: Context) -> xr.Variable:
    response = context.response
    unit, meaning = _STIMULUS_UNIT, "settled activity to held-out stimuli"
    if context.has("dense"):
        meaning = "posterior mean of the activity to held-out stimuli"
    elif response.is_counted:
        unit, meaning = "1", "spikes per held-out stimulus"
    elif response.counts:
        meaning = "firing rates to held-out stimuli"
    return _variable(("stimulus", "neuron"), context.code, unit, meaning)


def _counts(response: Response) -> dict[str, xr.Variable]:
    variables = {}
    for number, (population, counts) in enumerate(response.counts.items()):
        own = "neuron" if counts.shape[1] == response.code.shape[1] else "spiking_neuron"
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
        "pixel_order": "rows of the patch one after the other; split into ON and OFF, all ON pixels first; of several "
        "relays, ON and OFF of the first, then of the next",
        **_before(stimuli.image_space.whitener),
    }


def _before(whitener: Whitener | AnyFrontEnd) -> dict[str, Any]:
    """Return what was done to images, in words."""
    if not isinstance(whitener, ParallelFrontEnd):
        return {"whitening": repr(whitener)}
    return {"whitening": "relays, as the network's front end holds them", "relays": list(whitener.names)}
