"""The encoders that are compared: the package, and each peer with its data prepared beforehand."""

import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contest import Encoded, Encoder
from benchmarks.problem import Float32s
from benchmarks.settings import THREADS

__all__ = ["event_driven_brian2", "naive_brian2", "numpy_lca", "package", "scikit_learn", "spams_lasso"]


def package(dictionary: Float32s, patches: Float32s, *, threshold: float, **parameters: Any) -> Encoder:
    """Return `LCA.transform`, with default arguments unless others are given.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    patches : array, shape (n_patches, n_pixels)
    threshold : float
    **parameters
        Of `LCA`.
    """
    from neurosim.networks import LCA

    net = LCA.from_dictionary(dictionary, threshold=threshold, **parameters)
    return _clocked(lambda: net.transform(patches), len(patches), rows=lambda code, n: code[:n])


def spams_lasso(
    dictionary: Float32s, patches: Float32s, *, threshold: float, n_threads: int = THREADS
) -> Encoder:
    """Return SPAMS' exact homotopy in single precision on columns laid out as it wants them."""
    import spams

    columns, fields = np.asfortranarray(patches.T), np.asfortranarray(dictionary.T)

    def encode() -> Any:
        return spams.lasso(columns, D=fields, lambda1=threshold, mode=2, numThreads=n_threads)

    return _clocked(encode, len(patches), rows=lambda code, n: code[:, :n].toarray().T)


def scikit_learn(
    dictionary: Float32s,
    patches: Float32s,
    *,
    threshold: float,
    n_jobs: int | None = None,
    dtype: str = "float32",
) -> Encoder:
    """Return scikit-learn's coordinate descent.

    Its tolerance of 1e-8 is below what single precision resolves, so that many patches use up all iterations there;
    double precision can be the faster one.
    """
    from sklearn.decomposition import sparse_encode

    stimuli, fields = patches.astype(dtype), dictionary.astype(dtype)

    def encode() -> Any:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Objective did not converge")
            return sparse_encode(stimuli, fields, algorithm="lasso_cd", alpha=threshold, n_jobs=n_jobs)

    return _clocked(encode, len(patches), rows=lambda code, n: code[:n])


def numpy_lca(
    dictionary: Float32s, patches: Float32s, *, threshold: float, n_steps: int = 100, batch_size: int = 500
) -> Encoder:
    """Return the dynamics as a batched dense product, dt/tau = .1, in single precision."""
    # u: membranes, a: activity, b: drive, G: overlaps without the diagonal; Rozell et al. 2008, eq. 2.4.
    G = dictionary @ dictionary.T - np.eye(len(dictionary), dtype=np.float32)
    step, lam = np.float32(0.1), np.float32(threshold)

    def encode() -> Any:
        code = np.empty((len(patches), len(dictionary)), dtype=np.float32)
        for start in range(0, len(patches), batch_size):
            b = patches[start : start + batch_size] @ dictionary.T
            u, a = np.zeros_like(b), np.zeros_like(b)
            for _ in range(n_steps):
                u += step * (b - u - a @ G)
                np.subtract(u, np.clip(u, -lam, lam), out=a)
            code[start : start + batch_size] = a
        return code

    return _clocked(encode, len(patches), rows=lambda code, n: code[:n])


def naive_brian2(dictionary: Float32s, patches: Float32s, *, threshold: float, n_steps: int = 100) -> Encoder:
    """Return all-to-all summed `Synapses` in standalone."""
    from benchmarks.naive_lca import naive_lca

    return _standalone(naive_lca, dictionary, patches, threshold=threshold, n_steps=n_steps)


def event_driven_brian2(
    dictionary: Float32s, patches: Float32s, *, threshold: float, n_steps: int = 100
) -> Encoder:
    """Return `Synapses` driven by events of changed activity in standalone."""
    from benchmarks.event_driven_lca import event_driven_lca

    return _standalone(event_driven_lca, dictionary, patches, threshold=threshold, n_steps=n_steps)


def _standalone(
    build: Callable[..., Any], dictionary: Float32s, patches: Float32s, **parameters: Any
) -> Encoder:
    # Held by the closure: the program is deleted with the encoder.
    folder = tempfile.TemporaryDirectory()
    run = build(dictionary, patches, backend="cpp_standalone", folder=Path(folder.name), **parameters)

    def encode() -> Encoded:
        seconds, code = run()
        return Encoded(seconds, len(patches), lambda n: (folder, code[:n])[1])

    return encode


def _clocked(encode: Callable[[], Any], n_patches: int, *, rows: Callable[[Any, int], Any]) -> Encoder:
    def run() -> Encoded:
        started = time.perf_counter()
        code = encode()
        return Encoded(time.perf_counter() - started, n_patches, lambda n: rows(code, n))

    return run
