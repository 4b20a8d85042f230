"""Codes whose clusters are compared (`clusters.py`): digits or patches tied to about as many fields each.

A model has one knob that sets how many neurons a stimulus makes active. What belongs to a level was found without any
label (``clusters.py --settings``), on stimuli of the training set alone. WLSC is learned and read by the membranes of
`neurosim.networks.WLSC`; the K-Deep Simplex and ℓ1, whose membranes take ten times as long, by the same local rule with
forty steps of accelerated proximal gradient (published: fifteen), and read after a hundred. Those of `CONVERGED` are
learned by that rule, and read, with codes at the minimum (`active_set.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from active_set import kkt_residual, settled_code
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors

from neurosim.networks import WLSC
from neurosim.networks.wlsc.unrolled import Penalty, unrolled_code, wlsc_objective
from neurosim.stimuli import load_mnist, unit_norm

DIGITS = (0, 1, 3, 6, 7)
N_FIELDS = 200
# Active neurons for each stimulus, on average. About 2.3 has the K-Deep Simplex with its published λ of 1 after so few
# steps as are taken here; at the minimum it has 1.95, as published.
LEVELS = (2.3, 3.0, 6.0)
PUBLISHED = 1.95
ACTIVE = 1e-3  # activity that counts, in the code's unit; what soft thresholds silence is exactly zero
Floats = NDArray[np.floating[Any]]


class Split(NamedTuple):
    """What is learned from, and what is held out."""

    train: NDArray[Any]
    test: NDArray[Any]


@dataclass(frozen=True)
class Model:
    """The knob of a model's sparseness, how its code and its fields are held, and values of the knob."""

    knob: str
    code: str
    norm: str
    unit: bool
    """Whether stimuli are shown at norm one: ℓ1's sparseness depends on the norm."""
    at_levels: tuple[float, ...]
    """Of the knob, for each level."""
    tried: tuple[float, ...]
    """Values between which those of the levels were found."""
    converged: bool = False
    """Whether codes are those at the minimum."""


_MEMBRANES: dict[str, Any] = {
    "n_epochs": 3,
    "batch_size": 200,
    "learning_rate": 0.5,
    "learning_rate_schedule": "cosine",
}
# Steps of the gradient while learning and for reading, and memory of the curvature.
_LAYERS, _LAYERS_READ, _MEMORY = 40, 100, 0.05
MODELS = {
    "K-Deep Simplex": Model(
        "locality",
        code="simplex",
        norm="free",
        unit=False,
        at_levels=(1.0, 0.57, 0.134),
        tried=(0.1, 0.2, 0.5, 1.0),
    ),
    "WLSC": Model(
        "locality",
        code="nonnegative",
        norm="free",
        unit=True,
        at_levels=(0.6, 0.34, 0.097),
        tried=(0.1, 0.2, 0.4, 0.8),
    ),
    "l1": Model(
        "threshold",
        code="nonnegative",
        norm="unit",
        unit=True,
        at_levels=(0.56, 0.43, 0.176),
        tried=(0.2, 0.35, 0.5, 0.6),
    ),
}
# The same at the minimum, by active sets. Their knobs for the levels are others: those, and what they lie between.
_AT_MINIMUM = {
    "K-Deep Simplex": ((0.65, 0.36, 0.101), (0.11, 0.341, 0.474, 0.75)),
    "WLSC": ((0.461, 0.285, 0.0923), (0.097, 0.34, 0.6)),
    "l1": ((0.48, 0.363, 0.16), (0.37,)),
}
CONVERGED = {
    f"{name}, converged": replace(MODELS[name], converged=True, at_levels=values, tried=tried)
    for name, (values, tried) in _AT_MINIMUM.items()
}
KINDS = MODELS | CONVERGED
# Knobs of as many active neurons as the K-Deep Simplex has with its published λ.
AS_PUBLISHED = {"K-Deep Simplex, converged": 1.0, "WLSC, converged": 0.63, "l1, converged": 0.56}


@cache
def five_digits() -> tuple[Split, Split]:
    """Return the images of both splits, one digit a row, and their labels."""
    images, labels = [], []
    for name in ("train", "test"):
        split = load_mnist(name)
        own = np.isin(split.labels, DIGITS)
        images.append(split.flat[own].astype(np.float32))
        labels.append(split.labels[own])
    return Split(*images), Split(*labels)


def shown(model: str, stimuli: Split) -> Split:
    """Return stimuli as a model is shown them: ℓ1's sparseness depends on their norm."""
    return Split(*map(unit_norm, stimuli)) if KINDS[model].unit else stimuli


class Learned(NamedTuple):
    """A model that has learned: its fields, and codes with any value of its knob."""

    fields: Floats
    read: Callable[[Split, float], Split]


def learned(model: str, stimuli: Floats, value: float, seed: int, *, n_fields: int = N_FIELDS) -> Learned:
    """Return what a model learns from stimuli with a value of its knob."""
    if model == "WLSC":
        net = WLSC(n_fields, **_MEMBRANES, locality=value, random_state=seed).fit(stimuli)
        return Learned(net.dictionary_, lambda shown, knob: _settled(net.set_params(locality=knob), shown))
    fields = _by_gradient(model, stimuli, value, seed, n_fields=n_fields)
    return Learned(fields, partial(_read_by, model, fields))


def _read_by(model: str, fields: Floats, stimuli: Split, value: float) -> Split:
    return read(fields, stimuli, penalty(model, value), converged=KINDS[model].converged)


def _settled(net: WLSC, stimuli: Split) -> Split:
    return Split(*(_active(net.transform(rows)) for rows in stimuli))


def _active(code: Floats) -> Floats:
    return np.where(np.abs(code) > ACTIVE, code, 0)


def penalty(model: str, value: float) -> Penalty:
    """Return what a code costs with a value of the model's knob."""
    weights = {"threshold": 0.0, "locality": 0.0} | {KINDS[model].knob: value}
    return Penalty(**weights, code=KINDS[model].code)


def _by_gradient(model: str, stimuli: Floats, value: float, seed: int, *, n_fields: int) -> Floats:
    """Learn fields; each step is divided by the neuron's running ⟨x² + 2λx⟩, as `WLSC` does."""
    rng, unit = np.random.default_rng(seed), KINDS[model].norm == "unit"
    n_epochs, pace = (3, 0.5) if unit else (2, 1.0)
    fields = rng.choice(stimuli, n_fields, replace=False)
    fields = unit_norm(fields) if unit else fields
    order = np.concatenate([rng.permutation(len(stimuli)) for _ in range(n_epochs)])
    batches = np.array_split(order, len(order) // _MEMBRANES["batch_size"])
    running = np.zeros(n_fields)
    for done, batch in enumerate(batches):
        step, now = _step(stimuli[batch], fields, penalty(model, value), converged=KINDS[model].converged)
        running = np.where(running > 0, (1 - _MEMORY) * running + _MEMORY * now, now)
        curvature = np.maximum(running, now)
        rate = pace * (1 + np.cos(np.pi * done / len(batches))) / 2
        fields = fields + rate * step / np.where(curvature > 0, curvature, 1)[:, None]
        fields = unit_norm(fields) if unit else fields
    return fields


def _step(rows: Floats, fields: Floats, cost: Penalty, *, converged: bool) -> tuple[Floats, Floats]:
    """Return what the rule would add to the fields, and each neuron's ⟨x² + 2λx⟩ of a batch."""
    code = (
        settled_code(rows, fields, cost) if converged else unrolled_code(rows, fields, cost, n_layers=_LAYERS)
    )
    hebbian = code.T @ (rows - code @ fields)
    pull = code.T @ rows - code.sum(axis=0)[:, None] * fields
    curvature = (code**2 + 2 * cost.locality * code).mean(axis=0)
    return (hebbian + 2 * cost.locality * pull) / len(rows), curvature


def read(fields: Floats, stimuli: Split, cost: Penalty, *, converged: bool = False) -> Split:
    """Return the codes of any fields."""
    if converged:
        return Split(*(_active(settled_code(rows, fields, cost)) for rows in stimuli))
    return Split(*(_active(unrolled_code(rows, fields, cost, n_layers=_LAYERS_READ)) for rows in stimuli))


def left_by_steps(fields: Floats, rows: Floats, cost: Penalty) -> dict[str, float]:
    """Return what codes miss the minimum by: at it, after the steps of reading, and after those of learning."""
    rows, fields = rows.astype(float), fields.astype(float)
    least = settled_code(rows, fields, cost)
    lowest = wlsc_objective(rows, least, fields, cost).mean()
    found = {"kkt": float(kkt_residual(rows, least, fields, cost).max())}
    for n_layers in (_LAYERS, _LAYERS_READ):
        code = unrolled_code(rows, fields, cost, n_layers=n_layers)
        found[f"kkt_{n_layers}"] = float(kkt_residual(rows, code, fields, cost).max())
        found[f"kkt_median_{n_layers}"] = float(np.median(kkt_residual(rows, code, fields, cost)))
        excess = wlsc_objective(rows, code, fields, cost).mean() / lowest - 1
        found[f"excess_percent_{n_layers}"] = float(100 * excess)
        found[f"active_{n_layers}"] = float((code > ACTIVE).sum(axis=1).mean())
    return found


def strongest(codes: Split, k: int) -> Split:
    """Keep the `k` largest activities of every stimulus."""
    return Split(*(np.where(code >= np.sort(code, axis=1)[:, -k, None], code, 0) for code in codes))


def nearest_centres(stimuli: Split, seed: int, *, n_fields: int = N_FIELDS) -> Callable[[int], Split]:
    """Return what ties every stimulus to its k nearest centres of k-means, equally: no network."""
    centres = KMeans(n_fields, n_init=1, random_state=seed).fit(stimuli.train).cluster_centers_
    finder = NearestNeighbors(n_neighbors=n_fields).fit(centres)
    order = [finder.kneighbors(rows, return_distance=False) for rows in stimuli]

    def tied(k: int) -> Split:
        codes = [np.zeros((len(rows), n_fields)) for rows in order]
        for code, rows in zip(codes, order, strict=True):
            np.put_along_axis(code, rows[:, :k], 1 / k, axis=1)
        return Split(*codes)

    return tied
