"""Grids around the models of `svae.py`: noise and prior scale by the bound on tuning stimuli; heuristics one by one."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from svae_models import network, root_mean_square, stimuli

from neurosim.networks import SVAE
from neurosim.networks.svae.scales import NOISE_SHARE, contrast
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

GRID = {
    ("natural", "unit"): [(noise, scale) for noise in (0.36, 0.45, 0.55) for scale in (0.25, 0.36, 0.5)],
    ("natural", "free"): [(noise, 0.36) for noise in (0.25, 0.3, 0.36, 0.45, 0.55)],
    ("mnist", "unit"): [
        *((0.2, 0.36), (0.25, 0.8), (0.3, 0.36), (0.3, 0.6)),
        *((0.3, 1.0), (0.3, 1.5), (0.3, 2.2), (0.45, 0.36), (0.45, 0.6), (0.6, 0.36)),
    ],
    ("mnist", "free"): [(0.15, 0.36), (0.2, 0.36), (0.3, 0.36), (0.45, 0.36)],
}
# Of arms.csv.
HEURISTIC_COLUMNS = [
    *("arm", "n_fields", "active_filters", "active_gabor_filters", "worthwhile_filters"),
    *("elbo_nats", "elbo_nats_low", "elbo_nats_high", "iwae_nats"),
]


def tuned(only: list[str], before: pd.DataFrame) -> pd.DataFrame:
    """Return the bound on tuning stimuli for all candidates, those in the table as they stand there."""
    rows = before.to_dict("records")
    done = {(row["data"], row["norm"], row["noise_share"], row["prior_share"]) for row in rows}
    for (data, norm), candidates in GRID.items():
        missing = [shares for shares in candidates if (data, norm, *shares) not in done]
        if data in only and missing:
            rows += [tried(data, norm, shares) for shares in missing]
    return pd.DataFrame(rows)


def tried(data: str, norm: str, shares: tuple[float, float]) -> dict[str, Any]:
    """Return what one candidate, shares of the root mean square for noise and prior scale, comes to."""
    shown, held_out = stimuli(data, "training", 0), stimuli(data, "validation", 0)
    net = network(data, "laplace", norm, 0, shares=shares, rms=root_mean_square(shown))
    net.set_params(n_epochs=8).fit(shown)
    row = {"data": data, "norm": norm, "noise_share": shares[0], "prior_share": shares[1]}
    row |= {"elbo_validation": net.score(held_out), "active": int(net.filters(held_out)["active"].sum())}
    print(row, flush=True)
    return row | {"date": datetime.now(UTC).date().isoformat()}


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
