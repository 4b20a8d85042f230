"""One small network of every estimator, what it is shown, and all that it can tell of that, as arrays."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim import networks

RNG = np.random.default_rng(5)
PATCHES = RNG.standard_normal((60, 16))
PAIRS = {"left": PATCHES, "right": RNG.standard_normal((60, 4))}
WINDOWS = RNG.standard_normal((40, 5, 16))
SEQUENCES = np.abs(RNG.standard_normal((40, 3, 16)))  # codes of simple cells
CLASSES = np.repeat(["bar", "edge", "spot"], 20)

_CIRCUIT = {"backend": "numpy", "random_state": 3, "batch_size": 20}
_GRADIENT = {"n_epochs": 1, "random_state": 3, "batch_size": 20}
PARAMETERS: dict[str, dict[str, Any]] = {
    "LCA": _CIRCUIT,
    "SVAE": _GRADIENT | {"hidden": (12, 10), "hidden_spread": 8},
    "WLSC": _CIRCUIT,
    "ComplexCells": _CIRCUIT | {"strength": "learned"},
    "ConvolutionalLCA": _CIRCUIT | {"field": 2, "stride": 1},
    "ConvolutionalLinkedLCA": _CIRCUIT
    | {"field": {"left": 2, "right": 1}, "stride": {"left": 2, "right": 1}},
    "EINet": _CIRCUIT | {"n_inhibitory": 4},
    "LinkedLCA": _CIRCUIT,
    "LocalLowDimensionality": _GRADIENT,
    "OrdinalLinkedLCA": _CIRCUIT,
    "ParallelLCA": _CIRCUIT | {"streams": ((5, 1), (4, 1))},
    "SAILnet": _CIRCUIT,
    "SpikingLCA": _CIRCUIT | {"presentation": "40 ms"},
    "TopographicLCA": _CIRCUIT,
    "UnrolledWLSC": _GRADIENT,
}
NEEDS_JAX = {"SVAE", "LocalLowDimensionality", "UnrolledWLSC"}


def fitted(name: str, dtype: str = "float64") -> Any:
    """Return a network that has learned a little."""
    net = getattr(networks, name)(9, **PARAMETERS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how little it has learned
        if name in (windows := {"LocalLowDimensionality": WINDOWS, "ComplexCells": SEQUENCES}):
            return net.fit(windows[name])
        return net.fit(shown(name, dtype), CLASSES if name == "OrdinalLinkedLCA" else None)


def shown(name: str, dtype: str = "float64") -> Any:
    """Return stimuli, by modality for those that link several."""
    if "Linked" in name:
        return {modality: rows.astype(dtype) for modality, rows in PAIRS.items()}
    return (np.abs(PATCHES) if name == "ComplexCells" else PATCHES).astype(dtype)


def weights(net: Any) -> NDArray[Any]:
    """Return what learning changes first of all."""
    found: NDArray[Any] = net.association_ if hasattr(net, "association_") else net.dictionary_
    return found


def answers(net: Any, name: str, dtype: str = "float64") -> dict[str, NDArray[Any]]:
    """Return what a network makes of stimuli, by every method that it has; the last one lets it learn on."""
    stimuli = shown(name, dtype)
    code = net.transform(stimuli)
    found: dict[str, Any] = {"code": code}
    rows = net._stacked(stimuli) if hasattr(net, "_stacked") else stimuli
    for method in ("score", "settle", "marginals", "filters"):
        if hasattr(net, method):
            found[method] = getattr(net, method)(rows)
    if hasattr(net, "inverse_transform"):
        found["reconstruction"] = net.inverse_transform(code)
    if hasattr(net, "simulate"):
        few = {key: rows[:3] for key, rows in stimuli.items()} if isinstance(stimuli, dict) else stimuli[:3]
        found["potential"] = net.simulate(few, record=("u",), every=5)["u"].to_numpy()
    if hasattr(net, "spike_counts"):
        found |= net.spike_counts(stimuli)
    if hasattr(net, "partial_fit"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            more = SEQUENCES if name == "ComplexCells" else stimuli
            net.partial_fit(more, CLASSES if name == "OrdinalLinkedLCA" else None)
        found["learned_on"] = weights(net)
    return {key: array for part, value in found.items() for key, array in _arrays(part, value)}


def _arrays(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        for k, item in enumerate(value):
            yield from _arrays(f"{name}_{k}", item)
    elif value is not None:
        yield name, np.asarray(value.astype(float) if isinstance(value, pd.DataFrame) else value)
