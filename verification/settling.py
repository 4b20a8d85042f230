"""How far codes with default arguments are from the least objective, and how many stimuli had not settled.

    python verification/settling.py [--backend cython]

Dictionaries: 384 fields learned from whitened patches of 16×16 and of 8×8 pixels, 128 handwritten digits (8×8), and 32
random fields for 16 pixels; thresholds in standard deviations of the stimuli. The optimum is scikit-learn's coordinate
descent to a tolerance of 1e-9. Fields of other norms are the random ones times a number. Hard and firm thresholds have
no convex optimum: for them it is how many codes their own equations would change by more than a tenth of the threshold.
The dated table is kept beside this file in ``settling.csv``.
"""

import argparse
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso

from neurosim.networks import LCA
from neurosim.networks.estimator.training_data import unit_rows
from neurosim.networks.lca.rate_model import Threshold
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

N_STIMULI, N_TRAINING = 200, 40_000
DEVIATIONS = (0.1, 0.3, 0.5, 1.0, 1.5)
NORMS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 255.0)
Problem = tuple[NDArray[Any], NDArray[Any]]


def main() -> None:
    """Measure, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backend", default="cython")
    backend = parser.parse_args().backend
    rows = []
    for row in [*soft(backend), *norms(backend), *jumping(backend)]:
        rows.append(row)
        print(pd.DataFrame([row]).to_string(index=False, header=len(rows) == 1), flush=True)
    table = pd.DataFrame(rows).assign(backend=backend, date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


def problems() -> dict[str, Problem]:
    """Return dictionaries with stimuli, by name."""
    rng, digits = np.random.default_rng(0), load_digits().data[np.random.default_rng(0).permutation(1797)]
    return {
        "learned 16x16": _learned(16),
        "learned 8x8": _learned(8),
        "digits": (unit_rows(digits[:128]), digits[128 : 128 + N_STIMULI] / digits.std()),
        "random": (unit_rows(rng.standard_normal((32, 16))), rng.standard_normal((N_STIMULI, 16))),
    }


def _learned(side: int) -> Problem:
    images = filter_images(embedded_photographs(), by=OlshausenField())

    def patches(number: int, seed: int) -> NDArray[Any]:
        rng = np.random.default_rng(seed)
        shown = {"n_patches": number, "size": side, "variance_floor": 0.1}
        return sample_patches(images, **shown, rng=rng, normalise="std")

    start: dict[str, Any] = {"initial_dictionary": "stimuli", "learning_rate_schedule": "linear"}
    net = LCA(384, threshold=1.0, batch_size=200, backend="cython", random_state=0, **start)
    return net.fit(patches(N_TRAINING, 0)).dictionary_, patches(N_STIMULI, 1)


def soft(backend: str) -> Iterator[dict[str, Any]]:
    """Compare codes of the soft threshold with the optimum."""
    for name, (fields, stimuli) in problems().items():
        for deviations in DEVIATIONS:
            level = deviations * float(stimuli.std())
            yield {"dictionary": name, "kind": "soft", "deviations": deviations} | _compared(
                fields, stimuli, level, backend=backend
            )


def norms(backend: str) -> Iterator[dict[str, Any]]:
    """The same for fields of other norms, thresholds in proportion."""
    fields, stimuli = problems()["random"]
    for norm in NORMS:
        row = {"dictionary": f"random x {norm:g}", "kind": "soft", "deviations": 1.0}
        yield row | _compared(norm * fields, stimuli, norm * float(stimuli.std()), backend=backend)


def jumping(backend: str) -> Iterator[dict[str, Any]]:
    """Count codes of hard and firm thresholds that are no fixed points."""
    for name, (fields, stimuli) in problems().items():
        for kind in ("hard", "firm"):
            level = float(stimuli.std())
            started = time.perf_counter()
            net = LCA.from_dictionary(fields, threshold=level, threshold_kind=kind, backend=backend)
            code, unsettled = net.settle(stimuli)
            seconds = time.perf_counter() - started
            potential = stimuli @ fields.T - code @ (fields @ fields.T - np.eye(len(fields)))
            moves = np.abs(Threshold(kind, level, 2 * level, nonnegative=False).activity(potential) - code)
            yield {"dictionary": name, "kind": kind, "deviations": 1.0} | {
                "active_fraction": float((code != 0).mean()),
                "unsettled": float(np.mean(unsettled)),
                "no_fixed_point": float((moves.max(axis=1) > 0.1 * level).mean()),
                "seconds": seconds,
            }


def _compared(fields: NDArray[Any], stimuli: NDArray[Any], level: float, *, backend: str) -> dict[str, float]:
    started = time.perf_counter()
    code, unsettled = LCA.from_dictionary(fields, threshold=level, backend=backend).settle(stimuli)
    seconds, scale = time.perf_counter() - started, np.linalg.norm(fields, axis=1).mean()
    # Coordinate descent is well scaled for fields of unit norm; the optimum is the same.
    solver = Lasso(alpha=level / scale / fields.shape[1], fit_intercept=False, max_iter=200_000, tol=1e-9)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # Past rounding it cannot converge further.
        optimal = solver.fit(fields.T / scale, stimuli.T).coef_ / scale
    cost, best = (_cost(stimuli, a, fields, level) for a in (code, optimal))
    silence, settled = (stimuli**2).sum(axis=1) / 2, ~np.asarray(unsettled)
    return {
        "active_fraction": float((code != 0).mean()),
        "excess_percent": 100 * (cost.sum() / best.sum() - 1),
        "worst_percent": 100 * float((cost / best - 1).max()),
        "worst_settled_percent": 100 * float((cost / best - 1)[settled].max()),
        "gain_lost": float((cost.sum() - best.sum()) / (silence.sum() - best.sum())),
        "unsettled": float(np.mean(unsettled)),
        "seconds": seconds,
    }


def _cost(stimuli: NDArray[Any], code: NDArray[Any], fields: NDArray[Any], level: float) -> NDArray[Any]:
    return np.asarray(
        ((stimuli - code @ fields) ** 2).sum(axis=1) / 2 + level * np.abs(code).sum(axis=1), dtype=float
    )


if __name__ == "__main__":
    main()
