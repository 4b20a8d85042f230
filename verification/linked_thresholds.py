"""Signed or one-sided codes, soft or hard thresholds: the published formula and the published text side by side.

    NEUROSIM_DATA=… python verification/linked_thresholds.py [--seeds 3]

The paper's formula is a hard, one-sided threshold, its text says soft. Every combination learns the same 3,000
training digits of MNIST, drawn by the seed, four times, with the recipe `linked-mnist` otherwise; the double threshold
stands beside, since a hard one makes codes sparser. Stimuli are shown for 50 τ at most: a jump in the threshold may
never come to rest (``unsettled``). A last row has a print that weighs as much as handwriting. Measured on 3,000 test
digits, from handwriting alone. Kept in ``linked_thresholds.csv``; five minutes on one core.
"""

import argparse
import os
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

# One thread, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from neurosim.analysis.codes.classification import classify
from neurosim.analysis.codes.clusters import cluster_separation
from neurosim.analysis.codes.recall import recall_accuracy
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli import load_mnist, printed_digits, unit_norm

PATH = Path(__file__).with_suffix(".csv")
N_DIGITS, N_TEST, N_EPOCHS = 3_000, 3_000, 4
NAMES = ("kind", "sides", "threshold", "weight")
# The print's weight is the recipe's; in the last row it is the published one.
SETTINGS = (
    *product(("soft", "hard"), ("one-sided", "signed"), (0.05, 0.1), (0.3,)),
    ("soft", "one-sided", 0.05, 1.0),
)
MEASURES = (
    "active_fraction",
    "dead",
    "reconstruction",
    "recall",
    "recall_dictionary",
    "logistic",
    "silhouette",
)


def main() -> None:
    """Compute what is missing, store it and print the mean over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    have = pd.read_csv(PATH) if PATH.exists() else pd.DataFrame(columns=["seed", *NAMES])
    for seed in range(options.seeds):
        for setting in SETTINGS:
            wanted = {"seed": seed, **dict(zip(NAMES, setting, strict=True))}
            if (have[list(wanted)] == list(wanted.values())).all(axis=1).any():
                continue
            row = wanted | measured(**wanted) | {"date": datetime.now(UTC).date().isoformat()}
            have = pd.concat([have, pd.DataFrame([row])], ignore_index=True)
            have.to_csv(PATH, index=False, float_format="%.4g")
            print(row, flush=True)
    means = have.groupby(list(NAMES), sort=False)[list(MEASURES)].mean()
    print(means.round(3).to_string())


def measured(seed: int, *, kind: str, sides: str, threshold: float, weight: float) -> dict[str, Any]:
    """Train a network of one kind and return what its codes of test digits are good for."""
    training, test, printed = load_mnist("train"), load_mnist("test"), unit_norm(printed_digits().flat)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(training))[:N_DIGITS]
    given, labels = unit_norm(training.flat[chosen]), training.labels[chosen]
    drawn = rng.permutation(len(test))[:N_TEST]
    unseen, asked = unit_norm(test.flat[drawn]), test.labels[drawn]
    net: Any = built(load_recipe("linked-mnist").network, random_state=seed)
    net.set_params(
        threshold_kind=kind,
        nonnegative=sides == "one-sided",
        threshold=threshold,
        weights={"printed": weight},
        n_epochs=N_EPOCHS,
        recall_adaptation=None,
        presentation="500 ms",
    )
    net.fit({"handwriting": given, "printed": printed[labels]})
    alone = {"handwriting": unseen}
    code, unsettled = net.settle(alone)
    rebuilt = code @ net.dictionaries_["handwriting"]
    recalls = {"recall": net.recall_weights_["printed"], "recall_dictionary": net.dictionaries_["printed"]}
    speaks = code.any(axis=1)
    told = classify(
        net.transform({"handwriting": given}), labels, code, asked, rng=rng, n_search=1_500,
        classifiers=["logistic"],
    )  # fmt: skip
    return {
        "active_fraction": float((code != 0).mean()),
        "negative_fraction": float((code < 0).mean()),
        "dead": len(net.dead_neurons_),
        "silent": int((~speaks).sum()),
        "unsettled": float(np.mean(unsettled)),
        # Relative squared error of the handwriting.
        "reconstruction": float(np.square(rebuilt - unseen).sum(axis=1).mean()),
        **{
            name: float(recall_accuracy(code @ fields, printed, asked).loc["all", "accuracy"])
            for name, fields in recalls.items()
        },
        "logistic": float(told["accuracy"][0]),
        "silhouette": float(cluster_separation(code[speaks], asked[speaks], rng=rng)["silhouette"]),
    }


if __name__ == "__main__":
    main()
