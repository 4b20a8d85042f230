"""A built network that can be run again and again with new arrays, on every backend.

On the runtime targets the arrays live in this process. In C++ standalone the network is compiled once to a program;
each run hands it the arrays that were written and reads those that are asked for from the program's results.
"""

import gc
import math
import os
import shutil
import subprocess
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Clock, Network, NetworkOperation, get_device, second
from brian2 import seed as brian_seed
from brian2.core.variables import ArrayVariable
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import activated
from neurosim.engine.errors import BackendError

__all__ = ["Program"]

# Runs end when the presentation stops the network; this is only a bound that they never reach, in seconds.
_LONG = 1e6
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

    Attributes
    ----------
    seconds_compile : float
        Wall time that code generation and compilation took, zero before `compile`.
    """

    def __init__(self, network: Network, *, clock: Clock, backend: str, float_dtype: Any) -> None:
        self.network, self.clock, self.backend = network, clock, backend
        self.float_dtype = np.dtype(float_dtype)
        self.seconds_compile = 0.0
        self.compiled = False
        self._pending: dict[ArrayVariable, NDArray[Any]] = {}
        self._standalone: _StandaloneBuild | None = None
        # In standalone the step and the seed arrive with the other arrays.
        self._block = ArrayBlock("program_settings", {"dt": (1, np.float64), "seed": (1, np.int32)})

    def write(self, variable: ArrayVariable, values: ArrayLike) -> None:
        """Set an array for the next run.

        Raises
        ------
        ValueError
            If the number of values is not the array's.
        """
        array = np.array(values, dtype=variable.dtype).ravel()
        if array.size != variable.size:
            raise ValueError(f"expected {variable.size} values for {variable.name!r}, got {array.size}")
        if self.backend == "cpp_standalone":
            self._pending[variable] = array
        else:
            variable.get_value()[:] = array

    def read(self, variable: ArrayVariable) -> NDArray[Any]:
        """Return a copy of an array as the last run left it."""
        if self._standalone is not None:
            return self._standalone.result(variable)
        return np.array(variable.get_value())

    def compile(self) -> None:
        """Generate and compile the code, unless that was done."""
        if self.compiled:
            return
        started = time.perf_counter()
        with activated(self.backend, float_dtype=self.float_dtype), _collection_now_and_then():
            if self.backend == "cpp_standalone":
                self._standalone = _StandaloneBuild(self.network, self.clock, self._block)
            else:
                self.network.run(0 * second, namespace={})
        self.compiled = True
        self.seconds_compile = time.perf_counter() - started

    def run(self, *, dt: float, seed: int = 0) -> None:
        """Run from time zero until the network stops itself.

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
            self._standalone.run(self._pending)
            return
        with (
            activated(self.backend, float_dtype=self.float_dtype),
            _own_random_numbers(seed),
            _one_blas_thread(self.backend),
            _collection_now_and_then(),
        ):
            self._rewind(dt)
            self.network.run(_LONG * second, namespace={})

    def _rewind(self, dt: float) -> None:
        self.network.t_ = 0.0
        for clock in {part.clock for part in self.network.sorted_objects}:
            clock.variables["timestep"].set_value(0)
            clock.variables["t"].set_value(0.0)
        self.clock.variables["t"].set_value(0.0)
        self.clock.dt = dt * second


class _StandaloneBuild:
    """A compiled C++ program in a folder of its own, and the results of its last run."""

    def __init__(self, network: Network, clock: Clock, settings: ArrayBlock) -> None:
        dropped = [part.name for part in network.sorted_objects if isinstance(part, NetworkOperation)]
        if dropped:
            raise BackendError(
                f"C++ standalone would silently drop the network_operation {dropped[0]!r}; write it as equations or "
                'run_regularly, or use backend="cython"'
            )
        self._device = device = get_device()
        if settings.array("dt") not in device.arrays:
            raise BackendError(
                "another network was built for C++ standalone before this one was compiled, and Brian2 keeps only the "
                "latest; build this one again and compile it (or run it) before the next is built"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="neurosim-"))
        self._remove = weakref.finalize(self, _discard, self._folder, device)
        device.apply_run_args()
        dt, seed = (f"brian::{device.get_array_name(settings.array(key))}[0]" for key in ("dt", "seed"))
        step = f"brian::{device.get_array_name(clock.variables['dt'])}[0]"
        device.insert_code("before_network_run", f"{step} = {dt};")
        device.insert_code(
            "before_network_run", f"for (auto& generator : brian::_random_generators) generator.seed({seed});"
        )
        network.run(_LONG * second, namespace={})
        device.build(directory=str(self._folder), compile=True, run=False, with_output=False)
        self._files = {variable: device.get_array_filename(variable) for variable in device.arrays}
        self._results: Path = self._folder / "results"

    def run(self, arrays: dict[ArrayVariable, NDArray[Any]]) -> None:
        arguments = ["--results_dir", f"{self._results}{os.sep}"]
        for variable, values in arrays.items():
            path = self._folder / f"given_{self._files[variable]}"
            values.tofile(path)
            arguments.append(f"{variable.owner.name}.{variable.name}={path}")
        program = "./main" if os.name != "nt" else "main"
        done = subprocess.run(
            [program, *arguments], cwd=self._folder, capture_output=True, text=True, check=False
        )
        if done.returncode or "Error" in done.stderr or "Cannot" in done.stderr:
            raise BackendError(
                f"the compiled simulation failed with exit code {done.returncode}: {done.stderr[-500:]}"
            )
        if self._device.project_dir == str(self._folder):
            # Lets the monitors a user added read the results, until another network is built for standalone.
            self._device.has_been_run, self._device.results_dir = True, f"{self._results}{os.sep}"
            self._device.array_cache.clear()

    def result(self, variable: ArrayVariable) -> NDArray[Any]:
        return np.fromfile(self._results / self._files[variable], dtype=variable.dtype)


def _discard(folder: Path, device: Any) -> None:
    """Remove a build, and clear the device that would go on reading results from its folder."""
    shutil.rmtree(folder, ignore_errors=True)
    if device.project_dir == str(folder):
        device.reinit()


@contextmanager
def _one_blas_thread(backend: str) -> Iterator[None]:
    """Keep the numpy target's small products on one thread: two that wait for each other ran ten times slower."""
    if backend != "numpy":
        yield
        return
    with threadpool_limits(limits=1, user_api="blas"):
        yield


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
