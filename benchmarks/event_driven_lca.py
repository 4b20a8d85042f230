"""The LCA in plain Brian2 with events: a neuron whose activity has changed sends the change through `Synapses`."""

from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, StateMonitor, Synapses, TimedArray, ms
from numpy.typing import NDArray

from benchmarks.brian2_program import Program, brian2_program

__all__ = ["event_driven_lca"]

_EQUATIONS = """
du/dt = (drive(t, i) - u - inhibition) / (10*ms) : 1
a = u - clip(u, -threshold, threshold) : 1
sent : 1
inhibition : 1
threshold : 1 (shared, constant)
epsilon : 1 (shared, constant)
"""


def event_driven_lca(
    dictionary: NDArray[Any],
    stimuli: NDArray[Any],
    *,
    threshold: float,
    n_steps: int,
    backend: str,
    folder: Path,
    epsilon: float = 0.02,
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
    epsilon : float, default=0.02
        Changes of activity up to this much are not sent, in the unit of the stimuli.
    """

    def build() -> tuple[Network, dict[str, Any], NeuronGroup, StateMonitor]:
        network, neurons, settled = _network(dictionary, n_steps=n_steps)
        neurons.threshold, neurons.epsilon = threshold, epsilon
        drive = TimedArray(stimuli @ dictionary.T, dt=n_steps * ms)
        return network, {"drive": drive}, neurons, settled

    return brian2_program(build, duration=len(stimuli) * n_steps * ms, backend=backend, folder=folder)


def _network(dictionary: NDArray[Any], *, n_steps: int) -> tuple[Network, NeuronGroup, StateMonitor]:
    clock = Clock(1 * ms, name="event_clock")
    neurons = NeuronGroup(
        len(dictionary),
        _EQUATIONS,
        method="euler",
        clock=clock,
        events={"changed": "abs(a - sent) > epsilon"},
        name="event_neurons",
    )
    neurons.run_on_event("changed", "sent = a", when="after_resets")
    settled = StateMonitor(
        neurons, "a", record=True, dt=n_steps * ms, when="start", order=-1, name="event_settled"
    )
    neurons.run_regularly("u = 0\nsent = 0\ninhibition = 0", dt=n_steps * ms, when="start")
    inhibit = Synapses(
        neurons,
        neurons,
        "w : 1",
        on_pre="inhibition_post += w*(a_pre - sent_pre)",
        on_event="changed",
        clock=clock,
        name="event_inhibition",
    )
    inhibit.connect()
    inhibit.w = (dictionary @ dictionary.T - np.eye(len(dictionary))).ravel()
    return Network(neurons, inhibit, settled), neurons, settled
