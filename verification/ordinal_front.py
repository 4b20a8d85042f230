"""The front of purity against the accuracy of an RBF SVM, along the threshold and along inhibition between blocks.

    NEUROSIM_DATA=… python verification/ordinal_front.py [--seeds 5] [--only sweep test plain whole] [--networks FOLDER]

``sweep``: for every threshold that annealing ends at, a network of the recipe `ordinal-mnist` learns 20,000 of MNIST's
training digits (seed 0); its codes of 10,000 other training digits, found with every strength κ of inhibition between
blocks, give the activity in the right block (purity), whether the print recalled is the right one, and what an RBF SVM
gets right that was fitted to the codes of 6,000 of the digits learned. No test digit takes part, and the point that is
shipped is chosen here. ``test``: the recipe as shipped learns all 60,000 training digits, and the same is measured of
the 10,000 test digits, RBF SVMs being fitted to 10,000 codes (``both``); beside it annealing alone (``annealed``) and
inhibition between blocks that neurons were dealt to at random (``shuffled``). ``plain``: a network that learned with
the threshold of .2 and the current of .15 throughout, with inhibition (``inhibited``) and without (``neither``), as in
the sweep. ``whole``: the shipped point with an RBF SVM fitted to all 60,000 codes, whose gamma and C were chosen on
training digits with seed 0 (`linked_kernel.py`, which comes first). Rows are added to
``ordinal_front.csv`` as they come and are not computed again while they stand there; networks are kept in FOLDER, if
one is given, from part to part. About an hour and a half on one core.
"""

import argparse
import os
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

# One thread, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from gaussian_machine import predicted
from linked_kernel import chosen
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.svm import SVC

import neurosim
from neurosim.analysis.codes.blocks import block_purity
from neurosim.analysis.codes.recall import recall_accuracy
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli import load_mnist, printed_digits, unit_norm

HERE = Path(__file__)
PICTURE = HERE.parent.parent / "docs" / "pictures" / "ordinal_front.png"
THRESHOLDS, INHIBITIONS = (0.05, 0.08), (0.0, 0.02, 0.03, 0.05, 0.1)
# Where threshold and current begin, and where they stay without annealing.
FIRST = {"threshold": 0.2, "current": 0.15}
UNANNEALED: dict[str, Any] = {"initial_threshold": None, "final_current": None, **FIRST}
PARTS = ("sweep", "test", "plain", "whole")
KEYS = ["part", "arm", "seed", "threshold", "inhibition"]


class Digits(NamedTuple):
    """What is learned from and what is measured on, and how many of the former a classifier is fitted to."""

    learned: NDArray[Any]
    labels: NDArray[np.int64]
    asked: NDArray[Any]
    asked_labels: NDArray[np.int64]
    n_fitted: int


def main() -> None:
    """Compute what is missing, store it, draw it and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--networks", type=Path)
    options = parser.parse_args()
    if "sweep" in options.only:
        for threshold in THRESHOLDS:
            sweep(threshold)
        sweep(FIRST["threshold"], annealed=False)
    for part in PARTS[1:]:
        for seed in range(options.seeds) if part in options.only else ():
            test(part, seed, folder=options.networks)
    table = _stored()
    draw(table).savefig(PICTURE, dpi=150)
    columns = ["purity", "block_accuracy", "recall", "rbf_svm", "active_fraction"]
    grouped = table.groupby(["part", "arm", "threshold", "inhibition"], sort=False)[columns]
    print(grouped.agg(["mean", "std", "count"]).round(4).to_string())


def sweep(threshold: float, *, annealed: bool = True) -> None:
    """Measure strengths of inhibition at one threshold on held-out training digits."""
    arms = dict.fromkeys(INHIBITIONS, "both") if annealed else {0.0: "neither", 0.03: "inhibited"}
    wanted = {k: arm for k, arm in arms.items() if not _known("sweep", arm, 0, threshold, k)}
    if not wanted:
        return
    training = load_mnist("train")
    digits, order = unit_norm(training.flat), np.random.default_rng(0).permutation(len(training.labels))
    own, held_out = order[:20_000], order[50_000:]
    shown = Digits(
        digits[own], training.labels[own], digits[held_out], training.labels[held_out], n_fitted=6_000
    )
    first = {"initial_threshold": FIRST["threshold"], "current": FIRST["current"], "final_current": 0.0}
    net = _learned(shown, 0, **({"threshold": threshold, **first} if annealed else UNANNEALED))
    for inhibition, arm in wanted.items():
        _add(net, shown, part="sweep", arm=arm, seed=0, inhibition=inhibition)


def test(part: str, seed: int, *, folder: Path | None) -> None:
    """Measure the shipped point or its controls on test digits."""
    shipped = load_recipe("ordinal-mnist").network
    changed: dict[str, Any] = UNANNEALED if part == "plain" else {}
    threshold, inhibition = changed.get("threshold", shipped.threshold), shipped.block_inhibition
    arms = {
        "test": {"both": inhibition, "annealed": 0.0, "shuffled": inhibition},
        "plain": {"inhibited": inhibition, "neither": 0.0},
        "whole": {"both": inhibition},
    }[part]
    wanted = {arm: k for arm, k in arms.items() if not _known(part, arm, seed, threshold, k)}
    if not wanted:
        return
    training, asked = load_mnist("train"), load_mnist("test")
    digits, n_fitted = unit_norm(training.flat), 60_000 if part == "whole" else 10_000
    shown = Digits(digits, training.labels, unit_norm(asked.flat), asked.labels, n_fitted)
    kept = folder and folder / f"{'plain' if part == 'plain' else 'annealed'}-{threshold:g}-{seed}.nc"
    net = neurosim.load(kept) if kept and kept.exists() else _learned(shown, seed, **changed)
    if kept and not kept.exists():
        net.save(kept)
    for arm, k in wanted.items():
        _add(net, shown, part=part, arm=arm, seed=seed, inhibition=k)


def _learned(shown: Digits, seed: int, **changed: Any) -> Any:
    """Return the network of the recipe after learning with other parameters, if any."""
    net = built(load_recipe("ordinal-mnist").network, random_state=seed).set_params(**changed)
    printed = unit_norm(printed_digits().flat)
    return net.fit({"handwriting": shown.learned, "printed": printed[shown.labels]}, shown.labels)


def _add(net: Any, shown: Digits, *, part: str, arm: str, seed: int, inhibition: float) -> None:
    """Measure one point and keep its row."""
    rng = np.random.default_rng(seed)
    settling = copy(net).set_params(block_inhibition=inhibition)
    if arm == "shuffled":
        settling.blocks_ = net.blocks_[:, rng.permutation(net.n_neurons)]
    fitted, asked = (
        settling.transform({"handwriting": rows}) for rows in (shown.learned[: shown.n_fitted], shown.asked)
    )
    purity = block_purity(asked, shown.asked_labels, net.block_of_).loc["all"]
    printed = unit_norm(printed_digits().flat)
    recalled = settling.recall({"handwriting": shown.asked}, want="printed")
    row = {
        **dict(zip(KEYS, (part, arm, seed, net.threshold, inhibition), strict=True)),
        "purity": purity["purity"],
        "block_accuracy": purity["block_accuracy"],
        "recall": recall_accuracy(recalled, printed, shown.asked_labels).loc["all", "accuracy"],
        "rbf_svm": _accuracy(fitted, asked, shown),
        "active_fraction": (asked != 0).mean(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    table = pd.concat([_stored(), pd.DataFrame([row])], ignore_index=True).sort_values(KEYS, kind="stable")
    table.to_csv(HERE.with_suffix(".csv"), index=False, float_format="%.5g")
    print(row, flush=True)


def _accuracy(fitted: NDArray[Any], asked: NDArray[Any], shown: Digits) -> float:
    """Return what an RBF SVM gets right; .3 and 1 did equally well for gamma on 6,000 training codes, 2 and 3 worse."""
    labels = shown.labels[: len(fitted)]
    if len(fitted) == len(shown.labels):
        kernel = chosen("ordinal-mnist")
        [answer] = predicted(fitted, labels, asked, gamma=kernel["gamma"], costs=[kernel["C"]])
        return float((answer == shown.asked_labels).mean())
    machine = SVC(C=10, gamma=1 / (float(fitted.var()) * fitted.shape[1]), cache_size=2000).fit(
        fitted, labels
    )
    return float(machine.score(asked, shown.asked_labels))


def draw(table: pd.DataFrame) -> Figure:
    """Draw purity against the RBF SVM: the sweep, a line for every threshold, and the test digits, mean and spread."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for threshold, line in table[table.part == "sweep"].groupby("threshold"):
        left.plot(line.purity, line.rbf_svm, "-", marker="o", markersize=5, label=_level(threshold))
        for row in line.itertuples():
            note = f"κ {row.inhibition:g} (recall {row.recall:.3f})"
            left.annotate(
                note, (row.purity, row.rbf_svm), fontsize=5, xytext=(3, 2), textcoords="offset points"
            )
    left.set_title("training digits held out (6,000 codes fitted)", fontsize=9)
    for arm, rows in table[table.part.isin(["test", "plain"])].groupby("arm", sort=False):
        spread = rows[["purity", "rbf_svm"]].std().fillna(0)
        at = rows[["purity", "rbf_svm", "recall"]].mean()
        right.errorbar(
            at.purity, at.rbf_svm, xerr=spread.purity, yerr=spread.rbf_svm, fmt="o", label=_legend(arm, rows, at)
        )  # fmt: skip
    right.set_title("test digits (10,000 codes fitted)", fontsize=9)
    for axes in (left, right):
        axes.axvline(0.8, color="grey", linewidth=0.5)
        axes.set_xlabel("activity in the right block")
        axes.set_ylabel("accuracy of an RBF SVM")
        axes.legend(fontsize=7)
    return figure


def _level(threshold: float) -> str:
    first = FIRST["threshold"]
    return f"λ {first:g} throughout" if threshold == first else f"λ {first:g} → {threshold:g}"


def _legend(arm: str, rows: pd.DataFrame, at: pd.Series) -> str:
    first = rows.iloc[0]
    return f"{arm}: λ {first.threshold:g}, κ {first.inhibition:g}, recall {at.recall:.3f} (n = {len(rows)})"


def _stored() -> pd.DataFrame:
    path = HERE.with_suffix(".csv")
    return pd.read_csv(path) if path.exists() else pd.DataFrame(columns=KEYS)


def _known(*key: Any) -> bool:
    """Whether a row stands in the table already."""
    have = _stored()
    return bool(
        np.logical_and.reduce([have[name] == value for name, value in zip(KEYS, key, strict=True)]).any()
    )


if __name__ == "__main__":
    main()
