"""Stimuli, codes and random states at the door of an estimator."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

__all__ = ["generator", "require_squares", "seed_of", "validated_code", "validated_stimuli"]


def validated_stimuli(estimator: Any, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
    """Return stimuli as a finite array of float64 or float32, shape (n_stimuli, n_pixels).

    Parameters
    ----------
    estimator : estimator
        Whose number of features is set or checked.
    X : array
    reset : bool
        Whether this call sets the number of features.

    Raises
    ------
    ValueError
        With the first place that is not finite.
    """
    stimuli = validate_data(
        estimator, X, reset=reset, dtype=(np.float64, np.float32), ensure_all_finite=False
    )
    if not np.isfinite(stimuli).all():
        bad = np.argwhere(~np.isfinite(stimuli))
        stimulus, pixel = (int(k) for k in bad[0])
        found = "NaN" if np.isnan(stimuli[stimulus, pixel]) else "infinity"
        raise ValueError(
            f"expected finite pixels, got {found} at stimulus {stimulus}, pixel {pixel} ({len(bad)} NaN or "
            "infinite values in all); repair or leave out those stimuli"
        )
    result: NDArray[Any] = stimuli
    return result


def require_squares(stimuli: NDArray[Any]) -> None:
    """Raise if the largest pixel's square, with room for sums, overflows or vanishes in the stimuli's precision.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)

    Raises
    ------
    ValueError
        With the sizes that can be squared.
    """
    largest, precision = float(np.abs(stimuli).max(initial=0)), np.finfo(stimuli.dtype)
    low, high = float(precision.tiny) ** 0.5 * 1e6, float(precision.max) ** 0.5 * 1e-6
    if largest and not low < largest < high:
        raise ValueError(
            f"expected pixels whose squares can be added up in {stimuli.dtype}, the largest between {low:.0e} and "
            f"{high:.0e}, got {largest:.3g}; use another unit, or float64"
        )


def validated_code(estimator: Any, code: ArrayLike) -> NDArray[Any]:
    """Return a code as an array of one row per stimulus and one column per neuron.

    Parameters
    ----------
    estimator : estimator
        Whose ``dictionary_`` says how many neurons there are.
    code : array

    Raises
    ------
    NotFittedError
        If there is no dictionary.
    ValueError
        If the code has another shape.
    """
    check_is_fitted(estimator, "dictionary_")
    activity = np.asarray(code)
    n_neurons = len(estimator.dictionary_)
    if activity.ndim != 2 or activity.shape[1] != n_neurons:
        raise ValueError(
            f"expected a code of shape (n_stimuli, {n_neurons}), got {activity.shape}; pass what transform returned"
        )
    return activity


def generator(random_state: Any) -> np.random.Generator:
    """Return a generator from what scikit-learn calls a random state, or the generator that was passed."""
    if isinstance(random_state, np.random.Generator):
        return random_state
    try:
        known = check_random_state(random_state)
    except ValueError:
        raise ValueError(
            f"random_state: expected a whole number from 0 to {2**32 - 1}, a numpy.random.RandomState, or None for a "
            f"new one each time, got {random_state!r}"
        ) from None
    return np.random.default_rng(known.randint(2**31 - 1))


def seed_of(rng: np.random.Generator) -> int:
    """Draw a seed for the random terms of a user's equations."""
    return int(rng.integers(2**31 - 1))
