"""Fields in space and time as pictures: position along the preferred motion against time."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.films.motion import checked_clips

__all__ = ["film_strips", "space_time_slices"]


def space_time_slices(fields: ArrayLike, *, orientations_deg: ArrayLike) -> NDArray[np.float64]:
    """Average fields along their bars: what is left is time, and position across the bars.

    Parameters
    ----------
    fields : array_like, shape (n_fields, n_frames, height, width)
        Any unit.
    orientations_deg : array_like, shape (n_fields,)
        Of the bars, as `motion_properties` gives them; NaN counts as 0.

    Returns
    -------
    ndarray, shape (n_fields, n_frames, n_positions)
        As many positions as the shorter side has pixels, one pixel apart, from the middle of the frame on; they grow in
        the direction 90 degrees counter-clockwise from the bars. What moves is oblique.

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> field = np.zeros((1, 3, 5, 5))
    >>> field[0, [0, 1, 2], :, [1, 2, 3]] = 1  # an upright bar that moves to the right, bars at 90 degrees
    >>> space_time_slices(field, orientations_deg=[90.0])[0].round(6).tolist()  # positions grow to the left
    [[0.0, 0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]]
    """
    array, angles = checked_clips(fields), np.asarray(orientations_deg, dtype=np.float64)
    if angles.shape != (len(array),):
        raise ValueError(
            f"expected one orientation for each of {len(array)} fields, got shape {angles.shape}"
        )
    height, width = array.shape[2:]
    n_positions = min(height, width)
    y, x = np.mgrid[:height, :width]
    upwards, rightwards = (height - 1) / 2 - y, x - (width - 1) / 2
    slices = np.empty((*array.shape[:2], n_positions))
    for number, (field, angle) in enumerate(zip(array, np.deg2rad(np.nan_to_num(angles)), strict=True)):
        across = upwards * np.cos(angle) - rightwards * np.sin(angle)
        bins = np.rint(across + (n_positions - 1) / 2).astype(int).reshape(-1)
        inside = (bins >= 0) & (bins < n_positions)
        into = (bins[inside] == np.arange(n_positions)[:, None]).astype(float)
        slices[number] = field.reshape(len(field), -1)[:, inside] @ (into / into.sum(axis=1, keepdims=True)).T
    return slices


def film_strips(fields: ArrayLike) -> NDArray[np.float64]:
    """Put the frames of each field side by side, (n_fields, height, n_frames * width), the first to the left.

    Examples
    --------
    >>> film_strips(np.zeros((2, 8, 12, 10))).shape
    (2, 12, 80)
    """
    array = checked_clips(fields)
    n_fields, n_frames, height, width = array.shape
    return array.transpose(0, 2, 1, 3).reshape(n_fields, height, n_frames * width)
