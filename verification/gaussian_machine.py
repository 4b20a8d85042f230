"""Support vector machines with a Gaussian kernel on tens of thousands of codes, one class against one.

They are scikit-learn's `SVC`, whose kernel is computed here by matrix products, pair of classes by pair of classes:
a half to a third of the processor time that `SVC` takes for 60,000 codes, and less where memory is shared, and several
values of C cost hardly more than one. Two gigabytes of memory for MNIST.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

Floats = NDArray[Any]
Labels = NDArray[np.int64]


def predicted(
    fitted: Floats, labels: Labels, asked: Floats, *, gamma: float, costs: Sequence[float]
) -> list[Labels]:
    """Return the classes of `asked` for each C; the width of the kernel is `gamma` / (neurons · variance)."""
    width = gamma / (float(fitted.var()) * fitted.shape[1])
    classes = np.unique(labels)
    votes = np.zeros((len(costs), len(asked), len(classes)), dtype=np.int64)
    for a, b in combinations(range(len(classes)), 2):
        rows = np.flatnonzero((labels == classes[a]) | (labels == classes[b]))
        decisions = _decisions(fitted[rows], labels[rows], asked, width=width, costs=costs)
        votes[:, :, b] += decisions > 0
        votes[:, :, a] += decisions <= 0
    # Of classes with as many votes the first is taken, as `SVC` does.
    return [classes[each.argmax(axis=1)] for each in votes]


def _decisions(own: Floats, labels: Labels, asked: Floats, *, width: float, costs: Sequence[float]) -> Floats:
    """Return, for each C, what the machine of two classes says of every stimulus asked: above 0 it is the second."""
    kernel = _kernel(own, own, width).astype(np.float64)
    machines = [SVC(C=cost, kernel="precomputed", cache_size=1000).fit(kernel, labels) for cost in costs]
    del kernel
    support = np.unique(np.concatenate([machine.support_ for machine in machines]))
    weights = np.zeros((len(support), len(costs)))
    for column, machine in enumerate(machines):
        weights[np.searchsorted(support, machine.support_), column] = machine.dual_coef_[0]
    offsets = np.array([machine.intercept_[0] for machine in machines])
    return np.asarray(_kernel(asked, own[support], width) @ weights + offsets).T


def _kernel(rows: Floats, columns: Floats, width: float) -> Floats:
    """Return exp(−width · squared distance); in single precision, which a tolerance of 1e-3 does not see."""
    rows, columns = (np.asarray(part, dtype=np.float32) for part in (rows, columns))
    distances = rows @ columns.T
    distances *= 2
    distances -= (rows**2).sum(axis=1)[:, np.newaxis]
    distances -= (columns**2).sum(axis=1)
    distances *= np.float32(width)
    return np.exp(distances, out=distances)
