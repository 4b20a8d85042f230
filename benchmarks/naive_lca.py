"""The LCA as a first Brian2 script writes it: all-to-all ``Synapses`` with a summed variable, one patch at a time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, Synapses, TimedArray, ms, second
from numpy.typing import NDArray

from neurosim.engine.backend import activated, fresh_standalone_device

_EQUATIONS = """
du/dt = (drive(t, i) - u - inhibition) / (10*ms) : 1
a = u - clip(u, -threshold, threshold) : 1
inhibition : 1
threshold : 1 (shared, constant)
"""


def naive_lca(
    dictionary: NDArray[Any],
    stimuli: NDArray[Any],
    *,
    threshold: float,
    n_steps: int,
    backend: str,
    folder: Path,
) -> Callable[[], float]:
    """Return a function that encodes the stimuli and returns the seconds it took, compilation excluded.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    stimuli : array, shape (n_stimuli, n_pixels)
    threshold : float
    n_steps : int
        Steps of 1 ms per stimulus, tau = 10 ms.
    backend : {"numpy", "cython", "cpp_standalone"}
    folder : Path
        Where a standalone program is built.
    """
    duration = len(stimuli) * n_steps * ms
    with activated(backend, float_dtype=np.float32):
        device = fresh_standalone_device() if backend == "cpp_standalone" else None
        network, namespace = _network(dictionary, stimuli, threshold=threshold, n_steps=n_steps)
        if device is None:
            network.run(0 * second, namespace=namespace)
        else:
            network.run(duration, namespace=namespace)
            device.build(directory=str(folder), run=False, with_output=False)

    def encode() -> float:
        started = time.perf_counter()
        with activated(backend, float_dtype=np.float32):
            if device is None:
                network.run(duration, namespace=namespace)
            else:
                device.run(with_output=False)
        return time.perf_counter() - started

    return encode


def _network(
    dictionary: NDArray[Any], stimuli: NDArray[Any], *, threshold: float, n_steps: int
) -> tuple[Network, dict[str, Any]]:
    n_neurons = len(dictionary)
    drive = TimedArray(stimuli @ dictionary.T, dt=n_steps * ms)
    clock = Clock(1 * ms, name="naive_clock")
    neurons = NeuronGroup(n_neurons, _EQUATIONS, method="euler", clock=clock, name="naive_neurons")
    neurons.threshold = threshold
    neurons.run_regularly("u = 0", dt=n_steps * ms, when="start")
    inhibit = Synapses(
        neurons,
        neurons,
        "w : 1\ninhibition_post = w*a_pre : 1 (summed)",
        clock=clock,
        name="naive_inhibition",
    )
    inhibit.connect()
    inhibit.w = (dictionary @ dictionary.T - np.eye(n_neurons)).ravel()
    return Network(neurons, inhibit), {"drive": drive}
