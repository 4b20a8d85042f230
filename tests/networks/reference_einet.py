"""E-I Net in plain loops: one stimulus and one time step at a time, all numbers in the paper's step units.

Written from King, Zylberberg & DeWeese 2013 (J Neurosci 33:5475) to be read, and to be compared with; it shares no
code with `neurosim`.
"""

import math
from dataclasses import dataclass, fields

import numpy as np

# A step is a tenth of the excitatory time constant and a fifth of the inhibitory one.
STEP, N_STEPS = 0.1, 50
DURATION = STEP * N_STEPS
KEEP_E, KEEP_I = math.exp(-STEP), math.exp(-2 * STEP)


@dataclass
class Weights:
    """What E-I Net learns; every pathway is from row to column except the fields, one row per neuron."""

    dictionary: np.ndarray
    excite: np.ndarray
    inhibit: np.ndarray
    disinhibit: np.ndarray
    thresholds: np.ndarray
    inhibitory_thresholds: np.ndarray

    @classmethod
    def of(cls, net):
        """Copy what a network has learned."""
        return cls(*(getattr(net, f"{field.name}_").copy() for field in fields(cls)))

    def pathways(self):
        """The three matrices that must not be negative."""
        return self.excite, self.inhibit, self.disinhibit


def spikes_of(stimulus, weights, *, delay=0):
    """Spikes of both populations for one stimulus, each of shape (n_steps, n_neurons), zero or one.

    A spike is felt `delay` steps later than in the next one.
    """
    drive = STEP * np.array([sum(stimulus * field) for field in weights.dictionary])
    u, v = np.zeros(len(weights.thresholds)), np.zeros(len(weights.inhibitory_thresholds))
    # What is on its way before anyone has fired.
    excitatory = [np.zeros(len(u), dtype=bool)] * (delay + 1)
    inhibitory = [np.zeros(len(v), dtype=bool)] * (delay + 1)
    for _ in range(N_STEPS):
        felt, felt_i = excitatory[-1 - delay], inhibitory[-1 - delay]
        to_u = drive - weights.inhibit[felt_i].sum(axis=0)
        to_v = weights.excite[felt].sum(axis=0) - weights.disinhibit[felt_i].sum(axis=0)
        u, v = KEEP_E * u + to_u, KEEP_I * v + to_v
        fired, fired_i = u >= weights.thresholds, v >= weights.inhibitory_thresholds
        u[fired], v[fired_i] = 0, 0
        excitatory.append(fired)
        inhibitory.append(fired_i)
    shown = slice(delay + 1, None)
    return np.array(excitatory[shown], dtype=float), np.array(inhibitory[shown], dtype=float)


def counts_of(stimuli, weights, **delay):
    """Spikes of every neuron of both populations for every stimulus."""
    pairs = [spikes_of(stimulus, weights, **delay) for stimulus in stimuli]
    return tuple(np.array([pair[k].sum(axis=0) for pair in pairs]) for k in range(2))


def correlation_measured(weights, pre, post, *, rate, constrained):
    """Weights moved towards the excess of coincidences over chance, which has to be positive."""
    together = np.mean([np.outer(a, b) for a, b in zip(pre, post, strict=True)], axis=0)
    chance = np.outer(pre.mean(axis=0), post.mean(axis=0))
    moved = weights + rate / DURATION * (together - chance * (1 + weights))
    return np.where(moved > 0, moved, 0) if constrained else moved


def learn(stimuli, weights, *, batch_size, targets, learning_rate, constrained=True):
    """Weights after one pass over the stimuli with the paper's rates, and the counts of both populations."""
    counts = []
    for start in range(0, len(stimuli), batch_size):
        batch = stimuli[start : start + batch_size]
        y, z = counts_of(batch, weights)
        counts.append((y, z))
        oja = [np.outer(n, s) - (n**2)[:, None] * weights.dictionary for n, s in zip(y, batch, strict=True)]
        among = correlation_measured(
            weights.disinhibit, z, z, rate=1.5 * learning_rate, constrained=constrained
        )
        if constrained:
            among[np.diag_indices(len(among))] = 0
        rate, kept = 0.7 * learning_rate, {"constrained": constrained}
        weights = Weights(
            weights.dictionary + 0.2 * learning_rate / DURATION * np.mean(oja, axis=0),
            correlation_measured(weights.excite, y, z, rate=rate, **kept),
            correlation_measured(weights.inhibit, z, y, rate=rate, **kept),
            among,
            weights.thresholds + learning_rate * (y.mean(axis=0) - targets[0] * DURATION),
            weights.inhibitory_thresholds + learning_rate * (z.mean(axis=0) - targets[1] * DURATION),
        )
    return weights, tuple(np.concatenate(each) for each in zip(*counts, strict=True))
