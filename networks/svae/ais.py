"""Log likelihood of stimuli under sparse activities and a linear decoder, by annealed importance sampling.

From below by chains that walk to the posterior, and, of data drawn from the model itself, from above by chains that
walk back: how far apart the two are says how much to believe.

References
----------
Neal 2001, Statistics and Computing 11:125; Grosse, Ghahramani & Adams 2015, arXiv:1511.02543 (walks both ways);
Wu, Burda, Salakhutdinov & Grosse 2017, arXiv:1611.04273 (of decoders).
"""

import warnings
from math import log
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from neurosim.networks.estimator.parameters import positive, whole
from neurosim.networks.svae.ais_path import (
    Annealing,
    AnnealingSchedule,
    SeparateModel,
    prepared,
    separated,
    weighted,
)
from neurosim.networks.svae.bounds import Decoder
from neurosim.networks.svae.priors import LatentPrior

__all__ = ["AnnealingSchedule", "annealed_log_likelihood", "annealing_check", "reversed_log_likelihood"]

_LEAST_ACCEPTANCE = 0.2


def annealed_log_likelihood(
    stimuli: ArrayLike,
    decoder: Decoder,
    *,
    prior: LatentPrior,
    schedule: AnnealingSchedule | None = None,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return log of the mean weight over chains for each stimulus, which is at most log p(x) in expectation.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    decoder : Decoder
    prior : LatentPrior
    schedule : AnnealingSchedule, optional
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n_stimuli,)
        In nats. Above log p(x) by t with a probability of at most exp(−t).

    Raises
    ------
    ImportError
        If jax is missing.
    ValueError
        If stimuli or decoder are impossible.

    Warns
    -----
    UserWarning
        If few transitions are accepted somewhere along the path.

    Examples
    --------
    >>> from neurosim.networks.svae.priors import prior_named
    >>> decoder = Decoder(np.eye(2), 0.0, 0.5)
    >>> rng = np.random.default_rng(0)
    >>> annealed_log_likelihood(np.ones((3, 2)), decoder, prior=prior_named("laplace"), rng=rng).shape  # doctest: +SKIP
    (3,)
    """
    schedule = schedule or AnnealingSchedule()
    model = _model(stimuli, decoder, prior=prior, rng=rng)
    annealing = prepared(model, prior=prior, schedule=schedule, rng=rng)
    log_weights, acceptance = weighted(annealing, model.normal_posterior(schedule.n_chains, rng), rng=rng)
    _warn_if_stuck(acceptance)
    return _log_mean(log_weights)


def reversed_log_likelihood(
    stimuli: ArrayLike,
    codes: ArrayLike,
    decoder: Decoder,
    *,
    prior: LatentPrior,
    schedule: AnnealingSchedule | None = None,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return minus log of the mean inverse weight of chains from the true codes, at least log p(x) in expectation.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
        Drawn from the model: of other stimuli nobody knows a sample of the posterior, and this is no bound.
    codes : array, shape (n_stimuli, n_neurons)
        The activities they were drawn from, in units of the prior's scale.
    decoder : Decoder
    prior : LatentPrior
    schedule : AnnealingSchedule, optional
    rng : numpy.random.Generator

    Returns
    -------
    array, shape (n_stimuli,)
        In nats; a bound in the mean over codes and stimuli.

    Raises
    ------
    ImportError
        If jax is missing.
    ValueError
        If stimuli, codes or decoder are impossible.

    Warns
    -----
    UserWarning
        If few transitions are accepted somewhere along the path.
    """
    schedule = schedule or AnnealingSchedule()
    model = _model(stimuli, decoder, prior=prior, rng=rng)
    truth = _finite_rows("codes", codes, width=model.targets.shape[1])
    if len(truth) != len(model.targets):
        raise ValueError(
            f"expected one code per stimulus, got {len(truth)} codes, {len(model.targets)} stimuli"
        )
    annealing = prepared(model, prior=prior, schedule=schedule, rng=rng)
    log_weights, acceptance = weighted(annealing, _repeated(truth, annealing), backward=True, rng=rng)
    _warn_if_stuck(acceptance)
    return -_log_mean(-log_weights)


def annealing_check(
    decoder: Decoder,
    *,
    prior: LatentPrior,
    n_stimuli: int = 50,
    schedule: AnnealingSchedule | None = None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw stimuli from the model and bound their log likelihood from both sides with the same schedule.

    Parameters
    ----------
    decoder : Decoder
    prior : LatentPrior
    n_stimuli : int, default=50
    schedule : AnnealingSchedule, optional
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row per stimulus: `forward` and `reverse` bound and `gap`, the second less the first, in nats; and
        `acceptance`, the share of transitions accepted both ways. The mean gap is in expectation no less than what
        `annealed_log_likelihood` misses on such stimuli; single gaps can be below zero. Of a prior without a variance
        single stimuli can be extreme, so look at the median too.

    Raises
    ------
    ImportError
        If jax is missing.
    ValueError
        If the decoder is impossible.
    """
    whole("n_stimuli", n_stimuli, at_least=1)
    schedule = schedule or AnnealingSchedule()
    filters = _validated_filters(decoder)
    n_neurons, n_pixels = filters.shape
    codes = prior.draw(rng, (n_stimuli, n_neurons))
    noise = decoder.noise_sd * rng.standard_normal((n_stimuli, n_pixels))
    stimuli = decoder.offset + codes @ filters + noise
    model = _model(stimuli, decoder, prior=prior, rng=rng)
    annealing = prepared(model, prior=prior, schedule=schedule, rng=rng)
    start = model.normal_posterior(schedule.n_chains, rng)
    upward, accepted_up = weighted(annealing, start, rng=rng)
    downward, accepted_down = weighted(annealing, _repeated(codes, annealing), backward=True, rng=rng)
    for accepted in (accepted_up, accepted_down):
        _warn_if_stuck(accepted)
    forward, reverse = _log_mean(upward), -_log_mean(-downward)
    acceptance = (accepted_up.mean(axis=0) + accepted_down.mean(axis=0)) / 2
    return pd.DataFrame(
        {"forward": forward, "reverse": reverse, "gap": reverse - forward, "acceptance": acceptance}
    )


def _model(
    stimuli: ArrayLike, decoder: Decoder, *, prior: LatentPrior, rng: np.random.Generator
) -> SeparateModel:
    filters = _validated_filters(decoder)
    shown = _finite_rows("stimuli", stimuli, width=filters.shape[1]) - np.asarray(decoder.offset, dtype=float)
    return separated(shown, filters, noise_sd=float(decoder.noise_sd), prior=prior, rng=rng)


def _repeated(codes: NDArray[Any], annealing: Annealing) -> NDArray[Any]:
    coordinates = codes @ annealing.model.basis
    return np.repeat(coordinates[:, None], annealing.schedule.n_chains, axis=1)


def _log_mean(log_weights: NDArray[Any]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = logsumexp(log_weights, axis=1) - log(log_weights.shape[1])
    return result


def _validated_filters(decoder: Decoder) -> NDArray[np.float64]:
    positive("noise_sd", decoder.noise_sd)
    filters = _finite_rows("filters", decoder.filters)
    offset = np.asarray(decoder.offset, dtype=float)
    if offset.shape not in ((), (filters.shape[1],)) or not np.isfinite(offset).all():
        raise ValueError(
            f"expected a finite offset, one number or one per pixel ({filters.shape[1]}), got shape {offset.shape}"
            f"{'' if np.isfinite(offset).all() else ' with NaN or infinity'}"
        )
    return filters


def _finite_rows(name: str, values: ArrayLike, *, width: int | None = None) -> NDArray[np.float64]:
    rows = np.asarray(values, dtype=float)
    if rows.ndim != 2 or not rows.size or (width is not None and rows.shape[1] != width):
        raise ValueError(f"{name}: expected shape (rows, {width or 'columns'}), got {rows.shape}")
    if not np.isfinite(rows).all():
        bad = np.argwhere(~np.isfinite(rows))
        raise ValueError(
            f"{name}: expected finite values, got NaN or infinity at row {bad[0, 0]}, column {bad[0, 1]} "
            f"({len(bad)} in all); repair or leave out those rows"
        )
    return rows


def _warn_if_stuck(acceptance: NDArray[Any]) -> None:
    rates = [part.mean() for part in np.array_split(acceptance, min(10, len(acceptance)))]
    if min(rates) < _LEAST_ACCEPTANCE:
        warnings.warn(
            f"expected chains to accept at least {_LEAST_ACCEPTANCE:.0%} of their transitions, got {min(rates):.0%} in "
            f"tenth {int(np.argmin(rates)) + 1} of the path: the bound holds but is loose; use a larger n_leapfrog, "
            "which shortens steps, or more temperatures, and see annealing_check",
            stacklevel=3,
        )
