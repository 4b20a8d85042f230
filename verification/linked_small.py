"""The recipes of linked dictionaries that need no download, three seeds, and what some of their settings do.

Printed by ``python verification/linked.py --small`` and kept in ``linked_small.csv``: one row per recipe, change and
seed, and one of recorded cells if ``NEUROSIM_DATA`` has them. A few minutes on two cores.
"""

import tempfile
from pathlib import Path

import pandas as pd

from neurosim.analysis.v1.disparity import cortical_disparity_tuning
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

_BRIEF = ("linked.raw=false", "linked.classifiers=['linear_svm']")
# Recipe, what is changed, and the assignments that change it.
CHANGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("linked", "", ()),
    ("linked", "print weighs .3", ("network.weights.printed=0.3", *_BRIEF)),
    ("linked", "hard threshold", ("network.threshold_kind=hard", *_BRIEF)),
    ("linked", "starts from noise", ("network.initial_dictionary=noise", *_BRIEF)),
    ("binocular", "", ()),
)
METRICS = (
    "accuracy_logistic",
    "accuracy_linear_svm",
    "accuracy_rbf_svm",
    "accuracy_logistic_raw",
    "accuracy_linear_svm_raw",
    "accuracy_rbf_svm_raw",
    "recall_accuracy",
    "recall_accuracy_shuffled",
    "active_fraction",
    "dead_neurons",
    "gabor_fraction",
    "binocular_fraction",
    "disparity_sd",
    "disparity_tuned_fraction",
    "disparity_discrimination_median",
    "disparity_discrimination_median_shuffled",
    "seconds_train",
)


def small_runs(n_seeds: int) -> pd.DataFrame:
    """Run every recipe with every change and return its metrics, one row per run."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for recipe, changed, assignments in CHANGES:
            for seed in range(n_seeds):
                loaded = load_recipe(recipe, assignments=[f"run.seed={seed}", *assignments])
                summary = execute(loaded, out=Path(folder) / str(len(rows)))
                found = {name: summary[name] for name in METRICS if name in summary}
                rows.append({"recipe": recipe, "changed": changed, "seed": seed} | found)
                print(rows[-1], flush=True)
    return pd.DataFrame(rows + macaque())


def macaque() -> list[dict[str, object]]:
    """Return the recorded cells' discrimination as a row, or none where their file is not at hand."""
    try:
        cells = cortical_disparity_tuning().cells
    except FileNotFoundError as missing:
        print(f"no row of recorded cells: {missing}")
        return []
    return [{"recipe": "macaque V1", "disparity_discrimination_median": float(cells["ddi"].median())}]
