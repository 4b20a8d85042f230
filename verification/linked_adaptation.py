"""What adaptation of the neurons at recall does to the recall of print and of handwriting, chosen on training digits.

    NEUROSIM_DATA=… python verification/linked_adaptation.py [--seeds 3]

Networks of `linked-mnist` learn the 60,000 training digits. ``print`` is recalled from the handwriting of 10,000 of
them, through the weights of recall (``completed``) and through the dictionary; ``handwriting`` from the ten prints
alone, compared with the mean training digit of every class. No test digit takes part. ``linked`` is the recipe of that
name on four fifths of its training digits, asked about the last fifth. Kept in ``linked_adaptation.csv``; five minutes
on one core.
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
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli import (
    LabelledImages,
    embedded_digits,
    load_mnist,
    printed_digits,
    split_digits,
    unit_norm,
)

PATH = Path(__file__).with_suffix(".csv")
ADAPTATIONS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
N_ASKED = 10_000


def main() -> None:
    """Train, recall with every adaptation, store and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for seed in range(options.seeds):
        rows += small(seed) + published(seed)
        table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
        table.to_csv(PATH, index=False, float_format="%.5g")
    by = ["recipe", "recalled", "through", "adaptation"]
    print(table.groupby(by, sort=False)[["accuracy", "cosine"]].agg(["mean", "min"]).round(4).to_string())


def published(seed: int) -> list[dict[str, Any]]:
    """Return the rows of `linked-mnist`."""
    training, printed = load_mnist("train"), unit_norm(printed_digits().flat)
    asked = np.random.default_rng(seed).permutation(len(training))[:N_ASKED]
    part = LabelledImages(training.images[asked], training.labels[asked], training.source)
    return _rows("linked-mnist", seed, training=training, asked=part, printed=printed)


def small(seed: int) -> list[dict[str, Any]]:
    """Return the rows of `linked`: of its training digits a fifth is held out once more."""
    rng = np.random.default_rng(seed)
    training, _ = split_digits(embedded_digits(), n_test=359, rng=rng)
    training, asked = split_digits(training, n_test=287, rng=rng)
    printed = unit_norm(printed_digits(8, fraction=1.0).flat)
    return _rows("linked", seed, training=training, asked=asked, printed=printed)


def _rows(
    recipe: str, seed: int, *, training: LabelledImages, asked: LabelledImages, printed: NDArray[Any]
) -> list[dict[str, Any]]:
    given = unit_norm(training.flat)
    net: Any = built(load_recipe(recipe).network, random_state=seed)
    net.fit({"handwriting": given, "printed": printed[training.labels]})
    means = np.stack([given[training.labels == digit].mean(axis=0) for digit in range(10)])
    rows = []
    for adaptation in ADAPTATIONS:
        adapting = copy(net).set_params(adaptation=adaptation)
        code = adapting.transform({"handwriting": unit_norm(asked.flat)})
        few = copy(adapting).set_params(backend="numpy", batch_size=10).transform({"printed": printed})
        # What is recalled, through what, and what belongs there.
        ways = [
            ("print", "dictionary", code @ net.dictionaries_["printed"], printed, asked.labels),
            ("handwriting", "dictionary", few @ net.dictionaries_["handwriting"], means, np.arange(10)),
        ]
        if "printed" in (net.completion or {}):
            own = code @ net.recall_weights_["printed"]
            ways.append(("print", "completed", own, printed, asked.labels))
        for recalled, through, found, known, labels in ways:
            rows.append({
                "recipe": recipe, "seed": seed, "recalled": recalled, "through": through, "adaptation": adaptation,
                "accuracy": recall_accuracy(found, known, labels).loc["all", "accuracy"],
                "cosine": recall_error(found, known[labels], labels).loc["all", "cosine"],
            })  # fmt: skip
            print(rows[-1], flush=True)
    return rows


if __name__ == "__main__":
    main()
