"""Weights among the cells of a run: whom each acts on, and who acts on it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["NEURONS", "Weights", "through_others", "weights_of"]

Array = NDArray[np.floating]

NEURONS = "neuron"
_FROM = "from_"
_BOTH_WAYS = "; the same in both directions"


class Weights(NamedTuple):
    """Weights between the cells of one group, or of two."""

    meaning: str
    """What a weight is, as the network's model has it."""
    values: Array
    """(n_cells of the group, n_cells of the other)."""
    other: str
    """Key of the group that the columns are of."""


def weights_of(file: "xr.Dataset", group: str, keys: dict[str, str]) -> Iterator[Weights]:
    """Yield what leads from a group's cells or to them; lateral weights for both directions, once where they agree."""
    for name, array in file.data_vars.items():
        ends = [str(dimension).removeprefix(_FROM) for dimension in array.dims]
        if len(ends) != 2 or group not in ends or not set(ends) <= set(keys):
            continue
        values = np.asarray(array.values, dtype=np.float64)
        meaning = str(array.attrs.get("long_name", name))
        if ends[0] == ends[1]:
            acted_on_first = not str(array.dims[0]).startswith(_FROM)
            yield from _lateral(meaning, values if acted_on_first else values.T, group, keys[group])
        elif ends[0] == group:
            yield Weights(meaning, values, keys[ends[1]])
        else:
            yield Weights(meaning, values.T, keys[ends[0]])


def _lateral(meaning: str, values: Array, group: str, key: str) -> Iterator[Weights]:
    """Yield weights whose rows are acted on; files speak of ``neuron`` and ``from_neuron``, people of two cells."""

    def told(source: str, target: str) -> str:
        words = meaning.replace(f"{_FROM}{group}", source)
        return words.replace(f"takes from {group}", f"takes from {target}")

    if np.allclose(values, values.T, rtol=1e-3, atol=1e-6 * np.abs(values).max(initial=0)):
        yield Weights(told("the other", "this one") + _BOTH_WAYS, values, key)
        return
    yield Weights(told("the other", "this one"), values, key)
    yield Weights(told("this one", "the other"), values.T, key)


def through_others(file: "xr.Dataset", keys: dict[str, str]) -> Iterator[Weights]:
    """Yield whom a neuron acts on through another population: its weights onto that, times those from there."""
    for name in keys:
        there, back = (_between(file, ends) for ends in ((NEURONS, name), (name, NEURONS)))
        if name != NEURONS and there is not None and back is not None:
            meaning = f"what a spike of this neuron takes from the other, through all {name} cells"
            yield Weights(meaning, there @ back, keys[NEURONS])


def _between(file: "xr.Dataset", ends: tuple[str, str]) -> Array | None:
    found = [array for array in file.data_vars.values() if tuple(map(str, array.dims)) == ends]
    return np.asarray(found[0].values, dtype=np.float64) if found else None
