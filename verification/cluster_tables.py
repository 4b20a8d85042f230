"""Means, differences and figure of `clusters.py`."""

from typing import Any

import numpy as np
import pandas as pd
from cluster_codes import LEVELS, PUBLISHED
from matplotlib.figure import Figure
from scipy import stats

VALUES = ("accuracy", "nmi", "selectivity", "smoothness")
# Paired by seed at each level.
PAIRS = (
    ("K-Deep Simplex", "l1"),
    ("K-Deep Simplex", "WLSC"),
    ("WLSC", "l1"),
    ("K-Deep Simplex", "nearest centres"),
    ("l1", "nearest centres"),
    ("K-Deep Simplex, converged", "l1, converged"),
    ("K-Deep Simplex, converged", "WLSC, converged"),
    ("WLSC, converged", "l1, converged"),
    ("K-Deep Simplex, converged", "nearest centres"),
    ("K-Deep Simplex, converged", "K-Deep Simplex"),
)
COLOURS = {
    "K-Deep Simplex, converged": "C0",
    "WLSC, converged": "C1",
    "l1, converged": "C2",
    "nearest centres": "0.5",
}
# After fewer steps, or learned by membranes; dotted.
FEWER_STEPS = {"K-Deep Simplex": "C0", "WLSC": "C1", "l1": "C2"}
_HOW = {"K-Deep Simplex": "K-Deep Simplex, 40 steps", "WLSC": "WLSC, membranes", "l1": "ℓ1, 40 steps"}


def matched(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out networks whose activity is more than half above their level: they did not learn what the others did."""
    missed = table.model.isin([*COLOURS, *FEWER_STEPS]) & (table.active > 1.5 * table.level)
    return table[~missed]


def interval(values: pd.Series) -> tuple[float, float, float]:
    """Return a mean over seeds and its 95 % interval by Student's t; NaN for the interval of one seed."""
    found = values.dropna().to_numpy(float)
    if len(found) < 2:
        return (float(found.mean()) if len(found) else np.nan), np.nan, np.nan
    half = float(stats.t.ppf(0.975, len(found) - 1) * found.std(ddof=1) / np.sqrt(len(found)))
    return float(found.mean()), float(found.mean()) - half, float(found.mean()) + half


def means(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean, interval, least and most of every model and level."""
    rows = []
    for (model, level), every in table.groupby(["model", "level"], sort=False, dropna=False):
        part = matched(every)
        row: dict[str, Any] = {"model": model, "level": level, "n_seeds": len(part)}
        row["left_out"] = len(every) - len(part)
        for value in ("active", *VALUES, "selectivity_shuffled", "accuracy_least", "accuracy_most"):
            row[value] = part[value].mean()
        for value in VALUES:
            _, row[f"{value}_low"], row[f"{value}_high"] = interval(part[value])
        row |= {"accuracy_worst_seed": part["accuracy"].min(), "accuracy_best_seed": part["accuracy"].max()}
        # None where nothing of the kind was asked.
        for value in ("unanswered", *(column for column in table if column.startswith(("kkt", "excess")))):
            row[value] = part[value].mean()
        rows.append(row)
    return pd.DataFrame(rows)


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Return differences of models at a level, and of the sparsest and the densest level of a model, seed by seed."""
    wide = matched(table).pivot_table(index=["model", "level"], columns="seed", values=list(VALUES))
    sparsest, densest = LEVELS[0], LEVELS[-1]
    compared = [
        ((first, level), (second, level)) for first, second in PAIRS for level in (PUBLISHED, *LEVELS)
    ]
    compared += [((model, sparsest), (model, densest)) for model in (*COLOURS, *FEWER_STEPS)]
    rows = []
    for first, second in compared:
        if first not in wide.index or second not in wide.index:
            continue
        row: dict[str, Any] = dict(zip(("first", "first_level"), first, strict=True))
        row |= dict(zip(("second", "second_level"), second, strict=True))
        for value in VALUES:
            mean, low, high = interval(wide.loc[first, value] - wide.loc[second, value])
            row |= {value: mean, f"{value}_low": low, f"{value}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def drawn(table: pd.DataFrame) -> Figure:
    """Draw what is measured over the number of active neurons, a point for every seed."""
    figure = Figure(figsize=(10, 7), layout="constrained")
    titles = {
        "accuracy": "test digits in the cluster of their class",
        "nmi": "normalised mutual information",
        "selectivity": "neurons' preference for a class (dashed: labels shuffled)",
        "smoothness": "smoothness of rates over the ten nearest digits",
    }
    table = matched(table)
    pixels = table[table.model == "pixels: k-means"]
    for axes, value in zip(figure.subplots(2, 2).flat, VALUES, strict=True):
        for model, colour in COLOURS.items():
            part = table[table.model == model]
            mean = part.groupby("level")[["active", value, "selectivity_shuffled"]].mean()
            axes.plot(part.active, part[value], "o", color=colour, markersize=3, alpha=0.5)
            axes.plot(mean.active, mean[value], color=colour, label=model.replace("l1", "ℓ1"))
            if value == "selectivity":
                axes.plot(mean.active, mean.selectivity_shuffled, "--", color=colour, linewidth=1)
        for model, colour in FEWER_STEPS.items():
            mean = table[table.model == model].groupby("level")[["active", value]].mean()
            axes.plot(
                mean.active,
                mean[value],
                ":",
                color=colour,
                label=_HOW[model],
            )
        if pixels[value].notna().any():
            axes.axhline(pixels[value].mean(), color="k", linewidth=0.8, label="k-means on pixels")
        axes.set(xscale="log", xlabel="active neurons for each digit, mean", title=titles[value])
        axes.set_xticks(LEVELS, [f"{level:g}" for level in LEVELS], minor=False)
        axes.minorticks_off()
    figure.axes[0].legend(frameon=False, fontsize="x-small")
    return figure
