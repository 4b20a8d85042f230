"""Two streams in one network beside two networks and one that sees everything: processor time and fields learned.

Photographs through two filters, each with its negative as a second channel; 512 neurons see the first two channels, 256
the others. On one thread; `seconds` are of the processor, compiling left out.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from neurosim.networks import LCA, ParallelLCA
from neurosim.stimuli import (
    CentreSurround,
    OlshausenField,
    embedded_photographs,
    filter_images,
    sample_patches,
)

SIDE, STREAMS = 16, ((512, 2), (256, 2))
COUNTS = tuple(neurons for neurons, _ in STREAMS)
_OPTIONS: dict[str, Any] = {"nonnegative": True, "backend": "cython", "random_state": 0}


def main() -> None:
    """Learn, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patches", type=int, default=60_000)
    given = parser.parse_args()
    stimuli = shown(given.patches)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = pd.DataFrame(rows(stimuli))
    table["n_patches"], table["date"] = given.patches, datetime.now(UTC).date().isoformat()
    print(table.to_string(index=False))
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)


def shown(n_patches: int) -> NDArray[np.float32]:
    """Return stimuli of four channels, (n_patches, 4 · side²): two filters' patches and their negatives, of rms 1."""
    channels = []
    for filtered_by in (CentreSurround(), OlshausenField()):
        images = filter_images(embedded_photographs(), filtered_by)
        # The same places of the same photographs for both.
        patches = sample_patches(images, n_patches, size=SIDE, rng=np.random.default_rng(0))
        rows = patches.reshape(len(patches), -1)
        rows = rows / np.sqrt(np.mean(np.square(rows)))
        channels += [rows, -rows]
    return np.hstack(channels).astype(np.float32)


def rows(stimuli: NDArray[np.float32]) -> list[dict[str, Any]]:
    """Return a row for each arm."""
    options = _OPTIONS | {"threshold": 1.5}
    half = stimuli.shape[1] // 2
    parts = [np.ascontiguousarray(stimuli[:, :half]), np.ascontiguousarray(stimuli[:, half:])]
    arms: dict[str, Callable[[NDArray[Any], list[NDArray[Any]]], list[Any]]] = {
        "streams in one network": lambda all_, _: [
            ParallelLCA(sum(COUNTS), streams=STREAMS, **options).fit(all_)
        ],
        "a network for each": lambda _, each: [
            LCA(n, **options).fit(part) for n, part in zip(COUNTS, each, strict=True)
        ],
        "one network, all seen by all": lambda all_, _: [LCA(sum(COUNTS), **options).fit(all_)],
    }
    return [_row(name, learn, stimuli, parts) for name, learn in arms.items()]


def _row(name: str, learn: Any, stimuli: NDArray[Any], parts: list[NDArray[Any]]) -> dict[str, Any]:
    learn(stimuli[:200], [part[:200] for part in parts])  # compiles
    started = time.process_time()
    networks = learn(stimuli, parts)
    seconds = time.process_time() - started
    dead = sum(len(net.dead_neurons_) for net in networks)
    weights = sum(int(np.count_nonzero(net.dictionary_)) for net in networks)
    return {"arm": name, "seconds": round(seconds, 1), "dead": dead, "weights_not_zero": weights}


if __name__ == "__main__":
    main()
