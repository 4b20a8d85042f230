"""Signals end processes, so each test has one of its own; none of them imports Brian2."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="POSIX signals"),
    # Other tests of this process may have loaded jax, which warns of every fork; what runs afterwards does not use it.
    pytest.mark.filterwarnings("ignore:os.fork"),
]

_HEAD = """
import os, signal, sys, time
from neurosim.results import interruption
def send(number): os.kill(os.getpid(), number); time.sleep(.01)
"""


def _program(lines: str, *, ignored: bool = False) -> "subprocess.CompletedProcess[str]":
    def background() -> None:
        if ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    script = _HEAD + textwrap.dedent(lines)
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        preexec_fn=background,
    )


@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_before_anything_is_computed_one_line_is_said(name: str, code: int, *, ignored: bool) -> None:
    done = _program(
        f"""
        with interruption.watched():
            send(signal.{name})
            print("went on")
        """,
        ignored=ignored,
    )
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == "interrupted: nothing was computed yet\n"


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_run_is_interrupted_and_may_put_its_things_away(name: str, code: int) -> None:
    done = _program(
        f"""
        with interruption.watched():
            try:
                with interruption.interruptible():
                    try:
                        send(signal.{name})
                    finally:
                        send(signal.{name})  # the same request: terminals send it twice
                        print("put away")
            except KeyboardInterrupt:
                sys.exit(interruption.exit_code())
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "put away\n", "")


def test_somebody_who_has_lost_patience_is_served() -> None:
    done = _program(
        """
        interruption._ONE_REQUEST = 0.0
        with interruption.watched(), interruption.interruptible():
            try:
                send(signal.SIGINT)
            finally:
                send(signal.SIGINT)
                print("put away")
        """
    )
    assert (done.returncode, done.stdout) == (130, "")


def test_a_run_that_is_whole_is_left_to_end() -> None:
    done = _program(
        """
        with interruption.watched():
            with interruption.interruptible():
                interruption.uninterrupted()
                send(signal.SIGTERM)
            send(signal.SIGINT)
        send(signal.SIGTERM)
        print("whole")
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "whole\n", "")


def test_an_interruption_that_python_can_only_print_comes_again() -> None:
    done = _program(
        """
        class Taken:
            def __del__(self): send(signal.SIGTERM)
        with interruption.watched():
            try:
                with interruption.interruptible():
                    taken = Taken()
                    del taken
                    time.sleep(5)
                    print("went on")
            except KeyboardInterrupt:
                sys.exit(interruption.exit_code())
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "")


def test_an_interruption_that_others_have_swallowed_comes_again_with_the_next_step() -> None:
    done = _program(
        """
        with interruption.watched():
            try:
                with interruption.interruptible():
                    try:
                        send(signal.SIGINT)
                    except BaseException:
                        pass
                    interruption.again()
                    print("went on")
            except KeyboardInterrupt:
                sys.exit(interruption.exit_code())
        """
    )
    assert (done.returncode, done.stdout) == (130, "")


def test_in_somebody_elses_python_signals_stay_what_they_are() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    from neurosim.results.interruption import again, interruptible, is_asked_to_end

    with interruptible():
        again()
    assert not is_asked_to_end()
    assert {number: signal.getsignal(number) for number in before} == before


def test_a_child_that_was_forked_leaves_its_parents_files_alone() -> None:
    done = _program(
        """
        import pathlib, tempfile
        folder = pathlib.Path(tempfile.mkdtemp())
        with interruption.watched():
            interruption.remove_at_the_end(folder)
            if not (child := os.fork()):
                send(signal.SIGTERM)
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), folder.is_dir())
            folder.rmdir()
        """
    )
    assert (done.returncode, done.stdout) == (0, "143 True\n")
