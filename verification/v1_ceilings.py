"""The laboratory's figures: ceilings, macaque cells, the positive control, and how often intervals cover.

    python verification/v1_ceilings.py [--only ceilings cells joint control coverage] [--repetitions 100]

``ceilings``: the similarity of the fourteen published distributions with themselves, beside the published values.
``cells``: medians of 304 macaque cells, and ``joint``: what their properties have to do with each other, with the
split half as ceiling and, as control, F1/F0 shuffled among the cells (both read the per-cell table in NEUROSIM_DATA).
``control``: Gabor units drawn from the published tables. ``coverage``: populations drawn from the published
distributions, from sharpened ones and from shifted ones; the truth is the score of endlessly many units. The dated
tables are kept beside this file, one for each part.
"""

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.protocol.drawn_gabors import draw_gabors, drawn_gabor_properties
from neurosim.analysis.v1.joint_structure import joint_structure
from neurosim.analysis.v1.properties import V1_PROPERTIES, V1Property
from neurosim.analysis.v1.scoreboard import v1_scoreboard
from neurosim.analysis.v1.similarity import similarity_ceiling, similarity_of_draws
from neurosim.datasets.orientation_cells import orientation_cells

HERE = Path(__file__).parent
UNITS, SEEDS = 256, (0, 1, 2)
POPULATIONS: dict[str, Callable[[NDArray[np.int64]], NDArray[np.float64]]] = {
    "the cells'": lambda counts: counts / counts.sum(),
    "sharpened": lambda counts: (counts / counts.sum()) ** 2,
    "shifted by a bin": lambda counts: 0.3 * counts / counts.sum() + 0.7 * np.roll(counts, 1) / counts.sum(),
}


def ceilings(_: int) -> pd.DataFrame:
    """Return every property's ceiling beside the published one."""
    rows = [
        {
            "property": each.name,
            "n_cells": int(each.counts.sum()),
            "ceiling": similarity_ceiling(each.counts, rng=0, n_draws=20_000),
            "published": each.published_ceiling,
            "alexnet_ceiled": each.alexnet,
        }
        for each in V1_PROPERTIES
    ]
    table = pd.DataFrame(rows)
    return table.assign(difference=table["ceiling"] - table["published"])


def cells(_: int) -> pd.DataFrame:
    """Return the medians of all cells, of simple and of complex ones."""
    table = orientation_cells()
    ratio, columns = table["modulation_ratio"], [each.name for each in V1_PROPERTIES if each.name in table]
    groups = {"all": ratio >= 0, "simple, F1/F0 > 1": ratio > 1, "complex, F1/F0 < 1": ratio < 1}
    rows = [
        {"cells": name, "n_cells": int(kept.sum())} | table.loc[kept, columns].median().to_dict()
        for name, kept in groups.items()
    ]
    return pd.DataFrame(rows)


def joint(_: int) -> pd.DataFrame:
    """Return the joint structure of the cells against themselves, and with F1/F0 shuffled."""
    table = orientation_cells()
    shuffled = np.random.default_rng(0).permutation(table["modulation_ratio"])
    arms = {"the cells": table, "F1/F0 shuffled": table.assign(modulation_ratio=shuffled)}
    found = [joint_structure(arm, table, rng=0).assign(arm=name) for name, arm in arms.items()]
    return pd.concat(found, ignore_index=True)


def control(_: int) -> pd.DataFrame:
    """Return the mean scores of drawn Gabor units, simple and with 60 % complex ones."""
    rows = []
    for surround in (False, True):
        for share in (0.0, 0.6):
            for seed in SEEDS:
                start = time.process_time()
                units = draw_gabors(UNITS, complex_share=share, surround=surround, rng=seed)
                properties = drawn_gabor_properties(units)
                spent = time.process_time() - start
                ruled = v1_scoreboard(properties, rng=seed)
                free = v1_scoreboard(properties, rng=seed, least_suppressed=1).mean.ceiled
                rows.append(
                    {
                        "surround": surround,
                        "complex_share": share,
                        "seed": seed,
                        "n_suppressed": ruled.table["n_suppressed"].iloc[0],
                        "mean": ruled.mean.ceiled,
                        "mean_low": ruled.mean.low,
                        "mean_high": ruled.mean.high,
                        "mean_without_the_rule": free,
                        "mean_without_size": ruled.mean_without_size.ceiled,
                        "processor_seconds": spent,
                    }
                )
    return pd.DataFrame(rows)


def coverage(repetitions: int) -> pd.DataFrame:
    """Return how often the intervals of single scores and of their mean hold the truth."""
    rows = []
    for number, (name, shape) in enumerate(POPULATIONS.items()):
        shares = [shape(each.counts) for each in V1_PROPERTIES]
        shares = [share / share.sum() for share in shares]
        truth = np.array([_truth(each, share) for each, share in zip(V1_PROPERTIES, shares, strict=True)])
        for n_units in (40, 100, 256):
            rng, found = np.random.default_rng([number, n_units]), []
            for _ in range(repetitions):
                found.append(_trial(shares, truth, n_units, rng))
            rows.append(
                {
                    "population": name,
                    "n_units": n_units,
                    "true_mean": truth.mean(),
                    "repetitions": repetitions,
                }
                | pd.DataFrame(found).mean().to_dict()
            )
            print(
                {key: value if isinstance(value, str) else round(value, 3) for key, value in rows[-1].items()}
            )
    return pd.DataFrame(rows)


def _truth(each: V1Property, shares: NDArray[np.float64]) -> float:
    ceiling = similarity_ceiling(each.counts, rng=0, n_draws=10_000)
    found = similarity_of_draws(np.append(shares, 0.0), each.counts, rng=0, n_draws=10_000)
    return float(found) / ceiling


def _trial(
    shares: list[NDArray[np.float64]], truth: NDArray[np.float64], n_units: int, rng: np.random.Generator
) -> dict[str, float]:
    columns = {}
    for each, share in zip(V1_PROPERTIES, shares, strict=True):
        bins = rng.choice(len(share), size=n_units, p=share)
        columns[each.name] = (each.edges[bins] + each.edges[bins + 1]) / 2
    units = pd.DataFrame(columns).assign(**{each.responsive: True for each in V1_PROPERTIES})
    # The rule would say 0 for few units, which is not what is tried here.
    board = v1_scoreboard(units, rng=rng, n_draws=400, n_bootstrap=150, least_suppressed=1)
    low, high, hair = board.table["low"], board.table["high"], 0.002
    return {
        "covered": float(((low - hair <= truth) & (truth <= high + hair)).mean()),
        "bias": float((board.table["ceiled"] - truth).mean()),
        "bias_corrected": float((board.table["ceiled_corrected"] - truth).mean()),
        "width": float((high - low).mean()),
        "mean_covered": float(board.mean.low <= truth.mean() <= board.mean.high),
        "mean_width": board.mean.high - board.mean.low,
    }


PARTS = {"ceilings": ceilings, "cells": cells, "joint": joint, "control": control, "coverage": coverage}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--repetitions", type=int, default=100)
    options = parser.parse_args()
    for name in options.only:
        table = PARTS[name](options.repetitions).assign(date=datetime.now(UTC).date().isoformat())
        table.to_csv(HERE / f"v1_{name}.csv", index=False, float_format="%.4g")
        print(table.to_string(index=False, float_format="%.3f"), flush=True)


if __name__ == "__main__":
    main()
