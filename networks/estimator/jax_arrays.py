"""The optional modules jax and optax, and formulas that serve numpy's arrays and jax's, which slopes can follow."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import scipy.special
from numpy.typing import NDArray
from scipy.linalg import get_lapack_funcs

from neurosim._turns import refuse_forked_jax
from neurosim.engine.errors import MissingExtraError

__all__ = [
    "NUMPY",
    "OLDEST_JAX",
    "Arrays",
    "jax_and_optax",
    "jax_arrays",
    "leaves_of",
    "training_state",
    "tree_of",
]

OLDEST_JAX = (0, 4, 30)
# Matrices up to this size are factorised whole.
_LEAF = 32


def jax_and_optax(extra: str = "backprop") -> tuple[Any, Any]:
    """Return the modules jax and optax, or raise with the extra of this package that brings both."""
    refuse_forked_jax()
    remedy = f'run python -m pip install --upgrade -e ".[{extra}]"'
    try:
        jax, optax = import_module("jax"), import_module("optax")
    except ImportError as missing:
        raise MissingExtraError(
            f"learning by back-propagation needs jax and optax, which are not installed; {remedy}"
        ) from missing
    version = tuple(int(part) for part in re.findall(r"\d+", jax.__version__)[:3])
    if version < OLDEST_JAX:
        oldest = ".".join(map(str, OLDEST_JAX))
        raise MissingExtraError(f"expected jax {oldest} or newer, got {jax.__version__}; {remedy}")
    return jax, optax


@dataclass(frozen=True)
class Arrays:
    """Where a formula takes its functions from: numpy and scipy.special, or those of jax.

    ``inverse_root(matrices)``, shape (n, k, k), is L⁻¹ of each A = LLᵀ, lower triangular; with what is not a number in
    every column where A is not positive definite. ``held(value)`` is the value, which slopes do not follow.
    """

    math: Any
    special: Any
    inverse_root: Callable[[Any], Any]
    held: Callable[[Any], Any]


def _inverse_roots(matrices: NDArray[Any]) -> NDArray[Any]:
    potrf, trtri = get_lapack_funcs(("potrf", "trtri"), (matrices,))
    roots = np.full_like(matrices, np.nan)
    for root, matrix in zip(roots, matrices, strict=True):
        # Transposed, as LAPACK has it; matrices are symmetric.
        lower, failed = potrf(matrix.T, lower=1, clean=1)
        if not failed:
            root[:] = trtri(lower, lower=1)[0]
    return roots


NUMPY = Arrays(np, scipy.special, _inverse_roots, lambda value: value)


def _by_halves(matrices: Any, leaf: Callable[[Any], Any], math: Any) -> Any:
    """Return L⁻¹ of each A = LLᵀ from those of its halves, so that most of the work is products: half of LAPACK's time.

    The second half's follows from the first's: XLA with one thread was seen to wait for ever on two independent calls.
    """
    if (size := matrices.shape[-1]) <= _LEAF:
        return leaf(matrices)
    half = size // 2
    first = _by_halves(matrices[:, :half, :half], leaf, math)
    coupled = matrices[:, half:, :half] @ first.swapaxes(1, 2)
    second = _by_halves(matrices[:, half:, half:] - coupled @ coupled.swapaxes(1, 2), leaf, math)
    below = -(second @ coupled) @ first
    above = math.zeros_like(below).swapaxes(1, 2)
    rows = [math.concatenate([first, above], axis=2), math.concatenate([below, second], axis=2)]
    return math.concatenate(rows, axis=1)


def jax_arrays() -> Arrays:
    """Return the functions of jax, or raise ImportError with what to install."""
    jax, _ = jax_and_optax("svae")

    def leaf(matrices: Any) -> Any:
        root = jax.lax.linalg.cholesky(matrices, symmetrize_input=False)
        identity = jax.numpy.broadcast_to(jax.numpy.eye(root.shape[-1], dtype=root.dtype), root.shape)
        return jax.lax.linalg.triangular_solve(root, identity, left_side=True, lower=True)

    def inverse_roots(matrices: Any) -> Any:
        return _by_halves(matrices, leaf, jax.numpy)

    return Arrays(jax.numpy, jax.scipy.special, inverse_roots, jax.lax.stop_gradient)


def leaves_of(tree: Any) -> list[NDArray[Any]]:
    """Return the arrays of weights and moments of an optimiser, as numpy's; `tree_of` puts them back."""
    return [np.asarray(leaf) for leaf in jax_and_optax()[0].tree.leaves(tree)]


def tree_of(leaves: list[NDArray[Any]], like: Any) -> Any:
    """Return arrays in the places that those of another tree have."""
    jax = jax_and_optax()[0]
    return jax.tree.unflatten(jax.tree.structure(like), leaves)


def training_state(
    tree: Any, rows: list[dict[str, float]], times_active: NDArray[np.intp] | None = None
) -> dict[str, Any]:
    """Return what learning goes on from, for a checkpoint."""
    return {"leaves": leaves_of(tree), "rows": pd.DataFrame(rows), "times_active": times_active}
