"""Codes of simple cells at the door of complex cells."""

from typing import Any

from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.networks.estimator.training_data import require_squares, validated_stimuli

__all__ = ["checked_codes", "checked_sequences"]


def checked_sequences(cells: Any, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
    """Return sequences (n_sequences, n_codes, n_simple) in float64 or float32; ValueError if they are none."""
    given = unmasked(X, "codes")
    if given.ndim != 3 or not given.size or given.shape[1] < 2:
        raise ValueError(
            "expected sequences (n_sequences, n_codes, n_simple) of two codes or more in the order of time, such as "
            f"np.stack([before, after], axis=1), got shape {given.shape}"
        )
    return _checked(cells, given.reshape(-1, given.shape[2]), reset=reset).reshape(given.shape)


def checked_codes(cells: Any, X: ArrayLike) -> NDArray[Any]:
    """Return codes (n_codes, n_simple) in float64 or float32; ValueError if they are none of these cells."""
    return _checked(cells, X, reset=False)


def _checked(cells: Any, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
    codes = validated_stimuli(cells, X, reset=reset)
    if (codes < 0).any():
        raise ValueError(
            f"expected activity of 0 or more, got {(codes < 0).sum()} negative values: the square of a signed unit is "
            "blind to phase by itself; make two one-sided units of each (neurosim.laboratory.one_sided)"
        )
    require_squares(codes)
    return codes
