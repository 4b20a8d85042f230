"""Stimuli of several modalities at the door of an estimator."""

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.networks.estimator.parameters import positive

__all__ = ["ALONE", "as_modalities", "checked_names", "gains_of", "side_by_side"]

ALONE = "stimulus"
"""Name of the modality of stimuli that come as a plain array."""

# Brian2 keeps the first two for synapses; the third is the current into chosen neurons.
_TAKEN = ("pre", "post", "injected")


def as_modalities(X: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    """Return finite arrays (n_stimuli, n_features) by modality, of one length, float32 if all are; errors name it."""
    if not X:
        raise ValueError("expected at least one modality, got none: all are absent")
    arrays = {str(name): _array(values, str(name)) for name, values in X.items()}
    single = all(array.dtype == np.float32 for array in arrays.values())
    checked = {name: _checked(array, name, single=single) for name, array in arrays.items()}
    lengths = {name: len(array) for name, array in checked.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            "expected the same number of stimuli in every modality, got "
            f"{', '.join(f'{n} of {name!r}' for name, n in lengths.items())}; row k of each belongs together"
        )
    return checked


def _array(values: ArrayLike, name: str) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{name}: expected an array of shape (n_stimuli, n_features), got rows of different lengths"
        ) from None


def _checked(array: NDArray[Any], name: str, *, single: bool) -> NDArray[Any]:
    if array.ndim != 2 or not array.size:
        raise ValueError(
            f"{name}: expected an array of shape (n_stimuli, n_features), got shape {array.shape}"
        )
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name}: expected real numbers, got {array.dtype}")
    values: NDArray[Any] = array.astype(np.float32 if single else np.float64, copy=False)
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"{name}: expected finite values, got {values[tuple(bad[0])]} at stimulus {bad[0][0]}, feature {bad[0][1]} "
            f"({len(bad)} such values in all); repair or leave out those stimuli"
        )
    return values


def checked_names(arrays: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """Return the number of features of each modality, if its name can stand in equations."""
    for name in arrays:
        if not name.isidentifier() or name.startswith("_") or not name.isascii():
            raise ValueError(
                f"expected names of modalities that can stand in equations, such as 'left_eye', got {name!r}; use "
                "letters, digits and underscores, with a letter first"
            )
        if name.endswith(("_pre", "_post")) or name in _TAKEN:
            raise ValueError(
                "expected names of modalities other than 'injected' that do not end in 'pre' or 'post', which have a "
                f"meaning in equations, got {name!r}; choose another name"
            )
    return {name: array.shape[1] for name, array in arrays.items()}


def side_by_side(arrays: Mapping[str, NDArray[Any]], sizes: Mapping[str, int]) -> NDArray[Any]:
    """Lay stimuli side by side in the order of the modalities, zeros for those that are absent.

    ValueError if a modality is unknown (the near name is suggested) or has another number of features than in `sizes`.

    Examples
    --------
    >>> side_by_side({"right": np.ones((1, 2))}, {"left": 1, "right": 2})
    array([[0., 1., 1.]])
    """
    for name, array in arrays.items():
        _require_known("modality", name, sizes)
        if array.shape[1] != sizes[name]:
            raise ValueError(
                f"{name}: expected {sizes[name]} features, as learned from, got {array.shape[1]}"
            )
    first = next(iter(arrays.values()))
    blanks = {name: np.zeros((len(first), size), dtype=first.dtype) for name, size in sizes.items()}
    return np.hstack([arrays.get(name, blanks[name]) for name in sizes])


def gains_of(
    weights: Mapping[str, float] | None, sizes: Mapping[str, int], *, present: Mapping[str, Any]
) -> tuple[float, ...]:
    """Return the weight of each modality, one where none is named, zero for those that are absent.

    Examples
    --------
    >>> gains_of({"left": 0.5}, {"left": 1, "right": 2}, present={"left"})
    (0.5, 0.0)
    """
    given = {} if weights is None else weights
    if not isinstance(given, Mapping):
        raise ValueError(
            f"weights: expected a mapping from modalities to numbers, such as {{{next(iter(sizes))!r}: 0.5}}, got "
            f"{weights!r}"
        )
    for name, weight in given.items():
        _require_known("weights", name, sizes)
        positive(f"weights[{name!r}]", weight)
    return tuple(float(given.get(name, 1.0)) if name in present else 0.0 for name in sizes)


def _require_known(what: str, name: str, sizes: Mapping[str, int]) -> None:
    if name not in sizes:
        near = difflib.get_close_matches(name, sizes, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{what}: expected one of {', '.join(map(repr, sizes))}, got {name!r}{hint}")
