"""Fit the three spiking networks with default arguments on patches as they come: raw, filtered, and as bytes.

    python verification/spiking_defaults.py [--patches 30000]

64 neurons, 8×8 patches of the embedded photographs as `sample_patches` draws them. Printed for each: the share of the
neurons that answer a held-out patch, how many answer none, and the threshold and charge of the spiking LCA. The dated
table is kept beside this file in ``spiking_defaults.csv``.
"""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.networks import EINet, SAILnet, SpikingLCA
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

N_NEURONS, SIDE, N_FRESH = 64, 8, 2000
NETWORKS: dict[str, Any] = {"sailnet": SAILnet, "einet": EINet, "spiking-lca": SpikingLCA}


def main() -> None:
    """Fit, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patches", type=int, default=30_000)
    n_patches = parser.parse_args().patches
    rows = []
    for name, kind in NETWORKS.items():
        for stimuli, (patches, fresh) in drawn(n_patches).items():
            rows.append({"network": name, "stimuli": stimuli} | figures(kind, patches, fresh))
            print(pd.DataFrame(rows[-1:]).to_string(index=False, float_format="%.4g"), flush=True)
    table = pd.DataFrame(rows).assign(patches=n_patches, date=datetime.now(UTC).date().isoformat())
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


def drawn(n_patches: int) -> dict[str, tuple[NDArray[Any], NDArray[Any]]]:
    """Return patches to learn from and others, of each kind."""
    raw = embedded_photographs()
    sets = {"raw": (raw, 1), "filtered": (filter_images(raw, by=OlshausenField()), 1), "bytes": (raw, 255)}

    def patches(name: str, number: int, seed: int) -> NDArray[Any]:
        images, unit = sets[name]
        return unit * sample_patches(images, n_patches=number, size=SIDE, rng=np.random.default_rng(seed))

    return {name: (patches(name, n_patches, 0), patches(name, N_FRESH, 1)) for name in sets}


def figures(kind: Any, patches: NDArray[Any], fresh: NDArray[Any]) -> dict[str, float]:
    """Fit one network and say how many of its neurons answer."""
    started = time.perf_counter()
    net = kind(N_NEURONS, random_state=0).fit(patches)
    seconds, active = time.perf_counter() - started, net.transform(fresh) != 0
    return {
        "active_fraction": float(active.mean()),
        "silent_on_fresh": int((~active.any(axis=0)).sum()),
        "silent_through_fit": len(net.dead_neurons_),
        "threshold": getattr(net, "threshold_", float("nan")),
        "charge": getattr(net, "charge_", float("nan")),
        "seconds": seconds,
    }


if __name__ == "__main__":
    main()
