"""SAILnet in plain loops: one stimulus, one time step, one neuron at a time.

Written from Zylberberg, Murphy & DeWeese 2011 (PLoS Comput Biol 7:e1002250) to be read, and to be compared with; it
shares no code with `neurosim`.
"""

from dataclasses import dataclass

import numpy as np


@dataclass
class Weights:
    """What SAILnet learns: fields (one row per neuron), lateral inhibition, thresholds."""

    fields: np.ndarray
    lateral: np.ndarray
    thresholds: np.ndarray

    @classmethod
    def of(cls, net):
        """Copy what a network has learned."""
        return cls(net.dictionary_.copy(), net.lateral_.copy(), net.thresholds_.copy())


def spikes_of(stimulus, weights, *, eta=0.1, n_steps=50, subtracted=0.0, delay=0, dead_steps=1):
    """Spikes of one stimulus, shape (n_steps, n_neurons), zero or one (eq. 1 and 2).

    A spike is felt `delay` steps later than in the next one, and lets its neuron fire again after `dead_steps`.
    """
    n_neurons = len(weights.fields)
    drive = [sum(stimulus * field) - subtracted for field in weights.fields]
    u, spikes = np.zeros(n_neurons), np.zeros((n_steps, n_neurons))
    last = [-n_steps] * n_neurons
    for step in range(n_steps):
        felt = np.flatnonzero(spikes[step - 1 - delay]) if step > delay else []
        for i in range(n_neurons):
            inhibition = sum(weights.lateral[j, i] for j in felt)
            u[i] = (1 - eta) * u[i] + eta * (drive[i] - inhibition)
            if u[i] >= weights.thresholds[i] and step - last[i] >= dead_steps:
                u[i], last[i] = 0, step
                spikes[step, i] = 1
    return spikes


def counts_of(stimuli, weights, **timing):
    """Spikes of every neuron for every stimulus."""
    return np.array([spikes_of(stimulus, weights, **timing).sum(axis=0) for stimulus in stimuli])


def learn(stimuli, weights, *, batch_size, target, rates, constrained=True, **timing):
    """Weights after one pass over the stimuli (eq. 3 to 6), and the spike counts on the way.

    `rates` are those of the fields, the lateral weights and the thresholds: β, α and γ.
    """
    field_rate, lateral_rate, threshold_rate = rates
    n_neurons, counts = len(weights.fields), []
    for start in range(0, len(stimuli), batch_size):
        batch = stimuli[start : start + batch_size]
        n = counts_of(batch, weights, **timing)
        fields, lateral = weights.fields.copy(), weights.lateral.copy()
        for i in range(n_neurons):
            steps = [n_i * (s - n_i * weights.fields[i]) for n_i, s in zip(n[:, i], batch, strict=True)]
            fields[i] += field_rate * np.mean(steps, axis=0)
            for j in range(n_neurons):
                lateral[i, j] += lateral_rate * (np.mean(n[:, i] * n[:, j]) - target**2)
                if constrained:
                    lateral[i, j] = 0 if i == j else max(lateral[i, j], 0)
        thresholds = weights.thresholds + threshold_rate * (n.mean(axis=0) - target)
        weights = Weights(fields, lateral, thresholds)
        counts.append(n)
    return weights, np.concatenate(counts)
