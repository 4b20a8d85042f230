"""The Gaussian kernel that reads codes of MNIST: threshold while embedding, gamma and C, chosen on training digits.

    NEUROSIM_DATA=… python verification/linked_kernel.py [--only linked ordinal-mnist] [--networks FOLDER]

Networks are those of `linked-mnist` and `ordinal-mnist` after all 60,000 training digits, seed 0. RBF SVMs are fitted
to the codes of 20,000 training digits and judged by 10,000 others, for every threshold that codes are found with
(linked; the ordinal network keeps its own, which its purity depends on), gamma and C; the best is taken, of equals the
first. Codes come from handwriting alone. The network has seen the digits that judge, the SVMs have not, and no test
digit takes part: those are counted by `linked.py` and by the part ``whole`` of `ordinal_front.py`. Rows are added to
``linked_kernel.csv`` as they come and are not computed again while they stand there. A network learns in two to four
minutes of a processor, a search takes one to three.
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
from linked_networks import trained
from numpy.typing import NDArray

from neurosim.stimuli import load_mnist, unit_norm

PATH = Path(__file__).with_suffix(".csv")
# Thresholds tried; the first is the one that the recipe ships.
THRESHOLDS = {"linked": (0.05, 0.03, 0.015, 0.0075, 0.00375), "ordinal-mnist": (0.08,)}
# Gamma in multiples of 1 / (neurons · variance), the likeliest first; C rises: the stronger regularisation first.
GAMMAS = (1.0, 0.5, 2.0)
COSTS = {"linked": (3.0, 10.0), "ordinal-mnist": (3.0, 10.0, 30.0)}
N_FITTED, N_JUDGING = 20_000, 10_000
KEYS = ["network", "threshold", "gamma", "C"]


def main() -> None:
    """Search, and print the table and what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(THRESHOLDS), default=list(THRESHOLDS))
    parser.add_argument("--networks", type=Path, help="folder that networks are kept in and taken from")
    options = parser.parse_args()
    for network in options.only:
        search(network, folder=options.networks)
        print(f"{network}: {chosen(network)}", flush=True)
    print(_stored().to_string(index=False))


def search(network: str, *, folder: Path | None) -> None:
    """Judge every setting that is not stored on training digits."""
    training, net = load_mnist("train"), None
    digits, order = unit_norm(training.flat), np.random.default_rng(0).permutation(len(training.labels))
    labels, costs, codes = training.labels[order], COSTS[network], {}
    for gamma, threshold in product(GAMMAS, THRESHOLDS[network]):
        key = {"network": network, "threshold": threshold, "gamma": gamma}
        if not _rows(key).empty:
            continue
        net = net or trained(network, 0, digits, training.labels, keep=folder)
        if threshold not in codes:
            codes[threshold] = _codes(net, threshold, digits[order[: N_FITTED + N_JUDGING]])
        own, asked = np.split(codes[threshold], [N_FITTED])
        answers = predicted(own, labels[:N_FITTED], asked, gamma=gamma, costs=costs)
        for cost, answer in zip(costs, answers, strict=True):
            right = float((answer == labels[N_FITTED : N_FITTED + N_JUDGING]).mean())
            _add(key | {"C": cost, "rbf_svm": right, "active_fraction": float((asked != 0).mean())})


def chosen(network: str) -> dict[str, float]:
    """Return the setting that judged best on training digits."""
    rows = _rows({"network": network})
    best = rows.loc[rows.rbf_svm.idxmax()]
    return {name: float(best[name]) for name in ("threshold", "gamma", "C")}


def _codes(net: Any, threshold: float, digits: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(copy(net).set_params(threshold=threshold).transform({"handwriting": digits}))


def _add(row: dict[str, Any]) -> None:
    """Keep the row of one setting."""
    row |= {"date": datetime.now(UTC).date().isoformat()}
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
