"""Small linked networks that several tests share, so that each design is compiled once."""

import numpy as np
from reference_lca import random_dictionary, random_stimuli

from neurosim.networks import LinkedLCA, OrdinalLinkedLCA

N_NEURONS, BATCH = 12, 8
# Few enough neurons respond for a sparse code.
THRESHOLD = 0.5
SIZES = {"left": 7, "right": 5}
WEIGHTS = {"left": 0.5, "right": 2.0}
# Fixed steps, every change sent and no early end: what plain loops do too.
PLAIN_STEPS = {"presentation": "30 ms", "dt": "1 ms", "epsilon": 0}
# The network's own steps, until its stimuli have settled.
OWN_STEPS = {"presentation": None, "dt": None, "epsilon": None}
# Of stimuli of unit norm in each modality: what learning rates are relative to.
MEAN_SQUARE = len(SIZES) / sum(SIZES.values())

_OPTIONS = {
    "threshold": THRESHOLD, "batch_size": BATCH, "backend": "numpy", "random_state": 0,
    "learning_rate": 0.5 * MEAN_SQUARE, "learning_rate_schedule": "constant", **PLAIN_STEPS,
}  # fmt: skip


def fields(*, sizes=SIZES, n_neurons=N_NEURONS, seed=0):
    """Random unit-norm fields of every modality."""
    rng = np.random.default_rng(seed)
    return {name: random_dictionary(n_neurons, size, rng) for name, size in sizes.items()}


def stimuli(n_stimuli, *, sizes=SIZES, seed=1):
    """Random unit-norm stimuli of every modality."""
    rng = np.random.default_rng(seed)
    return {name: random_stimuli(n_stimuli, size, rng) for name, size in sizes.items()}


def joined(arrays, weights=None):
    """Arrays side by side, each times the root of its weight, so that an LCA's squared residuals count as weighted."""
    weights = weights or {}
    return np.hstack([np.sqrt(weights.get(name, 1.0)) * array for name, array in arrays.items()])


def linked(n_neurons=N_NEURONS, **changed):
    """A network that takes the steps of plain loops."""
    return LinkedLCA(n_neurons, **{**_OPTIONS, **changed})


def ordinal(n_neurons=N_NEURONS, **changed):
    """The same with a current into blocks."""
    return OrdinalLinkedLCA(n_neurons, **{**_OPTIONS, **changed})


def planted(n_stimuli, *, sizes, n_causes=10, seed=0):
    """Stimuli that one or two common causes per row make in every modality, and the causes' fields."""
    rng = np.random.default_rng(seed)
    causes = {name: random_dictionary(n_causes, size, rng) for name, size in sizes.items()}
    active = rng.random((n_stimuli, n_causes)).argsort(axis=1) < rng.integers(1, 3, size=(n_stimuli, 1))
    strength = active * rng.uniform(0.5, 1.5, size=active.shape)
    return {name: strength @ rows for name, rows in causes.items()}, causes
