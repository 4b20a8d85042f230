"""Stimuli of several modalities at the door of an estimator."""

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import require_unmasked
from neurosim.networks.estimator.parameters import positive

__all__ = [
    "ALONE",
    "as_modalities",
    "checked_names",
    "gains_of",
    "require_known",
    "sharpness_of",
    "side_by_side",
]

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
    require_unmasked(values, name)
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
        require_known("modality", name, sizes)
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
    """Return the gain of each modality, zero for those that are absent.

    While the strongest is present, gains are the weights, one where none is named. Without it they rise together until
    the strongest of those present has its gain: else the threshold would count the more, the weaker the rest.

    Examples
    --------
    >>> gains_of({"print": 0.25}, {"handwriting": 1, "print": 2}, present={"print"})
    (0.0, 1.0)
    """
    given = _numbers("weights", weights, sizes)
    each = {name: float(given.get(name, 1.0)) for name in sizes}
    strongest = max((gain for name, gain in each.items() if name in present), default=1.0)
    scale = max(each.values()) / strongest
    return tuple(scale * gain if name in present else 0.0 for name, gain in each.items())


def sharpness_of(completion: Mapping[str, float] | None, sizes: Mapping[str, int]) -> dict[str, float]:
    """Return how sharply the recall of modalities is completed, for those for which it is.

    Examples
    --------
    >>> sharpness_of({"print": 20}, {"handwriting": 2, "print": 2})
    {'print': 20.0}
    """
    given = _numbers("completion", completion, sizes)
    if given and len(sizes) == 1:
        raise ValueError(
            f"completion: expected another modality that {next(iter(given))!r} is recalled from, got it alone; leave "
            "completion out"
        )
    return {name: float(value) for name, value in given.items()}


def _numbers(what: str, given: Mapping[str, float] | None, sizes: Mapping[str, int]) -> Mapping[str, float]:
    """Return numbers above zero by modality, if they are that."""
    numbers = {} if given is None else given
    if not isinstance(numbers, Mapping):
        raise ValueError(
            f"{what}: expected a mapping from modalities to numbers, such as {{{next(iter(sizes))!r}: 0.5}}, got "
            f"{given!r}"
        )
    for name, number in numbers.items():
        require_known(what, name, sizes)
        positive(f"{what}[{name!r}]", number)
    return numbers


def require_known(what: str, name: str, sizes: Mapping[str, int]) -> None:
    """Raise ValueError, with the near name, unless a modality is among the known ones."""
    if name not in sizes:
        near = difflib.get_close_matches(name, sizes, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{what}: expected one of {', '.join(map(repr, sizes))}, got {name!r}{hint}")
