"""From responses to the scoreboard: a row for each property, a column for each control."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.protocol.drawn_gabors import draw_gabors, drawn_gabor_properties
from neurosim.analysis.v1.properties import V1_PROPERTIES
from neurosim.analysis.v1.scoreboard import Scoreboard, v1_scoreboard
from neurosim.laboratory.v1_protocol.shown import ProtocolResponses
from neurosim.measures.laboratory.populations import MAIN, Shown

DRAWN = "drawn_gabors"
_N_DRAWN = 128  # Gabors of the positive control
FEW = 2  # resampled populations for controls, whose intervals nobody sees
LEAST_SHARE = 0.1
"""Of its largest response, below which no phase may bring a pool that follows no phase."""
MEAN, MEAN_WITHOUT_SIZE = "mean of 14", "mean of 11, without size"


@dataclass(frozen=True, eq=False)
class Scores:
    """Properties and scores of every population that answers at all.

    Attributes
    ----------
    properties : dict of str to DataFrame
        One row per unit.
    boards : dict of str to Scoreboard
        Under the same names.
    """

    properties: dict[str, pd.DataFrame]
    boards: dict[str, Scoreboard]

    def table(self) -> pd.DataFrame:
        """Return the scoreboard of the network with the controls beside it, the means last."""
        board = self.boards[MAIN]
        units = {each.name: each.unit for each in V1_PROPERTIES}
        table = board.table.drop(columns="zero_because")
        table.insert(1, "unit", table["property"].map(units))
        table["zero_because"] = board.table["zero_because"]
        means = pd.DataFrame(
            [
                {
                    "property": name,
                    "ceiled": mean.ceiled,
                    "ceiled_corrected": mean.corrected,
                    "low": mean.low,
                    "high": mean.high,
                    "alexnet": float(table.loc[chosen, "alexnet"].mean()),
                }
                for name, mean, chosen in (
                    (MEAN, board.mean, slice(None)),
                    (MEAN_WITHOUT_SIZE, board.mean_without_size, _without_size(table)),
                )
            ]
        )
        means["unit"] = means["zero_because"] = ""
        counts = [name for name in table if str(name).startswith("n_")]
        whole = pd.concat([table, means], ignore_index=True).astype(dict.fromkeys(counts, "Int64"))
        for name, other in self.boards.items():
            if name != MAIN:
                whole[name] = [*other.table["ceiled"], other.mean.ceiled, other.mean_without_size.ceiled]
        return whole


def scored(shown: Shown, *, rng: np.random.Generator, positive_control: bool) -> Scores:
    """Measure and score every population; one that answers no grating is left out."""
    properties = {name: properties_of(each) for name, each in shown.responses.items()}
    known = {name: table for name, table in properties.items() if table is not None}
    if positive_control:
        share = float(shown.is_pool.mean())
        drawn = draw_gabors(_N_DRAWN, complex_share=share, surround=True, rng=rng)
        known[DRAWN] = drawn_gabor_properties(drawn)
    fewer: dict[str, Any] = {"n_bootstrap": FEW}
    boards = {
        name: v1_scoreboard(table, rng=rng, **({} if name == MAIN else fewer))
        for name, table in known.items()
    }
    return Scores(known, boards)


def suppressed_share(properties: pd.DataFrame) -> float:
    """Return the share of responsive units that a larger grating suppresses by more than a tenth."""
    responsive = properties["responsive_size"].to_numpy(dtype=bool)
    suppressed = properties["suppressed"].to_numpy(dtype=float)[responsive]
    return float(np.nanmean(suppressed)) if np.isfinite(suppressed).any() else float("nan")


def invariant_share(pools: pd.DataFrame) -> float:
    """Return the share of pools that answer to all phases alike (F1/F0 < 1) and are tuned (circular variance < .5)."""
    return float(_invariant(pools).mean())


def least_over_phases(responses: ProtocolResponses) -> NDArray[np.float64]:
    """Return the least response over phases in shares of the largest, at the grating best on average; NaN if silent."""
    by_phase = responses.sets[0].reshape(len(responses.blank), -1, responses.sets[0].shape[-1])
    best = by_phase[np.arange(len(by_phase)), by_phase.mean(axis=-1).argmax(axis=1)]
    largest = best.max(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(best.min(axis=1) / largest)


def invariant_share_range(pools: pd.DataFrame, least: NDArray[np.float64]) -> float:
    """Return the share of pools that are invariant and tuned as above, and that no phase brings below a tenth."""
    return float((_invariant(pools) & (least >= LEAST_SHARE)).mean())


def _invariant(pools: pd.DataFrame) -> "pd.Series[bool]":
    return (pools["modulation_ratio"] < 1) & (pools["circular_variance"] < 0.5)


def properties_of(responses: ProtocolResponses) -> pd.DataFrame | None:
    """Return the properties of a population, None of one that answers no grating."""
    best = np.maximum(responses.sets[0], 0.0).mean(axis=-1).max(axis=(1, 2))
    return responses.properties() if (best > responses.blank).any() else None


def _without_size(table: pd.DataFrame) -> "pd.Series[bool]":
    return ~table["property"].str.contains("surround|summation")
