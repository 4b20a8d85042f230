"""Measure what the machine can do at most: multiply-adds, reading from each level of memory, adding rows of weights."""

import ctypes
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.settings import THREADS

__all__ = ["Peaks"]

_SOURCE = Path(__file__).with_name("roofline.cpp")
# No -ffast-math: linked into a library it would switch denormal numbers off for the whole process.
_FLAGS = ("-O3", "-march=native", "-ffp-contract=fast", "-fopenmp", "-shared", "-fPIC")
_ALIGNMENT = 64

# Per thread: well inside the second and the third level of cache, and far beyond all of them.
MEMORY_LEVELS = {"second-level cache": 2**17, "third-level cache": 2**22, "main memory": 2**28}


class Peaks:
    """The compiled kernels.

    Raises
    ------
    RuntimeError
        If they do not compile.
    """

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            library = Path(folder, "roofline.so")
            compiler = (os.environ.get("CXX") or "g++").split()
            done = subprocess.run(
                [*compiler, *_FLAGS, str(_SOURCE), "-o", str(library)],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"roofline.cpp does not compile:\n{done.stderr}")
            self._kernels: Any = ctypes.CDLL(str(library))
        for name in ("multiply_adds", "bytes_read", "rows_added"):
            getattr(self._kernels, name).restype = ctypes.c_double
        self._sink = (ctypes.c_float * THREADS)()

    def multiply_adds_per_second(self, *, rounds: int = 30_000_000) -> float:
        """Return the float32 multiply-adds per second that two threads do in registers."""
        kernel = self._kernels.multiply_adds
        return float(kernel(ctypes.c_int64(rounds), ctypes.c_int(THREADS), self._sink))

    def bytes_per_second(self, n_bytes: int, *, most: int = 2**31) -> float:
        """Return the bytes per second that two threads read, each from so many bytes of its own."""
        data = _aligned(n_bytes * THREADS // 4)
        passes = max(1, most // n_bytes)
        each = n_bytes // 4
        self._kernels.bytes_read(_pointer(data), _long(each), _long(1), THREADS, self._sink)
        return float(
            self._kernels.bytes_read(_pointer(data), _long(each), _long(passes), THREADS, self._sink)
        )

    def rows_per_second(self, n_neurons: int, *, multiply_adds: int = 2**31) -> float:
        """Return the multiply-adds per second of adding random rows of a square matrix, four per pass."""
        weights = _aligned(n_neurons**2)
        sends = multiply_adds // n_neurons
        order = np.random.default_rng(0).integers(n_neurons, size=sends, dtype=np.int32)
        return float(
            self._kernels.rows_added(
                _pointer(weights), _pointer(order), _long(n_neurons), _long(sends), THREADS, self._sink
            )
        )


def matrix_product_per_second(size: int = 2048) -> float:
    """Return the float32 multiply-adds per second of a square matrix product in numpy's BLAS."""
    left = np.random.default_rng(0).standard_normal((size, size), dtype=np.float32)
    left @ left
    started = time.perf_counter()
    left @ left
    return size**3 / (time.perf_counter() - started)


def _aligned(n_floats: int) -> Any:
    raw = np.empty(n_floats + _ALIGNMENT, dtype=np.float32)
    start = (-raw.ctypes.data % _ALIGNMENT) // 4
    part = raw[start : start + n_floats]
    part[:] = 1e-3
    return part


def _pointer(array: Any) -> Any:
    return array.ctypes.data_as(ctypes.c_void_p)


def _long(value: int) -> Any:
    return ctypes.c_int64(value)
