"""One formula for two kinds of arrays: numpy's, and jax's, which slopes can follow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

from neurosim.networks.jax_modules import jax_and_optax

__all__ = ["NUMPY", "Arrays", "jax_arrays"]


@dataclass(frozen=True)
class Arrays:
    """Where a formula takes its functions from.

    Parameters
    ----------
    math : module
        ``numpy`` or ``jax.numpy``.
    special : module
        ``scipy.special`` or ``jax.scipy.special``.
    """

    math: Any
    special: Any


NUMPY = Arrays(np, scipy.special)


def jax_arrays() -> Arrays:
    """Return the functions of jax, or raise ImportError with what to install."""
    jax, _ = jax_and_optax("svae")
    return Arrays(jax.numpy, jax.scipy.special)
