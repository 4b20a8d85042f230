"""A built network that can be run again and again with new arrays, on every backend.

On the runtime targets the arrays live in this process. In C++ standalone the network is compiled once to a program;
each run hands it the arrays that were written and reads those that are asked for from the program's results.
"""

import gc
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
from brian2 import (
    Clock,
    EventMonitor,
    Function,
    Network,
    PopulationRateMonitor,
    StateMonitor,
    get_device,
    second,
)
from brian2 import seed as brian_seed
from brian2.codegen.runtime.cython_rt.cython_rt import CythonCodeObject
from brian2.core.variables import ArrayVariable
from numpy.typing import ArrayLike, NDArray

from neurosim._turns import one_at_a_time, simulating
from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import activated
from neurosim.engine.compiled_before import LoadedModules, noted_modules
from neurosim.engine.errors import BackendError
from neurosim.engine.standalone import StandaloneBuild, Written

__all__ = ["Program"]

# Runs end when the presentation stops the network; this is only a bound that they never reach, in seconds.
_LONG = 1e6
# These prepare themselves before every run.
_MONITORS = (StateMonitor, EventMonitor, PopulationRateMonitor)
# Seconds between two passes of the garbage collector over everything.
_COLLECT_EVERY = 5.0


class Program:
    """Run a network on one backend, from time zero, with arrays set from outside.

    Parameters
    ----------
    network : brian2.Network
        Built inside ``activated(backend)``. One of its objects has to stop it.
    clock : brian2.Clock
        The clock of all its objects.
    backend : {"numpy", "cython", "cpp_standalone"}
    float_dtype : dtype
        Precision the network was built with.
    written : mapping of ArrayVariable to (ArrayVariable, int, int), optional
        What a run leaves behind, for a standalone program that would else write every array (see `StandaloneBuild`).

    Attributes
    ----------
    seconds_compile : float
        Wall time that code generation and compilation took, zero before `compile`.
    modules : LoadedModules
        The Cython modules it was compiled to.
    """

    def __init__(
        self,
        network: Network,
        *,
        clock: Clock,
        backend: str,
        float_dtype: Any,
        written: Written | None = None,
    ) -> None:
        self.network, self.clock, self.backend = network, clock, backend
        self.float_dtype = np.dtype(float_dtype)
        self.seconds_compile = 0.0
        self.compiled = False
        self.modules = LoadedModules()
        self._written = written
        self._prepared_for: tuple[float, list[Any]] | None = None
        self._without_chance: list[Any] = []
        self._pending: dict[ArrayVariable, NDArray[Any]] = {}
        self._standalone: StandaloneBuild | None = None
        # In standalone the step and the seed arrive with the other arrays.
        self._block = ArrayBlock("program_settings", {"dt": (1, np.float64), "seed": (1, np.int32)})

    def write(self, variable: ArrayVariable, values: ArrayLike, *, first: bool = False) -> None:
        """Set an array for the next run.

        Parameters
        ----------
        variable : ArrayVariable
        values : array
        first : bool, default=False
            Set only as many of the first values as are given; the others hold anything.

        Raises
        ------
        ValueError
            If the number of values is not the array's.
        """
        array = np.asarray(values, dtype=variable.dtype).ravel()
        if array.size > variable.size or (array.size < variable.size and not first):
            raise ValueError(f"expected {variable.size} values for {variable.name!r}, got {array.size}")
        if self.backend == "cpp_standalone":
            self._pending[variable] = np.array(array)
        else:
            variable.get_value()[: array.size] = array

    def read(self, variable: ArrayVariable, *, first: int | None = None, copy: bool = True) -> NDArray[Any]:
        """Return an array, or its first values, as the last run left it; without a copy it may change in the next."""
        if self._standalone is not None:
            return self._standalone.result(variable, first=first)
        return np.array(variable.get_value()[:first], copy=copy or None)

    @one_at_a_time()
    def compile(self) -> None:
        """Generate and compile the code, unless that was done."""
        if self.compiled:
            return
        started = time.perf_counter()
        with activated(self.backend, float_dtype=self.float_dtype), _collection_now_and_then():
            if self.backend == "cpp_standalone":
                monitored = any(isinstance(part, _MONITORS) for part in self.network.sorted_objects)
                self._standalone = StandaloneBuild(
                    self.network,
                    self.clock,
                    self._block,
                    longest=_LONG,
                    written=None if monitored else self._written,
                )
            else:
                with noted_modules() as self.modules:
                    self.network.run(0 * second, namespace={})
                _require_compiled(self.network)
                self._without_chance = [] if _draws(self.network) else self.network.sorted_objects
        self.compiled = True
        self.seconds_compile = time.perf_counter() - started

    @simulating()
    # Who watches the run tells of numbers that leave every range, as a divergence.
    @np.errstate(over="ignore", invalid="ignore", divide="ignore")
    def run(self, *, dt: float, seed: int = 0) -> None:
        """Run from time zero until the network stops itself, while other threads that want to simulate wait.

        What is written, run and read belongs together: hold `neurosim.engine.one_at_a_time` around it if other threads
        use this program too.

        Parameters
        ----------
        dt : float
            Time step in seconds.
        seed : int
            Seed of the random numbers that the equations draw, if any. They differ between backends.
        """
        self.compile()
        if self._standalone is not None:
            self.write(self._block.array("dt"), [dt])
            self.write(self._block.array("seed"), [seed])
            for variable, values in self._pending.items():
                self._standalone.give(variable, values)
            self._pending.clear()
            self._standalone.run()
            return
        with _own_random_numbers(seed) if self._may_draw() else nullcontext():
            if self._prepared_for == (dt, self.network.sorted_objects):
                self._rewind(dt)
                self._step_until_stopped()
                return
            with activated(self.backend, float_dtype=self.float_dtype), _collection_now_and_then():
                self._rewind(dt)
                self.network.run(_LONG * second, namespace={})
        if not any(isinstance(part, _MONITORS) for part in self.network.sorted_objects):
            self._prepared_for = (dt, self.network.sorted_objects)

    def _may_draw(self) -> bool:
        """Whether equations may draw random numbers: whose do not leaves numpy's global generator to other threads."""
        return self._without_chance != self.network.sorted_objects

    def _step_until_stopped(self) -> None:
        """Do what ``Network.run`` does, without generating all code anew, which takes longer than most runs."""
        objects = [part for part in self.network.sorted_objects if part.active]
        timestep, time = (self.clock.variables[key].get_value() for key in ("timestep", "t"))
        step = self.clock.dt_
        Network._globally_stopped = False
        while not Network._globally_stopped:
            for part in objects:
                part.run()
            timestep[0] += 1
            time[0] = timestep[0] * step

    def _rewind(self, dt: float) -> None:
        self.network.t_ = 0.0
        for clock in {part.clock for part in self.network.sorted_objects}:
            clock.variables["timestep"].set_value(0)
            clock.variables["t"].set_value(0.0)
        self.clock.variables["t"].set_value(0.0)
        self.clock.dt = dt * second


def _draws(network: Network) -> bool:
    """Whether compiled code calls a function that may answer differently each time, which ours do not."""
    return any(
        isinstance(called, Function) and not getattr(called, "without_chance", called.stateless)
        for part in network.sorted_objects
        for code_object in getattr(part, "_code_objects", [])
        for called in code_object.variables.values()
    )


def _require_compiled(network: Network) -> None:
    """Raise if Cython refused some code: Brian2 prints its message and would go on without that code."""
    for part in network.sorted_objects:
        for code_object in getattr(part, "_code_objects", []):
            text = getattr(code_object.code, "run", "") if isinstance(code_object, CythonCodeObject) else ""
            missing = text.strip() and "EMPTY_CODE_BLOCK" not in text
            if missing and code_object.compiled_code["run"] is None:
                raise BackendError(
                    f"Cython could not compile the code of {part.name!r}, its message is printed above; check the "
                    'equations that were added, or use backend="numpy"'
                )


@contextmanager
def _own_random_numbers(seed: int) -> Iterator[None]:
    """Seed Brian2, which draws from numpy's global generator, and give the user's state back afterwards."""
    device = get_device()
    kept = device.get_random_state()
    brian_seed(seed)
    try:
        yield
    finally:
        device.set_random_state(kept)


_COLLECTED = {"at": -math.inf}


@contextmanager
def _collection_now_and_then() -> Iterator[None]:
    """Hide what exists from the garbage collection that Brian2 starts every run with, if the last one was just now.

    It takes longer than most runs; but dead networks are only freed by it, so it is not spared for long.
    """
    if time.perf_counter() - _COLLECTED["at"] > _COLLECT_EVERY or gc.get_freeze_count():
        _COLLECTED["at"] = time.perf_counter()
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
