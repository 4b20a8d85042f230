"""The LCA as a first Brian2 script writes it: all-to-all ``Synapses`` with a summed variable, one patch at a time."""

from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, StateMonitor, Synapses, TimedArray, ms
from numpy.typing import NDArray

from benchmarks.brian2_program import Program, brian2_program

__all__ = ["naive_lca"]

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
) -> Program:
    """Return a function that encodes the stimuli and returns the seconds it took and the code.

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

    def build() -> tuple[Network, dict[str, Any], NeuronGroup, StateMonitor]:
        return _network(dictionary, stimuli, threshold=threshold, n_steps=n_steps)

    return brian2_program(build, duration=len(stimuli) * n_steps * ms, backend=backend, folder=folder)


def _network(
    dictionary: NDArray[Any], stimuli: NDArray[Any], *, threshold: float, n_steps: int
) -> tuple[Network, dict[str, Any], NeuronGroup, StateMonitor]:
    n_neurons = len(dictionary)
    drive = TimedArray(stimuli @ dictionary.T, dt=n_steps * ms)
    clock = Clock(1 * ms, name="naive_clock")
    neurons = NeuronGroup(n_neurons, _EQUATIONS, method="euler", clock=clock, name="naive_neurons")
    neurons.threshold = threshold
    # What a stimulus settled to is read just before the next one starts.
    settled = StateMonitor(
        neurons, "a", record=True, dt=n_steps * ms, when="start", order=-1, name="naive_settled"
    )
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
    return Network(neurons, inhibit, settled), {"drive": drive}, neurons, settled
