"""Parallel streams at many places: a network for each, as streams do not act on each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["StreamsOnGrids"]


@dataclass(frozen=True, eq=False)
class StreamsOnGrids:
    """Networks that see channels of their own, answering side by side.

    A single network with fields of zeros in the other streams' channels would settle at the same codes, and tell half
    of all changes to neurons that do not hear them.

    Attributes
    ----------
    networks : sequence of ConvolutionalLCA
        One for each stream, with the same threshold.
    seen : sequence of slice
        Values of a stimulus that each of them sees.
    """

    networks: Sequence[Any]
    seen: Sequence[slice]

    @property
    def threshold_(self) -> float:
        """Of all."""
        return float(self.networks[0].threshold_)

    def transform(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return what the streams settle to, one after the other."""
        return np.concatenate([each.transform(part) for each, part in self._parts(rows)], axis=1)

    def settle(self, rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
        """Return the same, and which stimuli had left a stream unsettled; None where nobody can tell."""
        found = [each.settle(part) for each, part in self._parts(rows)]
        told = [each.unsettled for each in found if each.unsettled is not None]
        unsettled = np.any(told, axis=0) if len(told) == len(found) else None
        return np.concatenate([each.code for each in found], axis=1), unsettled

    def _parts(self, rows: NDArray[Any]) -> list[tuple[Any, NDArray[Any]]]:
        return [
            (each, np.ascontiguousarray(rows[:, seen]))
            for each, seen in zip(self.networks, self.seen, strict=True)
        ]
