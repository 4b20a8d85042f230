"""Compile a plain Brian2 network once, run it by request, and read what each stimulus settled to."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Network, NeuronGroup, StateMonitor, second
from numpy.typing import NDArray

from neurosim.engine.backend import activated, fresh_standalone_device

__all__ = ["Program", "brian2_program"]

Program = Callable[[], tuple[float, NDArray[Any]]]
Build = Callable[[], tuple[Network, dict[str, Any], NeuronGroup, StateMonitor]]


def brian2_program(build: Build, *, duration: Any, backend: str, folder: Path) -> Program:
    """Return a function that runs the network once and returns the seconds and the settled activities.

    Parameters
    ----------
    build : callable
        Returns the network, its namespace, its neurons, and a monitor of their `a` at the end of each stimulus.
    duration : Quantity
    backend : {"numpy", "cython", "cpp_standalone"}
    folder : Path
        Where a standalone program is built.

    Notes
    -----
    A standalone program's own clock is used: the loop over time steps alone, without the start of the program and
    the arrays it reads and writes. The weights and the stimuli are the peer's gift.
    """
    with activated(backend, float_dtype=np.float32):
        device = fresh_standalone_device() if backend == "cpp_standalone" else None
        network, namespace, neurons, settled = build()
        if device is None:
            network.store()
            network.run(0 * second, namespace=namespace)
        else:
            network.run(duration, namespace=namespace)
            device.build(directory=str(folder), run=False, with_output=False)

    def run() -> tuple[float, NDArray[Any]]:
        with activated(backend, float_dtype=np.float32):
            if device is None:
                network.restore()
                started = time.perf_counter()
                network.run(duration, namespace=namespace)
                seconds = time.perf_counter() - started
            else:
                device.run(with_output=False)
                seconds = float(device._last_run_time)
            return seconds, _codes(neurons, settled)

    return run


def _codes(neurons: NeuronGroup, settled: StateMonitor) -> NDArray[Any]:
    # The monitor's first row is the silence before the first stimulus; the last stimulus is still in the neurons.
    between = np.asarray(settled.a).T[1:]
    u, threshold = np.asarray(neurons.u[:]), float(np.asarray(neurons.threshold[:]).ravel()[0])
    return np.concatenate([between, (u - np.clip(u, -threshold, threshold))[None]])
