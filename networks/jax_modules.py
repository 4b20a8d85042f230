"""The optional modules jax and optax: loaded where they are needed, or a message that says how to get them."""

import re
from importlib import import_module
from typing import Any

from neurosim._turns import refuse_forked_jax
from neurosim.engine.errors import MissingExtraError

__all__ = ["OLDEST_JAX", "jax_and_optax"]

OLDEST_JAX = (0, 4, 30)


def jax_and_optax(extra: str = "backprop") -> tuple[Any, Any]:
    """Return the modules jax and optax.

    Parameters
    ----------
    extra : str, default="backprop"
        The extra of this package that brings both, for the message.

    Raises
    ------
    MissingExtraError
        If one is missing, or jax is older than `OLDEST_JAX`; with what to install.
    BackendError
        In a process that was forked after jax had started.
    """
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
