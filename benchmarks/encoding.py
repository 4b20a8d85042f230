"""Encode whitened patches with the engine and with the naive Brian2 network, in turn, and print the ratios.

python benchmarks/encoding.py [--neurons 256] [--pairs 5] [--out bench-results/encoding.json]
"""

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.naive_lca import naive_lca
from neurosim.networks import LCA
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

BACKENDS = ("numpy", "cython", "cpp_standalone")
N_STEPS = 100
THRESHOLD = 1.5
PATCH = 16
# The naive network is so slow that a few patches already take seconds.
NAIVE_PATCHES = {"numpy": 10, "cython": 20, "cpp_standalone": 100}


def problem(n_neurons: int, n_patches: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return a dictionary learned on whitened photographs and fresh patches of unit standard deviation."""
    rng = np.random.default_rng(0)
    images = filter_images(embedded_photographs(), by=OlshausenField())
    patches = sample_patches(
        images,
        n_patches=20_000 + n_patches,
        size=PATCH,
        rng=rng,
        variance_floor=0.1,
        normalise="std",
        dtype=np.float32,
    )
    net = LCA(n_neurons, threshold=THRESHOLD, backend="cpp_standalone", batch_size=200, random_state=0)
    return net.fit(patches[:20_000]).dictionary_, patches[20_000:]


def engine(dictionary: NDArray[Any], patches: NDArray[Any], *, backend: str) -> Callable[[], float]:
    """Return a function that encodes all patches and returns the seconds it took; compiled beforehand."""
    net = LCA.from_dictionary(
        dictionary,
        threshold=THRESHOLD,
        tau="10 ms",
        dt="1 ms",
        presentation="100 ms",
        batch_size=200,
        backend=backend,
    )
    net.transform(patches[:200])

    def encode() -> float:
        started = time.perf_counter()
        net.transform(patches)
        return time.perf_counter() - started

    return encode


def compared(backend: str, dictionary: NDArray[Any], patches: NDArray[Any], *, pairs: int) -> dict[str, Any]:
    """Time both in turn and return patches per second and the ratio of every pair."""
    n_naive = NAIVE_PATCHES[backend]
    with tempfile.TemporaryDirectory() as folder:
        ours = engine(dictionary, patches, backend=backend)
        theirs = naive_lca(
            dictionary,
            patches[:n_naive],
            threshold=THRESHOLD,
            n_steps=N_STEPS,
            backend=backend,
            folder=Path(folder),
        )
        timed = [(len(patches) / ours(), n_naive / theirs()) for _ in range(pairs)]
    ratios = [fast / slow for fast, slow in timed]
    return {
        "backend": backend,
        "engine_patches_per_s": statistics.median(fast for fast, _ in timed),
        "naive_patches_per_s": statistics.median(slow for _, slow in timed),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
    }


def main() -> None:
    """Print one row per backend and store them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neurons", type=int, default=256)
    parser.add_argument("--patches", type=int, default=4000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("bench-results/encoding.json"))
    options = parser.parse_args()
    print("learning a dictionary ...", flush=True)
    dictionary, patches = problem(options.neurons, options.patches)
    print(
        f"{options.neurons} neurons, {PATCH**2} pixels, {N_STEPS} steps, float32, {options.pairs} pairs in turn"
    )
    print(f"{'backend':<16}{'engine':>12}{'naive':>12}   patches/s    ratio [min, max]")
    rows = []
    for backend in BACKENDS:
        row = compared(backend, dictionary, patches, pairs=options.pairs)
        rows.append(row)
        print(
            f"{backend:<16}{row['engine_patches_per_s']:>12,.0f}{row['naive_patches_per_s']:>12,.1f}"
            f"{'':>14}{row['ratio']:>7.0f} [{row['ratio_min']:.0f}, {row['ratio_max']:.0f}]",
            flush=True,
        )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    record = {"neurons": options.neurons, "python": platform.python_version(), "rows": rows}
    options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
