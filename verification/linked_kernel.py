"""The Gaussian kernel that reads codes of MNIST: threshold while embedding, gamma and C, chosen on training digits.

    NEUROSIM_DATA=… python verification/linked_kernel.py [--only linked ordinal] [--test SEEDS] [--networks FOLDER]

Networks are those of `linked-mnist` and `ordinal-mnist` after all 60,000 training digits. With seed 0, RBF SVMs are
fitted to the codes of 20,000 training digits and judged by 10,000 others (``part`` "search"), for every threshold that
codes are found with (linked; the ordinal network keeps its own, which its purity depends on), gamma and C; the best is
taken, of equals the first. Codes come from handwriting alone. The network has seen the digits that judge, the SVMs
have not, and no test digit takes part. ``--test``: that many seeds of the linked network, SVMs fitted to the codes of
all training digits, found with the threshold that was chosen and with the shipped one, each with the best gamma and C
at it, 10,000 test digits (``part`` "test"); the ordinal network's are the part ``whole`` of `ordinal_front.py`. Rows
are added to ``linked_kernel.csv`` as they come and are not computed again while they stand there. A network learns in
two to four minutes of a processor, a search takes one to three, a fit to all codes one.
"""

import argparse
import os
from copy import copy
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

# One thread, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from gaussian_machine import predicted
from numpy.typing import NDArray

import neurosim
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli import load_mnist, printed_digits, unit_norm

PATH = Path(__file__).with_suffix(".csv")
# Thresholds tried; the first is the one that the recipe ships.
THRESHOLDS = {"linked": (0.05, 0.03, 0.015), "ordinal": (0.08,)}
# Gamma in multiples of 1 / (neurons · variance), the likeliest first; C rises: the stronger regularisation first.
GAMMAS = (1.0, 0.5, 2.0)
COSTS = {"linked": (3.0, 10.0), "ordinal": (3.0, 10.0, 30.0)}
N_FITTED, N_JUDGING = 20_000, 10_000
KEYS = ["network", "part", "seed", "threshold", "gamma", "C"]

Floats = NDArray[Any]
Labels = NDArray[np.int64]


def main() -> None:
    """Search, test what was chosen, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(THRESHOLDS), default=list(THRESHOLDS))
    parser.add_argument("--test", type=int, default=0, metavar="SEEDS")
    parser.add_argument("--networks", type=Path, help="folder that networks are kept in and taken from")
    options = parser.parse_args()
    for network in options.only:
        search(network, folder=options.networks)
        print(f"{network}: {chosen(network)}", flush=True)
    for seed in range(options.test) if "linked" in options.only else ():
        for threshold in dict.fromkeys((chosen("linked")["threshold"], THRESHOLDS["linked"][0])):
            tested(seed, chosen("linked", threshold=threshold), folder=options.networks)
    print(_stored().to_string(index=False))


def search(network: str, *, folder: Path | None) -> None:
    """Judge every setting that is not stored on training digits."""
    training, net = load_mnist("train"), None
    order = np.random.default_rng(0).permutation(len(training.labels))[: N_FITTED + N_JUDGING]
    labels, costs, codes = training.labels[order], COSTS[network], {}
    for gamma, threshold in product(GAMMAS, THRESHOLDS[network]):
        key = {"network": network, "part": "search", "seed": 0, "threshold": threshold, "gamma": gamma}
        if not _rows(key).empty:
            continue
        net = net or trained(network, 0, folder=folder)
        if threshold not in codes:
            codes[threshold] = _codes(net, threshold, unit_norm(training.flat)[order])
        own, asked = np.split(codes[threshold], [N_FITTED])
        answers = predicted(own, labels[:N_FITTED], asked, gamma=gamma, costs=costs)
        for cost, answer in zip(costs, answers, strict=True):
            _add(key | {"C": cost}, answer, labels[N_FITTED:], asked, n_fitted=N_FITTED)


def chosen(network: str, **fixed: float) -> dict[str, float]:
    """Return the setting that judged best on training digits, with something fixed or not."""
    rows = _rows({"network": network, "part": "search", **fixed})
    best = rows.loc[rows.rbf_svm.idxmax()]
    return {name: float(best[name]) for name in ("threshold", "gamma", "C")}


def tested(seed: int, setting: dict[str, float], *, folder: Path | None) -> None:
    """Fit the codes of all training digits and count what is right of the test digits."""
    key = {"network": "linked", "part": "test", "seed": seed, **setting}
    if not _rows(key).empty:
        return
    training, test = load_mnist("train"), load_mnist("test")
    net = trained("linked", seed, folder=folder)
    codes, asked = (_codes(net, setting["threshold"], unit_norm(digits.flat)) for digits in (training, test))
    [answer] = predicted(codes, training.labels, asked, gamma=setting["gamma"], costs=[setting["C"]])
    _add(key, answer, test.labels, asked, n_fitted=len(codes))


def trained(network: str, seed: int, *, folder: Path | None) -> Any:
    """Return the network of the recipe after all training digits, kept in `folder` or learned."""
    kept = folder and folder / f"{network}-{seed}.nc"
    if kept and kept.exists():
        return neurosim.load(kept)
    training, printed = load_mnist("train"), unit_norm(printed_digits().flat)
    net: Any = built(load_recipe(f"{network}-mnist").network, random_state=seed)
    shown = {"handwriting": unit_norm(training.flat), "printed": printed[training.labels]}
    net.fit(shown, *([training.labels] if network == "ordinal" else []))
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        net.save(kept)
    return net


def _codes(net: Any, threshold: float, digits: Floats) -> Floats:
    return np.asarray(copy(net).set_params(threshold=threshold).transform({"handwriting": digits}))


def _add(key: dict[str, Any], answer: Labels, labels: Labels, asked: Floats, **others: float) -> None:
    """Keep the row of one setting."""
    row = key | {
        "rbf_svm": float((answer == labels).mean()),
        **others,
        "active_fraction": float((asked != 0).mean()),
        "date": datetime.now(UTC).date().isoformat(),
    }
    table = pd.concat([_stored(), pd.DataFrame([row])], ignore_index=True)
    table.to_csv(PATH, index=False, float_format="%.5g")
    print(row, flush=True)


def _rows(key: dict[str, Any]) -> pd.DataFrame:
    """Return the rows of the table that have these values."""
    have = _stored()
    return have[np.logical_and.reduce([have[name] == value for name, value in key.items()])]


def _stored() -> pd.DataFrame:
    return pd.read_csv(PATH) if PATH.exists() else pd.DataFrame(columns=[*KEYS, "rbf_svm"])


if __name__ == "__main__":
    main()
