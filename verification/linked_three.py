"""Three modalities, each missing in turn: handwriting, print and sound, five seeds, pairs right and shuffled.

    NEUROSIM_DATA=… python verification/linked_three.py [--seeds 5] [--mnist]

Networks learn with the recipe `linked-three`. What the modalities that are shown recall of another is right if, of the
mean training stimuli of all classes, that of the stimulus's class is the nearest (cosine). ``shuffled`` networks have
learned from the same digits with the prints and the sounds of others, each shuffled for itself. ``--mnist`` takes
MNIST's digits, 256 neurons and the settings of `linked-mnist` instead (20,000 digits to learn from, all test digits;
three seeds). Kept in ``linked_three.csv``; a few minutes on one core for the small digits.
"""

import argparse
import os
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

# One thread, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from neurosim.analysis.codes.recall import recall_accuracy, recall_error
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.stimuli import prepared
from neurosim.stimuli.kinds.stimuli import Arrays, Stimuli

PATH = Path(__file__).with_suffix(".csv")
MNIST = (
    "stimuli.source=mnist", "stimuli.n_train=20000", "network.n_neurons=256", "network.threshold=0.05",
    "network.n_epochs=7", "network.batch_size=200", "network.weights={printed=0.3, sound=0.3}",
)  # fmt: skip


def main() -> None:
    """Compute what is missing, store it and print mean and least over seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--mnist", action="store_true")
    options = parser.parse_args()
    digits, n_seeds = ("mnist", min(options.seeds, 3)) if options.mnist else ("embedded", options.seeds)
    have = pd.read_csv(PATH) if PATH.exists() else pd.DataFrame(columns=["digits", "seed"])
    for seed in range(n_seeds):
        if ((have.digits == digits) & (have.seed == seed)).any():
            continue
        rows = pd.DataFrame(measured(seed, MNIST if options.mnist else ())).assign(digits=digits, seed=seed)
        have = pd.concat([have, rows], ignore_index=True)
        have.to_csv(PATH, index=False, float_format="%.4g")
        print(rows.to_string(index=False), flush=True)
    by = have.groupby(["digits", "pairs", "shown", "recalled"], sort=False)
    print(by[["accuracy", "cosine_to_mean"]].agg(["mean", "min"]).round(4).to_string())


def measured(seed: int, assignments: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return a row for each way of recalling, of a network that learned right pairs and of one that did not."""
    recipe = load_recipe("linked-three", assignments=assignments)
    training_rng, held_out_rng, rng = np.random.default_rng(seed).spawn(3)
    stimuli = prepared(recipe, training_rng=training_rng, held_out_rng=held_out_rng)
    first, *others = stimuli.names
    shuffled = {first: stimuli.training[first]}
    shuffled |= {name: rng.permutation(stimuli.training[name]) for name in others}
    rows = []
    for pairs, shown in (("right", stimuli.training), ("shuffled", shuffled)):
        net = built(recipe.network, random_state=seed).fit(shown)
        rows += [{"pairs": pairs} | row for row in _recalls(net, stimuli)]
    return rows


def _recalls(net: Any, stimuli: Stimuli) -> list[dict[str, Any]]:
    assert stimuli.labels is not None
    asked, rows = stimuli.labels.held_out, []
    means = _means(stimuli.training, stimuli.labels.training)
    for n_shown in (2, 1):
        for shown in combinations(stimuli.names, n_shown):
            code = net.transform({name: stimuli.held_out[name] for name in shown})
            for want in stimuli.names:
                if want in shown:
                    continue
                recalled = code @ net.recall_dictionaries_[want]
                rows.append({
                    "shown": " and ".join(shown), "recalled": want,
                    "accuracy": recall_accuracy(recalled, means[want], asked).loc["all", "accuracy"],
                    "cosine": recall_error(recalled, stimuli.held_out[want], asked).loc["all", "cosine"],
                    "cosine_to_mean": recall_error(recalled, means[want][asked], asked).loc["all", "cosine"],
                    "active_fraction": float((code != 0).mean()),
                    "date": datetime.now(UTC).date().isoformat(),
                })  # fmt: skip
    return rows


def _means(shown: Arrays, labels: Any) -> Arrays:
    return {
        name: np.stack([rows[labels == digit].mean(axis=0, dtype=float) for digit in range(10)])
        for name, rows in shown.items()
    }


if __name__ == "__main__":
    main()
