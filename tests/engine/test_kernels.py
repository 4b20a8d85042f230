"""The C++ loops by themselves, at the edges of their blocks. Whole numbers make every order of summation exact."""

import ctypes
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from brian2.codegen.cpp_prefs import get_compiler_and_args
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.backend import openmp_flags, require_backend
from neurosim.engine.errors import BackendError
from neurosim.engine.operation import kernels

_WRAPPERS = """
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>
{kernels}
#define FOR_BOTH(MACRO) MACRO(double, float64) MACRO(float, float32)
#define WRAPPED(T, NAME) extern "C" {{ \\
  void products_##NAME(const T* x, const T* w, T* out, int n_replicas, int n_source, int n_target, int clear) {{ \\
    add_products(x, w, out, n_replicas, n_source, n_target, clear != 0, {{0, n_target, 0, n_source}}); }} \\
  void active_##NAME(const T* x, const T* w, T* out, int n_replicas, int n_source, int n_target, int clear) {{ \\
    add_active_rows(x, w, out, n_replicas, n_source, n_target, clear != 0, {{0, n_source, 0, n_target}}); }} \\
  void overlaps_##NAME(const T* w, T* out, int n_rows, int n_columns) {{ \
    row_overlaps(w, out, n_rows, n_columns, {{0, n_rows, 0, n_columns}}); }} \\
  void follow_##NAME(T* overlaps, const T* code, const T* k, const T* c, T rate, int n_replicas, int n) {{ \\
    follow_rows(overlaps, code, k, c, rate, n_replicas, n, {{0, n, 0, n}}); }} \\
  int send_##NAME(const T* states, int n_times, int n, const T* w, T* out, int n_target, T epsilon, T* swing, \\
      T* moved) {{ \\
    const Block all = {{0, n, 0, n_target}}; ChangeSender<T> sender(n, &all); sender.start(); int n_sent = 0; \\
    for (int k = 0; k < n_times; ++k) \\
      n_sent += sender.send(states + (size_t)k * n, w, out, n_target, epsilon, swing[k], moved[k]); \\
    return n_sent; }} \\
  int content_##NAME(const T* told, const T* goal, int n, T tolerance) {{ \\
    const Block all = {{0, n, 0, 1}}; ChangeSender<T> sender(n, &all); sender.start(); \
    T swing = 0, moved = 0; std::vector<T> w(n), out(1); \\
    sender.send(told, w.data(), out.data(), 1, T(0), swing, moved); return sender.content_with(goal, tolerance); }} }}
FOR_BOTH(WRAPPED)
"""
DTYPES = [np.float64, np.float32]


class _Kernels:
    """Calls the compiled kernels with arrays and numbers, in the precision of the first array."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def __call__(self, name: str, *arguments: Any) -> int:
        dtype = next(each.dtype for each in arguments if isinstance(each, np.ndarray))
        real = ctypes.c_float if dtype == np.float32 else ctypes.c_double
        given = [
            each.ctypes.data_as(ctypes.POINTER(real)) if isinstance(each, np.ndarray)
            else real(each) if isinstance(each, float)
            else ctypes.c_int(each)
            for each in arguments
        ]  # fmt: skip
        function = getattr(self._library, f"{name}_{np.dtype(dtype).name}")
        function.restype = ctypes.c_int
        return int(function(*given))


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> _Kernels:
    """The kernels, compiled with the flags that Brian2 compiles generated code with."""
    try:
        require_backend("cython")
    except BackendError as error:
        pytest.skip(str(error))
    compiler, flags = get_compiler_and_args()
    if compiler == "msvc":
        pytest.skip("written for compilers with GCC's options")
    folder = Path(tmp_path_factory.mktemp("kernels"))
    library = folder / "kernels.so"
    (folder / "kernels.cpp").write_text(_WRAPPERS.format(kernels=kernels()))
    compiler_command = (os.environ.get("CXX") or "g++").split()
    subprocess.run(
        [*compiler_command, *flags, *openmp_flags(), "-fPIC", "-c", "kernels.cpp"], check=True, cwd=folder
    )
    # Linked without the flags: -ffast-math would change how this process rounds from then on.
    link = [*compiler_command, *openmp_flags(), "-shared", "kernels.o", "-o", str(library)]
    subprocess.run(link, check=True, cwd=folder)
    return _Kernels(ctypes.CDLL(str(library)))


def whole_numbers(rng: np.random.Generator, shape: Any, dtype: Any, *, share: float = 1.0) -> Any:
    """Small whole numbers, of which a share is not zero."""
    return (rng.integers(-4, 5, shape) * (rng.random(shape) < share)).astype(dtype)


# Around the six rows and the eight or sixteen columns that are multiplied at once, and above what threads begin at.
ROWS, COLUMNS, LENGTHS = (1, 5, 6, 7, 13), (1, 7, 8, 9, 16, 17, 33, 64, 65), (1, 2, 31)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("clear", [0, 1])
@pytest.mark.parametrize("name", ["products", "active"])
def test_products_of_any_size_are_exact(kernel: _Kernels, name: str, clear: int, dtype: Any) -> None:
    rng = np.random.default_rng(1)
    shapes = [(r, s, t) for r in ROWS for t in COLUMNS for s in LENGTHS] + [(40, 70, 66), (2, 300, 301)]
    for n_replicas, n_source, n_target in shapes:
        x = whole_numbers(rng, (n_replicas, n_source), dtype, share=0.7)
        weights = whole_numbers(rng, (n_source, n_target), dtype)
        out = whole_numbers(rng, (n_replicas, n_target), dtype)
        expected = x @ weights + (0 if clear else out)
        stored = np.ascontiguousarray(weights.T) if name == "products" else weights
        kernel(name, x, stored, out, n_replicas, n_source, n_target, clear)
        assert_array_equal(out, expected, err_msg=f"{n_replicas} x {n_source} x {n_target}")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_columns", [1, 3, 100])
@pytest.mark.parametrize("n_rows", [1, 2, 6, 7, 31, 32, 33, 65, 130, 260])
def test_overlaps_of_rows_are_all_products_less_one(
    kernel: _Kernels, n_rows: int, n_columns: int, dtype: Any
) -> None:
    rows = whole_numbers(np.random.default_rng(n_rows), (n_rows, n_columns), dtype)
    found = np.full((n_rows, n_rows), np.nan, dtype=dtype)
    kernel("overlaps", rows, found, n_rows, n_columns)
    assert_array_equal(found, rows @ rows.T - np.eye(n_rows))


@pytest.mark.parametrize(("n_replicas", "n"), [(1, 1), (3, 31), (4, 33), (20, 70), (7, 300)])
def test_overlaps_that_are_followed_are_those_of_the_moved_rows(
    kernel: _Kernels, n_replicas: int, n: int
) -> None:
    rng, rate = np.random.default_rng(n), 0.3
    rows = rng.standard_normal((n, 12))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    code = rng.standard_normal((n_replicas, n)) * (rng.random((n_replicas, n)) < 0.3)
    residual = rng.standard_normal((n_replicas, 12))
    overlaps = rows @ rows.T - np.eye(n)
    kernel("follow", overlaps, code, residual @ rows.T, residual @ residual.T, rate, n_replicas, n)
    moved = rows + rate * code.T @ residual
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    assert_allclose(overlaps, moved @ moved.T - np.eye(n), atol=1e-12)


# What a neuron sends.


def told(states: Any, epsilon: float) -> tuple[Any, list[float], list[float], int]:
    """What neurons have told in the end, swing and squared change of every time, and how many changes that took."""
    sent, last = np.zeros(states.shape[1]), np.zeros(states.shape[1])
    swings, squares, n_sent = [], [], 0
    for now in states.astype(np.float64):
        changed = np.abs(now - sent) > epsilon
        swings.append(((now - sent) * last)[changed].sum())
        squares.append(((now - sent) ** 2)[changed].sum())
        last[changed], sent[changed] = (now - sent)[changed], now[changed]
        n_sent += int(changed.sum())
    return sent, swings, squares, n_sent


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 31, 32, 33, 64])
@pytest.mark.parametrize("epsilon", [0.0, 1.0, 2.5, 100.0])
def test_changes_beyond_epsilon_are_sent_and_counted(
    kernel: _Kernels, epsilon: float, n: int, dtype: Any
) -> None:
    rng = np.random.default_rng(n)
    for share in (0.1, 1.0):
        states = whole_numbers(rng, (9, n), dtype, share=share)
        weights = whole_numbers(rng, (n, 21), dtype)
        out, swing, moved = (np.zeros(size, dtype=dtype) for size in (21, len(states), len(states)))
        n_sent = kernel("send", states, len(states), n, weights, out, 21, epsilon, swing, moved)
        sent, expected_swing, expected_squares, expected_number = told(states, epsilon)
        assert n_sent == expected_number
        assert_array_equal(out, sent @ weights)
        assert_array_equal(swing, expected_swing)
        assert_array_equal(moved, expected_squares)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_target", [1, 16, 47, 64])
@pytest.mark.parametrize("share", [0.1, 1.0])
def test_rows_that_begin_and_end_with_zeros_are_sent_whole(
    kernel: _Kernels, share: float, n_target: int, dtype: Any
) -> None:
    n, rng = 40, np.random.default_rng(n_target)
    weights = whole_numbers(rng, (n, n_target), dtype)
    first, past = np.sort(rng.integers(0, n_target + 1, (2, n)), axis=0)  # of some rows nothing is left
    places = np.arange(n_target)
    weights[(places < first[:, None]) | (places >= past[:, None])] = 0
    states = whole_numbers(rng, (9, n), dtype, share=share)
    out, swing, moved = (np.zeros(size, dtype=dtype) for size in (n_target, 9, 9))
    kernel("send", states, 9, n, weights, out, n_target, 0.0, swing, moved)
    assert_array_equal(out, states[-1] @ weights)


@given(n=st.integers(1, 50), data=st.data())
def test_the_only_neuron_that_changes_is_found_wherever_it_is(kernel: _Kernels, n: int, data: Any) -> None:
    place = data.draw(st.integers(0, n - 1))
    state, out, swing, moved = np.zeros((1, n)), np.zeros(n), np.zeros(1), np.zeros(1)
    state[0, place] = -3.0
    assert kernel("send", state, 1, n, np.eye(n), out, n, 2.0, swing, moved) == 1
    assert_array_equal(out, state[0])


@pytest.mark.parametrize("n", [1, 15, 16, 17, 33])
def test_a_population_is_content_if_every_goal_is_within_the_tolerance(kernel: _Kernels, n: int) -> None:
    said = np.arange(1.0, n + 1)
    assert kernel("content", said, said + 0.5, n, 0.5)
    for place in range(n):
        goal = said.copy()
        goal[place] -= 0.75
        assert not kernel("content", said, goal, n, 0.5)
        assert kernel("content", said, goal, n, 0.75)
