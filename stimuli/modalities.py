"""Several modalities of the same samples, whatever they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.stimuli.labelled import whole_labels
from neurosim.stimuli.npz import read_npz


def unit_norm(stimuli: ArrayLike) -> NDArray[np.floating]:
    """Return stimuli scaled to a Euclidean norm of 1 each; nothing is subtracted.

    Modalities whose norms differ weigh differently in a shared code: it explains what costs most.

    Parameters
    ----------
    stimuli : array_like (n_stimuli, n_pixels)
        Any unit.

    Returns
    -------
    ndarray (n_stimuli, n_pixels), float32 if the input is, else float64

    Raises
    ------
    ValueError
        If the array is not two-dimensional, holds NaN or infinite values, or a stimulus is zero throughout.

    Examples
    --------
    >>> unit_norm([[3.0, 4.0], [0.0, -2.0]])
    array([[ 0.6,  0.8],
           [ 0. , -1. ]])
    """
    values = _real(unmasked(stimuli, "stimuli"), "stimuli")
    if values.ndim != 2 or values.size == 0:
        raise ValueError(
            f"expected stimuli of shape (n_stimuli, n_pixels), got {values.shape}; flatten each image"
        )
    _require_finite(values, "stimuli")
    largest = np.abs(values).max(axis=1, keepdims=True)
    empty = np.flatnonzero(largest == 0)
    if empty.size:
        raise ValueError(
            f"expected stimuli with something in them, got {empty.size} that are zero throughout, first "
            f"stimulus {empty[0]}, which cannot be scaled to unit norm; leave them out of every modality"
        )
    # Scaled by the largest first: squares of very large or small values would leave the range of floats.
    scaled: NDArray[np.floating] = values / largest
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)
    return scaled


def paired_arrays(
    source: str | PathLike[str] | Mapping[str, ArrayLike],
) -> tuple[dict[str, NDArray[np.floating]], NDArray[np.int64] | None]:
    """Return modalities of one's own, sample by sample the same things, and their classes if there are any.

    Parameters
    ----------
    source : path of an .npz file, or mapping of str to array_like
        One array for each modality, (n, n_features) or (n, height, width), which is flattened: images, spectra
        of sounds, anything real. Sample i is the same thing in all of them. The key ``labels``, if it is
        there, holds the class of each sample.

    Returns
    -------
    modalities : dict of str to ndarray (n, n_features), float32 where the array is, else float64
        In the order of the source.
    labels : ndarray (n,), int64, or None

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is no .npz of plain arrays; if there is no modality; if an array has another number of
        dimensions or of samples, is not real or not finite (the message names it); if labels are not whole
        numbers of 0 or more.

    Examples
    --------
    >>> modalities, labels = paired_arrays({"image": np.ones((3, 8, 8)), "sound": np.ones((3, 40))})
    >>> {name: values.shape for name, values in modalities.items()}, labels
    ({'image': (3, 64), 'sound': (3, 40)}, None)
    """
    arrays: dict[str, ArrayLike] = {}
    arrays.update(source if isinstance(source, Mapping) else read_npz(Path(os.path.expanduser(source))))
    labels = arrays.pop("labels", None)
    if not arrays:
        raise ValueError("expected at least one modality, got none; give each its name and its array")
    modalities = {
        str(name): _modality(unmasked(array, str(name)), str(name)) for name, array in arrays.items()
    }
    first, n_samples = next((name, len(values)) for name, values in modalities.items())
    for name, values in modalities.items():
        if len(values) != n_samples:
            raise ValueError(
                f"{name}: expected {n_samples} samples, as {first!r} has, got {len(values)}; "
                "sample i has to be the same thing in every modality"
            )
    return modalities, None if labels is None else whole_labels(labels, n_samples=n_samples)


def _modality(array: NDArray[np.generic], name: str) -> NDArray[np.floating]:
    values = _real(array, name)
    if values.ndim not in (2, 3) or values.size == 0:
        raise ValueError(
            f"{name}: expected an array (n, n_features) or (n, height, width), got shape {values.shape}; "
            "reshape it to one row for each sample"
        )
    _require_finite(values, name)
    return values.reshape(len(values), -1)


def _real(array: NDArray[np.generic], name: str) -> NDArray[np.floating]:
    if array.dtype.kind not in "buif":
        raise ValueError(f"{name}: expected real numbers, got dtype {array.dtype}; convert them to float")
    return array.astype(np.float32 if array.dtype == np.float32 else np.float64, copy=False)


def _require_finite(values: NDArray[np.floating], name: str) -> None:
    bad = np.flatnonzero(~np.isfinite(values).all(axis=tuple(range(1, values.ndim))))
    if bad.size:
        raise ValueError(
            f"{name}: expected finite values, got NaN or infinite ones in {bad.size} samples, first sample "
            f"{bad[0]}; mend them, or leave those samples out of every modality"
        )
