"""Compare what keeps a SAILnet's rates: each homeostasis on the same patches from the same start.

    python verification/homeostasis.py [--batches 5000]

144 neurons, 12×12 whitened patches. The dated table is kept beside this file in ``homeostasis.csv``.
"""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.spikes.count_correlations import correlation_rms
from neurosim.networks import SAILnet
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

SIDE, N_NEURONS = 12, 144
# The gain keeps the mean square count at the target: the mean stays below it where neurons respond with several spikes.
KINDS: dict[str, dict[str, Any]] = {
    "threshold": {},
    "variance_gain": {"homeostasis_rate": 0.01},
    "equalisation": {"homeostasis_rate": 0.05},
    "none": {},
}


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=5000)
    n_batches = parser.parse_args().batches
    images = filter_images(embedded_photographs(), by=OlshausenField())
    options = {"size": SIDE, "variance_floor": 0.1, "normalise": "std"}
    patches = sample_patches(images, n_patches=100_000, rng=np.random.default_rng(0), **options)
    patches = patches.astype(np.float32)
    fresh = sample_patches(images, n_patches=10_000, rng=np.random.default_rng(1), **options).astype(
        np.float32
    )
    rows = []
    for kind, parameters in KINDS.items():
        started = time.perf_counter()
        net = SAILnet(
            N_NEURONS, homeostasis=kind, n_epochs=max(1, n_batches // 1000),
            backend="cython", random_state=0, **parameters,
        ).fit(patches)  # fmt: skip
        counts, seconds = net.transform(fresh), time.perf_counter() - started
        fields = net.dictionary_.reshape(-1, SIDE, SIDE)
        fits = fit_gabors(fields, amplitude_bound=1.5, n_starts=12)
        means = counts.mean(axis=0)
        rows.append(
            {
                "homeostasis": kind,
                "spikes_per_stimulus": means.mean(),
                "spread_of_neurons": means.std() / means.mean(),
                "silent_neurons": int((means == 0).sum()),
                "residual_rms": net.residual_rms(fresh, counts),
                "count_correlation_rms": correlation_rms(counts).rms,
                "gabor_r2_median": fits["r2"].median(),
                "seconds": seconds,
            }
        )
        print(pd.DataFrame(rows[-1:]).to_string(index=False, float_format="%.3f"), flush=True)
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
