"""The front end of a run's network: what made its patches of images, as one object that goes with the network."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.front_end.adaptation import adapted
from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import ParallelFrontEnd
from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.kinds.image_parts import whitener_of
from neurosim.stimuli.kinds.patches import RelaySection
from neurosim.stimuli.kinds.stimuli import Whitener

__all__ = ["front_end_of", "gain_between", "relays_of"]


def front_end_of(
    whitener: Whitener, *, gain: float, normalise: str, on_off: bool, n_pixels: int
) -> FrontEnd | None:
    """Return the front end of patches, or None where filter, gain and relays cannot say what was done to them.

    Those are patches of unit norm, and patches that were divided by their deviation before ZCA.

    Parameters
    ----------
    whitener : FourierFilter, ZCA or None
        Fitted, where it is to be.
    gain : float
        What filtered images were multiplied with.
    normalise : {"none", "mean", "std", "norm"}
        What was done to each patch.
    on_off : bool
        Whether they were split.
    n_pixels : int
        Of a patch.

    Examples
    --------
    >>> front_end = front_end_of(None, gain=1.0, normalise="std", on_off=True, n_pixels=16)
    >>> front_end.rows(np.eye(4)[None]).shape
    (1, 32)
    """
    relays: Literal["split"] | None = "split" if on_off else None
    if normalise == "norm" or (normalise == "std" and isinstance(whitener, ZCA)):
        return None
    if normalise == "std":
        return FrontEnd(whitener, gain=gain, on_off=relays, normalise="patch")
    if normalise == "mean" and not isinstance(whitener, FourierFilter):
        return FrontEnd(_without_mean(whitener, n_pixels), gain=gain, on_off=relays)
    # Filters take the mean away, of a patch by itself too.
    return FrontEnd(whitener, gain=gain, on_off=relays)


def gain_between(
    before: Mapping[str, NDArray[np.float64]], after: Mapping[str, NDArray[np.float64]], whitener: Whitener
) -> float:
    """Return what filtered images were multiplied with; the root mean square of it where each had its own.

    Parameters
    ----------
    before, after : mapping of str to ndarray (height, width)
        The same images before the filter and after it.
    whitener : FourierFilter, ZCA or None
        The filter; another is no matter of images, and its gain is 1.
    """
    if not isinstance(whitener, FourierFilter):
        return 1.0
    filtered = [whitener.apply(image).var() for image in before.values()]
    return float(np.sqrt(np.mean([image.var() for image in after.values()]) / np.mean(filtered)))


def relays_of(relays: Sequence[RelaySection], images: Mapping[str, NDArray[np.float64]]) -> ParallelFrontEnd:
    """Return the relays of a recipe side by side, adapted to images without their background.

    Parameters
    ----------
    relays : sequence of RelaySection
        At least one.
    images : mapping of str to ndarray (height, width)
        The parts that are learned from.
    """
    parts = [
        adapted(whitener_of(relay.filter), images.values(), floor=relay.floor, rms=relay.rms)
        for relay in relays
    ]
    return ParallelFrontEnd(parts, names=[relay.name for relay in relays])


class _PatchMap(NamedTuple):
    matrix_: NDArray[np.float64]
    mean_: NDArray[np.float64]


def _without_mean(whitener: Whitener, n_pixels: int) -> _PatchMap:
    """Return the linear map that takes the mean of a patch away before it is whitened."""
    centring = np.eye(n_pixels) - 1 / n_pixels
    if isinstance(whitener, ZCA):
        return _PatchMap(centring @ whitener.matrix_, whitener.mean_)
    return _PatchMap(centring, np.zeros(n_pixels))
