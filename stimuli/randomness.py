"""Where random numbers come from: a generator that is passed on, or the seed of a new one."""

import zlib
from numbers import Integral
from typing import TypeAlias

import numpy as np

__all__ = ["Randomness", "generator", "stream_of"]

Randomness: TypeAlias = np.random.Generator | int
"""What `rng=` takes."""


def generator(rng: Randomness) -> np.random.Generator:
    """Return the generator that was passed, or a new one from a seed.

    Parameters
    ----------
    rng : numpy.random.Generator or int
        A seed, 0 or more, gives the same numbers in every call; a generator goes on where it was.

    Raises
    ------
    TypeError
        If it is neither, ``None`` and booleans included: what is drawn could not be repeated.
    ValueError
        If the seed is negative.

    Examples
    --------
    >>> int(generator(7).integers(100)) == int(np.random.default_rng(7).integers(100))
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, bool | np.bool_) or not isinstance(rng, Integral):
        got = "None, with which nothing could be repeated" if rng is None else f"{type(rng).__name__}"
        raise TypeError(
            f"rng: expected a numpy.random.Generator or a whole number as its seed, got {got}; pass for example rng=0"
        )
    if rng < 0:
        raise ValueError(f"rng: expected a seed of 0 or more, got {rng}")
    return np.random.default_rng(int(rng))


def stream_of(seed: np.random.SeedSequence, name: str) -> np.random.Generator:
    """Return random numbers known by a name, such as a measure's, so that a new one moves no other's."""
    key = zlib.crc32(name.encode())  # the same on every machine and in every process, unlike `hash`
    return np.random.default_rng(
        np.random.SeedSequence(entropy=seed.entropy, spawn_key=(*seed.spawn_key, key))
    )
