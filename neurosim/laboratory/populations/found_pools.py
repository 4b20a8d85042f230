"""Pools that are found: learned from how activity goes on when images shift, or by shared place and spectrum."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.laboratory.populations.pools import Pools
from neurosim.laboratory.units import unit_table
from neurosim.stimuli.images.image_set import Images, image_set
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["complex_pools", "displaced_pairs", "learned_pools", "matched_pools"]

Floats = NDArray[np.float64]

# Differences that count alike when pools are matched: cycles of place, radians, octaves.
_ALIKE = (0.5, np.deg2rad(20), 0.5)


def displaced_pairs(
    images: Images, *, n_pairs: int = 20_000, size: int, shift: int = 4, rng: Randomness
) -> tuple[Floats, Floats]:
    """Return patches of images before and after a small shift, as fixating eyes make them.

    Parameters
    ----------
    images : mapping of str to array (height, width), or sequence of such arrays
        Natural ones, grey values; as likely as each other, whatever their sizes.
    n_pairs : int
    size : int
        Side of a patch, pixels.
    shift : int
        Largest displacement along rows and along columns, pixels; every one up to it is as likely, but for none.
    rng : numpy.random.Generator or int

    Returns
    -------
    before, after : ndarray (n_pairs, size, size)

    Raises
    ------
    ValueError
        If an image is smaller than a patch and a shift, or the shift is less than 1 pixel.

    Examples
    --------
    >>> ramp = np.add.outer(np.zeros(20), np.arange(20.0))
    >>> before, after = displaced_pairs([ramp], n_pairs=50, size=8, shift=2, rng=0)
    >>> sorted(set((after - before)[:, 0, 0]))
    [np.float64(-2.0), np.float64(-1.0), np.float64(0.0), np.float64(1.0), np.float64(2.0)]
    """
    named, draw = image_set(images), generator(rng)
    least = size + 2 * shift
    small = [name for name, image in named.items() if min(image.shape) < least]
    if shift < 1 or small:
        what = f"{small[0]} of {named[small[0]].shape}" if small else f"shift={shift}"
        raise ValueError(
            f"expected a shift of 1 pixel or more and images of {least}×{least} pixels at least, for patches of {size} "
            f"and shifts to both sides, got {what}"
        )
    pictures = list(named.values())
    which = draw.integers(len(pictures), size=n_pairs)
    steps = np.array([(y, x) for y in range(-shift, shift + 1) for x in range(-shift, shift + 1) if y or x])
    moved = steps[draw.integers(len(steps), size=n_pairs)]
    before, after = np.empty((2, n_pairs, size, size))
    for k, (image, step) in enumerate(zip(which, moved, strict=True)):
        corner = [draw.integers(shift, side - size - shift + 1) for side in pictures[image].shape]
        before[k], after[k] = (_cut(pictures[image], place, size) for place in (corner, corner + step))
    return before, after


def learned_pools(before: ArrayLike, after: ArrayLike, *, size: int = 12) -> Pools:
    r"""Learn pools by a trace rule: of units whose activity goes over into each other's when the image shifts.

    Weights are correlations :math:`w_{ij} = \mathrm{corr}(a_i^\text{before}, a_j^\text{after})`, both directions of
    time taken together: what a Hebbian rule with a trace of past activity learns. The pool around a unit is the unit
    and those with the largest weights.

    Parameters
    ----------
    before, after : array_like (n_pairs, n_units)
        Responses of one-sided units to images and to the same displaced (`displaced_pairs`), 0 or more.
    size : int
        Units in a pool.

    Returns
    -------
    Pools
        One around every unit that answers; ``n_without`` counts the others, which are in no pool.

    Raises
    ------
    ValueError
        If shapes differ, responses are negative, or fewer units than a pool has answer.

    References
    ----------
    Földiák 1991, Neural Computation 3:194, doi:10.1162/neco.1991.3.2.194.

    Examples
    --------
    >>> shown = np.random.default_rng(0).exponential(size=(500, 2))
    >>> before, after = shown[:, [0, 0, 1, 1]] * [1, 0, 1, 0], shown[:, [0, 0, 1, 1]] * [0, 1, 0, 1]
    >>> with np.errstate(all="raise"):
    ...     learned_pools(np.r_[before, after], np.r_[after, before], size=2).members.tolist()
    [[0, 1], [1, 0], [2, 3], [3, 2]]
    """
    first, second = (np.asarray(each, dtype=np.float64) for each in (before, after))
    if first.ndim != 2 or first.shape != second.shape or len(first) < 2:
        raise ValueError(
            f"expected responses (n_pairs, n_units) before and after, got {first.shape} and {second.shape}"
        )
    if min(first.min(), second.min()) < 0:
        raise ValueError(
            "expected responses of 0 or more, got negative ones: one_sided makes two units of each signed one"
        )
    alive = np.flatnonzero((first.std(axis=0) > 0) & (second.std(axis=0) > 0))
    if not 2 <= size <= len(alive):
        raise ValueError(
            f"expected pools of 2 to {len(alive)} units, as many as answer before and after, got size={size}"
        )
    one, other = (_standardised(each[:, alive]) for each in (first, second))
    weights = one.T @ other
    weights += weights.T.copy()
    np.fill_diagonal(weights, np.inf)  # the unit itself comes first
    members = np.argsort(-weights, axis=1, kind="stable")[:, :size]
    n_units = first.shape[1]
    return Pools(alive[members], n_units, "learned from shifts", n_without=n_units - len(alive))


def complex_pools(cells: Any) -> Pools:
    """Return the pools that a population of complex cells has learned.

    Parameters
    ----------
    cells : estimator
        A fitted `neurosim.networks.ComplexCells`, which saw this population's responses.

    Returns
    -------
    Pools
        One for every complex cell, with the strengths of its synapses; ``n_without`` counts the units that never
        answered, which are in none.

    Raises
    ------
    ValueError
        If it is another kind of network.

    Examples
    --------
    >>> from neurosim.networks import ComplexCells
    >>> shown = np.random.default_rng(0).exponential(size=(500, 2))
    >>> before, after = shown[:, [0, 0, 1, 1]] * [1, 0, 1, 0], shown[:, [0, 0, 1, 1]] * [0, 1, 0, 1]
    >>> cells = ComplexCells(size=2, backend="numpy").fit(np.stack([before, after], axis=1))
    >>> complex_pools(cells).members.tolist()
    [[0, 1], [1, 0], [2, 3], [3, 2]]
    """
    if not hasattr(cells, "members_"):
        raise ValueError(f"expected a fitted network of complex cells, got {type(cells).__name__}")
    n_without = int((np.asarray(cells.spread_) == 0).sum())
    strengths = np.asarray(cells.member_weights_, dtype=np.float64)
    return Pools(
        cells.members_, int(cells.n_features_in_), "learned by complex cells", n_without, strengths=strengths
    )


def matched_pools(units: pd.DataFrame, *, size: int = 12) -> Pools:
    """Return pools by hand: units with nearly the same place, orientation and frequency, of whatever phase.

    Half a cycle of distance, 20 degrees and half an octave count alike; the pool around a unit is the unit and the
    nearest.

    Parameters
    ----------
    units : DataFrame or mapping of str to array_like
        One row per unit: ``x_deg``, ``y_deg``, ``orientation_rad``, ``frequency_cpd`` (`units_of_fits`). One-sided
        units of opposite sign have a row each.
    size : int
        Units in a pool.

    Returns
    -------
    Pools
        One around every unit whose row is known; ``n_without`` counts the others, which are in no pool.

    Raises
    ------
    ValueError
        If a column is missing, or fewer units than a pool has are known.

    Examples
    --------
    >>> table = {"x_deg": [0, 1, 0, 1], "y_deg": 0, "orientation_rad": 0.0, "frequency_cpd": 2.0}
    >>> matched_pools(table, size=2).members.tolist()
    [[0, 2], [1, 3], [2, 0], [3, 1]]
    """
    table = unit_table(units, ("x_deg", "y_deg", "orientation_rad", "frequency_cpd"))
    known = np.flatnonzero(np.isfinite(table.to_numpy()).all(axis=1) & (table["frequency_cpd"] > 0))
    if not 2 <= size <= len(known):
        raise ValueError(
            f"expected pools of 2 to {len(known)} units, as many as have place, orientation and frequency, got "
            f"size={size}"
        )
    x, y, orientation, frequency = table.iloc[known].to_numpy().T
    cycles = np.hypot(x[:, None] - x, y[:, None] - y) * np.sqrt(frequency[:, None] * frequency)
    turned = np.abs((orientation[:, None] - orientation + np.pi / 2) % np.pi - np.pi / 2)
    octaves = np.log2(frequency[:, None] / frequency)
    apart = sum((each / alike) ** 2 for each, alike in zip((cycles, turned, octaves), _ALIKE, strict=True))
    np.fill_diagonal(apart, -1.0)
    members = np.argsort(apart, axis=1, kind="stable")[:, :size]
    return Pools(
        known[members], len(table), "by place, orientation and frequency", n_without=len(table) - len(known)
    )


def _cut(image: Floats, place: ArrayLike, size: int) -> Floats:
    row, column = np.asarray(place)
    return image[row : row + size, column : column + size]


def _standardised(responses: Floats) -> Floats:
    centred = responses - responses.mean(axis=0)
    return np.asarray(centred / np.linalg.norm(centred, axis=0))
