"""Processes of their own for contestants."""

import mmap
import os

import pytest

from benchmarks.memory import peak_while
from benchmarks.worker import Worker


def test_a_worker_runs_functions_under_its_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    with Worker({"OMP_WAIT_POLICY": None, "NEUROSIM_TEST": "there"}) as worker:
        assert worker.call(os.getenv, "OMP_WAIT_POLICY") is None
        assert worker.call(os.getenv, "NEUROSIM_TEST") == "there"
        assert worker.call(max, 1, 2) == 2
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert "NEUROSIM_TEST" not in os.environ


def test_an_error_in_a_worker_is_told_here_and_leaves_it_usable() -> None:
    with Worker() as worker:
        with pytest.raises(RuntimeError, match="ValueError"):
            worker.call(int, "seven")
        assert worker.call(int, "7") == 7


def test_the_peak_counts_what_was_freed_again() -> None:
    if not os.path.exists("/proc/self/status"):
        pytest.skip("reads the kernel's records of Linux")

    def touch() -> int:
        # Straight from the system: after other tests Python may have as much that they have freed.
        with mmap.mmap(-1, 50_000_000) as fresh:
            for page in range(0, len(fresh), mmap.PAGESIZE):
                fresh[page] = 1
            return len(fresh)

    length, peak = peak_while(touch)
    assert length == 50_000_000
    assert 45e6 < peak < 80e6
