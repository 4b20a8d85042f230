"""Choose the code-generation target of Brian2 for one piece of work, and restore the user's choice afterwards."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import get_device, prefs
from brian2.codegen.cpp_prefs import get_compiler_and_args
from brian2.devices.device import all_devices, reset_device, set_device
from numpy.typing import DTypeLike
from threadpoolctl import ThreadpoolController

from neurosim.engine.errors import BackendError

__all__ = [
    "BACKENDS",
    "activated",
    "can_compile",
    "fresh_standalone_device",
    "one_blas_thread",
    "openmp_flags",
    "require_backend",
]

BACKENDS = ("numpy", "cython", "cpp_standalone")


@contextmanager
def activated(backend: str, *, float_dtype: DTypeLike = np.float64) -> Iterator[None]:
    """Make Brian2 generate code for one backend inside a ``with`` block.

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
    kept = {name: prefs[name] for name in _preferences(backend, float_dtype)}
    outer = get_device()
    # Brian2 carries the step of its default clock from device to device; the user's is theirs.
    step = outer.defaultclock.dt if outer is all_devices["runtime"] else None
    try:
        for name, value in _preferences(backend, float_dtype).items():
            prefs[name] = value
        if backend == "cpp_standalone":
            set_device("cpp_standalone", build_on_run=False)
        elif outer is not all_devices["runtime"]:
            set_device("runtime")
        with warnings.catch_warnings():
            # Brian2's check of float32 states compares them with a number that float32 does not have.
            warnings.filterwarnings("ignore", message="overflow encountered in cast", category=RuntimeWarning)
            yield
    finally:
        if get_device() is not outer:
            reset_device(outer)
            if step is not None:
                outer.defaultclock.dt = step
        for name, value in kept.items():
            prefs[name] = value


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


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep numpy's linear algebra on one thread inside a ``with`` block.

    Its threads spin for a while after every product. That takes the processor from the simulation's own threads, and
    two that wait for each other's small products on a busy machine ran ten times slower.
    """
    with _blas().limit(limits=1):
        yield


@cache
def _blas() -> Any:
    return ThreadpoolController().select(user_api="blas")


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
        # Threads that spin while they wait make a busy machine several times slower; sleeping ones cost nothing.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        own = "codegen.cpp.extra_compile_args"
        for name in ("codegen.cpp.extra_link_args", own if prefs[own] is not None else own + "_gcc"):
            chosen[name] = list(dict.fromkeys([*prefs[name], *openmp_flags()]))
    return chosen


def fresh_standalone_device() -> Any:
    """Return this process's one C++ standalone device, cleared of what was built before."""
    device = get_device()
    device.reinit()
    device.activate(build_on_run=False)
    return device
