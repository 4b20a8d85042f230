"""Small square pieces of images, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import DTypeLike, NDArray

from neurosim._masked import unmasked
from neurosim.stimuli.images.image_set import Images, image_set
from neurosim.stimuli.randomness import Randomness, generator

Normalisation = Literal["none", "mean", "std", "norm"]

# After this many draws per wanted patch, images that still cannot fill the request are reported.
_DRAWS_PER_PATCH = 50
_ROUND = 2000  # draws handled at once: bounds the memory of a round


def sample_patches(
    images: Images,
    *,
    n_patches: int,
    size: int,
    rng: Randomness,
    border: int = 4,
    variance_floor: float = 1e-6,
    normalise: Normalisation = "none",
    dtype: DTypeLike = np.float64,
) -> NDArray[np.floating]:
    """Return patches drawn uniformly over images, then over positions, with replacement.

    Every image is as likely as any other, whatever its size, and within it every position that keeps the
    patch ``border`` pixels away from the edge. A patch whose variance is not above the floor is refused and
    both image and position are drawn again, so an image with much sky gives fewer patches.

    Parameters
    ----------
    images : mapping of str to array (height, width), or sequence of such arrays
        Grey or filtered images, any unit.
    n_patches : int
        Number of patches.
    size : int
        Height and width of a patch in pixels, 2 or more.
    rng : numpy.random.Generator or int
        Source of all randomness; the same state gives the same patches.
    border : int
        Pixels along each edge that no patch may touch; a filter's border treatment lives there.
    variance_floor : float
        Patches are kept if the variance of their pixels is above it, in squared units of the images, before
        normalisation. At 0, constant patches alone are refused.
    normalise : {"none", "mean", "std", "norm"}
        Per patch: nothing; subtract its mean; then divide by its standard deviation (unit variance); or
        instead by its Euclidean norm (unit length).
    dtype : float32 or float64
        Type of the result; everything is computed in float64.

    Returns
    -------
    ndarray (n_patches, size * size), dtype
        One patch per row, its rows of pixels one after the other: ``reshape(-1, size, size)`` gives pictures.

    Raises
    ------
    ValueError
        If an image holds NaN or infinite pixels, is smaller than a patch and its borders, or is constant
        (each time named); if too few patches lie above the floor (with numbers); if an option is impossible.
    TypeError
        If ``rng`` is neither a numpy Generator nor a seed.

    Examples
    --------
    >>> from neurosim.stimuli.images.images import embedded_photographs
    >>> photographs = embedded_photographs(["camera", "grass"])
    >>> patches = sample_patches(
    ...     photographs, n_patches=100, size=16, rng=np.random.default_rng(0), normalise="std"
    ... )
    >>> patches.shape
    (100, 256)
    """
    rng = generator(rng)
    _check_options(n_patches, size, border, variance_floor)
    if np.dtype(dtype) not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ValueError(f"expected dtype float32 or float64, got {np.dtype(dtype)}")
    cores = [_core(image, name, size, border) for name, image in image_set(images).items()]

    def finished(patches: NDArray[np.float64]) -> NDArray[np.float64]:
        return normalise_patches(patches, how=normalise)

    patches = np.empty((n_patches, size * size), dtype=dtype)
    return _filled(patches, cores, size=size, rng=rng, variance_floor=variance_floor, finished=finished)


def sample_channels(
    images: Mapping[str, NDArray[np.float64]],
    *,
    n_patches: int,
    size: int,
    rng: Randomness,
    border: int = 4,
    variance_floor: float = 0.0,
    dtype: DTypeLike = np.float64,
) -> NDArray[np.floating]:
    """Return patches of images of several channels, all cut at the same place, drawn as `sample_patches` does.

    Parameters
    ----------
    images : mapping of str to ndarray (n_channels, height, width)
        Finite, with as many channels each.
    n_patches, size, rng, border, dtype
        As for `sample_patches`.
    variance_floor : float
        Patches are kept if the variance of all their values, over pixels and channels, is above it.

    Returns
    -------
    ndarray (n_patches, n_channels * size * size), dtype
        One patch per row, channel by channel.

    Raises
    ------
    ValueError
        As for `sample_patches`.

    Examples
    --------
    >>> image = np.random.default_rng(0).normal(size=(30, 40))
    >>> rows = sample_channels({"both": np.stack([image, -image])}, n_patches=5, size=8, rng=0)
    >>> on, off = np.split(rows, 2, axis=1)
    >>> on.shape, bool((on == -off).all())
    ((5, 64), True)
    """
    rng = generator(rng)
    _check_options(n_patches, size, border, variance_floor)
    cores = [_core(image, name, size, border) for name, image in images.items()]
    patches = np.empty((n_patches, len(cores[0]) * size * size), dtype=dtype)
    return _filled(patches, cores, size=size, rng=rng, variance_floor=variance_floor)


def _filled(
    patches: NDArray[np.floating],
    cores: list[NDArray[np.float64]],
    *,
    size: int,
    rng: np.random.Generator,
    variance_floor: float,
    finished: Callable[[NDArray[np.float64]], NDArray[np.float64]] = lambda patches: patches,
) -> NDArray[np.floating]:
    """Return the array filled with patches that vary by more than the floor, each finished."""
    n_patches = len(patches)
    n_kept = n_drawn = 0
    while n_kept < n_patches:
        if n_drawn >= max(_ROUND, _DRAWS_PER_PATCH * n_patches):
            _raise_too_few(cores, n_patches, n_kept, n_drawn, variance_floor)
        n_draws = min(n_patches, _ROUND)
        drawn = _drawn_patches(cores, n_draws, size, rng)
        varied = drawn[_above_floor(drawn, variance_floor)][: n_patches - n_kept]
        patches[n_kept : n_kept + len(varied)] = finished(varied)
        n_kept, n_drawn = n_kept + len(varied), n_drawn + n_draws
    return patches


def normalise_patches(patches: NDArray[np.floating], *, how: Normalisation) -> NDArray[np.float64]:
    """Return patches with their mean removed and, if asked, scaled to unit variance or unit length.

    Parameters
    ----------
    patches : ndarray (n_patches, n_pixels)
        Any unit.
    how : {"none", "mean", "std", "norm"}
        As for `sample_patches`.

    Returns
    -------
    ndarray (n_patches, n_pixels), float64

    Raises
    ------
    ValueError
        If ``how`` is unknown, the array is not two-dimensional, or a patch to be scaled is constant.

    Examples
    --------
    >>> normalise_patches(np.array([[1.0, 2.0, 3.0, 6.0]]), how="mean")
    array([[-2., -1.,  0.,  3.]])
    """
    if how not in get_args(Normalisation):
        raise ValueError(f"expected normalise to be one of {', '.join(get_args(Normalisation))}, got {how!r}")
    values = unmasked(patches, "patches").astype(np.float64, copy=False)
    if values.ndim != 2:
        raise ValueError(
            f"expected patches of shape (n_patches, n_pixels), got {values.shape}; flatten each patch"
        )
    if how == "none":
        return values
    centred: NDArray[np.float64] = values - values.mean(axis=1, keepdims=True)
    if how == "mean":
        return centred
    constant = np.flatnonzero(~_above_floor(values, 0.0))
    if constant.size:
        wanted = "unit variance" if how == "std" else "unit length"
        raise ValueError(
            f"expected patches with contrast, got {constant.size} constant ones, first patch {constant[0]}, "
            f"which cannot be scaled to {wanted}; leave constant patches out"
        )
    divisor = centred.std(axis=1) if how == "std" else np.linalg.norm(centred, axis=1)
    scaled: NDArray[np.float64] = centred / divisor[:, None]
    return scaled


def _check_options(n_patches: int, size: int, border: int, variance_floor: float) -> None:
    for name, value, least in (("n_patches", n_patches, 1), ("size", size, 2), ("border", border, 0)):
        if not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"expected {name} to be a whole number of at least {least}, got {value!r}")
    if not 0 <= variance_floor < np.inf:
        raise ValueError(f"expected a variance_floor of 0 or more, got {variance_floor!r}")


def _core(image: NDArray[np.float64], name: str, size: int, border: int) -> NDArray[np.float64]:
    """Return the part of one image that patches may touch."""
    least = size + 2 * border
    height, width = image.shape[-2:]
    if min(height, width) < least:
        raise ValueError(
            f"{name}: expected at least {least} × {least} pixels (patches of {size} and a border of {border} "
            f"on each side), got {height} × {width}; leave the image out, or ask for smaller patches or a "
            "smaller border"
        )
    core = image[..., border : height - border, border : width - border]
    if not _above_floor(core.reshape(1, -1), 0.0)[0]:
        raise ValueError(
            f"{name}: expected an image with contrast, got one that is constant at {core.flat[0]:.6g}; "
            "leave it out"
        )
    return core


def _above_floor(patches: NDArray[np.float64], variance_floor: float) -> NDArray[np.bool_]:
    """Return which rows vary by more than the floor, and by more than rounding does."""
    rounding = 4 * np.finfo(np.float64).eps * np.abs(patches).max(axis=1)
    varied: NDArray[np.bool_] = patches.var(axis=1) > np.maximum(variance_floor, rounding**2)
    return varied


def _drawn_patches(
    cores: list[NDArray[np.float64]], n_draws: int, size: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return (n_draws, n_channels * size * size) patches: an image uniformly, then a position in it uniformly."""
    chosen = rng.integers(len(cores), size=n_draws)
    shapes = np.array([core.shape[-2:] for core in cores])[chosen]
    rows, columns = rng.integers(shapes - size + 1).T
    patches = np.empty((n_draws, *cores[0].shape[:-2], size, size))
    for index, core in enumerate(cores):
        mine = np.flatnonzero(chosen == index)
        # Of an image of several channels all are in the window.
        windows = sliding_window_view(core, (*core.shape[:-2], size, size))
        patches[mine] = windows[(0,) * (core.ndim - 2)][rows[mine], columns[mine]]
    return patches.reshape(n_draws, -1)


def _raise_too_few(
    cores: list[NDArray[np.float64]], n_patches: int, n_kept: int, n_drawn: int, variance_floor: float
) -> None:
    raise ValueError(
        f"expected {n_patches} patches with a variance above {variance_floor:.3g}, got {n_kept} in {n_drawn} "
        f"draws from {len(cores)} images, whose own variances are {min(core.var() for core in cores):.3g} to "
        f"{max(core.var() for core in cores):.3g}; lower variance_floor, or use images with more contrast"
    )
