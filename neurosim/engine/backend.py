"""Choose the code-generation target of Brian2 for one piece of work, and restore the user's choice afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import get_device, prefs
from brian2.codegen.cpp_prefs import get_compiler_and_args
from brian2.devices.device import all_devices, reset_device, set_device
from numpy.typing import DTypeLike

from neurosim._turns import one_at_a_time
from neurosim.engine.cython_modules import checked_modules
from neurosim.engine.errors import BackendError

__all__ = [
    "BACKENDS",
    "activated",
    "can_compile",
    "fresh_standalone_device",
    "openmp_flags",
    "require_backend",
    "waiting_environment",
]

BACKENDS = ("numpy", "cython", "cpp_standalone")


# Of the environment: threads that spin while they wait make a busy machine several times slower; sleeping cost nothing.
_WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}


@contextmanager
def activated(backend: str, *, float_dtype: DTypeLike = np.float64) -> Iterator[None]:
    """Make Brian2 generate code for one backend inside a ``with`` block; other threads that simulate wait meanwhile.

    Parameters
    ----------
    backend : {"numpy", "cython", "cpp_standalone"}
        Code-generation target.
    float_dtype : dtype, default=float64
        Precision of all state variables made inside the block.

    Raises
    ------
    ValueError
        If the backend's name is unknown.
    BackendError
        If the backend needs a compiler and none is found.

    Examples
    --------
    >>> from brian2 import prefs
    >>> with activated("numpy"):
    ...     print(prefs.codegen.target)
    numpy
    """
    require_backend(backend)
    # Brian2's check of float32 states compares them with a number that float32 does not have. Filters of warnings would
    # be those of all threads.
    quiet = np.errstate(over="ignore") if np.dtype(float_dtype) == np.float32 else nullcontext()
    with one_at_a_time(), _preferred(backend, float_dtype), _device_of(backend), quiet:
        yield


@contextmanager
def _preferred(backend: str, float_dtype: DTypeLike) -> Iterator[None]:
    """Set Brian2's preferences, and what it loads compiled modules with; give back what was there."""
    chosen = _preferences(backend, float_dtype)
    kept = {name: prefs[name] for name in chosen}
    try:
        for name, value in chosen.items():
            prefs[name] = value
        if backend == "cython":
            with checked_modules(), _waiting_threads_sleep():
                yield
        else:
            yield
    finally:
        for name, value in kept.items():
            prefs[name] = value


@contextmanager
def _device_of(backend: str) -> Iterator[None]:
    outer = get_device()
    # Brian2 carries the step of its default clock from device to device; the user's is theirs.
    step = outer.defaultclock.dt if outer is all_devices["runtime"] else None
    try:
        if backend == "cpp_standalone":
            set_device("cpp_standalone", build_on_run=False)
        elif outer is not all_devices["runtime"]:
            set_device("runtime")
        yield
    finally:
        if get_device() is not outer:
            reset_device(outer)
            if step is not None:
                outer.defaultclock.dt = step


@contextmanager
def _waiting_threads_sleep() -> Iterator[None]:
    """Set what OpenMP asks the environment when its library is loaded, where the user has not; then take it back."""
    ours = {name: value for name, value in _WAITING.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            os.environ.pop(name, None)


def can_compile(backend: str) -> bool:
    """Whether the programs that a backend needs are here.

    Examples
    --------
    >>> can_compile("numpy")
    True
    """
    return not _missing_here(backend)


def require_backend(backend: str) -> None:
    """Raise unless the backend is known and can compile here.

    Raises
    ------
    ValueError
        If the name is not in `BACKENDS`.
    BackendError
        If the compiler that the backend needs is missing.
    """
    if backend not in BACKENDS:
        raise ValueError(f"expected a backend out of {', '.join(BACKENDS)}, got {backend!r}")
    missing = _missing_here(backend)
    if missing:
        raise BackendError(
            f"backend {backend!r} generates C++ and needs {' and '.join(missing)}, not found on the PATH; "
            "install a compiler (Debian: apt install g++ make; macOS: xcode-select --install) "
            'or use backend="numpy", which compiles nothing'
        )


def _missing_here(backend: str) -> tuple[str, ...]:
    return _missing_programs(backend, os.environ.get("CXX", ""), os.environ.get("PATH", ""))


@cache
def _missing_programs(backend: str, cxx: str, path: str) -> tuple[str, ...]:
    """Name the programs a backend lacks; `path` is there so that the cache follows the environment."""
    if backend == "numpy" or get_compiler_and_args()[0] == "msvc":
        return ()
    needed = [(cxx or "g++").split()[0]] + (["make"] if backend == "cpp_standalone" else [])
    return tuple(name for name in needed if shutil.which(name) is None)


@cache
def openmp_flags() -> tuple[str, ...]:
    """Return the compiler flags that switch OpenMP on, or nothing where the compiler has none."""
    compiler, _ = get_compiler_and_args()
    if compiler == "msvc":
        return ()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.cpp")
        source.write_text("#include <omp.h>\nint main() { return omp_get_max_threads() < 1; }\n")
        compiler_and_flags = [*(os.environ.get("CXX") or "g++").split(), "-fopenmp"]
        command = [*compiler_and_flags, str(source), "-o", str(source.with_suffix(""))]
        try:
            done = subprocess.run(command, capture_output=True, check=False)
        except OSError:
            return ()
    return ("-fopenmp",) if done.returncode == 0 else ()


def _preferences(backend: str, float_dtype: DTypeLike) -> dict[str, Any]:
    chosen: dict[str, Any] = {"core.default_float_dtype": np.dtype(float_dtype).type}
    # Brian2 would stop the run and go on as if it had ended; we want the KeyboardInterrupt.
    chosen["core.stop_on_keyboard_interrupt"] = False
    if backend == "cpp_standalone":
        # Brian2's own OpenMP would split every small loop; only the products over replicas gain from threads.
        chosen["devices.cpp_standalone.openmp_threads"] = 0
        chosen["devices.cpp_standalone.extra_make_args_unix"] = [f"-j{os.cpu_count() or 1}"]
    else:
        chosen["codegen.target"] = backend
    if backend != "numpy":
        own = "codegen.cpp.extra_compile_args"
        for name in ("codegen.cpp.extra_link_args", own if prefs[own] is not None else own + "_gcc"):
            chosen[name] = list(dict.fromkeys([*prefs[name], *openmp_flags()]))
    return chosen


def waiting_environment() -> dict[str, str]:
    """Return the environment for a program whose threads sleep while they wait, unless the user has said otherwise."""
    return _WAITING | dict(os.environ)


def fresh_standalone_device() -> Any:
    """Return this process's one C++ standalone device, cleared of what was built before."""
    device = get_device()
    device.reinit()
    device.activate(build_on_run=False)
    return device
