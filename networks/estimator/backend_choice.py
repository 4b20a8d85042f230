"""Which circuit a call runs on: one this process has compiled, and what `backend="auto"` stands for."""

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from neurosim._turns import forked
from neurosim.engine.backend import can_compile
from neurosim.engine.compiled_before import compiled_before, expected_seconds, remember_compiled

__all__ = ["Compiled", "Work", "chosen_circuit", "is_kept", "kept", "repeatable", "watched_backend"]

# The numpy target's seconds per time step: of a replica's neuron, and of a batch however small (verify-backends).
_PER_NEURON, _PER_BATCH = 2e-8, 2e-4
# Seconds on the numpy target from which is compiled what is chosen by size alone.
_WORTH_COMPILING = 5.0
_RANDOM = re.compile(r"\b(?:xi(?:_\w+)?\b|(?:rand|randn|poisson|binomial)\s*\()")
# By circuit, what the numpy target has had to do in this process, in seconds.
_SPENT: dict[Hashable, float] = {}
# Circuits are kept so that an estimator's methods and its clones do not compile twice: the latest few, of this process;
# a forked one builds its own, as the files of programs are its parent's.
_KEPT = 4
_CIRCUITS: OrderedDict[Hashable, Any] = OrderedDict()
_OWNER = {"forked": 0}
_REPEATABLE: ContextVar[bool] = ContextVar("repeatable", default=False)


class _Design(Protocol):
    @property
    def namespace(self) -> Mapping[str, Any]: ...
    def key(self) -> tuple[Any, ...]: ...


class Compiled(Protocol):
    """A circuit as it is kept."""

    @property
    def program(self) -> Any:
        """What compiles and runs it."""


D = TypeVar("D", bound=_Design)
C = TypeVar("C", bound=Compiled)


@dataclass(frozen=True)
class Work:
    """What a call is going to simulate: `n_before` stimuli came in earlier calls, `n_steps` are those of a stimulus."""

    n_stimuli: int
    n_neurons: int
    batch_size: int
    n_steps: float
    n_before: int = 0

    @property
    def seconds_on_numpy(self) -> float:
        """About how long the numpy target takes.

        Examples
        --------
        >>> round(Work(n_stimuli=1000, n_neurons=256, batch_size=100, n_steps=50).seconds_on_numpy, 2)
        0.36
        """
        return self._seconds(self.n_stimuli)

    @property
    def seconds_in_all(self) -> float:
        """The same with the calls before this one."""
        return self._seconds(self.n_stimuli + self.n_before)

    def _seconds(self, n_stimuli: int) -> float:
        n_batches = -(-n_stimuli // self.batch_size)
        return (_PER_NEURON * n_stimuli * self.n_neurons + _PER_BATCH * n_batches) * self.n_steps


def chosen_circuit(backend: str, design_on: Callable[[str], D], build: Callable[[D], C], *, work: Work) -> C:
    """Return the compiled circuit of a design on a backend, or on the one that "auto" stands for."""
    design = design_on(_chosen(design_on, work) if backend == "auto" else backend)
    return kept(design.key(), lambda: _built(design, build))


@contextmanager
def repeatable() -> Iterator[None]:
    """Have "auto" choose by the size of the work alone inside a ``with`` block, so that every bit is the same again."""
    token = _REPEATABLE.set(True)
    try:
        yield
    finally:
        _REPEATABLE.reset(token)


def watched_backend(backend: str) -> str:
    """Return the backend of a circuit that is built for one recording: too short for "auto" to compile."""
    return "numpy" if backend == "auto" else backend


def _chosen(design_on: Callable[[str], D], work: Work) -> str:
    compiled = design_on("cython")
    key = compiled.key()
    if _REPEATABLE.get() or _draws_random_numbers(compiled, key):
        # Backends draw different numbers: which one runs must not depend on what ran before.
        return "cython" if work.seconds_in_all > _WORTH_COMPILING and can_compile("cython") else "numpy"
    if is_kept(key):
        return "cython"
    if not can_compile("cython"):
        return "numpy"
    # As one rents until the rent would have bought the house: never twice as long as the better of the two.
    spent = _SPENT.get(key, 0.0) + work.seconds_on_numpy
    if compiled_before(_without_sizes(key)) or spent > expected_seconds("cython"):
        return "cython"
    _SPENT[key] = spent
    return "numpy"


def _built(design: D, build: Callable[[D], C]) -> C:
    circuit = build(design)
    program = circuit.program
    program.compile()
    if program.backend == "cython" and program.modules.paths:
        seconds = program.seconds_compile if program.modules.compiled else None
        remember_compiled(_without_sizes(design.key()), program.modules.paths, seconds=seconds)
    return circuit


def _without_sizes(key: tuple[Any, ...]) -> str:
    """Return what Cython modules depend on: populations of any size, batch and capacity share them."""
    kinds = [None if isinstance(part, int) and not isinstance(part, bool) else part for part in key]
    return re.sub(r"\b(n_neurons|n_pixels|row|n_rows|column|n_columns)=\d+", r"\1", repr(kinds))


def _draws_random_numbers(design: _Design, key: tuple[Any, ...]) -> bool:
    return bool(_RANDOM.search(repr(key))) or any(map(callable, design.namespace.values()))


def is_kept(key: Hashable) -> bool:
    """Whether the compiled circuit of a key is in this process."""
    _forget_the_parents()
    return key in _CIRCUITS


def kept(key: Hashable, build: Callable[[], C]) -> C:
    """Return the compiled circuit of a key, all that decides the generated code; the kept one if there is one.

    Numbers that may change between runs (weights, thresholds, time constants, steps) are written before each run, so
    networks can share a circuit: whoever asks holds `neurosim.engine.one_at_a_time` until the results are read.
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
