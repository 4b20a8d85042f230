"""Noise: white, pink, and sparse. Every frame has a seed of its own, so that it can be drawn again by itself."""

from collections.abc import Callable
from functools import partial
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.fft import fftfreq, irfft2, rfftfreq

from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.visual_field import VisualField
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["pink_noise", "seeded_frames", "sparse_noise", "white_noise"]

Floats = NDArray[np.float64]
Frame = Callable[[np.random.Generator, VisualField], Floats]
Distribution = Literal["gaussian", "binary"]


def white_noise(
    n_images: int,
    *,
    field: VisualField,
    rms: float,
    rng: Randomness,
    distribution: Distribution = "gaussian",
    check_pixels: int = 1,
) -> ImageSeries:
    """Return frames of checks whose grey values are independent.

    Parameters
    ----------
    n_images : int
        Frames.
    field : VisualField
        What an image covers.
    rms : float
        Standard deviation of the grey values. What a nonlinear unit answers depends on it: take that of the natural
        images the network lives on. Gaussian values beyond black and white are not clipped.
    rng : numpy.random.Generator or int
        Where the frames' seeds come from.
    distribution : {"gaussian", "binary"}
        Normal, or background ± rms.
    check_pixels : int
        Side of a check. Above 1, neighbouring pixels are alike, and averages of frames are blurred by a check.

    Returns
    -------
    ImageSeries
        Its table has the column ``seed``.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> field = VisualField(height=16, width=16, pixels_per_degree=8)
    >>> noise = white_noise(100, field=field, rms=0.1, rng=0)
    >>> abs(float(noise.images().std()) - 0.1) < 0.005
    True
    """
    rng = generator(rng)
    _positive("rms", rms)
    if distribution not in get_args(Distribution):
        raise ValueError(f"expected distribution to be 'gaussian' or 'binary', got {distribution!r}")
    if check_pixels < 1:
        raise ValueError(f"expected check_pixels of 1 or more, got {check_pixels}")
    return seeded_frames(
        n_images,
        field=field,
        rng=rng,
        frame=partial(_checks, rms=rms, binary=distribution == "binary", side=check_pixels),
    )


def pink_noise(
    n_images: int, *, field: VisualField, rms: float, rng: Randomness, exponent: float = 2.0
) -> ImageSeries:
    r"""Return Gaussian noise whose power falls with frequency as that of natural images does.

    Power is in proportion to :math:`f^{-\alpha}`; frequency 0 has none, so every frame has the field's mean luminance.
    Frames are periodic: their opposite edges fit.

    Parameters
    ----------
    n_images : int
        Frames.
    field : VisualField
        What an image covers.
    rms : float
        Standard deviation of the grey values, over frames and pixels. Nothing is clipped.
    rng : numpy.random.Generator or int
        Where the frames' seeds come from.
    exponent : float
        :math:`\alpha`, 0 or more: 2 is about natural, 0 white.

    Returns
    -------
    ImageSeries
        Its table has the column ``seed``.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    References
    ----------
    Field 1987, J Opt Soc Am A 4:2379, doi:10.1364/JOSAA.4.002379 (power of natural images).

    Examples
    --------
    >>> field = VisualField(height=32, width=32, pixels_per_degree=16)
    >>> images = pink_noise(200, field=field, rms=0.1, rng=0).images()
    >>> abs(float(images.std()) - 0.1) < 0.01
    True
    """
    rng = generator(rng)
    _positive("rms", rms)
    if not 0 <= exponent < np.inf:
        raise ValueError(f"expected an exponent of 0 or more, got {exponent}")
    if field.height * field.width < 2:
        raise ValueError("expected a field of 2 pixels or more: one pixel has no spectrum")
    return seeded_frames(n_images, field=field, rng=rng, frame=partial(_pink, rms=rms, exponent=exponent))


def sparse_noise(
    n_images: int,
    *,
    field: VisualField,
    spot_pixels: int,
    rng: Randomness,
    n_spots: int = 1,
    contrast: float = 1.0,
) -> ImageSeries:
    """Return frames with a few light or dark squares at random places of a grid.

    Parameters
    ----------
    n_images : int
        Frames.
    field : VisualField
        What an image covers; its sides have to be whole numbers of squares.
    spot_pixels : int
        Side of a square.
    rng : numpy.random.Generator or int
        Where the frames' seeds come from.
    n_spots : int
        Squares in a frame, at different places, each light or dark by chance.
    contrast : float, in (0, 1]
        Weber's, of the squares.

    Returns
    -------
    ImageSeries
        Its table has the column ``seed``.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or squares do not fill the field.

    References
    ----------
    Jones & Palmer 1987, J Neurophysiol 58:1187, doi:10.1152/jn.1987.58.6.1187.

    Examples
    --------
    >>> field = VisualField(height=8, width=8, pixels_per_degree=4)
    >>> image = sparse_noise(1, field=field, spot_pixels=2, rng=0).images()[0]
    >>> int((image != 0.5).sum())
    4
    """
    rng = generator(rng)
    if spot_pixels < 1 or field.height % spot_pixels or field.width % spot_pixels:
        raise ValueError(
            f"expected squares whose side divides the field's {field.height} × {field.width} pixels, got "
            f"spot_pixels={spot_pixels}"
        )
    n_places = field.height * field.width // spot_pixels**2
    if not 1 <= n_spots <= n_places or not 0 < contrast <= 1:
        raise ValueError(
            f"expected 1 to {n_places} spots of a contrast in (0, 1], got n_spots={n_spots}, contrast={contrast}"
        )
    frame = partial(_spots, side=spot_pixels, n_spots=n_spots, contrast=contrast)
    return seeded_frames(n_images, field=field, rng=rng, frame=frame)


def seeded_frames(n_images: int, *, field: VisualField, rng: Randomness, frame: Frame) -> ImageSeries:
    """Return random stimuli whose rows are seeds: a frame is the same whatever it is drawn with.

    Parameters
    ----------
    n_images : int
        Frames, 1 or more.
    field : VisualField
        What an image covers.
    rng : numpy.random.Generator or int
        Where the seeds come from.
    frame : callable
        From a generator and the field to one image (height, width).
    """
    rng = generator(rng)
    if n_images < 1:
        raise ValueError(f"expected 1 image or more, got n_images={n_images}")
    seeds = rng.integers(2**63 - 1, size=n_images)

    def draw(table: pd.DataFrame, field: VisualField) -> Floats:
        return np.stack([frame(np.random.default_rng(seed), field) for seed in table["seed"].to_numpy()])

    return ImageSeries(pd.DataFrame({"seed": seeds}), field, draw)


def _positive(name: str, value: float) -> None:
    if not 0 < value < np.inf:
        raise ValueError(f"expected {name} above 0, got {value}")


def _checks(rng: np.random.Generator, field: VisualField, *, rms: float, binary: bool, side: int) -> Floats:
    shape = -(-field.height // side), -(-field.width // side)
    values = 2.0 * rng.integers(2, size=shape) - 1 if binary else rng.standard_normal(shape)
    whole = values.repeat(side, axis=0).repeat(side, axis=1)[: field.height, : field.width]
    return np.asarray(field.mean_luminance + rms * whole)


def _pink(rng: np.random.Generator, field: VisualField, *, rms: float, exponent: float) -> Floats:
    shape = field.height, field.width
    frequency = np.hypot(fftfreq(field.height)[:, None], rfftfreq(field.width)[None, :])
    frequency[0, 0] = np.inf
    amplitude = frequency ** (-exponent / 2) if exponent else (frequency < np.inf).astype(float)
    # Filtering white noise, whose spectrum has the right symmetry: the variance is the mean of the squared gain.
    full = np.hypot(fftfreq(field.height)[:, None], fftfreq(field.width)[None, :])
    full[0, 0] = np.inf
    power = full**-exponent if exponent else (full < np.inf).astype(float)
    white = np.fft.rfft2(rng.standard_normal(shape))
    values = irfft2(white * amplitude, s=shape) / np.sqrt(power.mean())
    return np.asarray(field.mean_luminance + rms * values)


def _spots(
    rng: np.random.Generator, field: VisualField, *, side: int, n_spots: int, contrast: float
) -> Floats:
    grid = np.zeros((field.height // side, field.width // side))
    places = rng.choice(grid.size, size=n_spots, replace=False)
    grid.flat[places] = 2.0 * rng.integers(2, size=n_spots) - 1
    spots = grid.repeat(side, axis=0).repeat(side, axis=1)
    return np.asarray(field.mean_luminance * (1 + contrast * spots))
