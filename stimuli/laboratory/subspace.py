"""Subspace noise: Hartley functions, gratings that are orthogonal to each other."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.visual_field import VisualField
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["subspace_noise"]

Floats = NDArray[np.float64]


def subspace_noise(
    n_images: int | None,
    *,
    field: VisualField,
    highest_cpd: float,
    rng: Randomness,
    contrast: float = 1.0,
) -> ImageSeries:
    r"""Return full-field Hartley functions of both signs in random order.

    With :math:`k_x, k_y` whole numbers of cycles per field and :math:`\mathrm{cas} = \sin + \cos`,

    .. math:: L = \bar L\,[1 \pm c\,\mathrm{cas}(2\pi (k_x j/W + k_y i/H))/\sqrt 2] ,

    i and j counting rows and columns. Two with different :math:`(k_x, k_y)` are orthogonal, so the averages of answers
    to them are a field's coefficients: all of them when frequencies go up to Nyquist's, else those of low frequency.

    Parameters
    ----------
    n_images : int or None
        Frames drawn with replacement; ``None`` for every function once with each sign.
    field : VisualField
        What an image covers.
    highest_cpd : float
        Frequencies up to this many cycles/degree.
    rng : numpy.random.Generator or int
        For the order.
    contrast : float, in (0, 1]
        Michelson's.

    Returns
    -------
    ImageSeries
        Its table has the columns ``kx``, ``ky`` (cycles per field), ``sign``, ``contrast``, ``orientation_rad`` (of the
        bars) and ``frequency_cpd``.

    Raises
    ------
    ValueError
        If there is no frequency in the range, or one is above Nyquist's.

    References
    ----------
    Ringach, Sapiro & Shapley 1997, Vision Research 37:2455, doi:10.1016/S0042-6989(96)00247-7.

    Examples
    --------
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> subspace_noise(None, field=field, highest_cpd=1.0, rng=0).images().shape
    (24, 16, 16)
    """
    rng = generator(rng)
    if not 0 < contrast <= 1:
        raise ValueError(f"expected a contrast in (0, 1], got {contrast}")
    if highest_cpd > field.nyquist_cpd:
        raise ValueError(
            f"highest_cpd: expected at most {field.nyquist_cpd:.6g} cycles/degree, half of "
            f"{field.pixels_per_degree:.6g} pixels/degree, got {highest_cpd:.6g} (aliased); show lower frequencies or "
            "more pixels per degree"
        )
    functions = _functions(field, highest_cpd)
    if functions.empty:
        raise ValueError(
            f"expected frequencies up to {1 / max(field.width_deg, field.height_deg):.6g} cycles/degree or "
            f"more, one cycle per field, got highest_cpd={highest_cpd:.6g}"
        )
    both = pd.concat(
        [functions.assign(sign=sign, contrast=contrast) for sign in (1.0, -1.0)], ignore_index=True
    )
    if n_images is not None and n_images < 1:
        raise ValueError(f"expected 1 image or more, or None, got n_images={n_images}")
    order = rng.permutation(len(both)) if n_images is None else rng.integers(len(both), size=n_images)
    return ImageSeries(both.iloc[order].reset_index(drop=True), field, _drawn)


def _functions(field: VisualField, highest_cpd: float) -> pd.DataFrame:
    """Return all (kx, ky) but (0, 0) within the circle; a frequency of exactly half the pixels is there once."""
    most_x, most_y = (int(highest_cpd * degrees + 1e-9) for degrees in (field.width_deg, field.height_deg))
    ky, kx = np.mgrid[-most_y : most_y + 1, -most_x : most_x + 1].reshape(2, -1)
    frequency = np.hypot(kx / field.width_deg, ky / field.height_deg)
    twice = (2 * kx == -field.width) | (2 * ky == -field.height)
    kept = (frequency > 0) & (frequency <= highest_cpd * (1 + 1e-9)) & ~twice
    # The wave vector points to (kx, -ky) with y upwards; bars are at right angles to it.
    bars = np.mod(np.arctan2(-ky / field.height_deg, kx / field.width_deg) + np.pi / 2, np.pi)
    table = {"kx": kx, "ky": ky, "orientation_rad": bars, "frequency_cpd": frequency}
    return pd.DataFrame({name: values[kept] for name, values in table.items()})


def _drawn(table: pd.DataFrame, field: VisualField) -> Floats:
    kx, ky, sign, contrast = (
        table[name].to_numpy(dtype=np.float64)[:, None, None] for name in ("kx", "ky", "sign", "contrast")
    )
    rows, columns = np.indices((field.height, field.width))
    angle = 2 * np.pi * (kx * columns / field.width + ky * rows / field.height)
    # cas is √2 cos(angle - π/4)
    return np.asarray(field.mean_luminance * (1 + sign * contrast * np.cos(angle - np.pi / 4)))
