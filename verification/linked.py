"""Table I of Barari & Kim on MNIST, five seeds, and what else linked dictionaries have to show.

    NEUROSIM_DATA=… python verification/linked.py [--seeds 5] [--jobs 2] [--only linked equal-weight …] [--brief]
    python verification/linked.py --small

Every network learns the 60,000 training digits with its shipped recipe (`linked-mnist`, `ordinal-mnist`; `single` is
the LCA of the same settings, ``equal-weight`` is `linked-mnist` with a print that weighs as much as handwriting, as
published; ``linked-lower`` are codes of `linked-mnist` with the threshold that `linked_kernel.py` chose); codes of both
splits come from handwriting alone. Raw pixels are classified twice, with scikit-learn's defaults ("raw-paper", style
of the paper's first row) and tuned. Rows are added to ``linked.csv`` as they come, one per code, seed and measure, and
are not computed again while they stand there; the table beside the paper's is printed and kept in ``linked_table.csv``.
About an hour and a half on two cores. ``--keep`` has networks kept in a folder, and taken from there. ``--small`` runs
the recipes that need no download instead (`linked_small.py`), with three seeds. ``--brief`` leaves out the Gaussian
kernel, which takes most of the time; such rows that stand there stay, with their own date.
"""

import argparse
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# One thread for each of the processes below, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from gaussian_machine import predicted
from joblib import Parallel, delayed
from linked_kernel import chosen
from linked_networks import RECIPES, handwriting, trained
from linked_small import small_runs
from numpy.typing import NDArray

from neurosim.analysis.codes.blocks import block_purity, shuffled_block_purity
from neurosim.analysis.codes.classification import CLASSIFIERS, classify
from neurosim.analysis.codes.clusters import cluster_separation
from neurosim.analysis.codes.recall import recall_accuracy
from neurosim.stimuli import load_mnist, printed_digits, unit_norm

HERE = Path(__file__)
# Codes of a network of another name, found with the threshold that linked_kernel.py chose.
LOWER = {"linked-lower": "linked"}
# Whose Gaussian kernel linked_kernel.py chose on training digits, and for which network; of others it is searched.
KERNELS = {"linked": "linked", "linked-lower": "linked"}
CODES = (*RECIPES, *LOWER, "raw", "raw-paper")
# They are there for their order beside the others; the Gaussian kernel, which takes longest, is left out.
BRIEF = ("single", "equal-weight")
PAPER = {
    "raw-paper": (0.9167, 0.8522, 0.9250),
    "linked": (0.9633, 0.9619, 0.981),
    "ordinal": (0.9541, 0.9542, 0.9738),
}
# Digits whose prints are near copies of each other.
ALIKE = (3, 6, 8, 9)
# Training stimuli on which the classifiers' settings are searched; the best C of a linear one depends on their number.
N_SEARCH = {"logistic": 60_000, "linear_svm": 60_000, "rbf_svm": 10_000}

Row = dict[str, Any]
Labelled = tuple[NDArray[Any], NDArray[Any]]  # stimuli and their classes


def main() -> None:
    """Compute what is missing, print the table and store it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="+", choices=CODES, default=CODES)
    parser.add_argument("--brief", action="store_true", help="leave the Gaussian kernel out")
    parser.add_argument("--keep", type=Path, help="folder that networks are kept in and taken from")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    if options.small:
        table = small_runs(min(options.seeds, 3)).assign(date=datetime.now(UTC).date().isoformat())
        table.to_csv(HERE.with_name("linked_small.csv"), index=False, float_format="%.4g")
        print(table.to_string(index=False, float_format="%.3f"))
        return
    have = _stored()
    wanted = [
        (code, seed)
        for seed in range(options.seeds)
        for code in options.only
        # Pixels are the same for every seed.
        if (seed == 0 or not code.startswith("raw")) and _lacks(have, code, seed, brief=options.brief)
    ]
    results = Parallel(n_jobs=options.jobs, return_as="generator_unordered")(
        delayed(measured)(code, seed, brief=options.brief, keep=options.keep) for code, seed in wanted
    )
    for rows in results:
        have = pd.concat([have, pd.DataFrame(rows)], ignore_index=True)
        have = have.drop_duplicates(["code", "seed", "measure"], keep="last")
        have = have.sort_values(["code", "seed"], kind="stable")
        have.to_csv(HERE.with_suffix(".csv"), index=False, float_format="%.5g")
        print(pd.DataFrame(rows).to_string(index=False), flush=True)
    table = summary(have)
    table.to_csv(HERE.with_name("linked_table.csv"), index=False, float_format="%.4f")
    print(table.to_string(index=False, float_format="%.4f"))


def _lacks(have: pd.DataFrame, code: str, seed: int, *, brief: bool) -> bool:
    """Whether something that was asked for is not stored; the Gaussian kernel does not stand for the others."""
    stored = set(have[(have.code == code) & (have.seed == seed)].measure)
    needed = {"logistic"} if brief or code in BRIEF else {"logistic", "rbf_svm"}
    return not needed <= stored


def measured(code: str, seed: int, *, brief: bool = False, keep: Path | None = None) -> list[Row]:
    """Return everything that is measured of one code, as rows of code, seed, measure and value."""
    training, test = load_mnist("train"), load_mnist("test")
    given, unseen = unit_norm(training.flat), unit_norm(test.flat)
    values: Row = {}
    style, rng = "tuned", np.random.default_rng(seed)
    if code == "raw-paper":
        given, unseen, style = training.flat, test.flat, "paper"
    elif code != "raw":
        given, unseen, values = _network(
            code, seed, (given, training.labels), (unseen, test.labels), rng=rng, keep=keep
        )
    named = [name for name in CLASSIFIERS if not ((brief or code in BRIEF) and name == "rbf_svm")]
    for name in named:
        values |= _read_out(name, code, (given, training.labels), (unseen, test.labels), rng=rng, style=style)
    if code != "raw-paper":
        values |= _separation(unseen, test.labels, rng)
    date = datetime.now(UTC).date().isoformat()
    return [{"code": code, "seed": seed, "measure": k, "value": v, "date": date} for k, v in values.items()]


def _read_out(
    name: str,
    code: str,
    training: Labelled,
    test: Labelled,
    *,
    rng: np.random.Generator,
    style: Any,
) -> Row:
    """Return what a classifier gets right, and its seconds."""
    started = time.perf_counter()
    if name == "rbf_svm" and code in KERNELS:
        setting: Any = chosen(KERNELS[code])
        [answer] = predicted(*training, test[0], gamma=setting["gamma"], costs=[setting["C"]])
        right, how = float((answer == test[1]).mean()), f"gamma={setting['gamma']:g}, C={setting['C']:g}"
    else:
        searched: Any = {"n_search": N_SEARCH[name], "style": style, "classifiers": [name], "rng": rng}
        [row] = classify(*training, *test, **searched).itertuples()
        right, how = row.accuracy, row.parameters
    print(code, name, f"{right:.4f}", how, flush=True)
    return {name: right, f"seconds_{name}": time.perf_counter() - started}


def _network(
    code: str,
    seed: int,
    training: Labelled,
    test: Labelled,
    *,
    rng: np.random.Generator,
    keep: Path | None,
) -> tuple[NDArray[Any], NDArray[Any], Row]:
    """Train a network and return its codes of both splits, computed from handwriting alone, and its measures."""
    (given, labels), (unseen, unseen_labels) = training, test
    printed = unit_norm(printed_digits().flat)
    net = trained(LOWER.get(code, code), seed, given, labels, keep=keep)
    if code in LOWER:
        net.set_params(threshold=chosen(LOWER[code])["threshold"])
    learned = time.perf_counter()
    alone = [handwriting(code, given), handwriting(code, unseen)]
    codes = [net.transform(stimuli) for stimuli in alone]
    encoded = time.perf_counter()
    values: Row = {
        "seconds_encode": encoded - learned,
        "active_fraction": float((codes[1] != 0).mean()),
        "dead": len(net.dead_neurons_),
    }
    if code != "single":
        ways = {"recall_accuracy": net.recall(alone[1], want="printed")}
        ways["recall_accuracy_dictionary"] = codes[1] @ net.dictionaries_["printed"]
        values |= {
            name: _whole(recall_accuracy(recalled, printed, unseen_labels), "accuracy")
            for name, recalled in ways.items()
        }
    if code == "linked":
        alike = (printed @ printed.T)[np.ix_(ALIKE, ALIKE)][~np.eye(len(ALIKE), dtype=bool)]
        values |= {"print_cosine_least": float(alike.min()), "print_cosine_most": float(alike.max())}
    if code == "ordinal":
        purity = block_purity(codes[1], unseen_labels, net.block_of_)
        control = shuffled_block_purity(codes[1], unseen_labels, net.block_of_, rng=rng)
        values |= {
            "block_purity": _whole(purity, "purity"),
            "block_accuracy": _whole(purity, "block_accuracy"),
        }
        values["block_purity_shuffled"] = float(control["purity"].mean())
    return codes[0], codes[1], values


def _separation(points: NDArray[Any], labels: NDArray[Any], rng: np.random.Generator) -> Row:
    """Return how far the classes of test stimuli lie apart; silent codes have no direction."""
    speaks = points.any(axis=1)
    found = cluster_separation(points[speaks], labels[speaks], rng=rng)
    return {"silent": int((~speaks).sum())} | {str(key): float(value) for key, value in found.items()}


def _whole(table: pd.DataFrame, column: str) -> float:
    return float(table.loc["all", column])


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean and spread over seeds, beside the paper's accuracies."""
    by = rows.groupby(["code", "measure"], sort=False)
    grouped = by["value"].agg(["mean", "std", "count"]).assign(oldest=by["date"].min()).reset_index()
    paper = {
        (code, name): value
        for code, values in PAPER.items()
        for name, value in zip(CLASSIFIERS, values, strict=True)
    }
    grouped["paper"] = [paper.get((row.code, row.measure), np.nan) for row in grouped.itertuples()]
    return grouped.rename(columns={"std": "sd", "count": "seeds"})


def _stored() -> pd.DataFrame:
    path = HERE.with_suffix(".csv")
    columns = ["code", "seed", "measure", "value", "date"]
    return pd.read_csv(path) if path.exists() else pd.DataFrame(columns=columns)


if __name__ == "__main__":
    main()
