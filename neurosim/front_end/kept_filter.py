"""From the filters of `neurosim.stimuli`, or a user's, to the plain arrays that are kept of them, and back."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.front_end.stored_filters import GainTable, KernelTable, NoFilter, PatchMatrix, StoredFilter

__all__ = ["kept_filter", "stored_filter"]

_RADIAL_STEPS = 4096  # of the radius: splines between them are right to 1e-6 of the largest gain
_PLANE_STEPS = 256  # of each frequency, for filters that are not the same in all directions
_CORNER = float(np.sqrt(0.5))  # cycles/pixel: the highest frequency a square grid of pixels has
_KINDS: dict[str, Any] = {
    "none": NoFilter,
    "gain": GainTable,
    "kernel": KernelTable,
    "matrix": PatchMatrix,
}


def kept_filter(given: Any) -> StoredFilter:
    """Return what is kept of a filter.

    Parameters
    ----------
    given : None, array_like, filter
        Nothing; a kernel (height, width); something with ``transfer(frequency_y, frequency_x)``, such as
        `neurosim.stimuli.OlshausenField`, which is sampled; a fitted whitener with ``matrix_`` and ``mean_``
        (`neurosim.stimuli.ZCA`); or what was kept before.

    Raises
    ------
    ValueError
        If a kernel or a gain is not symmetric or not finite.
    TypeError
        If it is none of these.

    Examples
    --------
    >>> kept_filter(np.ones((3, 3))).arrays()["kernel"].shape
    (3, 3)
    """
    if isinstance(given, NoFilter | GainTable | KernelTable | PatchMatrix):
        return given
    if given is None:
        return NoFilter()
    if hasattr(given, "transfer"):
        return _sampled(given.transfer)
    if hasattr(given, "matrix_"):
        return PatchMatrix(matrix=np.array(given.matrix_), mean=np.array(given.mean_))
    if hasattr(given, "fit"):
        raise ValueError(
            f"expected a fitted whitener, got {given!r} without a matrix; call fit(patches) first"
        )
    if isinstance(given, np.ndarray | list | tuple):
        return KernelTable(np.array(given, dtype=np.float64))
    raise TypeError(
        f"filter: expected a filter with transfer(frequency_y, frequency_x), a fitted whitener, a kernel "
        f"(height, width) or None, got {type(given).__name__}"
    )


def stored_filter(kind: str, arrays: dict[str, Any]) -> StoredFilter:
    """Return a filter from its kind and arrays.

    Parameters
    ----------
    kind : {"none", "gain", "kernel", "matrix"}
        As `kind_of` named it.
    arrays : dict
        As its ``arrays()`` gave them.

    Raises
    ------
    ValueError
        If the kind is unknown, or its arrays are not there.

    Examples
    --------
    >>> type(stored_filter("none", {})).__name__
    'NoFilter'
    """
    if kind not in _KINDS:
        raise ValueError(f"expected a filter of the kind {', '.join(_KINDS)}, got {kind!r}")
    try:
        return _KINDS[kind](**arrays)  # type: ignore[no-any-return]
    except TypeError:
        raise ValueError(
            f"a filter of the kind {kind!r} came with other arrays: {', '.join(sorted(arrays)) or 'none'}"
        ) from None


def kind_of(stored: StoredFilter) -> str:
    """Return the kind of a stored filter, the key under which `stored_filter` makes it again."""
    return next(kind for kind, of in _KINDS.items() if isinstance(stored, of))


def _sampled(transfer: Any) -> GainTable:
    radius = np.linspace(0, _CORNER, _RADIAL_STEPS + 1)
    along = np.asarray(transfer(0.0, radius), dtype=np.float64)
    turned = [
        transfer(radius * np.sin(angle), radius * np.cos(angle)) for angle in (-0.9, 0.3, np.pi / 4, 2.0)
    ]
    if all(np.allclose(other, along, rtol=1e-9, atol=1e-12) for other in turned):
        return GainTable(gain=_finite(along), highest=_CORNER)
    at = np.linspace(0, 0.5, _PLANE_STEPS + 1)
    quadrants = [
        np.asarray(transfer(sign * at[:, None], at[None, :]), dtype=np.float64) for sign in (1.0, -1.0)
    ]
    if not np.allclose(quadrants[0], quadrants[1], rtol=1e-9, atol=1e-12):
        raise ValueError(
            "expected a transfer function that is even in both frequencies, got one that is not; FrontEnd cannot hold "
            "oriented filters: an oriented field belongs into the network"
        )
    return GainTable(gain=_finite(quadrants[0]), highest=0.5)


def _finite(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(gain).all():
        raise ValueError(
            f"expected a finite gain from 0 to .707 cycles/pixel, got {(~np.isfinite(gain)).sum()} other values"
        )
    return gain
