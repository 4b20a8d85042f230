"""Ask a forked child something; the tests of the engine and of networks share it."""

import os
import pickle
import signal
import time
import warnings
from collections.abc import Callable
from typing import Any


def in_a_fork(question: Callable[[], Any], *, patience: float = 30.0) -> Any:
    """Return what a question answers in a forked child, or the exception it raises there."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Python and jax warn of what is tried here.
        warnings.simplefilter("ignore")
        child = os.fork()
    if not child:
        _tell(question, writing)
    os.close(writing)
    os.set_blocking(reading, False)
    said, deadline = b"", time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            part = os.read(reading, 2**16)
        except BlockingIOError:
            time.sleep(0.01)
            continue
        if not part:
            os.waitpid(child, 0)
            os.close(reading)
            return pickle.loads(said)
        said += part
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    raise AssertionError(f"the forked child did not answer in {patience} s")


def _tell(question: Callable[[], Any], writing: int) -> None:
    try:
        answer = question()
    except BaseException as error:
        answer = error
    said = pickle.dumps(answer)
    while said:
        said = said[os.write(writing, said) :]
    os._exit(0)
