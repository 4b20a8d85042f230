"""Many chains of Hamiltonian Monte Carlo that walk from a posterior under a normal prior to that under another prior.

Stimuli are x | z ~ N(Fᵀz, σ²I) with independent activities z. At inverse temperature β the target is
N(z; 0, v)^(1−β) p(z)^β p(x | z). Along the left singular vectors of F/σ all but p(z) separates, so chains live in those
coordinates, w = Qᵀz.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import pi
from typing import Any

import numpy as np

from neurosim.networks.estimator.jax_arrays import jax_and_optax, jax_arrays
from neurosim.networks.svae.priors import LatentPrior

__all__ = ["curvature_of", "walk_of"]

_LONGEST_TURN = pi / 2
"""A quarter turn, after which a normal coordinate has forgotten where it started; more would lead back."""
_WANTED_ACCEPTANCE = 0.75
_GAIN = 0.5
_N_DRAWS = 256


def curvature_of(prior: LatentPrior, rng: np.random.Generator) -> float:
    """Estimate the mean squared slope of a prior's log density, which is its mean curvature (Fisher's information)."""
    jax, _ = jax_and_optax("svae")
    arrays = jax_arrays()
    draws = prior.draw(rng, (_N_DRAWS,)).astype(np.float32)
    slopes = jax.grad(lambda activity: prior.log_density(activity, arrays).sum())(draws)
    return float(np.mean(np.square(slopes)))


# Kept, because compiling takes seconds.
@lru_cache(maxsize=8)
def walk_of(prior: LatentPrior, n_leapfrog: int) -> Any:
    """Return a compiled walk of many chains: Hamiltonian Monte Carlo, one transition per temperature.

    Parameters
    ----------
    prior : LatentPrior
    n_leapfrog : int
        Kicks by the prior per transition.

    Returns
    -------
    callable
        ``walk(start, model, path, curvature, adapt)``, all in float32. `start` are coordinates, shape (n_stimuli,
        n_chains, n_neurons); `model` targets, singular values, basis and variances as in `SeparateModel`; `path`, per
        transition, inverse temperature, step size, its jitter, the least gain that is accepted, shape (n_transitions,
        n_stimuli, n_chains), and a random key; `curvature` that of the prior; with `adapt` of 1 and not 0 step sizes
        follow the acceptance. It gives log p(z) − log N(z; 0, v) before each transition, shape (n_transitions,
        n_stimuli, n_chains), the acceptance, shape (n_transitions, n_stimuli), and step sizes, shape (n_transitions,).

    Notes
    -----
    Mass is FFᵀ/σ² + (1−β)/v plus β times the curvature of the prior. What is quadratic is followed exactly; only kicks
    by the prior have an error, and that the Metropolis test corrects. Kicks follow the log density's mean slope over as
    far as a step drifts, not the slope at a point: any force that depends on position alone keeps the walk
    reversible, and over the kink of the Laplace density this one allows steps three times as long.
    """
    jax, _ = jax_and_optax("svae")

    def walk(start: Any, model: Any, path: Any, curvature: Any, adapt: Any) -> Any:
        targets, singular, basis, variance = model
        model = (targets[:, None], singular, basis, variance[:, None, None])
        carried = (start, _log_densities(start, model, prior), jax.numpy.float32(0))

        def transition(carried: Any, at: Any) -> Any:
            *state, log_factor = carried
            beta, step, *chances = at
            step = jax.numpy.minimum(step * jax.numpy.exp(log_factor), _LONGEST_TURN / n_leapfrog)
            k = singular**2 + (1 - beta) / model[3]
            target = _Target(model, prior, beta, k, k + beta * curvature)
            state, rate = _moved(state, chances, target, step=step, n_leapfrog=n_leapfrog)
            log_factor = log_factor + adapt * _GAIN * (rate.mean() - _WANTED_ACCEPTANCE)
            return (*state, log_factor), (carried[1][..., 2] - carried[1][..., 1], rate, step)

        return jax.lax.scan(transition, carried, path)[1]

    return jax.jit(walk)


@dataclass(frozen=True)
class _Target:
    """What one transition leaves as it is; k is the stiffness of what is quadratic, m the masses."""

    model: Any
    prior: LatentPrior
    beta: Any
    k: Any
    m: Any


def _log_densities(w: Any, model: Any, prior: LatentPrior) -> Any:
    """Return, in a last axis, the logs of likelihood (less a constant), normal prior and prior."""
    targets, singular, basis, variance = model
    arrays = jax_arrays()
    likelihood = -((targets - singular * w) ** 2).sum(axis=-1) / 2
    normal = -(w**2 / variance + arrays.math.log(2 * pi * variance)).sum(axis=-1) / 2
    return arrays.math.stack(
        [likelihood, normal, prior.log_density(w @ basis.T, arrays).sum(axis=-1)], axis=-1
    )


def _moved(state: Any, chances: Any, target: _Target, *, step: Any, n_leapfrog: int) -> Any:
    """Return coordinates and log densities after one transition, and the share of chains that accepted it."""
    jax, _ = jax_and_optax("svae")
    jnp = jax.numpy
    w, logs = state
    jitter, least_gain, key = chances
    v = jax.random.normal(key, w.shape, jnp.float32) / jnp.sqrt(target.m)
    w_moved, v_moved = _trajectory(w, v, target, h=step * jitter, n_leapfrog=n_leapfrog)
    logs_moved = _log_densities(w_moved, target.model, target.prior)
    kinetic = ((v - v_moved) * (v + v_moved) * target.m).sum(axis=-1) / 2
    weights = jnp.stack([jnp.ones_like(target.beta), 1 - target.beta, target.beta])
    # A trajectory that left all numbers gains NaN, and is refused.
    accepted = (logs_moved - logs) @ weights + kinetic > least_gain
    state = [jnp.where(accepted[..., None], new, old) for new, old in ((w_moved, w), (logs_moved, logs))]
    return state, accepted.mean(axis=1, dtype=jnp.float32)


def _trajectory(w: Any, v: Any, target: _Target, *, h: Any, n_leapfrog: int) -> Any:
    """Return coordinates and velocities after some steps of length h: half a drift, a kick, half a drift."""
    jax, _ = jax_and_optax("svae")
    jnp, arrays = jax.numpy, jax_arrays()
    (targets, singular, basis, _), k, m = target.model, target.k, target.m
    omega, drive = jnp.sqrt(k / m), singular * targets / m
    reach = h * jnp.sqrt((1 / m) @ (basis**2).T)

    def drifted(w: Any, v: Any, t: Any) -> Any:
        # sin(ωt)/ω and (1 − cos ωt)/ω², which also hold where nothing turns.
        sine, versine = t * jnp.sinc(omega * t / pi), t**2 / 2 * jnp.sinc(omega * t / (2 * pi)) ** 2
        cosine = jnp.cos(omega * t)
        return cosine * w + sine * v + versine * drive, cosine * v + sine * (drive - k / m * w)

    def leap(_: int, moving: Any) -> Any:
        w, v = moving
        z = w @ basis.T
        rise = target.prior.log_density(z + reach, arrays) - target.prior.log_density(z - reach, arrays)
        return drifted(w, v + h * target.beta * ((rise / (2 * reach)) @ basis) / m, h)

    w, v = jax.lax.fori_loop(0, n_leapfrog, leap, drifted(w, v, h / 2))
    return drifted(w, v, -h / 2)
