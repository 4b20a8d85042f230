"""Codes whose clusters are compared (`clusters.py`): digits or patches tied to about as many fields each.

A model has one knob that sets how many neurons a stimulus makes active. What belongs to a level was found without any
label (``clusters.py --settings``), on stimuli of the training set alone. Fields are learned by the local rule
of `neurosim.networks.WLSC` with codes by accelerated proximal gradient in place of settled membranes, which agree with
it (`tests/networks/wlsc`) but take up to a minute of processor time; fields that membranes learned stand beside them
once. Codes are read after a hundred steps of the gradient (published: fifteen).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors

from neurosim.networks import WLSC
from neurosim.networks.wlsc.unrolled import Penalty, unrolled_code
from neurosim.stimuli import load_mnist, unit_norm

DIGITS = (0, 1, 3, 6, 7)
N_FIELDS = 200
# Active neurons for each stimulus, on average. About 2.3 has the K-Deep Simplex with its published λ of 1.
LEVELS = (2.3, 3.0, 6.0)
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
    n_epochs: int
    rate: float
    ramp: float
    """Share of learning over which the knob's penalty grows to its value."""
    at_levels: tuple[float, ...]
    """Of the knob, for each level."""
    tried: tuple[float, ...]
    """Values between which those of the levels were found."""


BATCH = 200
# Steps of the gradient while fields are learned, and when a code is read.
_LAYERS, _LAYERS_READ = 40, 100
_MEMORY = 0.05
MODELS = {
    "K-Deep Simplex": Model(
        "locality",
        code="simplex",
        norm="free",
        unit=False,
        n_epochs=2,
        rate=1.0,
        ramp=0.0,
        at_levels=(1.0, 0.57, 0.134),
        tried=(0.1, 0.2, 0.5, 1.0),
    ),
    "WLSC": Model(
        "locality",
        code="nonnegative",
        norm="free",
        unit=True,
        n_epochs=3,
        rate=0.5,
        ramp=0.3,
        at_levels=(0.63, 0.39, 0.128),
        tried=(0.1, 0.2, 0.4, 0.8),
    ),
    "l1": Model(
        "threshold",
        code="nonnegative",
        norm="unit",
        unit=True,
        n_epochs=3,
        rate=0.5,
        ramp=0.0,
        at_levels=(0.56, 0.43, 0.176),
        tried=(0.2, 0.35, 0.5, 0.6),
    ),
}


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
    return Split(*map(unit_norm, stimuli)) if MODELS[model].unit else stimuli


def penalty(model: str, value: float) -> Penalty:
    """Return what a code costs with a value of the model's knob."""
    weights = {"threshold": 0.0, "locality": 0.0} | {MODELS[model].knob: value}
    return Penalty(**weights, code=MODELS[model].code)


def learned(model: str, stimuli: Floats, value: float, seed: int) -> Floats:
    """Return the fields that a model learns: each step is divided by the neuron's running ⟨x² + 2λ|x|⟩."""
    kind, rng = MODELS[model], np.random.default_rng(seed)
    fields = rng.choice(stimuli, N_FIELDS, replace=False)
    order = np.concatenate([rng.permutation(len(stimuli)) for _ in range(kind.n_epochs)])
    batches = np.array_split(order, len(order) // BATCH)
    running = np.zeros(N_FIELDS)
    for done, batch in enumerate(batches):
        grown = min(1.0, done / max(kind.ramp * len(batches), 1)) if kind.ramp else 1.0
        step, now = _step(stimuli[batch], fields, penalty(model, grown * value))
        running = np.where(running > 0, (1 - _MEMORY) * running + _MEMORY * now, now)
        curvature = np.maximum(running, now)
        rate = kind.rate * (1 + np.cos(np.pi * done / len(batches))) / 2
        fields = fields + rate * step / np.where(curvature > 0, curvature, 1)[:, None]
        if kind.norm == "unit":
            fields /= np.linalg.norm(fields, axis=1, keepdims=True)
    return fields


def _step(rows: Floats, fields: Floats, cost: Penalty) -> tuple[Floats, Floats]:
    """Return what the rule would add to the fields, and each neuron's ⟨x² + 2λ|x|⟩ of a batch."""
    code = unrolled_code(rows, fields, cost, n_layers=_LAYERS)
    hebbian = code.T @ (rows - code @ fields)
    pull = code.T @ rows - code.sum(axis=0)[:, None] * fields
    curvature = (code**2 + 2 * cost.locality * code).mean(axis=0)
    return (hebbian + 2 * cost.locality * pull) / len(rows), curvature


def learned_by_membranes(model: str, stimuli: Floats, value: float, seed: int) -> Floats:
    """Return the fields that the network of the package learns."""
    kind = MODELS[model]
    net = WLSC(
        N_FIELDS,
        **{"locality": 0.0, kind.knob: value},
        code=kind.code,
        norm=kind.norm,
        n_epochs=kind.n_epochs,
        learning_rate=kind.rate,
        locality_ramp=kind.ramp,
        batch_size=BATCH,
        learning_rate_schedule="cosine",
        presentation="100 ms",
        random_state=seed,
    )
    return net.fit(stimuli).dictionary_


def read(fields: Floats, stimuli: Split, cost: Penalty) -> Split:
    """Return the codes of both sets."""
    codes = (unrolled_code(rows, fields, cost, n_layers=_LAYERS_READ) for rows in stimuli)
    return Split(*(np.where(np.abs(code) > ACTIVE, code, 0) for code in codes))


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
