"""Support vector machines with a Gaussian kernel on tens of thousands of codes, one class against one.

They are scikit-learn's `SVC` in a fraction of its processor time. The machine of two classes is fitted to some of their
codes, those that it gets wrong or within its margin join them, and so on until there is none: it is then the machine of
all (chunking). The kernel is computed by matrix products, and only between codes and those that were ever fitted;
several values of C share it.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import SVC

Floats = NDArray[Any]
Labels = NDArray[np.int64]
# Codes of each class that are fitted first.
N_FIRST = 500


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
    sign = np.where(labels == labels.max(), 1, -1)
    # The rows that are fitted, both classes among them, and the kernel between all rows and these.
    chosen = np.concatenate([np.flatnonzero(sign == side)[:N_FIRST] for side in (-1, 1)])
    kernel, found = _kernel(own, own[chosen], width), []
    for cost in costs:
        while True:
            machine = SVC(C=cost, kernel="precomputed", cache_size=500).fit(kernel[chosen], sign[chosen])
            support, weights = chosen[machine.support_], machine.dual_coef_[0].astype(np.float32)
            margin = sign * (kernel[:, machine.support_] @ weights + machine.intercept_[0])
            margin[chosen] = 1
            if not (wrong := np.flatnonzero(margin < 1 - machine.tol)).size:
                break
            chosen = np.concatenate([chosen, wrong])
            kernel = np.hstack([kernel, _kernel(own, own[wrong], width)])
        found.append(_kernel(asked, own[support], width) @ weights + machine.intercept_[0])
    return np.stack(found)


def _kernel(rows: Floats, columns: Floats, width: float) -> Floats:
    """Return exp(−width · squared distance); in single precision, which a tolerance of 1e-3 does not see."""
    rows, columns = (np.asarray(part, dtype=np.float32) for part in (rows, columns))
    distances = rows @ columns.T
    distances *= 2
    distances -= (rows**2).sum(axis=1)[:, np.newaxis]
    distances -= (columns**2).sum(axis=1)
    distances *= np.float32(width)
    return np.exp(distances, out=distances)
