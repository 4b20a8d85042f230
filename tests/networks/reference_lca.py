"""The locally competitive algorithm in plain loops: one stimulus, one time step, one neuron's threshold at a time.

Written from Rozell et al. 2008 (Neural Computation 20:2526) to be read, and to be compared with; it shares no code
with `neurosim`.
"""

import math

import numpy as np


def threshold(u, *, level, kind="soft", upper=None, nonnegative=False):
    """Activity of one membrane."""
    if nonnegative and u < 0:
        return 0.0
    size = abs(u)
    if size <= level:
        return 0.0
    if kind == "soft":
        size = size - level
    elif kind == "firm" and size < upper:
        size = upper * (size - level) / (upper - level)
    return math.copysign(size, u)


def encode(stimuli, dictionary, *, level, tau, dt, n_steps, **kind):
    """Code of every stimulus after `n_steps` of forward Euler from rest: tau du/dt = b - u - G a (eq. 2.4)."""
    overlaps = dictionary @ dictionary.T - np.eye(len(dictionary))
    code = np.zeros((len(stimuli), len(dictionary)))
    for k, stimulus in enumerate(stimuli):
        u = np.zeros(len(dictionary))
        for _ in range(n_steps):
            u = u + dt / tau * (dictionary @ stimulus - u - overlaps @ code[k])
            code[k] = [threshold(value, level=level, **kind) for value in u]
    return code


def learn(stimuli, dictionary, *, batch_size, rates, **encoding):
    """Dictionary and mean objective after each batch: a step of the Hebbian rule on the residual, then unit norm."""
    dictionaries, objectives = [], []
    for start, rate in zip(range(0, len(stimuli), batch_size), rates, strict=True):
        batch = stimuli[start : start + batch_size]
        code = encode(batch, dictionary, **encoding)
        residuals = batch - code @ dictionary
        increments = [np.outer(a, r) for a, r in zip(code, residuals, strict=True)]
        changed = dictionary + rate * np.mean(increments, axis=0)
        dictionary = changed / np.linalg.norm(changed, axis=1, keepdims=True)
        costs = (residuals**2).sum(axis=1) / 2 + encoding["level"] * np.abs(code).sum(axis=1)
        dictionaries.append(dictionary)
        objectives.append(costs.mean())
    return dictionaries, objectives


def random_dictionary(n_neurons, n_pixels, rng):
    """Unit-norm rows in random directions."""
    rows = rng.standard_normal((n_neurons, n_pixels))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def random_stimuli(n_stimuli, n_pixels, rng):
    """Unit-norm stimuli in random directions."""
    return random_dictionary(n_stimuli, n_pixels, rng)
