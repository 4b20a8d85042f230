"""Compiled circuits of this process, so that an estimator's methods and its clones do not compile twice."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Protocol, TypeVar

from neurosim._turns import forked

__all__ = ["Compiled", "is_kept", "kept"]

_KEPT = 4
_CIRCUITS: OrderedDict[Hashable, Any] = OrderedDict()
# Which process they are of: a forked one builds its own, as the files of programs are its parent's.
_OWNER = {"forked": 0}


class Compiled(Protocol):
    """A circuit as it is kept."""

    @property
    def program(self) -> Any:
        """What compiles and runs it."""


C = TypeVar("C", bound=Compiled)


def is_kept(key: Hashable) -> bool:
    """Whether the compiled circuit of a key is in this process."""
    _forget_the_parents()
    return key in _CIRCUITS


def kept(key: Hashable, build: Callable[[], C]) -> C:
    """Return the compiled circuit of a key, the kept one if there is one.

    Numbers that may change between runs (weights, thresholds, time constants, steps) are written before each run, so
    networks can share a circuit: whoever asks holds `neurosim.engine.one_at_a_time` until the results are read.

    Parameters
    ----------
    key : hashable
        All that decides the generated code.
    build : callable
        Builds the circuit; it is compiled here.
    """
    _forget_the_parents()
    if key not in _CIRCUITS:
        circuit = build()
        circuit.program.compile()
        _CIRCUITS[key] = circuit
        while len(_CIRCUITS) > _KEPT:
            _CIRCUITS.popitem(last=False)
    _CIRCUITS.move_to_end(key)
    found: C = _CIRCUITS[key]
    return found


def _forget_the_parents() -> None:
    if _OWNER["forked"] != forked():
        _CIRCUITS.clear()
        _OWNER["forked"] = forked()
