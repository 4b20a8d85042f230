"""Recall between handwriting and print on MNIST, five seeds: weights of recall, their controls, and the way back.

    NEUROSIM_DATA=… python verification/linked_recall.py [--seeds 5]

Every network learns the 60,000 training digits with the recipe `linked-mnist`. The print that codes of the 10,000
test digits recall, found from handwriting alone, is that of the right class if no other is nearer (cosine). The same
codes are read out by the weights of recall (``completed``), the dictionary that was learned while the print was shown
(``joint``), and the ridge regression of prints on training codes (``ridge``); ``shuffled`` are weights of recall of
prints that belong to other digits. ``reverse`` shows the ten prints alone and compares what is recalled in
handwriting with the mean training digit of every class; neurons of ``reverse_unadapting`` do not adapt meanwhile, and
``reverse_own_weight`` leaves the print its weight of .3 besides. Rows are added to ``linked_recall.csv`` as they
come, and are not computed again while they stand there. With seed 0, training digits are split into 50,000 and
10,000, five times, and what every sharpness gives is kept in ``linked_recall_sharpness.csv``: no test digit takes
part. About ten minutes on one core.
"""

import argparse
import os
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# One thread, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.codes.recall import recall_accuracy, recall_error
from neurosim.networks.estimator.training_history import learning_rate_factors
from neurosim.networks.linked.completion import learned_recall
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli import load_mnist, printed_digits, unit_norm

HERE = Path(__file__)
SHARPNESSES = (5, 10, 15, 20, 30, 40, 80)
Floats = NDArray[Any]


def main() -> None:
    """Compute what is missing, store it and print mean and spread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    path = HERE.with_suffix(".csv")
    have = pd.read_csv(path) if path.exists() else pd.DataFrame({"seed": []})
    for seed in sorted(set(range(options.seeds)) - set(have.seed)):
        net, code = _trained(seed)
        have = pd.concat([have, measured(seed, net, code)], ignore_index=True).sort_values(
            "seed", kind="stable"
        )
        _store(have.astype({"seed": int}), path, group="weights")
        if seed == 0:
            _store(sharpnesses(net, code), HERE.with_name("linked_recall_sharpness.csv"), group="sharpness")


def measured(seed: int, net: Any, code: Floats) -> pd.DataFrame:
    """Return one row for each way of recalling; `code` is that of the training digits."""
    training, test, printed = load_mnist("train"), load_mnist("test"), unit_norm(printed_digits().flat)
    shown = net.transform({"handwriting": unit_norm(test.flat)})
    rng = np.random.default_rng(seed)
    ways = {
        "completed": net.recall_weights_["printed"],
        "joint": net.dictionaries_["printed"],
        "ridge": _ridge(code, printed[training.labels]),
        "shuffled": _weights(net, code, rng.permutation(training.labels), rng=rng),
    }
    rows = [_row(seed, name, shown @ fields, printed, test.labels) for name, fields in ways.items()]
    means = np.stack([unit_norm(training.flat)[training.labels == k].mean(axis=0) for k in range(10)])
    # A gain of .3 and a threshold that is 1 / .3 times as high have the same fixed point.
    changes = {
        "reverse": {},
        "reverse_unadapting": {"recall_adaptation": None},
        "reverse_own_weight": {"recall_adaptation": None, "threshold": net.threshold / 0.3},
    }
    for name, changed in changes.items():
        back = clone_of(net, **changed).recall({"printed": printed}, want="handwriting")
        rows.append(_row(seed, name, back, means, np.arange(10)))
    return pd.DataFrame(rows)


def clone_of(net: Any, **changed: Any) -> Any:
    """Return the network that has learned the same, with other parameters; on numpy, since ten stimuli are few."""
    return copy(net).set_params(backend="numpy", batch_size=10, **changed)


def _trained(seed: int) -> tuple[Any, Floats]:
    """Return a trained network and the codes of what it learned from, found from handwriting alone."""
    training = load_mnist("train")
    given, printed = unit_norm(training.flat), unit_norm(printed_digits().flat)
    net: Any = built(load_recipe("linked-mnist").network, random_state=seed)
    net.fit({"handwriting": given, "printed": printed[training.labels]})
    return net, net.transform({"handwriting": given})


def _weights(
    net: Any, code: Floats, labels: NDArray[np.int64], *, rng: np.random.Generator, sharpness: float = 20.0
) -> Floats:
    """Learn weights of recall from given codes as `fit` does."""
    order = np.concatenate([rng.permutation(len(code)) for _ in range(net.n_epochs)])
    batches = np.split(order, np.arange(net.batch_size, len(order), net.batch_size))
    rates = net.learning_rate / net.mean_square_ * learning_rate_factors("linear", len(batches))
    printed = unit_norm(printed_digits().flat)
    each = zip(batches, rates, strict=True)
    return learned_recall(
        net.dictionaries_["printed"], code, labels, printed, sharpness=sharpness, batches=each
    )


def _ridge(code: Floats, wanted: Floats) -> Floats:
    """Return the least-squares weights of prints on codes; the penalty is 1e-5 of the codes' energy."""
    squares = code.T.astype(float) @ code
    penalty = 1e-5 * np.trace(squares) * np.eye(len(squares))
    return np.linalg.solve(squares + penalty, code.T.astype(float) @ wanted)


def _row(
    seed: int, weights: str, recalled: Floats, known: Floats, labels: NDArray[np.int64]
) -> dict[str, Any]:
    return {
        "seed": seed,
        "weights": weights,
        "accuracy": recall_accuracy(recalled, known, labels).loc["all", "accuracy"],
        "cosine": recall_error(recalled, known[labels], labels).loc["all", "cosine"],
        "date": datetime.now(UTC).date().isoformat(),
    }


def sharpnesses(net: Any, code: Floats) -> pd.DataFrame:
    """Return accuracy and cosine on held-out training digits for every sharpness and split."""
    training, printed = load_mnist("train"), unit_norm(printed_digits().flat)
    rows = []
    for split in range(5):
        rng = np.random.default_rng(split)
        own, held_out = np.split(rng.permutation(len(code)), [50_000])
        for sharpness in SHARPNESSES:
            fields = _weights(net, code[own], training.labels[own], rng=rng, sharpness=sharpness)
            row = _row(split, "completed", code[held_out] @ fields, printed, training.labels[held_out])
            rows.append({"sharpness": sharpness} | row)
    return pd.DataFrame(rows).rename(columns={"seed": "split"}).drop(columns="weights")


def _store(table: pd.DataFrame, path: Path, *, group: str) -> None:
    table.to_csv(path, index=False, float_format="%.5g")
    print(
        table.groupby(group, sort=False)[["accuracy", "cosine"]].agg(["mean", "std", "min"]).round(4),
        flush=True,
    )


if __name__ == "__main__":
    main()
