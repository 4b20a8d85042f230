"""Whitened patches of photographs, and dictionaries learned from them by the package itself."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.settings import THRESHOLD, Settings
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

__all__ = ["PATCH", "Float32s", "fresh_patches", "learned_dictionary", "training_patches"]

Float32s = NDArray[np.float32]

PATCH = 16
_TRAINING_SEED, _FRESH_SEED = 0, 1


def training_patches(n_patches: int) -> Float32s:
    """Return whitened patches of unit standard deviation, shape (n_patches, 256), to learn from."""
    return _patches(n_patches, seed=_TRAINING_SEED)


def fresh_patches(n_patches: int) -> Float32s:
    """Return patches of other places, shape (n_patches, 256), to encode and to hold out."""
    return _patches(n_patches, seed=_FRESH_SEED)


def learned_dictionary(n_neurons: int, *, settings: Settings) -> Float32s:
    """Return unit-norm fields, shape (n_neurons, 256), learned by `LCA.fit`; kept in the results folder.

    Parameters
    ----------
    n_neurons : int
    settings : Settings

    Notes
    -----
    One pass over the training patches, which start as the fields, in batches of 200; the learning rate falls
    linearly from .5. The record next to the dictionary says so with the package's version and the time it took.
    """
    n_patches = settings.training_patches(n_neurons)
    path = settings.folder / f"dictionary-{n_neurons}-{n_patches}.npz"
    if not path.exists():
        print(f"learning {n_neurons} fields from {n_patches} patches, once ...", flush=True)
        dictionary, record = _learned(n_neurons, n_patches)
        path.parent.mkdir(parents=True, exist_ok=True)
        _store(path, dictionary, record)
    with np.load(path) as stored:
        fields: Float32s = stored["dictionary"]
    return fields


def _learned(n_neurons: int, n_patches: int) -> tuple[Float32s, dict[str, Any]]:
    import neurosim
    from neurosim.networks import LCA

    parameters: dict[str, Any] = {
        "n_neurons": n_neurons,
        "threshold": THRESHOLD,
        "batch_size": 200,
        "learning_rate": 0.5,
        "learning_rate_schedule": "linear",
        "initial_dictionary": "stimuli",
        "random_state": 0,
    }
    started = time.perf_counter()
    net = LCA(**parameters).fit(training_patches(n_patches))
    record = {
        "parameters": parameters,
        "n_patches": n_patches,
        "seconds": time.perf_counter() - started,
        "active_fraction": float(net.history_["active_fraction"].iloc[-1]),
        "dead_neurons": len(net.dead_neurons_),
        "neurosim": neurosim.__version__,
    }
    return np.asarray(net.dictionary_, dtype=np.float32), record


def _store(path: Path, dictionary: Float32s, record: dict[str, Any]) -> None:
    # A run that is stopped in between must not leave half a file behind.
    unfinished = path.with_suffix(".part.npz")
    np.savez(unfinished, dictionary=dictionary, record=json.dumps(record))
    unfinished.replace(path)


@cache
def _whitened() -> dict[str, NDArray[np.float64]]:
    return filter_images(embedded_photographs(), by=OlshausenField())


@cache
def _patches(n_patches: int, *, seed: int) -> Float32s:
    patches = sample_patches(
        _whitened(),
        n_patches=n_patches,
        size=PATCH,
        rng=np.random.default_rng(seed),
        variance_floor=0.1,
        normalise="std",
        dtype=np.float32,
    )
    patches = np.ascontiguousarray(patches, dtype=np.float32)
    patches.flags.writeable = False  # everybody gets the same array
    return patches
