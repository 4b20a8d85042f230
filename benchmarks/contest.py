"""Encoders by name inside a worker: built once, timed and checked by request."""

import importlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.worker import Worker

__all__ = ["Contestant", "Encoded", "Encoder"]


@dataclass(frozen=True)
class Encoded:
    """One timed run of an encoder.

    Parameters
    ----------
    seconds : float
        Wall time by the encoder's own clock: what belongs to the encoding and nothing else.
    n_patches : int
        How many it encoded.
    code : callable
        Returns the code of the first so many patches, shape (n, n_neurons).
    """

    seconds: float
    n_patches: int
    code: Callable[[int], NDArray[Any]]


Encoder = Callable[[], Encoded]

_ENCODERS: dict[str, Encoder] = {}
_LATEST: dict[str, Encoded] = {}
_NUMBERS = itertools.count()


class Contestant:
    """An encoder that lives in a worker.

    Parameters
    ----------
    worker : Worker
    builder : str
        ``"module:function"`` of what builds the encoder there; it runs once here, to warm up.
    **problem
        Arguments of the builder.
    """

    def __init__(self, worker: Worker, builder: str, **problem: Any) -> None:
        self._worker = worker
        self._key = worker.call(_prepare, builder, problem)

    def seconds_per_patch(self) -> float:
        """Encode everything once and return the seconds per patch."""
        return self._worker.call(_seconds_per_patch, self._key)

    def code(self, n_patches: int) -> NDArray[np.float64]:
        """Return the code of the first patches from the latest timed run, or fewer if it had fewer."""
        return self._worker.call(_code, self._key, n_patches)

    def close(self) -> None:
        """Let the worker forget the encoder and its arrays."""
        self._worker.call(_forget, self._key)


def _prepare(builder: str, problem: dict[str, Any]) -> str:
    module, _, name = builder.partition(":")
    encoder: Encoder = getattr(importlib.import_module(module), name)(**problem)
    key = f"{builder} {next(_NUMBERS)}"
    _ENCODERS[key] = encoder
    _LATEST[key] = encoder()
    return key


def _seconds_per_patch(key: str) -> float:
    _LATEST[key] = _ENCODERS[key]()
    return _LATEST[key].seconds / _LATEST[key].n_patches


def _code(key: str, n_patches: int) -> NDArray[np.float64]:
    latest = _LATEST[key]
    return np.asarray(latest.code(min(n_patches, latest.n_patches)), dtype=np.float64)


def _forget(key: str) -> None:
    del _ENCODERS[key], _LATEST[key]
