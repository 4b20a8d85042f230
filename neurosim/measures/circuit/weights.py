"""The weights among neurons as pictures, cells that prefer the same beside each other."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.networks.models import declared
from neurosim.registry.measure import Caption, Measure, Measured

Floats = NDArray[np.float64]

_NEURONS, _FROM = "neuron", "from_"


class _Weights(NamedTuple):
    """Weights (n_target, n_source) between two populations."""

    name: str
    source: str
    target: str
    values: Floats


def _between(context: Context) -> list[_Weights]:
    """Return what the network declares as learned between two populations of neurons."""
    found = []
    for each in declared(context.network).learned:
        values = getattr(context.network, each.attribute, None)
        if values is None or len(each.dimensions) != 2 or "pixel" in each.dimensions:
            continue
        ends = [name.removeprefix(_FROM) for name in each.dimensions]
        matrix = np.asarray(values, dtype=np.float64)
        # From the first dimension to the second, unless only the second says where weights come from.
        if each.dimensions[1].startswith(_FROM):
            found.append(_Weights(each.name, ends[1], ends[0], matrix))
        else:
            found.append(_Weights(each.name, ends[0], ends[1], matrix.T))
    return found


def _applies(context: Context) -> bool:
    return context.network is not None and bool(_between(context))


def _drawn(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import plot_weights

    weights = _between(context)
    weights += _through_others(weights)
    order, how = _orders(context, weights)
    ordered = {
        f"{each.name}: {each.source} to {each.target}": each.values[order[each.target]][:, order[each.source]]
        for each in weights
    }
    return Measured(figures={"weights": lambda: plot_weights(ordered, order=how)})


def _through_others(weights: list[_Weights]) -> list[_Weights]:
    """Return how neurons act on each other through another population: weights onto it, times those from it."""
    return [
        _Weights(f"through {there.target} cells", _NEURONS, _NEURONS, back.values @ there.values)
        for there in weights
        for back in weights
        if there.source == back.target == _NEURONS and there.target == back.source != _NEURONS
    ]


def _orders(context: Context, weights: list[_Weights]) -> tuple[dict[str, NDArray[np.intp]], str]:
    """Return the order of each population, and how it was found, in words."""
    angle = _preferred(context)
    if angle is None and context.block_of is not None:
        order, how = {_NEURONS: np.argsort(context.block_of, kind="stable")}, "by the class they belong to"
    elif angle is None:
        rows = np.concatenate([np.asarray(each) for each in context.dictionaries.values()], axis=1)
        order, how = {_NEURONS: _clustered(rows)}, "by likeness of their fields"
    else:
        order = {_NEURONS: np.argsort(np.where(np.isnan(angle), np.inf, angle), kind="stable")}
        unknown = int(np.isnan(angle).sum())
        how = "by preferred orientation" + (f", the {unknown} without one last" if unknown else "")
    for name, onto in _onto(weights):
        order[name] = (
            _clustered(onto) if angle is None else np.argsort(_pooled_angle(onto, angle), kind="stable")
        )
    return order, how


def _onto(weights: list[_Weights]) -> Iterator[tuple[str, Floats]]:
    """Yield the other populations with the weights from the neurons onto them, or to the neurons if there are none."""
    for name in dict.fromkeys(end for each in weights for end in (each.target, each.source)):
        ends = [
            each
            for each in weights
            if _NEURONS in (each.source, each.target) and name in (each.source, each.target)
        ]
        if name != _NEURONS and ends:
            onto = [each.values for each in ends if each.target == name]
            yield name, onto[0] if onto else ends[0].values.T


def _preferred(context: Context) -> Floats | None:
    """Return the orientation of each neuron's field in radians, NaN without a good fit; None without an image space."""
    if not context.has_image_fields:
        return None
    from neurosim.analysis.fields.gabor import LEAST_R2

    fits = context.fits["image"]
    return np.where(fits["r2"] > LEAST_R2, fits["orientation"], np.nan).astype(np.float64)


def _pooled_angle(onto: Floats, angle: Floats) -> Floats:
    """Return the orientation that cells hear most of, by the weights onto them (n_cells, n_neurons)."""
    known = ~np.isnan(angle)
    mean = onto[:, known] @ np.exp(2j * angle[known])
    return np.asarray(np.angle(mean) % (2 * np.pi) / 2)


def _clustered(rows: Floats) -> NDArray[np.intp]:
    """Return an order in which rows that are alike stand together."""
    from scipy.cluster.hierarchy import leaves_list, linkage

    if len(rows) < 2:
        return np.arange(len(rows))
    return np.asarray(leaves_list(linkage(rows, method="average")), dtype=np.intp)


def _step(context: Context) -> str:
    return "weights between neurons"


WEIGHTS = Measure(
    name="weights",
    applies=_applies,
    compute=_drawn,
    step=_step,
    figures={
        "weights": Caption(
            "Weights between neurons",
            "Rows are the cells that are acted on, columns those that act; both stand in one order: neurons on "
            "photographs by preferred orientation (of the Gabor fit in the image), others by class or by likeness "
            "of their fields, so that those that see alike stand together; inhibitory cells by what they hear. "
            "Lateral and inhibitory weights are subtracted: dark, or red, is inhibition, and a band along the "
            "diagonal says that cells inhibit those that prefer the same. Of graded networks a lateral weight is "
            "the overlap of two fields, which excites where it is negative (blue). Where inhibition goes through "
            "other cells, the last picture is their product: how much neurons inhibit each other in two steps.",
            "Matrices of weights as pictures, one for each pair of populations, cells in the order they prefer.",
        ),
    },
)
