"""How fast the rates of a spiking LCA come to the LASSO solution, on whitened patches of photographs.

    python verification/spiking_lca.py [--patches 50]

128 pairs of neurons, 8×8 patches of unit standard deviation, a dictionary learned from such patches, τ = 1 ms. Printed
for several thresholds and charges: the log-log slope of the error over time from ten time constants on, the time after
which the objective stays within one per cent of the LASSO's, and how many spikes that takes. The dated table is kept
beside this file in ``spiking_lca.csv`` and the curves in ``spiking_lca.png``.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import Lasso

from neurosim.networks import LCA, SpikingLCA
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

N_PAIRS, SIDE = 128, 8
# In standard deviations of a pixel; the stimulus has norm 8.
THRESHOLDS, CHARGES = (0.5, 1.0, 1.5), (0.4, 0.1)
TIMES_MS = np.round(np.geomspace(1, 1000, 31)).astype(int)


def main() -> None:
    """Run, print and store the table and the curves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patches", type=int, default=50)
    n_patches = parser.parse_args().patches
    images = filter_images(embedded_photographs(), by=OlshausenField())
    options = {"size": SIDE, "variance_floor": 0.1, "normalise": "std"}
    patches = sample_patches(images, n_patches=40_000, rng=np.random.default_rng(0), **options)
    shown = sample_patches(images, n_patches=n_patches, rng=np.random.default_rng(1), **options)
    rows, figure = [], plt.figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots(1, 2, sharex=True)
    for threshold in THRESHOLDS:
        net = LCA(N_PAIRS, threshold=threshold, initial_dictionary="stimuli", random_state=0).fit(patches)
        exact = lasso(shown, net.dictionary_, threshold)
        for charge in CHARGES:
            curves = convergence(shown, net.dictionary_, exact, threshold=threshold, charge=charge)
            rows.append({"threshold": threshold, "charge": charge} | summary(curves))
            print(pd.DataFrame(rows[-1:]).to_string(index=False, float_format="%.4g"), flush=True)
            label = f"λ = {threshold}, charge {charge}"
            axes[0].loglog(curves["time_ms"], curves["error"], label=label)
            axes[1].loglog(curves["time_ms"], curves["excess"], label=label)
    axes[0].set(xlabel="time (τ = 1 ms)", ylabel="|rates − LASSO| / |LASSO|")
    axes[1].set(xlabel="time (τ = 1 ms)", ylabel="objective above the LASSO's")
    axes[1].axhline(0.01, color="0.6", linestyle=":")
    axes[0].legend(frameon=False, fontsize="small")
    here = Path(__file__)
    figure.savefig(here.with_suffix(".png"), dpi=110)
    table = pd.DataFrame(rows).assign(patches=n_patches, date=datetime.now(UTC).date().isoformat())
    table.to_csv(here.with_suffix(".csv"), index=False, float_format="%.4g")


def lasso(stimuli: NDArray[Any], dictionary: NDArray[Any], threshold: float) -> NDArray[Any]:
    """Return the LASSO solution of every stimulus from scikit-learn."""
    solver = Lasso(alpha=threshold / stimuli.shape[1], fit_intercept=False, tol=1e-12, max_iter=10**6)
    return np.array([solver.fit(dictionary.T, stimulus).coef_ for stimulus in stimuli])


def convergence(
    stimuli: NDArray[Any], dictionary: NDArray[Any], exact: NDArray[Any], *, threshold: float, charge: float
) -> pd.DataFrame:
    """Return error, excess of the objective and spikes per stimulus after each time."""
    rows = []
    for time in TIMES_MS:
        net = SpikingLCA.from_dictionary(
            dictionary, threshold=threshold, charge=charge, dt="0.01 ms", presentation=f"{time} ms",
            batch_size=len(stimuli), backend="cython",
        )  # fmt: skip
        rates = net.transform(stimuli)
        least = net.objective(stimuli, exact).mean()
        spikes = net.spike_counts(stimuli)["neurons"].sum(axis=1).mean()
        error = np.linalg.norm(rates - exact, axis=1).mean() / np.linalg.norm(exact, axis=1).mean()
        excess = net.objective(stimuli, rates).mean() / least - 1
        rows.append({"time_ms": int(time), "error": error, "excess": excess, "spikes": spikes})
    return pd.DataFrame(rows)


def summary(curves: pd.DataFrame) -> dict[str, float]:
    """Return the slope from ten time constants on, and when the objective is within a per cent for good."""
    late = curves[curves["time_ms"] >= 10]
    slope = np.polyfit(np.log(late["time_ms"]), np.log(late["error"]), 1)[0]
    within = curves["excess"].to_numpy() <= 0.01
    first = len(within) - int(np.argmin(within[::-1])) if not within.all() else 0
    reached = curves.iloc[first] if first < len(curves) else None
    return {
        "slope": float(slope),
        "ms_to_1_percent": float("nan") if reached is None else float(reached["time_ms"]),
        "spikes_per_patch_then": float("nan") if reached is None else float(reached["spikes"]),
        "excess_at_20_ms_percent": 100 * float(np.interp(20, curves["time_ms"], curves["excess"])),
        "error_at_1000_ms": float(curves["error"].iloc[-1]),
    }


if __name__ == "__main__":
    main()
