"""What only a model of the stimuli's density has: filters in use, and bounds on the likelihood."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.recipes.run_sections import LikelihoodSection
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

_N_BOOTSTRAP = 10_000


def density_metrics(context: Context, rng: np.random.Generator) -> dict[str, Any]:
    """Return filters in use and bounds on the likelihood, by the names of `summary.json`, as far as a network has them.

    Of fields that are fitted in whitened space, active ones that are Gabor-like are counted too.
    """
    metrics: dict[str, Any] = {}
    if context.filters is not None:
        of_photographs = context.stimuli.image_space is not None
        metrics |= filter_metrics(context.filters, context.fits["whitened"] if of_photographs else None)
    if context.has("likelihood"):
        metrics |= likelihood_metrics(
            context.network, context.held_out, section=context.recipe.likelihood, rng=rng
        )
    return metrics


def filter_metrics(filters: pd.DataFrame, fits: pd.DataFrame | None = None) -> dict[str, Any]:
    """Count the filters in use, and with Gabor fits of the same fields those among them that are Gabor-like."""
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
    """Bound the log likelihood of held-out stimuli, in random order, by what the recipe asks for.

    The importance-weighted bound and annealed sampling cost too much for all of them. What they add to the bound
    varies little between stimuli, and the bound much: so the mean of what they add to it, on the first stimuli, is
    added to the mean bound of all.
    """
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
    """Return the 95 % bootstrap interval of a mean."""
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


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import plot_filters

    filters = context.filters
    figures = {} if filters is None else {"filters": lambda: plot_filters(filters)}
    return Measured(metrics=density_metrics(context, rng), figures=figures)


def _sentences(run: RunFolder) -> Iterator[str]:
    if (active := run.number("active_filters")) is not None:
        yield _filters(run, active)
    if (elbo := run.number("elbo_nats")) is not None:
        yield _bounds(run, elbo)


def _filters(run: RunFolder, active: float) -> str:
    text = f"Of {len(run.fields)} filters {active:.0f} are active: without one the bound falls by more than .05 nats"
    others = [
        f"{number:.0f} {words}"
        for name, words in {
            "active_gabor_filters": "of them are Gabor-like, fits at a bound included",
            "active_filters_norm": "filters are longer than half of the longest",
            "worthwhile_filters": "are worth more than their posterior costs",
        }.items()
        if (number := run.number(name)) is not None
    ]
    return text + (f" ({'; '.join(others)})." if others else ".")


def _bounds(run: RunFolder, elbo: float) -> str:
    interval = run.summary.get("elbo_nats_interval")
    within = f" (95 % interval {interval[0]:.1f} to {interval[1]:.1f})" if interval else ""
    text = f"The log likelihood of a held-out stimulus is at least {elbo:.1f} nats{within}"
    likelihood = run.section("likelihood")
    if (weighted := run.number("iwae_nats")) is not None:
        samples = likelihood.get("n_samples")
        text += f", {weighted:.1f} by {f'{samples} ' if samples else ''}importance samples"
    if (annealed := run.number("ais_nats")) is not None:
        text += f", {annealed:.1f} by annealed sampling"
        if (gap := run.number("ais_gap_nats")) is not None:
            text += f", whose bounds from both sides are {gap:.1f} nats apart on stimuli drawn from the network itself"
    if (above := run.number("elbo_over_noise_nats")) is not None:
        text += (
            f"; the bound is {above:.1f} nats above white noise of the stimuli's size (one nat is a factor of e in "
            "probability), whatever their unit, which moves all the others by one constant"
        )
    return f"{text}."


LIKELIHOOD = Measure(
    name="likelihood",
    applies=lambda context: context.has("dense") or context.has("likelihood"),
    compute=_measured,
    step=lambda context: "likelihood of held-out stimuli",
    metrics={
        "active_filters": Metric(
            "count",
            "Filters without which the bound on a held-out stimulus falls by more than .05 nats on average: one is set "
            "to zero, and the posterior means stay.",
        ),
        "active_filters_norm": Metric(
            "count", "Filters longer than half of the longest; says nothing where all are kept at unit norm."
        ),
        "worthwhile_filters": Metric(
            "count",
            "Filters whose ELBO drop is larger than the divergence of their posterior from the prior, by more than .05 "
            "nats: the bound is better with the neuron than without it.",
        ),
        "active_gabor_filters": Metric(
            "count",
            "Active filters that are Gabor-like in whitened space: R² above .7 and participation ratio of 6 or more, "
            "at a bound or not, which gabor_fraction does not allow. Blobs and differences of Gaussians count too.",
        ),
        "elbo_nats": Metric(
            "nats",
            "Lower bound on the log likelihood of a held-out stimulus, how probable the network takes it to be, "
            "averaged; higher is better, and one nat is a factor of e. It is that of a density, so stimuli in another "
            "unit shift it by a constant: c times larger ones of n pixels by −n·log c.",
        ),
        "elbo_nats_interval": Metric(
            "nats", "95 % bootstrap interval of elbo_nats; resamples the held-out stimuli."
        ),
        "elbo_over_noise_nats": Metric(
            "nats",
            "By how much elbo_nats is above the log density of white noise: independent normal pixels with the root "
            "mean square of the training stimuli. It does not depend on the unit of the stimuli.",
        ),
        "iwae_nats": Metric(
            "nats",
            "The importance-weighted bound, which is tighter: elbo_nats plus what likelihood.n_samples samples add to "
            "it, on the first likelihood.n_stimuli held-out stimuli.",
        ),
        "ais_nats": Metric(
            "nats",
            "The log likelihood by annealed importance sampling, from below: elbo_nats plus what it adds, on the first "
            "likelihood.n_annealed held-out stimuli.",
        ),
        "ais_gap_nats": Metric(
            "nats",
            "What to expect ais_nats to miss at most: its bounds from above and below, on as many stimuli drawn from "
            "the trained network itself, are so far apart on average.",
        ),
    },
    figures={
        "filters": Caption(
            "Filters in use",
            "ELBO drop: what the bound on held-out stimuli loses when a filter is set to zero and the posterior means "
            "stay, in falling order, with what their posterior costs, and norms in the same order. A filter is active "
            "above .05 nats (dashed); half of the largest norm is dashed too.",
            "Two panels over the rank of the filter: ELBO drop and cost in nats on a logarithmic axis, and norm.",
        ),
    },
    sentences=_sentences,
)
