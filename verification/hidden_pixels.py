"""Choose a threshold by the prediction of hidden pixels, where the noise is known, and by the objective as a control.

    python verification/hidden_pixels.py

Planted: random fields of unit norm, of which four with amplitudes 1 to 2 make each stimulus. Patches: 8×8 whitened ones
and 128 fields learned from others. To both noise of a known standard deviation is added in every pixel. The dated table
is kept beside this file in ``hidden_pixels.csv``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.networks import LCA, hidden_pixel_score
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
NOISES = (0.05, 0.1, 0.2, 0.4, 0.8)
SEEDS = (0, 1, 2)
N_STIMULI, SIDE = 100, 8
Stimuli = NDArray[np.float64]


def main() -> None:
    """Run, print and store the table."""
    rows = []
    for seed in SEEDS:
        for kind, (fields, clean) in _sources(seed):
            for noise in NOISES:
                # Of another generator than the fields, which would be in the noise.
                stimuli = clean + noise * np.random.default_rng((seed, 1)).standard_normal(clean.shape)
                for threshold in THRESHOLDS:
                    net = LCA.from_dictionary(fields, threshold=threshold)
                    rows.append(
                        {
                            "stimuli": kind,
                            "seed": seed,
                            "noise": noise,
                            "threshold": threshold,
                            "hidden_pixel_score": hidden_pixel_score(net, stimuli),
                            "score": net.score(stimuli),
                        }
                    )
                _say(rows[-len(THRESHOLDS) :])
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


def _sources(seed: int) -> Iterator[tuple[str, tuple[Stimuli, Stimuli]]]:
    rng = np.random.default_rng(seed)
    yield "planted", _planted(rng)
    yield "patches", _patches(rng, seed)


def _planted(rng: np.random.Generator) -> tuple[Stimuli, Stimuli]:
    fields = rng.standard_normal((96, SIDE**2))
    fields /= np.linalg.norm(fields, axis=1, keepdims=True)
    code = np.zeros((N_STIMULI, len(fields)))
    for row in code:
        row[rng.choice(len(fields), 4, replace=False)] = rng.choice([-1, 1], 4) * rng.uniform(1, 2, 4)
    return fields, code @ fields


def _patches(rng: np.random.Generator, seed: int) -> tuple[Stimuli, Stimuli]:
    images = filter_images(embedded_photographs(), by=OlshausenField())
    options: dict[str, Any] = {"size": SIDE, "variance_floor": 0.1, "normalise": "std"}
    patches = sample_patches(images, n_patches=20_000, rng=rng, **options)
    net = LCA(
        128, threshold=0.5, learning_rate_schedule="linear", initial_dictionary="stimuli", random_state=seed
    ).fit(patches)
    return net.dictionary_, sample_patches(images, n_patches=N_STIMULI, rng=rng, **options)


def _say(rows: list[dict[str, Any]]) -> None:
    """Print which threshold each score would take."""
    best, control = (max(rows, key=lambda row: row[name]) for name in ("hidden_pixel_score", "score"))
    kind, seed, noise = (best[name] for name in ("stimuli", "seed", "noise"))
    print(
        f"{kind}, seed {seed}, noise {noise}: hidden pixels take {best['threshold']} (R² "
        f"{best['hidden_pixel_score']:.3f}), the objective takes {control['threshold']}",
        flush=True,
    )


if __name__ == "__main__":
    main()
