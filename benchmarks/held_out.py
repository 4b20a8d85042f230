"""The exact objective of held-out patches under a dictionary: what learners are compared by."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.optimum import lasso_objective
from benchmarks.problem import fresh_patches

__all__ = ["held_out_objective"]

_N_PATCHES = 1_000


def held_out_objective(dictionary: NDArray[Any], *, threshold: float, n_patches: int = _N_PATCHES) -> float:
    """Return the mean LASSO optimum of patches that nobody learned from, coded exactly in double precision.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
        Rows are scaled to unit norm first: shorter ones would only raise the objective.
    threshold : float
    n_patches : int
    """
    import spams

    patches = fresh_patches(n_patches).astype(np.float64)
    fields = np.asarray(dictionary, dtype=np.float64)
    norms = np.linalg.norm(fields, axis=1, keepdims=True)
    unit = fields / np.where(norms > 0, norms, 1)
    code = spams.lasso(
        np.asfortranarray(patches.T), D=np.asfortranarray(unit.T), lambda1=threshold, mode=2, numThreads=1
    )
    objective = lasso_objective(patches, code.toarray().T, dictionary=unit, threshold=threshold)
    return float(objective.mean())
