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


def adapted(
    filter: Any, images: Iterable[ArrayLike], *, floor: float | None = None, rms: float = 1.0
) -> FrontEnd:
    r"""Return the front end of ON and OFF relays whose constants natural images decide.

    With :math:`x` the filtered images in units of their own root mean square and :math:`b` the floor, each channel is

    .. math:: y_\pm = g\,\bigl[\max(\pm x, -b) - m_\pm\bigr] ,

    where :math:`m_\pm` is its mean over all pixels of all images and :math:`g` brings the root mean square of both
    channels together to ``rms``. All are constants: an image that is shown later changes none of them, so the front end
    divides by no contrast, and is no surround.

    Parameters
    ----------
    filter : None, filter, whitener or kernel
        As for `FrontEnd`.
    images : iterable of array_like (height, width)
        Natural images, of any sizes; each counts the same. Take their background away where the filter lets the mean
        luminance through.
    floor : float, 0 or more, optional
        :math:`b`, how far a relay can fall below its rest, in root mean squares of the filtered images: 0 halves the
        value. Without one, linear push–pull, :math:`\pm x`.
    rms : float, above 0
        Of the channels: how strong this relay is beside others.

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
    >>> abs(shown.mean(axis=(0, 2, 3))).round(6), round(float(shown.std()), 6)
    (array([0., 0.]), 2.0)
    """
    if not (floor is None or 0 <= floor < np.inf) or not 0 < rms < np.inf:
        raise ValueError(f"expected a floor of 0 or more, or None, and an rms above 0, got {floor=}, {rms=}")
    stored = kept_filter(filter)
    filtered = [stored.apply(checked_images([image], "images"))[0] for image in images]
    natural = _root_mean_square(filtered)
    if not natural > 1e-12:
        raise ValueError(
            f"expected images that the filter leaves something of, got {len(filtered)}, filtered {natural:.3g}"
        )
    base = np.inf if floor is None else floor
    channels = [relays(each[None] / natural, base=base, axis=0) for each in filtered]
    mean = np.mean([each.mean(axis=(1, 2)) for each in channels], axis=0)
    factor = rms / _root_mean_square([each - mean[:, None, None] for each in channels])
    return FrontEnd(
        stored,
        gain=factor / natural,
        on_off="push_pull" if floor is None else factor * floor,
        mean=tuple(factor * mean),
    )


def _root_mean_square(arrays: list[NDArray[np.floating]]) -> float:
    """Return it over arrays that count the same whatever their sizes; 0 of none."""
    return float(np.sqrt(np.mean([np.mean(np.square(each)) for each in arrays]))) if arrays else 0.0
