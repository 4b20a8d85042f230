"""Bounds on the log likelihood of stimuli under a linear decoder with independent activities, in nats per stimulus.

p(z) = Π_j p(z_j), x | z ~ N(c + Fᵀz, σ²I), and an approximate posterior q(z | x) of normal activities: independent ones
here, others in `posteriors`. F are the `filters`: the dictionary times the prior's scale, so that activities z are in
units of that scale.
"""

from dataclasses import dataclass
from math import log, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.jax_arrays import NUMPY, Arrays
from neurosim.networks.svae.priors import LatentPrior

__all__ = [
    "Decoder",
    "divergence",
    "elbo_drop",
    "exact_gaussian",
    "expected_log_likelihood",
    "factorised_gap",
    "integrated_divergence",
    "log_likelihood_at",
]

# Equally spaced nodes are exact to rounding for smooth densities; the narrow spike asks for this many.
_NODES = np.linspace(-6, 6, 97)


@dataclass(frozen=True)
class Decoder:
    """The generative half: what a stimulus is made of.

    Parameters
    ----------
    filters : array, shape (n_neurons, n_pixels)
        Dictionary times the prior's scale.
    offset : array, shape (n_pixels,), or float
    noise_sd : float
        Standard deviation of a pixel about its mean.
    """

    filters: Any
    offset: Any
    noise_sd: float


def log_likelihood_at(stimuli: Any, activity: Any, decoder: Decoder, arrays: Arrays = NUMPY) -> Any:
    """Return log p(x | z) per stimulus, of activities (n_stimuli, n_neurons)."""
    residual = stimuli - decoder.offset - activity @ decoder.filters
    variance = decoder.noise_sd**2
    constant = stimuli.shape[1] * arrays.math.log(2 * pi * variance) / 2
    return -(residual**2).sum(axis=1) / (2 * variance) - constant


def expected_log_likelihood(
    stimuli: Any, means: Any, sds: Any, decoder: Decoder, arrays: Arrays = NUMPY
) -> Any:
    """Return E_q log p(x | z) per stimulus, exactly, as the decoder is linear; means, sds (n_stimuli, n_neurons)."""
    spread = sds**2 @ (decoder.filters**2).sum(axis=1)
    return log_likelihood_at(stimuli, means, decoder, arrays) - spread / (2 * decoder.noise_sd**2)


def divergence(means: Any, sds: Any, draws: Any, *, prior: LatentPrior, arrays: Arrays) -> Any:
    """Return KL(q ‖ p) of every activity: in closed form where there is one, else estimated from draws.

    `draws` (n_draws, n_stimuli, n_neurons) are standard normal. An estimate can be below zero; its mean is right.
    """
    if prior.divergence is not None:
        return prior.divergence(means, sds, arrays)
    # The entropy is exact, so only the prior's term has an error.
    entropy = arrays.math.log(sds) + (1 + log(2 * pi)) / 2
    return -entropy - prior.log_density(means + sds * draws, arrays).mean(axis=0)


def integrated_divergence(
    means: NDArray[Any], sds: NDArray[Any], *, prior: LatentPrior
) -> NDArray[np.float64]:
    """Return KL(q ‖ p) of every activity without draws: in closed form where there is one, else by quadrature.

    For standard deviations up to the prior's scale it is right to 10⁻⁸ nats for the Cauchy and the Student-t prior,
    and to 10⁻³ for spike and slab.
    """
    if prior.divergence is not None:
        closed: NDArray[np.float64] = prior.divergence(means, sds, NUMPY)
        return closed
    shares = np.exp(-(_NODES**2) / 2)
    total = -np.log(sds) - (1 + log(2 * pi)) / 2
    # One node at a time, because all together would not fit in the memory.
    for node, share in zip(_NODES, shares / shares.sum(), strict=True):
        total = total - share * prior.log_density(means + node * sds, NUMPY)
    return total


def elbo_drop(
    stimuli: NDArray[Any], means: NDArray[Any], sds: NDArray[Any], decoder: Decoder
) -> NDArray[Any]:
    """Return by how much each stimulus's ELBO drops, in nats, when one filter is set to zero and the posterior stays.

    With the residual r = x − c − Fᵀμ it is (2 μ_j r·f_j + (μ_j² − s_j²)‖f_j‖²) / 2σ², with no sampling error; of shape
    (n_stimuli, n_neurons), and below zero where the filter did harm.
    """
    residual = stimuli - decoder.offset - means @ decoder.filters
    squares = (decoder.filters**2).sum(axis=1)
    gained = 2 * means * (residual @ decoder.filters.T) + (means**2 - sds**2) * squares
    drop: NDArray[Any] = gained / (2 * decoder.noise_sd**2)
    return drop


def factorised_gap(decoder: Decoder, *, variance: float = 1.0) -> float:
    """Return what the best posterior of independent activities misses of log p(x), in nats, were activities normal.

    ½(Σ log K_ii − log det K) with K = I + v FFᵀ/σ², the posterior's precision times v, the prior's variance: the
    divergence of the best product of normal densities from a normal posterior. Zero for orthogonal filters. For other
    priors it is a guide to what overlapping filters cost the bound, and not the data.

    Parameters
    ----------
    decoder : Decoder
    variance : float, default=1.0
        Of the prior of unit scale: 1 for the Gaussian, 2 for the Laplace prior.

    Examples
    --------
    >>> factorised_gap(Decoder(np.eye(3), 0.0, 0.5))
    0.0
    """
    scaled = decoder.filters * (np.sqrt(variance) / decoder.noise_sd)
    precision = np.eye(len(scaled)) + scaled @ scaled.T
    return float(np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1]) / 2


def exact_gaussian(stimuli: NDArray[Any], decoder: Decoder) -> NDArray[np.float64]:
    """Return log p(x) under the Gaussian prior, log N(x; c, FᵀF + σ²I), the only one with a closed form.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    decoder : Decoder
    """
    n_pixels = stimuli.shape[1]
    covariance = decoder.filters.T @ decoder.filters + decoder.noise_sd**2 * np.eye(n_pixels)
    centred = stimuli - decoder.offset
    explained = (centred * np.linalg.solve(covariance, centred.T).T).sum(axis=1)
    likelihood: NDArray[np.float64] = (
        -(explained + np.linalg.slogdet(covariance)[1] + n_pixels * log(2 * pi)) / 2
    )
    return likelihood
