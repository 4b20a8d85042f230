"""The numbers of a run that only a network has that is a model of the stimuli's density: bounds, filters in use."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.networks.models import declared
from neurosim.recipes.run_sections import LikelihoodSection

_N_BOOTSTRAP = 10_000


def filters_of(network: Any, held_out: NDArray[np.floating]) -> pd.DataFrame | None:
    """Return which fields are in use, one row per neuron, or None of a network that does not guess densely.

    Parameters
    ----------
    network : estimator
        Fitted; its method `filters` is asked, if it has one.
    held_out : ndarray (n_stimuli, n_pixels)
        Stimuli it never saw.
    """
    return network.filters(held_out) if declared(network).has("dense") else None


def filter_metrics(filters: pd.DataFrame | None, fits: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return how many filters are in use, by the names of `summary.json`.

    Parameters
    ----------
    filters : DataFrame or None
        From `filters_of`; without it there are no numbers.
    fits : DataFrame, optional
        Gabor fits of the same fields, as learned.
    """
    if filters is None:
        return {}
    numbers = {
        "active_filters": int(filters["active"].sum()),
        "active_filters_norm": int(filters["active_norm"].sum()),
        "worthwhile_filters": int(filters["worthwhile"].sum()),
    }
    if fits is not None:
        numbers["active_gabor_filters"] = int((_gabor(fits) & filters["active"].to_numpy()).sum())
    return numbers


def likelihood_metrics(
    network: Any, held_out: NDArray[np.floating], *, section: LikelihoodSection, rng: np.random.Generator
) -> dict[str, Any]:
    """Bound the log likelihood of held-out stimuli by what the recipe asks for.

    The importance-weighted bound and annealed sampling cost too much for all of them. What they add to the bound
    varies little between stimuli, and the bound much: so the mean of what they add to it, on the first stimuli, is
    added to the mean bound of all.

    Parameters
    ----------
    network : estimator
        Fitted.
    held_out : ndarray (n_stimuli, n_pixels)
        Stimuli it never saw, in random order.
    section : LikelihoodSection
        Numbers of stimuli and samples.
    rng : numpy.random.Generator
        Source of samples and of the bootstrap.

    Returns
    -------
    dict
        By the names of `summary.json`, in nats per stimulus; empty for a network that is no such model.
    """
    if not declared(network).has("likelihood"):
        return {}
    bound = network.bound(held_out)
    mean = float(bound.mean())
    of_bootstrap, of_weights, of_annealing = rng.spawn(3)
    few = slice(section.n_stimuli)
    weighted = network.importance_bound(held_out[few], n_samples=section.n_samples, random_state=of_weights)
    return {
        "elbo_nats": mean,
        "elbo_over_noise_nats": float(network.bound_over_noise(held_out).mean()),
        "elbo_nats_interval": bootstrap_interval(bound, rng=of_bootstrap),
        "iwae_nats": mean + float((weighted - bound[few]).mean()),
    } | _annealed(network, held_out, bound, section=section, rng=of_annealing)


def bootstrap_interval(values: NDArray[np.float64], *, rng: np.random.Generator) -> list[float]:
    """Return the 95 % bootstrap interval of a mean.

    Parameters
    ----------
    values : ndarray (n,)
        One per stimulus.
    rng : numpy.random.Generator
        Draws the samples.
    """
    # How often each value is drawn decides its mean; in parts, because all draws at once would fill the memory.
    shares = np.full(len(values), 1 / len(values))
    means = [rng.multinomial(len(values), shares, size=100) @ values for _ in range(_N_BOOTSTRAP // 100)]
    low, high = np.percentile(np.concatenate(means) / len(values), [2.5, 97.5])
    return [float(low), float(high)]


def _annealed(
    network: Any,
    held_out: NDArray[np.floating],
    bound: NDArray[np.float64],
    *,
    section: LikelihoodSection,
    rng: np.random.Generator,
) -> dict[str, Any]:
    if section.n_annealed == 0:
        return {}
    from neurosim.networks.svae.ais import (
        AnnealingSchedule,
        annealed_log_likelihood,
        annealing_check,
    )
    from neurosim.networks.svae.priors import prior_named

    few, decoder, prior = slice(section.n_annealed), network.decoder(), prior_named(network.prior)
    schedule = AnnealingSchedule(n_temperatures=section.n_temperatures, n_chains=section.n_chains)
    shown = np.asarray(held_out[few], dtype=np.float64)
    likelihood = annealed_log_likelihood(shown, decoder, prior=prior, schedule=schedule, rng=rng)
    check = annealing_check(decoder, prior=prior, n_stimuli=len(shown), schedule=schedule, rng=rng)
    return {
        "ais_nats": float(bound.mean() + (likelihood - bound[few]).mean()),
        "ais_gap_nats": float(check["gap"].mean()),
    }


def _gabor(fits: pd.DataFrame) -> NDArray[np.bool_]:
    from neurosim.analysis.fields.gabor import LEAST_PARTICIPATION, LEAST_R2

    likely = (fits["r2"] > LEAST_R2) & (fits["participation_ratio"] >= LEAST_PARTICIPATION)
    return np.asarray(likely, dtype=bool)
