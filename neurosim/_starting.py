"""How the program `neurosim` starts: ready for signals before anything is imported that takes time."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from neurosim.owned_folders import own_folder
from neurosim.results.interruption import remove_at_the_end, watched


@contextmanager
def started() -> Iterator[None]:
    """Be ready for signals, and keep temporary files in a folder of our own, inside a ``with`` block."""
    # Figures go to files. A notebook hands its own backend down to `!neurosim`, and matplotlib cannot even be imported
    # where that is not installed.
    os.environ["MPLBACKEND"] = "Agg"
    with watched():
        _use_a_folder_of_our_own()
        yield


def _use_a_folder_of_our_own() -> None:
    """Give this process a folder for all temporary files, its compilers' and Brian2's logs among them."""
    # Where there is no place for any, what needs one says so.
    with suppress(OSError):
        folder = own_folder()
        remove_at_the_end(folder)
        # Before Brian2 is imported, so that this comes after what Brian2 does at the end.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
