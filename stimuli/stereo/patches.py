"""Patches of what two eyes see that fixate the same thing, nearly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.images.image_set import finite_image
from neurosim.stimuli.randomness import Randomness, generator

# After this many draws per wanted patch, a pair that still cannot fill the request is reported.
_DRAWS_PER_PATCH = 50
_ROUND = 2000


@dataclass(frozen=True, eq=False)
class StereoPatches:
    """What the two eyes see, patch by patch.

    Attributes
    ----------
    left, right : ndarray (n, patch_size ** 2), float64
        Patches, their pixels row by row, in the unit of the images.
    disparity : ndarray (n,), float64
        Horizontal place of a thing in the left patch minus that in the right one, in pixels: positive is
        nearer than what is fixated (crossed). NaN where it is not known.
    positions : ndarray (n, 3), int64
        Row of the first pixel in both images, its column in the left and its column in the right one.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    disparity: NDArray[np.float64]
    positions: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.disparity)


def sample_stereo_patches(
    left: ArrayLike,
    right: ArrayLike,
    *,
    patch_size: int,
    n_patches: int,
    rng: Randomness,
    disparity: ArrayLike | None = None,
    residual_sd: float = 1.5,
    border: int = 4,
) -> StereoPatches:
    """Return patches of a stereo pair as eyes see them that fixate, but not exactly.

    A patch of the left image is drawn uniformly. The eyes verge on what is at its middle: the right patch is
    taken from where the map of disparities says that this is, and beside it by an error of vergence drawn
    from a normal distribution. Patches start at whole pixels, so neither eye's image is interpolated (which
    would blur one eye, a cue that has nothing to do with depth); the part of a pixel by which the place was
    rounded is in the disparity returned. Patches whose disparity is unknown are never drawn, and those whose
    right half would leave the image are drawn again.

    Parameters
    ----------
    left, right : array_like (height, width)
        A rectified pair of any real unit: whiten and scale first.
    patch_size : int
        Height and width of a patch in pixels, 2 or more.
    n_patches : int
        Number of patches.
    rng : numpy.random.Generator or int
        Source of all randomness.
    disparity : array_like (height, width), optional
        Of the left image's pixels, in pixels (`StereoPair`), not finite where it is not known. Without it the
        eyes do not verge: the right patch lies at the same place but for the error, and the disparity
        returned is NaN.
    residual_sd : float
        Standard deviation of the error of vergence in pixels. At 0 the disparities returned, which are those
        of rounding, lie within half a pixel.
    border : int
        Pixels along each edge that no patch may touch.

    Returns
    -------
    StereoPatches
        The disparity is that at the middle of the patch (of an even patch, the pixel right of and below the
        middle); elsewhere in the patch depth may be another. What only one eye sees is not left out.

    Raises
    ------
    ValueError
        If the images differ in size, are not finite or are smaller than a patch and its borders; if the map
        has another size or is known at no middle of a patch; if too few places suit (with numbers); if an
        option is impossible.
    TypeError
        If ``rng`` is neither a numpy Generator nor a seed.

    Examples
    --------
    >>> from neurosim.stimuli.stereo.motorcycle import stereo_pair
    >>> left, right, disparity = stereo_pair(factor=0.5)
    >>> patches = sample_stereo_patches(
    ...     left, right, patch_size=16, n_patches=500, rng=np.random.default_rng(0), disparity=disparity
    ... )
    >>> patches.left.shape, bool(abs(patches.disparity.std() - 1.5) < 0.2)
    ((500, 256), True)
    """
    rng = generator(rng)
    check_stereo_options(patch_size, n_patches, rng, residual_sd, border)
    eyes = [finite_image(left, "left"), finite_image(right, "right")]
    check_room(eyes[0], "left", patch_size, border)
    known = _known_disparity(disparity, eyes)
    starts = _known_starts(known, patch_size, border)
    drawn = [np.empty((0, 4))]
    n_kept = n_drawn = 0
    while n_kept < n_patches:
        if n_drawn >= max(_ROUND, _DRAWS_PER_PATCH * n_patches):
            _raise_too_few(known, n_patches, n_kept, n_drawn)
        chosen = starts[rng.integers(len(starts), size=_ROUND)]
        drawn.append(_places_inside(known, chosen, rng.normal(0.0, residual_sd, _ROUND), patch_size, border))
        n_kept, n_drawn = n_kept + len(drawn[-1]), n_drawn + _ROUND
    places = np.concatenate(drawn)[:n_patches]
    positions = places[:, :3].astype(np.int64)
    windows = [sliding_window_view(eye, (patch_size, patch_size)) for eye in eyes]
    seen = [
        window[positions[:, 0], positions[:, column]].reshape(n_patches, -1)
        for window, column in zip(windows, (1, 2), strict=True)
    ]
    residual = np.full(n_patches, np.nan) if disparity is None else places[:, 3]
    return StereoPatches(seen[0], seen[1], residual, positions)


def check_stereo_options(
    patch_size: int, n_patches: int, rng: Randomness, spread: float, border: int
) -> None:
    """Raise `ValueError` or `TypeError` if an option of drawing stereo patches is impossible; names it.

    Examples
    --------
    >>> check_stereo_options(1, 10, np.random.default_rng(0), 1.5, 4)
    Traceback (most recent call last):
        ...
    ValueError: expected patch_size to be a whole number of at least 2, got 1
    """
    rng = generator(rng)
    for name, value, least in (
        ("patch_size", patch_size, 2),
        ("n_patches", n_patches, 1),
        ("border", border, 0),
    ):
        if not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"expected {name} to be a whole number of at least {least}, got {value!r}")
    if not 0 <= spread < np.inf:
        raise ValueError(f"expected a standard deviation of 0 pixels or more, got {spread!r}")


def check_room(image: NDArray[np.float64], name: str, patch_size: int, border: int) -> None:
    """Raise `ValueError` if an image (height, width) is smaller than a patch and its borders; names both sizes."""
    least = patch_size + 2 * border
    if min(image.shape) < least:
        raise ValueError(
            f"{name}: expected at least {least} × {least} pixels (patches of {patch_size} and a border of "
            f"{border} on each side), got {image.shape[0]} × {image.shape[1]}; ask for smaller patches or a "
            "smaller border"
        )


def _known_disparity(disparity: ArrayLike | None, eyes: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the map, zero throughout if there is none, after testing that the three sizes are one."""
    shape = eyes[0].shape
    known = np.zeros(shape) if disparity is None else _disparities(disparity)
    for name, found in (("right", eyes[1].shape), ("disparity", known.shape)):
        if found != shape:
            raise ValueError(
                f"{name}: expected {shape[0]} × {shape[1]} pixels, as the left image has, got "
                f"{' × '.join(map(str, found))}; a rectified pair has one size"
            )
    return known


def _disparities(disparity: ArrayLike) -> NDArray[np.float64]:
    """Return a map as floats; what is masked in it is not known."""
    if isinstance(disparity, np.ma.MaskedArray):
        return np.where(np.ma.getmask(disparity), np.nan, np.asarray(disparity, dtype=np.float64))
    return np.asarray(disparity, dtype=np.float64)


def _known_starts(known: NDArray[np.float64], patch_size: int, border: int) -> NDArray[np.int64]:
    """Return row and column of every left patch off the border whose middle has a known disparity."""
    first = border + patch_size // 2
    height, width = np.array(known.shape) - 2 * border - patch_size + 1
    starts = np.argwhere(np.isfinite(known[first : first + height, first : first + width])) + border
    if not len(starts):
        raise ValueError(
            f"disparity: expected a map that is known where patches of {patch_size} and a border of {border} "
            "have their middles, got no finite value there"
        )
    return starts


def _places_inside(
    known: NDArray[np.float64],
    starts: NDArray[np.int64],
    residuals: NDArray[np.float64],
    patch_size: int,
    border: int,
) -> NDArray[np.float64]:
    """Return row, left column, right column and disparity where the right patch is off the border too."""
    rows, lefts = starts.T
    at_middle = known[rows + patch_size // 2, lefts + patch_size // 2]
    rights = np.rint(lefts - at_middle + residuals)
    places = np.stack([rows, lefts, rights, rights - lefts + at_middle], axis=1)
    kept: NDArray[np.float64] = places[(rights >= border) & (rights <= known.shape[1] - border - patch_size)]
    return kept


def _raise_too_few(known: NDArray[np.float64], n_patches: int, n_kept: int, n_drawn: int) -> None:
    finite = known[np.isfinite(known)]
    raise ValueError(
        f"expected {n_patches} patches inside both images, got {n_kept} in {n_drawn} draws; the map is known at "
        f"{finite.size / known.size:.1%} of {known.shape[0]} × {known.shape[1]} pixels, with disparities of "
        f"{finite.min():.4g} to {finite.max():.4g}; check its unit and sign, or use larger images"
    )
