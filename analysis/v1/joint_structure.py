"""Properties taken together: tuning within simple and within complex cells, and what goes with phase invariance.

Distributions of single properties reward blur: a pool of random units can have each of them right. What macaque's
cells have together, cell by cell, tells such pools from complex cells.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from neurosim.analysis.v1.properties import v1_property
from neurosim.analysis.v1.similarity import binned, corrected_score, distribution_similarity
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["LEAST_UNITS", "joint_structure"]

LEAST_UNITS = 20
"""Units from which on a component is compared; with fewer its similarity is NaN."""

_TUNED = 0.5  # circular variance below which a cell counts as tuned
_VALUE_DRAWS = 1000  # resampled populations for the interval of a value, which is cheap
_INNER = 30  # draws for the similarity of one resampled population
_ENDS = (2.5, 97.5)  # percentiles
_COLUMNS = ("modulation_ratio", "circular_variance", "orientation_half_width", "orthogonal_to_preferred")

Floats = NDArray[np.float64]
Summary = Callable[[Floats], Floats]  # (n_draws, n_units, n_columns) to (n_draws,)
Likeness = Callable[[Floats, Floats], Floats]  # two such arrays to (n_draws,)


@dataclass(frozen=True)
class _Component:
    name: str
    group: str  # of units: "simple", "complex", "all", "pools"
    columns: tuple[str, ...]
    summary: Summary
    likeness: Likeness


def joint_structure(
    properties: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    rng: Randomness,
    pools: ArrayLike | None = None,
    n_draws: int = 400,
    n_bootstrap: int = 200,
) -> pd.DataFrame:
    """Compare what properties have to do with each other in a population and in macaque V1.

    A component's similarity is the mean, over draws, of that between a random half of the cells and as many units. Its
    ceiling is the same with the other half of the cells in the units' place. Histograms are compared as in
    `distribution_similarity`; correlations and shares by 1 − absolute difference / largest possible difference.

    Parameters
    ----------
    properties : DataFrame
        From `orientation_properties`, with ``modulation_ratio``; units that are not ``responsive_orientation`` are left
        out, if there is that column.
    cells : DataFrame
        From `neurosim.datasets.orientation_cells.orientation_cells`.
    rng : numpy.random.Generator or int
    pools : array_like of bool, shape (n_units,), optional
        Units that are meant to be complex cells. Without it those with F1/F0 < 1 are, as among the cells.
    n_draws, n_bootstrap : int
        Draws for a similarity; resampled populations for its interval.

    Returns
    -------
    DataFrame
        One row per component: ``circular_variance``, ``orientation_half_width`` and ``orthogonal_to_preferred``, each
        with ``_simple`` (F1/F0 > 1) and ``_complex`` (F1/F0 < 1), of which ``value`` is the median;
        ``spearman_modulation_variance``, the rank correlation of F1/F0 and circular variance; ``complex_share``, that
        of units with F1/F0 < 1; ``invariant_and_tuned``, the share of pools with F1/F0 < 1 and a circular variance
        below .5.

        ``n_units`` used and ``n_missing`` in the group without a value, ``n_cells``; ``value``, ``value_low``,
        ``value_high`` and ``cells``, ``cells_low``, ``cells_high``, percentile intervals (95 %) over units and over
        cells; ``similarity``, ``ceiling``, their quotient ``ceiled``, and ``ceiled_corrected`` with ``low`` and
        ``high``, as in `v1_scoreboard`. NaN below 20 units.

    Raises
    ------
    ValueError
        If a column is missing or `pools` has another length.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> names = ("circular_variance", "orthogonal_to_preferred", "modulation_ratio", "orientation_half_width")
    >>> cells = pd.DataFrame(rng.uniform(0, [1, 1, 2, 40], size=(200, 4)), columns=names)
    >>> table = joint_structure(cells, cells, rng=0, n_draws=50, n_bootstrap=10)
    >>> len(table), bool((table["ceiled"] > 0.9).all())
    (9, True)
    """
    rng = generator(rng)
    _refuse_incomplete("properties", properties)
    _refuse_incomplete("cells", cells)
    pooled = _checked_pools(pools, properties)
    if "responsive_orientation" in properties:
        heard = properties["responsive_orientation"].to_numpy(dtype=bool)
        properties, pooled = properties[heard], None if pooled is None else pooled[heard]
    rows = []
    for each in _COMPONENTS:
        units, missing = _values(each, properties, pooled)
        known, _ = _values(each, cells, None)
        rows.append(
            {"component": each.name, "n_units": len(units), "n_missing": missing, "n_cells": len(known)}
            | _described(each, units, "value", rng)
            | _described(each, known, "cells", rng)
            | _compared(each, units, known, n_draws=n_draws, n_bootstrap=n_bootstrap, rng=rng)
        )
    return pd.DataFrame(rows)


def _refuse_incomplete(name: str, table: pd.DataFrame) -> None:
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        raise ValueError(f"expected `{name}` with {', '.join(_COLUMNS)}; missing: {', '.join(missing)}")


def _checked_pools(pools: ArrayLike | None, properties: pd.DataFrame) -> NDArray[np.bool_] | None:
    if pools is None:
        return None
    mask = np.asarray(pools)
    if mask.shape != (len(properties),) or mask.dtype != bool:
        raise ValueError(
            f"expected `pools` to say True or False for each of {len(properties)} units, got {mask.dtype} of shape "
            f"{mask.shape}"
        )
    return mask


def _values(each: _Component, table: pd.DataFrame, pools: NDArray[np.bool_] | None) -> tuple[Floats, int]:
    """Return the values (n_units, n_columns) of a component's group, and how many of it have none."""
    ratio = table["modulation_ratio"].to_numpy(dtype=float)
    invariant = ratio < 1
    groups = {"simple": ratio > 1, "complex": invariant, "all": np.ones(len(table), dtype=bool)}
    groups["pools"] = invariant if pools is None else pools
    values = table.loc[groups[each.group], list(each.columns)].to_numpy(dtype=float)
    complete = np.isfinite(values).all(axis=1)
    return values[complete], int((~complete).sum())


def _described(each: _Component, values: Floats, name: str, rng: np.random.Generator) -> dict[str, float]:
    if len(values) < 2:
        return dict.fromkeys((name, f"{name}_low", f"{name}_high"), float("nan"))
    drawn = values[rng.integers(len(values), size=(_VALUE_DRAWS, len(values)))]
    low, high = np.percentile(each.summary(drawn), _ENDS)
    return {
        name: float(each.summary(values[None])[0]),
        f"{name}_low": float(low),
        f"{name}_high": float(high),
    }


def _compared(
    each: _Component,
    units: Floats,
    cells: Floats,
    *,
    n_draws: int,
    n_bootstrap: int,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Return similarity and ceiling, and what resampled units say of the quotient."""
    names = ("similarity", "ceiling", "ceiled", "ceiled_corrected", "low", "high")
    half = len(cells) // 2
    if half < 2:
        return dict.fromkeys(names, float("nan"))
    first, second = _halves(cells, n_draws, rng)
    ceiling = float(each.likeness(second, first).mean())
    if len(units) < LEAST_UNITS:
        return dict.fromkeys(names, float("nan")) | {"ceiling": ceiling}
    drawn = units[rng.integers(len(units), size=(n_draws, half))]
    similarity = float(each.likeness(drawn, first).mean())
    # Each resampled population is drawn from _INNER times, against as many halves of the cells.
    population = rng.integers(len(units), size=(n_bootstrap, len(units)))
    picked = rng.integers(len(units), size=(n_bootstrap, _INNER * half))
    inner = units[np.take_along_axis(population, picked, axis=1)].reshape(n_bootstrap * _INNER, half, -1)
    against = first[rng.integers(n_draws, size=n_bootstrap * _INNER)]
    resampled = each.likeness(inner, against).reshape(n_bootstrap, _INNER).mean(axis=1) / ceiling
    score = similarity / ceiling
    ends = corrected_score(score, resampled, centre=score, most=1 / ceiling)
    return dict(zip(names, (similarity, ceiling, score, *ends), strict=True))


def _halves(cells: Floats, n_draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    order = rng.permuted(np.tile(np.arange(len(cells)), (n_draws, 1)), axis=1)
    half = len(cells) // 2
    return cells[order[:, :half]], cells[order[:, half : 2 * half]]


def _median(values: Floats) -> Floats:
    return np.asarray(np.median(values[..., 0], axis=1))


def _spearman(values: Floats) -> Floats:
    ranks = rankdata(values, axis=1)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    one, other = centred[..., 0], centred[..., 1]
    with np.errstate(invalid="ignore"):
        return np.asarray((one * other).sum(axis=1) / np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1)))


def _complex_share(values: Floats) -> Floats:
    return np.asarray((values[..., 0] < 1).mean(axis=1))


def _invariant_and_tuned(values: Floats) -> Floats:
    return np.asarray(((values[..., 0] < 1) & (values[..., 1] < _TUNED)).mean(axis=1))


def _of_histograms(name: str) -> Likeness:
    edges = v1_property(name).edges

    def likeness(units: Floats, cells: Floats) -> Floats:
        counts = (
            (binned(values[..., 0], edges)[..., None] == np.arange(len(edges) - 1)).sum(axis=1)
            for values in (units, cells)
        )
        return distribution_similarity(*counts)

    return likeness


def _of_numbers(summary: Summary, largest: float) -> Likeness:
    return lambda units, cells: 1 - np.abs(summary(units) - summary(cells)) / largest


_COMPONENTS = (
    *(
        _Component(f"{name}_{group}", group, (name,), _median, _of_histograms(name))
        for group in ("simple", "complex")
        for name in ("circular_variance", "orientation_half_width", "orthogonal_to_preferred")
    ),
    _Component(
        "spearman_modulation_variance", "all", ("modulation_ratio", "circular_variance"), _spearman,
        _of_numbers(_spearman, 2.0),
    ),
    _Component(
        "complex_share", "all", ("modulation_ratio",), _complex_share, _of_numbers(_complex_share, 1.0)
    ),
    _Component(
        "invariant_and_tuned", "pools", ("modulation_ratio", "circular_variance"), _invariant_and_tuned,
        _of_numbers(_invariant_and_tuned, 1.0),
    ),
)  # fmt: skip
