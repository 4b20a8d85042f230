"""One piece of work at a time in a process, and what a forked process may do."""

import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from brian2 import get_device, prefs
from forks import in_a_fork
from threadpoolctl import ThreadpoolController

from neurosim import _turns as turns
from neurosim._turns import (
    call_back,
    forked,
    one_at_a_time,
    refuse_forked_jax,
    simulating,
    single_threaded,
)
from neurosim.engine.backend import activated
from neurosim.engine.errors import BackendError

PREFERENCES = ("codegen.target", "core.default_float_dtype", "codegen.runtime.cython.cache_dir")


def _threads_of(kind: str) -> list[int]:
    import_module("scipy.linalg")  # whose library counts from when it is loaded
    return [library["num_threads"] for library in ThreadpoolController().select(user_api=kind).info()]


def _in_a_thread(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(30)


def test_threads_are_inside_one_after_the_other_and_one_may_enter_twice() -> None:
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        with one_at_a_time(), one_at_a_time():
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(8)]:
            done.result()
    assert most == 1


def test_an_exception_in_one_thread_gives_the_turn_to_the_next() -> None:
    def fail() -> None:
        with one_at_a_time():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _in_a_thread(fail)
    with one_at_a_time():
        assert turns._TURN.lock._is_owned()
    assert not turns._TURN.lock._is_owned()


def test_an_interruption_between_taking_the_turn_and_noting_it_leaves_it_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take = turns._take

    def interrupted(lock: Any) -> None:
        take(lock)
        raise KeyboardInterrupt

    monkeypatch.setattr(turns, "_take", interrupted)
    with pytest.raises(KeyboardInterrupt), one_at_a_time():
        pass
    assert not turns._TURN.lock._is_owned()


@pytest.mark.parametrize("limited", [simulating, single_threaded])
def test_limits_of_threads_end_with_what_was_there(limited: Any) -> None:
    before, started = _threads_of("blas"), threading.Event()

    def limit(seconds: float) -> list[int]:
        with limited():
            started.set()
            time.sleep(seconds)
            return _threads_of("blas")

    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(limit, 0.05)]
        started.wait()
        work.append(pool.submit(limit, 0.1))
        assert [set(each.result()) for each in work] == [{1}, {1}]
    assert _threads_of("blas") == before


def test_libraries_that_are_loaded_later_are_limited_too() -> None:
    code = """
from neurosim._turns import simulating
with simulating():
    pass
import scipy.linalg
from threadpoolctl import threadpool_info
with simulating():
    assert {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"} == {1}
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def _process_wide() -> tuple[Any, ...]:
    names = [repr(prefs[name]) for name in PREFERENCES]
    return (*names, repr(get_device()), dict(os.environ), list(warnings.filters), np.geterr(), list(sys.path))


@pytest.mark.parametrize("fails", [False, True])
def test_activations_of_two_threads_leave_the_process_as_it_was(
    fails: bool, every_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    before, started = _process_wide(), threading.Event()

    def activate(backend: str, dtype: type) -> None:
        with activated(backend, float_dtype=dtype):
            started.set()
            time.sleep(0.02)
            assert prefs.core.default_float_dtype is dtype
            if fails:
                raise ZeroDivisionError

    with ThreadPoolExecutor(2) as pool:
        work = [pool.submit(activate, every_backend, np.float32)]
        started.wait()
        work.append(pool.submit(activate, "numpy", np.float64))
        assert [type(each.exception()) for each in work] == [ZeroDivisionError if fails else type(None)] * 2
    assert _process_wide() == before


def test_the_overflow_that_brian2_causes_in_float32_is_quiet_in_this_thread_only() -> None:
    with activated("numpy", float_dtype=np.float32):
        np.float64(1e300).astype(np.float32)
        with pytest.raises(RuntimeWarning, match="overflow"):
            _in_a_thread(lambda: np.array([1e300]).astype(np.float32))


def test_a_thread_that_a_progress_function_waits_for_is_refused_and_does_not_hang(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "_PATIENCE", 0.0)

    def use() -> None:
        with one_at_a_time():
            pass

    with one_at_a_time(), pytest.raises(BackendError, match="must not wait for threads that use networks"):
        call_back(lambda told: _in_a_thread(use), {})
    use()


def test_a_thread_waits_for_one_that_works_and_is_in_no_progress_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "_PATIENCE", 0.0)
    entered = threading.Event()

    def use() -> None:
        with one_at_a_time():
            entered.set()

    with ThreadPoolExecutor(1) as pool:
        with one_at_a_time():
            call_back(lambda told: None, {})
            waiting = pool.submit(use)
            time.sleep(1.2)
            assert not entered.is_set()
        waiting.result(30)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")


@needs_fork
def test_a_forked_process_has_a_turn_of_its_own() -> None:
    def use() -> tuple[int, bool]:
        with one_at_a_time():
            return forked(), turns._TURN.lock._is_owned()

    assert in_a_fork(use) == (forked() + 1, True)
    assert in_a_fork(lambda: in_a_fork(use)) == (forked() + 2, True)


@needs_fork
@pytest.mark.parametrize("same_thread", [True, False])
def test_a_process_that_was_forked_from_one_at_work_refuses_instead_of_waiting_for_ever(
    same_thread: bool,
) -> None:
    def use() -> None:
        with one_at_a_time():
            pass

    with one_at_a_time():
        answer = in_a_fork(use) if same_thread else _in_a_thread(lambda: in_a_fork(use))
    assert isinstance(answer, BackendError)
    assert "forked while a network of its parent was at work" in str(answer)
    assert in_a_fork(use) is None


@needs_fork
def test_openmp_is_serial_in_a_forked_process_while_it_simulates_and_as_it_was_after() -> None:
    import_module("sklearn.cluster")  # Brings a library of OpenMP where the wheel has one.
    openmp = ThreadpoolController().select(user_api="openmp")
    if not openmp.lib_controllers:
        pytest.skip("no OpenMP library is loaded")

    def use() -> tuple[list[int], list[int]]:
        with one_at_a_time():
            inside = _threads_of("openmp")
        return inside, _threads_of("openmp")

    with openmp.limit(limits=3):
        inside, after = in_a_fork(use)
    assert set(inside) == {1}
    assert set(after) == {3}
    assert use()[0] != inside or os.cpu_count() == 1


@needs_fork
@pytest.mark.parametrize(("started", "refused"), [({"cpu": object()}, True), ({}, False)])
def test_what_jax_learns_is_refused_in_a_forked_process_if_jax_had_started(
    started: dict[str, Any], refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = type(sys)("bridge")
    bridge._backends = started  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jax", type(sys)("jax"))
    monkeypatch.setitem(sys.modules, "jax._src.xla_bridge", bridge)
    refuse_forked_jax()
    answer = in_a_fork(refuse_forked_jax)
    assert isinstance(answer, BackendError) is refused
