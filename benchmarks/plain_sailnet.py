"""SAILnet as a first Brian2 script writes it: plastic all-to-all ``Synapses``, one patch at a time, in standalone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Clock, Network, NeuronGroup, Synapses, TimedArray, ms, second
from numpy.typing import NDArray

from neurosim.engine.backend import activated, fresh_standalone_device

__all__ = ["plain_sailnet"]

_STEPS = 50
_NEURONS = """
du/dt = (drive - inhibition - u) / (10*ms) : 1
drive : 1
inhibition : 1
theta : 1
n : 1
"""


def plain_sailnet(patches: NDArray[Any], *, n_neurons: int, folder: Path) -> Callable[[], float]:
    """Return a function that learns from the patches once and returns the seconds of the loop over time steps.

    Parameters
    ----------
    patches : array, shape (n_patches, n_pixels)
    n_neurons : int
    folder : Path
        Where the program is built.

    Notes
    -----
    With the paper's rates divided by its batch of 100, because every patch teaches by itself. The starts are the
    package's: random unit fields, no inhibition, thresholds of 2.
    """
    with activated("cpp_standalone", float_dtype=np.float32):
        device = fresh_standalone_device()
        network, namespace = _network(patches, n_neurons)
        network.run(len(patches) * _STEPS * ms, namespace=namespace)
        device.build(directory=str(folder), run=False, with_output=False)

    def run() -> float:
        with activated("cpp_standalone", float_dtype=np.float32):
            device.run(with_output=False)
            return float(device._last_run_time)

    return run


def _network(patches: NDArray[Any], n_neurons: int) -> tuple[Network, dict[str, Any]]:
    shown, clock = _STEPS * ms, Clock(1 * ms, name="plain_clock")
    pixels = TimedArray(patches, dt=shown)
    inputs = NeuronGroup(patches.shape[1], "s = pixels(t, i) : 1", clock=clock, name="plain_inputs")
    neurons = NeuronGroup(
        n_neurons, _NEURONS, threshold="u >= theta", reset="u = 0; n += 1", method="euler", clock=clock,
        name="plain_neurons",
    )  # fmt: skip
    neurons.theta = 2
    # What the last step's spikes brought is used by the membranes, then cleared, then brought anew.
    neurons.run_regularly("inhibition = 0", clock=clock, when="thresholds", order=-1)
    neurons.run_regularly("u = 0; n = 0; inhibition = 0", dt=shown, when="start")
    field = Synapses(
        inputs, neurons, "q : 1\ndrive_post = q*s_pre : 1 (summed)", dt=shown, name="plain_field"
    )
    field.connect()
    rows = np.random.default_rng(0).standard_normal((n_neurons, patches.shape[1]))
    field.q = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T.ravel()
    lateral = Synapses(
        neurons, neurons, "w : 1", on_pre="inhibition_post += w", clock=clock, name="plain_lateral"
    )
    lateral.connect(condition="i != j")
    # Just before the next patch appears.
    learning = {"dt": shown, "when": "start", "order": -2}
    field.run_regularly("q += .01/100*(n_post*s_pre - n_post**2*q)", **learning)
    lateral.run_regularly("w = clip(w + (n_post*n_pre - .05**2)/100, 0, inf)", **learning)
    neurons.run_regularly("theta += .1/100*(n - .05)", **learning)
    return Network(inputs, neurons, field, lateral), {"pixels": pixels, "second": second}
