"""Relays that have adapted to natural images: floor, mean rate and gain measured on them, then fixed."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.front_end.checked_images import checked_images
from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.kept_filter import kept_filter
from neurosim.front_end.relays import relays

__all__ = ["adapted"]

_ROUNDING = 1e-12  # root mean squares


def adapted(
    given: Any, images: Iterable[ArrayLike], *, floor: float | None = None, rms: float = 1.0
) -> FrontEnd:
    r"""Return the front end of ON and OFF relays whose constants natural images decide.

    With :math:`x` the filtered images, brought to a root mean square by one gain, and :math:`b` the floor, each channel
    is

    .. math:: y_\pm = \max(\pm x, -b) - m_\pm ,

    where :math:`m_\pm` is its mean over all pixels of all images, to which what follows has adapted. All are constants:
    an image that is shown later changes none of them, so the front end divides by no contrast, and is no surround.

    Parameters
    ----------
    given : None, filter, whitener or kernel
        As for `FrontEnd`.
    images : iterable of array_like (height, width)
        Natural images, of any sizes; each counts the same. Take their background away where the filter lets the mean
        luminance through.
    floor : float, 0 or more, optional
        :math:`b`, how far a relay can fall below its rest, in root mean squares of :math:`x`: 0 halves the value.
        Without one, linear push–pull, :math:`\pm x`.
    rms : float, above 0
        Root mean square of :math:`x`: how strong this relay is beside others.

    Returns
    -------
    FrontEnd

    Raises
    ------
    ValueError
        If there are no images, the filter leaves nothing of them, or a number is outside its range.

    Examples
    --------
    >>> from neurosim.stimuli.filters.centre_surround import CentreSurround
    >>> images = np.random.default_rng(0).normal(size=(2, 40, 40))
    >>> front_end = adapted(CentreSurround(), images, floor=0.5, rms=2.0)
    >>> shown = front_end.apply(images)
    >>> abs(shown.mean(axis=(0, 2, 3))).round(6), front_end.on_off
    (array([0., 0.]), 1.0)
    """
    if not (floor is None or 0 <= floor < np.inf) or not 0 < rms < np.inf:
        raise ValueError(f"expected a floor of 0 or more, or None, and an rms above 0, got {floor=}, {rms=}")
    stored = kept_filter(given)
    filtered = [stored.apply(checked_images(np.asarray(image)[None], "images"))[0] for image in images]
    natural = _root_mean_square(filtered)
    if not natural > 1e-12:
        raise ValueError(
            f"expected images that the filter leaves something of, got {len(filtered)}, filtered {natural:.3g}"
        )
    base = np.inf if floor is None else rms * floor
    gain = rms / natural
    rates = np.mean(
        [relays(gain * each[None], base=base, axis=0).mean(axis=(1, 2)) for each in filtered], axis=0
    )
    # Rounding is no rate: a grey image has to come out as exactly nothing where the filter lets no mean through.
    rates[np.abs(rates) < _ROUNDING * rms] = 0.0
    return FrontEnd(stored, gain=gain, on_off="push_pull" if floor is None else base, mean=tuple(rates))


def _root_mean_square(arrays: list[NDArray[np.floating]]) -> float:
    """Return it over arrays that count the same whatever their sizes; 0 of none."""
    return float(np.sqrt(np.mean([np.mean(np.square(each)) for each in arrays]))) if arrays else 0.0
