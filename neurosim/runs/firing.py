"""The numbers of a run that only spiking networks have."""

from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.response import Response
from neurosim.runs.code_measures import reference_of

# By how much the standard deviation of a stimulus of unit standard deviation may differ from one: single precision.
_ROUNDING = 1e-4


def firing_metrics(network: Any, answer: Response, *, held_out: NDArray[np.floating]) -> dict[str, Any]:
    """Return how often, how regularly and how independently neurons fire, and what their spikes leave unexplained.

    Parameters
    ----------
    network : estimator
        Fitted.
    answer : Response
        Its answer to the held-out stimuli.
    held_out : ndarray (n_stimuli, n_pixels)
        The stimuli.

    Returns
    -------
    dict
        By the names of `summary.json`; empty for a network that does not spike. `isi_cv_mean` is missing without
        the extra ``spikes``, and `residual_rms` where the stimuli that are reconstructed have no unit standard
        deviation.
    """
    counts, spikes = answer.own_counts, answer.spikes
    if counts is None or spikes is None:
        return {}
    mean = float(np.mean(counts, dtype=np.float64))
    others = list(answer.counts.items())[1:]
    return (
        {"spikes_per_stimulus": mean, "rate_hz_mean": mean / spikes.attrs["duration"]}
        | _while_active(spikes)
        | _irregularity(spikes)
        | _correlations(counts)
        | _residual(network, answer, held_out)
        | {f"{name}_spikes_per_stimulus": float(np.mean(each, dtype=np.float64)) for name, each in others}
    )


def _while_active(spikes: Any) -> dict[str, Any]:
    from neurosim.analysis.spikes.spike_trains import within_stimulus

    found = within_stimulus(spikes)
    return {
        "rate_hz_active": found.rate_hz,
        "isi_cv_within_stimulus": found.isi_cv,
        "isi_cv_trains": found.n_trains,
    }


def _irregularity(spikes: Any) -> dict[str, float]:
    if find_spec("neo") is None or find_spec("elephant") is None:
        return {}
    from neurosim.analysis.spikes.spikes import firing_statistics

    # Neurons with fewer than two intervals have none: pandas leaves them out of the mean.
    return {"isi_cv_mean": float(firing_statistics(spikes)["isi_cv"].mean())}


def _correlations(counts: NDArray[np.floating]) -> dict[str, Any]:
    from neurosim.analysis.spikes.count_correlations import correlation_rms

    found = correlation_rms(counts)
    return {
        "count_correlation_rms": found.rms,
        "count_correlation_floor": found.floor,
        "silent_neurons": found.n_silent,
    }


def _residual(network: Any, answer: Response, held_out: NDArray[np.floating]) -> dict[str, float]:
    deviations = reference_of(network, held_out).std(axis=1, dtype=np.float64)
    if np.abs(deviations - 1).max() > _ROUNDING:
        return {}
    return {"residual_rms": float(network.residual_rms(held_out, answer.code))}
