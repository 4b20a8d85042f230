"""What a presentation records, in memory or in a file while it runs."""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from brian2 import Network

from neurosim.engine.errors import BackendError
from neurosim.engine.recording import HandingOn
from neurosim.networks.saving.recording_file import load_recording, recording_to

__all__ = ["To", "recorded", "require_streaming", "within"]

To = str | os.PathLike[str] | None
"""The file that a recording goes to, or None: into memory."""

# What monitors hold before it goes to the file. They, copies and the file's image make it four times as much or so.
_HELD = 2**25


def require_streaming(backend: str, to: To) -> None:
    """Raise BackendError where a program of its own simulates, which hands nothing on while it runs."""
    if to is not None and backend == "cpp_standalone":
        raise BackendError(
            'to: recordings go to a file while the network runs in this process, and backend="cpp_standalone" is a '
            'program of its own; set_params(backend="numpy") or "cython"'
        )


def within(found: xr.Dataset, end: float) -> xr.Dataset:
    """Return what was recorded before a time: the step in which a presentation ends belongs to it no more."""
    (axis,) = found["time"].dims
    return found.isel({axis: slice(0, int(np.searchsorted(found["time"], end)))})


def recorded(
    run: Callable[[], Any],
    part: Callable[[], xr.Dataset],
    *,
    recorders: list[Any],
    network: Network,
    duration: float,
    to: To,
) -> xr.Dataset:
    """Run and return what `recorders` hold, which ``part()`` makes labelled arrays of.

    With a file, it is what was written to it, opened and not loaded.
    """
    for recorder in recorders:
        network.add(recorder.monitor)
    if to is None:
        run()
        return part()
    with recording_to(to, duration=duration) as keep:
        handing_on = HandingOn(
            recorders,
            clock=recorders[0].monitor.clock,
            hand_on=lambda until: keep(part(), until),
            n_bytes=_HELD,
        )
        network.add(handing_on.operation)
        run()
        keep(part(), duration)
    return load_recording(to)
