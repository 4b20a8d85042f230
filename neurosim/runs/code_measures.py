"""What every code is measured by, whatever was shown: cost, reconstruction, sparseness."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.networks.models import declared


def code_metrics(
    code: NDArray[np.floating],
    *,
    shown: NDArray[np.floating],
    rebuilt: NDArray[np.floating],
    objective: NDArray[np.floating],
    silence: float,
    filters: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the numbers of a code by the names of `summary.json`.

    Parameters
    ----------
    code : ndarray (n_stimuli, n_neurons)
        Answer to held-out stimuli.
    shown, rebuilt : ndarray (n_stimuli, n_features)
        The stimuli and what the code makes of them.
    objective : ndarray (n_stimuli,)
        What the network minimises.
    silence : float
        Activity up to which a neuron counts as silent, as `silence_of` tells.
    filters : DataFrame, optional
        Of a network all of whose neurons answer every stimulus: how many answer is left out then, and a neuron is dead
        that is not ``active``.
    """
    from neurosim.analysis.codes import sparsity

    active = np.abs(code) > silence
    metrics = {
        "objective": float(np.mean(objective)),
        "reconstruction_snr_db": float(sparsity.reconstruction_snr_db(shown, rebuilt)),
        "lifetime_sparseness": _mean(sparsity.lifetime_sparseness(code)),
        "population_sparseness": _mean(sparsity.population_sparseness(code)),
    }
    if filters is not None:
        return metrics | {"dead_neurons": int((~filters["active"]).sum())}
    return metrics | {
        "active_fraction": float(sparsity.active_fraction(code, above=silence)),
        "mean_active": float(np.count_nonzero(active) / len(code)),
        "dead_neurons": int((~active.any(axis=0)).sum()),
    }


def silence_of(network: Any) -> float:
    """Return the activity up to which a neuron counts as silent: zero, or its network's softening.

    Parameters
    ----------
    network : estimator
        One with a ``softening_`` has no threshold: its silent neurons keep a tiny activity.
    """
    return float(network.softening_) if declared(network).has("softened") else 0.0


def reference_of(network: Any, stimuli: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return stimuli as a network's reconstructions refer to them: as they are, or standardised if it does so.

    Parameters
    ----------
    network : estimator
    stimuli : ndarray (n_stimuli, n_pixels)
    """
    if not declared(network).has("standardises"):
        return stimuli
    reference: NDArray[np.floating] = network.standardised(stimuli)
    return reference


def neuron_table(
    code: NDArray[np.floating], *, silence: float, filters: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return one row per neuron: its number, share of stimuli it answers (``usage``), and lifetime sparseness.

    Parameters
    ----------
    code : ndarray (n_stimuli, n_neurons)
        Answer to held-out stimuli.
    silence : float
        Activity up to which a neuron counts as silent.
    filters : DataFrame, optional
        Of a network all of whose neurons answer every stimulus: these columns take the place of ``usage``.
    """
    from neurosim.analysis.codes.sparsity import lifetime_sparseness

    neurons = pd.DataFrame({"neuron": np.arange(code.shape[1])})
    usage = pd.DataFrame({"usage": np.mean(np.abs(code) > silence, axis=0)})
    sparseness = pd.DataFrame({"lifetime_sparseness": lifetime_sparseness(code)})
    return pd.concat([neurons, usage if filters is None else filters, sparseness], axis=1)


def usage_of(neurons: pd.DataFrame) -> NDArray[np.float64]:
    """Return by how much each neuron is used, zero for a dead one: its usage, or what the bound loses without it.

    Parameters
    ----------
    neurons : DataFrame
        From `neuron_table`.
    """
    from neurosim.analysis.plots.filters import filter_usage

    return neurons["usage"].to_numpy() if "usage" in neurons else filter_usage(neurons)


def shape_metrics(fits: pd.DataFrame) -> dict[str, Any]:
    """Return how Gabor-like fields are, by the names of `summary.json`.

    Parameters
    ----------
    fits : DataFrame
        One row per neuron, as `neurosim.analysis.fields.gabor.fit_gabors` gives.
    """
    likely = fits[fits["gabor_like"]]
    return {
        "gabor_fraction": float(fits["gabor_like"].mean()),
        "gabor_r2_median": float(fits["r2"].median()),
        "nx_median": float(likely["nx"].median()),
        "ny_median": float(likely["ny"].median()),
    }


def _mean(values: NDArray[np.floating]) -> float:
    """Return the mean without the silent neurons or stimuli, which have no sparseness."""
    return float(np.mean(values[~np.isnan(values)])) if not np.isnan(values).all() else float("nan")
