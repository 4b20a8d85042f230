"""How probable activities are before a stimulus is seen: the priors of the sparse-coding autoencoder."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.jax_arrays import Arrays
from neurosim.networks.estimator.parameters import one_of

__all__ = ["PRIORS", "LatentPrior", "prior_named"]

FREEDOM = 3.0
"""Degrees of freedom of the Student-t prior: the fewest whole number with a variance."""
SLAB_SHARE = 0.2
SPIKE_SD = 0.1
"""The spike has a width, because a normal posterior is infinitely far from a point."""


@dataclass(frozen=True)
class LatentPrior:
    """A density of one activity, of unit scale; activities are independent.

    Parameters
    ----------
    name : str
    log_density : callable
        ``log_density(activity, arrays)`` in nats, elementwise; `arrays` says whose functions to use.
    divergence : callable or None
        ``divergence(means, sds, arrays)``: KL(N(mean, sd²) ‖ prior) in nats, elementwise, where there is a closed form.
    draw : callable
        ``draw(rng, shape)``: independent activities.
    pull : callable or None
        ``pull(means, sds, arrays)``: the mean slope and the mean curvature of −log density under N(mean, sd²),
        elementwise, of priors whose log density is concave, so that no curvature is below zero.
    """

    name: str
    log_density: Callable[[Any, Arrays], Any]
    divergence: Callable[[Any, Any, Arrays], Any] | None
    draw: Callable[[np.random.Generator, tuple[int, ...]], NDArray[Any]]
    pull: Callable[[Any, Any, Arrays], tuple[Any, Any]] | None = None


def prior_named(name: str) -> LatentPrior:
    """Return a prior by its name.

    Raises
    ------
    ValueError
        If there is none of that name, with the nearest.

    Examples
    --------
    >>> from neurosim.networks.estimator.jax_arrays import NUMPY
    >>> float(prior_named("laplace").log_density(0.0, NUMPY))  # minus log 2
    -0.6931471805599453
    """
    one_of("prior", name, tuple(PRIORS))
    return PRIORS[name]


def _laplace(activity: Any, arrays: Arrays) -> Any:
    return -arrays.math.abs(activity) - log(2)


def _from_laplace(means: Any, sds: Any, arrays: Arrays) -> Any:
    """Return E|z| + log 2 less the entropy of the normal density."""
    reach = means / sds
    tail = sds * sqrt(2 / pi) * arrays.math.exp(-(reach**2) / 2)
    mean_size = means * arrays.special.erf(reach / sqrt(2)) + tail
    return mean_size + log(2) - arrays.math.log(sds) - (1 + log(2 * pi)) / 2


def _pull_of_laplace(means: Any, sds: Any, arrays: Arrays) -> tuple[Any, Any]:
    """Return E sign z, and twice the density at zero, as the second derivative of |z| is 2δ(z)."""
    reach = means / sds
    return arrays.special.erf(reach / sqrt(2)), sqrt(2 / pi) * arrays.math.exp(-(reach**2) / 2) / sds


def _gaussian(activity: Any, _: Arrays) -> Any:
    return -(activity**2 + log(2 * pi)) / 2


def _from_gaussian(means: Any, sds: Any, arrays: Arrays) -> Any:
    return (means**2 + sds**2 - 1) / 2 - arrays.math.log(sds)


def _pull_of_gaussian(means: Any, sds: Any, arrays: Arrays) -> tuple[Any, Any]:
    return means, arrays.math.ones_like(sds)


def _cauchy(activity: Any, arrays: Arrays) -> Any:
    return -arrays.math.log1p(activity**2) - log(pi)


def _student_t(activity: Any, arrays: Arrays) -> Any:
    # For three degrees of freedom the constant is elementary: 2 / (π √3).
    return -2 * arrays.math.log1p(activity**2 / FREEDOM) + log(2 / (pi * sqrt(FREEDOM)))


def _spike_and_slab(activity: Any, arrays: Arrays) -> Any:
    slab = log(SLAB_SHARE) - activity**2 / 2
    spike = log((1 - SLAB_SHARE) / SPIKE_SD) - (activity / SPIKE_SD) ** 2 / 2
    return arrays.math.logaddexp(slab, spike) - log(2 * pi) / 2


def _draw_spike_and_slab(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
    return rng.standard_normal(shape) * np.where(rng.random(shape) < SLAB_SHARE, 1.0, SPIKE_SD)


PRIORS = {
    prior.name: prior
    for prior in (
        LatentPrior(
            "laplace",
            _laplace,
            _from_laplace,
            lambda rng, shape: rng.laplace(size=shape),
            _pull_of_laplace,
        ),
        LatentPrior("cauchy", _cauchy, None, lambda rng, shape: rng.standard_cauchy(shape)),
        LatentPrior(
            "gaussian",
            _gaussian,
            _from_gaussian,
            lambda rng, shape: rng.standard_normal(shape),
            _pull_of_gaussian,
        ),
        LatentPrior("student_t", _student_t, None, lambda rng, shape: rng.standard_t(FREEDOM, size=shape)),
        LatentPrior("spike_and_slab", _spike_and_slab, None, _draw_spike_and_slab),
    )
}
"""By name."""
