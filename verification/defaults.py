"""Fit every network of membranes with default arguments on patches as they come: raw, filtered, and as bytes.

    python verification/defaults.py [--patches 30000] [--only lca wlsc]

64 neurons, 8×8 patches of the embedded photographs as `sample_patches` draws them. Printed for each: the share of the
neurons that respond to a held-out patch, how many to none, of graded networks the share of held-out patches that had
not settled, the share of fields that a Gabor function fits (R² above .7), the share that are Gabor-like (and at no
bound of the fit), and the threshold. The driven network gets four classes of mean brightness. Rows of the dated table
``defaults.csv`` that are not made anew stay.
"""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.networks import (
    LCA,
    WLSC,
    EINet,
    LinkedLCA,
    OrdinalLinkedLCA,
    SAILnet,
    SpikingLCA,
    TopographicLCA,
)
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

N_NEURONS, SIDE, N_FRESH = 64, 8, 2000
NETWORKS: dict[str, Any] = {
    "lca": LCA,
    "linked-lca": LinkedLCA,
    "ordinal-linked-lca": OrdinalLinkedLCA,
    "wlsc": WLSC,
    "topographic-lca": TopographicLCA,
    "sailnet": SAILnet,
    "einet": EINet,
    "spiking-lca": SpikingLCA,
}


def main() -> None:
    """Fit, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patches", type=int, default=30_000)
    parser.add_argument("--only", nargs="+", choices=list(NETWORKS), default=list(NETWORKS))
    given = parser.parse_args()
    rows = []
    for name in given.only:
        for stimuli, (patches, fresh) in drawn(given.patches).items():
            rows.append({"network": name, "stimuli": stimuli} | figures(NETWORKS[name], patches, fresh))
            print(pd.DataFrame(rows[-1:]).to_string(index=False, float_format="%.4g"), flush=True)
    table = pd.DataFrame(rows).assign(patches=given.patches, date=datetime.now(UTC).date().isoformat())
    path = Path(__file__).with_suffix(".csv")
    if path.exists():
        stored = pd.read_csv(path)
        table = pd.concat([stored[~stored["network"].isin(given.only)], table])
    table.to_csv(path, index=False, float_format="%.4g")


def drawn(n_patches: int) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Return patches to learn from and others, of each kind."""
    raw = embedded_photographs()
    sets = {"raw": (raw, 1), "filtered": (filter_images(raw, by=OlshausenField()), 1), "bytes": (raw, 255)}

    def patches(name: str, number: int, seed: int) -> NDArray[Any]:
        images, unit = sets[name]
        return unit * sample_patches(images, n_patches=number, size=SIDE, rng=np.random.default_rng(seed))

    return {name: (patches(name, n_patches, 0), patches(name, N_FRESH, 1)) for name in sets}


def figures(kind: Any, patches: NDArray[Any], fresh: NDArray[Any]) -> dict[str, float]:
    """Fit one network and say how many of its neurons respond."""
    started = time.perf_counter()
    # Four classes of mean brightness, for the network that is driven by them; others do not look.
    brightness = patches.mean(axis=1)
    labels = np.searchsorted(np.quantile(brightness, [0.25, 0.5, 0.75]), brightness)
    net = kind(N_NEURONS, random_state=0).fit(patches, labels)
    seconds = time.perf_counter() - started
    code, unsettled = net.settle(fresh) if hasattr(net, "settle") else (net.transform(fresh), None)
    active = np.abs(code) > getattr(net, "softening_", 0.0)
    fits = fit_gabors(np.asarray(net.dictionary_, dtype=float).reshape(-1, SIDE, SIDE))
    return {
        "active_fraction": float(active.mean()),
        "silent_on_fresh": int((~active.any(axis=0)).sum()),
        "silent_through_fit": len(net.dead_neurons_),
        "unsettled": float("nan") if unsettled is None else float(unsettled.mean()),
        "fitted": float((fits["r2"] > 0.7).mean()),
        "gabor_like": float(fits["gabor_like"].mean()),
        "threshold": getattr(net, "threshold_", float("nan")),
        "charge": getattr(net, "charge_", float("nan")),
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
