"""The scoreboard: each property of a population beside the published distribution, and the means over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.tuning.size import LEAST_SUPPRESSION
from neurosim.analysis.v1.properties import SIZE_SCORES, V1_PROPERTIES, V1Property
from neurosim.analysis.v1.similarity import corrected_score, similarity_ceiling, similarity_of_draws
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["LEAST_SUPPRESSED", "Scoreboard", "v1_scoreboard"]

LEAST_SUPPRESSED = 20
"""Suppressed units from which on summation field and surround diameter are scored."""

_INNER = 60  # draws for the similarity of one resampled population
_CEILING_DRAWS = 10_000
_SIZE_PROPERTIES = (*SIZE_SCORES, "surround_suppression_index")

Floats = NDArray[np.float64]


class MeanScore(NamedTuple):
    """Mean ceiled similarity of several properties."""

    ceiled: float
    """As published for other models: 0 to a little above 1."""
    corrected: float
    """Without the bias that few units have."""
    low: float
    high: float
    """95 % interval of the corrected mean, over units."""
    n_properties: int


@dataclass(frozen=True, eq=False)
class Scoreboard:
    """Scores of one population.

    Attributes
    ----------
    table : DataFrame
        One row per property of `V1_PROPERTIES`:

        ``property``; ``n_units``, all; ``n_responsive`` of them, which are what is scored; ``n_used``, those with a
        value; ``n_missing``, responsive units without one; ``n_suppressed``, responsive units with a suppression index
        above .1, in every row; ``similarity`` (0 to 1), ``ceiling``, the cells' similarity with themselves, and
        ``ceiled``, the quotient, which can exceed 1 a little; ``ceiled_corrected``, without the bias of few units, and
        its 95 % interval over units, ``low`` and ``high``; ``n_cells``; ``alexnet``, the published ceiled score;
        ``zero_because``, why a score is 0 by rule, else empty.
    mean : MeanScore
        Over the fourteen.
    mean_without_size : MeanScore
        Over the eleven that need no grating larger than a field: a patch can be judged by these.
    """

    table: pd.DataFrame
    mean: MeanScore
    mean_without_size: MeanScore


def v1_scoreboard(
    properties: pd.DataFrame,
    *,
    rng: Randomness,
    n_draws: int = 1000,
    n_bootstrap: int = 400,
    least_suppressed: int = LEAST_SUPPRESSED,
    names: Sequence[str] | None = None,
) -> Scoreboard:
    """Score a population by the published distributions of fourteen properties.

    A score is the mean, over draws of as many units as there are cells, of the similarity with the published histogram
    (`distribution_similarity`), divided by that of the cells with themselves. Units that do not respond are not
    scored, units without a value are left out of the draws; both are counted.

    Summation field and surround diameter exist for suppressed units only. With fewer than 20 of them both scores are 0:
    a handful of units that happen to be suppressed would else score as a population.

    Parameters
    ----------
    properties : DataFrame
        One row per unit, the columns of `orientation_properties`, `frequency_properties` and `size_properties` side by
        side: ``pd.concat([...], axis=1)``. NaN where a unit has no value.
    rng : numpy.random.Generator or int
    n_draws : int
        Draws for each score.
    n_bootstrap : int
        Resampled populations for the intervals; 2 or more.
    least_suppressed : int
        Suppressed units from which on the two scores count. Change it to see what the rule does, not for a result.
    names : sequence of str, optional
        Which of `V1_PROPERTIES` are scored, where a recording does not have all; the means are over these, and are not
        to be set beside those of all fourteen.

    Returns
    -------
    Scoreboard

    Raises
    ------
    ValueError
        If there are no units or a column is missing.

    Notes
    -----
    Units are resampled jointly for all properties, cells are not: they are in the ceiling. The interval is that of
    `corrected_score`: one of percentiles has the bias twice and hardly ever covers for a population like the cells
    (``verification/v1_coverage.csv``).

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> from neurosim.analysis.v1.properties import V1_PROPERTIES
    >>> units = pd.DataFrame({each.name: np.full(40, each.edges[1]) for each in V1_PROPERTIES})
    >>> units = units.assign(**{each.responsive: True for each in V1_PROPERTIES})
    >>> found = v1_scoreboard(units, rng=0, n_draws=100, n_bootstrap=20)
    >>> found.table.shape[0], found.mean.n_properties, found.mean_without_size.n_properties
    (14, 14, 11)
    """
    rng = generator(rng)
    chosen = _chosen(names)
    _refuse_incomplete(properties, chosen)
    populations = _populations(len(properties), n_bootstrap, rng)
    n_suppressed = _suppressed(properties)
    scored = [
        _scored(
            each,
            properties,
            populations,
            rng=rng,
            n_draws=n_draws,
            suppressed=(n_suppressed, least_suppressed),
        )
        for each in chosen
    ]
    table = pd.DataFrame([row for row, _ in scored])
    draws = np.stack([resampled for _, resampled in scored])
    without = ~table["property"].isin(_SIZE_PROPERTIES).to_numpy()
    mean = _mean(table, draws)
    return Scoreboard(table, mean, _mean(table[without], draws[without]) if without.any() else mean)


def _chosen(names: Sequence[str] | None) -> list[V1Property]:
    chosen = [each for each in V1_PROPERTIES if names is None or each.name in names]
    if not chosen or len(chosen) != len(names or V1_PROPERTIES):
        known = ", ".join(each.name for each in V1_PROPERTIES)
        raise ValueError(f"expected `names` among {known}, got {list(names or [])}")
    return chosen


def _refuse_incomplete(properties: pd.DataFrame, chosen: Sequence[V1Property]) -> None:
    wanted = [each.name for each in chosen] + sorted({each.responsive for each in chosen})
    missing = [name for name in wanted if name not in properties]
    if missing:
        raise ValueError(
            f"expected the columns of orientation_properties, frequency_properties and size_properties side by side; "
            f"missing: {', '.join(missing)}"
        )
    if properties.empty:
        raise ValueError("expected at least one unit, got an empty table of properties")


def _suppressed(properties: pd.DataFrame) -> int:
    if "surround_suppression_index" not in properties or "responsive_size" not in properties:
        return 0
    index = properties["surround_suppression_index"].to_numpy(dtype=float)
    return int((properties["responsive_size"].to_numpy(dtype=bool) & (index > LEAST_SUPPRESSION)).sum())


@cache
def _ceiling(name: str) -> float:
    """Return a property's ceiling, always from the same draws: it belongs to the cells, not to a model."""
    each = next(each for each in V1_PROPERTIES if each.name == name)
    return similarity_ceiling(each.counts, rng=0, n_draws=_CEILING_DRAWS)


def _scored(
    each: V1Property,
    properties: pd.DataFrame,
    populations: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    suppressed: tuple[int, int],
    n_draws: int,
    rng: np.random.Generator,
) -> tuple[dict[str, object], Floats]:
    """Return one row of the table and the ceiled scores of resampled populations."""
    responsive = properties[each.responsive].to_numpy(dtype=bool)
    bins = each.bins(properties[each.name].to_numpy(dtype=float))
    # One column per bin and, last, one for units without a value; no mark at all for those that do not respond.
    marks = (bins[:, None] == np.append(np.arange(len(each.counts)), -1)) & responsive[:, None]
    counts, ceiling = marks.sum(axis=0), _ceiling(each.name)
    rule = _zero_because(each, counts, *suppressed)
    if rule:
        similarity, resampled = 0.0, np.zeros(len(populations[0]))
        corrected, low, high = 0.0, 0.0, 0.0
    else:
        similarity, centre = similarity_of_draws(
            np.stack([counts / counts.sum(), _smoothed(counts)]), each.counts, rng=rng, n_draws=n_draws
        ).tolist()
        resampled = _resampled(marks, populations, each.counts, rng) / ceiling
        corrected, low, high = corrected_score(
            similarity / ceiling, resampled, centre=centre / ceiling, most=1 / ceiling
        )
    row: dict[str, object] = {
        "property": each.name,
        "n_units": len(properties),
        "n_responsive": int(responsive.sum()),
        "n_used": int(counts[:-1].sum()),
        "n_missing": int(counts[-1]),
        "n_suppressed": suppressed[0],
        "similarity": similarity,
        "ceiling": ceiling,
        "ceiled": similarity / ceiling,
        "ceiled_corrected": corrected,
        "low": low,
        "high": high,
        "n_cells": int(each.counts.sum()),
        "alexnet": each.alexnet,
        "zero_because": rule,
    }
    return row, resampled


def _zero_because(each: V1Property, counts: NDArray[np.int64], n_suppressed: int, least: int) -> str:
    if each.name in SIZE_SCORES and n_suppressed < least:
        return f"{n_suppressed} suppressed units, fewer than {least}"
    if not counts.sum():
        return "no responsive unit"
    return "" if counts[:-1].any() else "no responsive unit has a value"


def _populations(
    n_units: int, n_bootstrap: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how often each unit is in each resampled population, and how many units of any value besides.

    These are one in all on average, as in `smoothed_shares`: a bin without a unit is rarely empty in the population.
    """
    besides = rng.binomial(n_units, 1 / (n_units + 1), size=n_bootstrap)
    return rng.multinomial(n_units - besides, np.full(n_units, 1 / n_units)), besides


def _smoothed(counts: NDArray[np.int64]) -> Floats:
    """Return shares with one unit more, spread evenly over the bins, the last place (no value) excepted."""
    more = counts + np.append(np.full(len(counts) - 1, 1 / (len(counts) - 1)), 0.0)
    return np.asarray(more / more.sum())


def _resampled(
    marks: NDArray[np.bool_],
    populations: tuple[NDArray[np.int64], NDArray[np.int64]],
    cells: NDArray[np.int64],
    rng: np.random.Generator,
) -> Floats:
    """Return the similarity of every resampled population."""
    weights, besides = populations
    counts = weights @ marks
    counts[:, :-1] += rng.multinomial(besides, np.full(len(cells), 1 / len(cells)))
    total = counts.sum(axis=1)
    shares = counts / np.maximum(total, 1)[:, None]
    shares[total == 0, -1] = 1.0
    return similarity_of_draws(shares, cells, rng=rng, n_draws=_INNER)


def _mean(table: pd.DataFrame, resampled: Floats) -> MeanScore:
    score, most = float(table["ceiled"].mean()), float((1 / table["ceiling"]).mean())
    return MeanScore(
        score, *corrected_score(score, resampled.mean(axis=0), centre=score, most=most), len(table)
    )
