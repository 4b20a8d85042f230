"""What surrounds the models of `svae.py`: heuristics taken away one by one, and models with default arguments."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from svae_models import root_mean_square

from neurosim.networks import SVAE
from neurosim.networks.svae.scales import NOISE_SHARE, contrast
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

# Of arms.csv.
HEURISTIC_COLUMNS = [
    *("arm", "n_fields", "active_filters", "active_gabor_filters", "worthwhile_filters"),
    *("elbo_nats", "elbo_nats_low", "elbo_nats_high", "iwae_nats"),
]


def heuristics(folder: Path) -> pd.DataFrame:
    """Return what the recipe `svae-grid` finds for each of its models, from the folder if it was run."""
    run = folder / "svae-grid"
    if not (run / "arms.csv").exists():
        execute(load_recipe("svae-grid"), out=run)
    table = pd.read_csv(run / "arms.csv")
    # The columns are of the networks, and the same in both spaces of their fields.
    return table.loc[table["space"] == "image", HEURISTIC_COLUMNS]


def defaults() -> list[dict[str, Any]]:
    """Return what 64 neurons with default arguments come to on patches of 8×8, as `sample_patches` returns them.

    The control has a noise that is a share of the root mean square, brightness included, and not of the contrast.
    """
    photographs = embedded_photographs()
    kinds = {"raw": photographs, "filtered": filter_images(photographs, by=OlshausenField())}
    rows = []
    for kind, unit, control in (
        ("raw", 1, False),
        ("raw", 255, False),
        ("filtered", 1, False),
        ("raw", 1, True),
    ):
        shown, held_out = (
            unit * sample_patches(kinds[kind], n_patches=n, size=8, rng=np.random.default_rng(seed))
            for seed, n in enumerate((30_000, 4000))
        )
        rms = root_mean_square(shown)
        net = SVAE(64, noise_sd=NOISE_SHARE * rms if control else None, random_state=0).fit(shown)
        row = {"patches": kind, "times": unit, "noise_from": "rms" if control else "contrast", "rms": rms}
        row |= {"contrast": contrast(shown), "noise_sd": net.noise_sd_} | in_use(net, held_out)
        rows.append(row)
        print(row, flush=True)
    return rows


def in_use(net: SVAE, held_out: NDArray[np.float64]) -> dict[str, Any]:
    """Return how many filters are in use, and the bound without the unit."""
    filters = net.filters(held_out)
    counts = {name: int(filters[name].sum()) for name in ("active", "worthwhile")}
    return counts | {"elbo_over_noise": net.bound_over_noise(held_out).mean(), "elbo": net.score(held_out)}
