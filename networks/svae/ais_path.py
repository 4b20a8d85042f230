"""The path of annealed importance sampling: its start, its temperatures, and the weights of the chains that walk it.

It starts at the posterior under a normal prior, which is known exactly, and not at the prior: both ends then share the
likelihood, and the way is so much shorter that a twentieth of the temperatures does.
"""

from dataclasses import dataclass, replace
from math import ceil, log, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.jax_arrays import NUMPY, jax_and_optax
from neurosim.networks.estimator.parameters import whole
from neurosim.networks.svae.hmc import curvature_of, walk_of
from neurosim.networks.svae.priors import LatentPrior

__all__ = ["Annealing", "AnnealingSchedule", "SeparateModel", "prepared", "separated", "weighted"]

# Chains walked at once, few enough for the processor's cache; and in the pilot, where their spread is measured.
_CHAINS_AT_ONCE = 2048
_PILOT_CHAINS = 512
_PILOT_STIMULI = 64
_PILOT_TEMPERATURES = 120
_FIRST_STEP = 0.3
_JITTER = 0.2
# Draws that stand for the prior where only its width matters.
_N_DRAWS = 256
# Widths of the normal prior that are tried, a factor of 1.8 apart, and draws that each is judged by.
_N_WIDTHS, _WIDTH_DRAWS = 40, 4
# Of filters over the noise, which chains that walk in single precision cannot tell apart.
_DECIMALS = 9


@dataclass(frozen=True)
class AnnealingSchedule:
    """How much work goes into annealing.

    Parameters
    ----------
    n_temperatures : int, default=300
        Steps of the path, each with one transition. With one, it is importance sampling.
    n_chains : int, default=8
        Per stimulus.
    n_leapfrog : int, default=4
        Leapfrog steps per transition.

    Raises
    ------
    ValueError
        If one is no whole number above zero.
    """

    n_temperatures: int = 300
    n_chains: int = 8
    n_leapfrog: int = 4

    def __post_init__(self) -> None:
        for name in ("n_temperatures", "n_chains", "n_leapfrog"):
            whole(name, getattr(self, name), at_least=1)


@dataclass(frozen=True)
class SeparateModel:
    """A linear decoder and its stimuli in the coordinates in which the likelihood separates.

    Parameters
    ----------
    basis : array, shape (n_neurons, n_neurons)
        Orthonormal; activities are coordinates times its transpose.
    singular : array, shape (n_neurons,)
        Of the filters over the noise, zero where no stimulus tells about a coordinate.
    targets : array, shape (n_stimuli, n_neurons)
        Stimuli over the noise: the likelihood is highest where singular · coordinate meets them.
    variance : array, shape (n_stimuli,)
        Of the normal prior at the start of the path, v, by stimulus.
    log_evidence : array, shape (n_stimuli,)
        log N(x; 0, σ²I + v FᵀF), in nats.
    """

    basis: NDArray[Any]
    singular: NDArray[Any]
    targets: NDArray[Any]
    variance: NDArray[Any]
    log_evidence: NDArray[Any]

    def of(self, rows: NDArray[np.intp]) -> "SeparateModel":
        """Return the model of some of the stimuli."""
        return replace(
            self,
            targets=self.targets[rows],
            variance=self.variance[rows],
            log_evidence=self.log_evidence[rows],
        )

    def normal_posterior(self, n_chains: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw coordinates at the start of the path, shape (n_stimuli, n_chains, n_neurons)."""
        precision = self.singular**2 + 1 / self.variance[:, None]
        mean = self.singular * self.targets / precision
        noise = rng.standard_normal((len(mean), n_chains, mean.shape[1]))
        start: NDArray[np.float64] = mean[:, None] + noise / np.sqrt(precision)[:, None]
        return start


def separated(
    stimuli: NDArray[Any],
    filters: NDArray[Any],
    *,
    noise_sd: float,
    prior: LatentPrior,
    rng: np.random.Generator,
) -> SeparateModel:
    """Return the model of stimuli (less the offset) in separate coordinates, with the normal prior that starts best."""
    n_neurons, n_pixels = filters.shape
    # Rounded: last digits, which another unit of the stimuli changes, would turn the basis of equal singular values.
    basis, singular, rows = np.linalg.svd(np.round(filters / noise_sd, _DECIMALS))
    n_shared = len(singular)
    targets = np.zeros((len(stimuli), n_neurons))
    targets[:, :n_shared] = stimuli @ rows[:n_shared].T / noise_sd
    out_of_reach = ((stimuli @ rows[n_shared:].T / noise_sd) ** 2).sum(axis=1)
    singular = np.pad(singular, (0, n_neurons - n_shared))
    least = np.median(np.abs(prior.draw(rng, (_N_DRAWS,)))) ** 2
    constant = -out_of_reach / 2 - n_pixels * log(2 * pi * noise_sd**2) / 2
    model = SeparateModel(basis, singular, targets, np.full(len(stimuli), least), constant)
    return _started_best(model, least * np.geomspace(1, 1e10, _N_WIDTHS), prior=prior, rng=rng)


def _started_best(
    model: SeparateModel, widths: NDArray[Any], *, prior: LatentPrior, rng: np.random.Generator
) -> SeparateModel:
    """Return the model with the normal prior whose posterior is the best approximation under the true prior.

    That is where log N(x; 0, σ²I + v FᵀF) + E[log p(z) − log N(z; 0, v)], the bound that a path without a step would
    give, is highest. The evidence alone would explain by huge activities whatever only tiny filters reach.
    """
    noise = rng.standard_normal((_WIDTH_DRAWS, model.targets.shape[1]))
    evidence = np.stack([_log_evidence(model.targets, model.singular, width) for width in widths])
    bounds = evidence + np.stack([_mean_log_ratio(model, width, noise, prior=prior) for width in widths])
    best = bounds.argmax(axis=0)
    gained = np.take_along_axis(evidence, best[None], axis=0)[0]
    return replace(model, variance=widths[best], log_evidence=model.log_evidence + gained)


def _mean_log_ratio(
    model: SeparateModel, width: float, noise: NDArray[Any], *, prior: LatentPrior
) -> NDArray[np.float64]:
    """Return E[log p(z) − log N(z; 0, v)] under the normal posterior of each stimulus, from a few draws."""
    precision = model.singular**2 + 1 / width
    means = model.singular * model.targets / precision
    total = np.zeros(len(means))
    for row in noise / np.sqrt(precision):
        w = means + row
        normal = -(w**2 / width + log(2 * pi * width)).sum(axis=1) / 2
        total += prior.log_density(w @ model.basis.T, NUMPY).sum(axis=1) - normal
    return total / len(noise)


def _log_evidence(targets: NDArray[Any], singular: NDArray[Any], variance: float) -> NDArray[Any]:
    total = 1 + variance * singular**2
    evidence: NDArray[Any] = -(targets**2 / total + np.log(total)).sum(axis=1) / 2
    return evidence


@dataclass(frozen=True)
class Annealing:
    """A model and the path through it, all of it fixed before any weighted chain starts.

    Parameters
    ----------
    model : SeparateModel
    prior : LatentPrior
    schedule : AnnealingSchedule
    curvature : float
        Of the prior.
    betas, steps : arrays, shape (n_temperatures + 1,)
        Inverse temperatures from 0 to 1, and step sizes of the transitions.
    """

    model: SeparateModel
    prior: LatentPrior
    schedule: AnnealingSchedule
    curvature: float
    betas: NDArray[Any]
    steps: NDArray[Any]


def prepared(
    model: SeparateModel, *, prior: LatentPrior, schedule: AnnealingSchedule, rng: np.random.Generator
) -> Annealing:
    """Return a path whose temperatures and step sizes come from a pilot with chains of its own.

    Tuning by the weighted chains themselves would make transitions depend on the past, and weights would bound
    nothing. The gap is least where log weights vary as much between any two neighbours (Grosse, Maddison &
    Salakhutdinov 2013), so temperatures are equally far apart in the standard deviation that the pilot's chains show.
    """
    # Dense at the end, where heavy tails come in.
    betas = 1 - np.linspace(1, 0, _PILOT_TEMPERATURES) ** 2
    n_stimuli = min(len(model.targets), _PILOT_STIMULI)
    few = model.of(np.linspace(0, len(model.targets) - 1, n_stimuli).astype(int))
    pilot = Annealing(few, prior, schedule, curvature_of(prior, rng), betas, np.full(len(betas), _FIRST_STEP))
    start = few.normal_posterior(ceil(_PILOT_CHAINS / n_stimuli), rng)
    ratios, _, steps = _walked(pilot, start, (betas, pilot.steps), adapt=True, rng=rng)
    speed = np.sqrt(ratios.var(axis=2).mean(axis=1))
    # The spread is noisy, and no stretch of the path may be left without temperatures.
    speed = np.maximum(speed, 0.05 * speed.max() + np.finfo(float).tiny)
    length = np.concatenate([[0.0], np.cumsum(np.diff(betas) * (speed[1:] + speed[:-1]) / 2)])
    chosen = np.interp(np.linspace(0, length[-1], schedule.n_temperatures + 1), length, betas)
    return replace(pilot, model=model, betas=chosen, steps=np.interp(chosen, betas, steps))


def weighted(
    annealing: Annealing, start: NDArray[Any], *, backward: bool = False, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Walk the path from `start` (n_stimuli, n_chains, n_neurons); transitions are reversible, so also from β = 1 to 0.

    Returns log weights (n_stimuli, n_chains), nats, and the share of chains that accepted (n_temperatures, n_stimuli).
    """
    increments, at = np.diff(annealing.betas), slice(1, None)
    if backward:
        increments, at = increments[::-1], slice(-2, None, -1)
    n_blocks = ceil(len(start) * annealing.schedule.n_chains / _CHAINS_AT_ONCE)
    size = ceil(len(start) / n_blocks)
    log_weights, acceptance = [], []
    for first in range(0, len(start), size):
        # The last block repeats a stimulus until it is full: another size would be compiled anew.
        rows = np.minimum(np.arange(first, first + size), len(start) - 1)
        block = replace(annealing, model=annealing.model.of(rows))
        ratios, accepted, _ = _walked(
            block, start[rows], (annealing.betas[at], annealing.steps[at]), adapt=False, rng=rng
        )
        # Single terms come in float32; their sum, of hundreds, is in float64.
        log_weights.append(np.einsum("t,tsc->sc", increments, ratios) + block.model.log_evidence[:, None])
        acceptance.append(accepted)
    n_stimuli = len(start)
    return np.concatenate(log_weights)[:n_stimuli], np.concatenate(acceptance, axis=1)[:, :n_stimuli]


def _walked(
    annealing: Annealing,
    start: NDArray[Any],
    visited: tuple[NDArray[Any], NDArray[Any]],
    *,
    adapt: bool,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return log ratios of the two priors before each transition, acceptance, and step sizes."""
    jax, _ = jax_and_optax("svae")
    betas, steps = visited
    # Without jitter, trajectories that happen to close would never leave.
    jitter = rng.uniform(1 - _JITTER, 1 + _JITTER, len(betas))
    least_gain = -rng.exponential(size=(len(betas), *start.shape[:2]))
    keys = jax.random.wrap_key_data(rng.integers(2**32, size=(len(betas), 2), dtype=np.uint32))
    model = annealing.model
    found = walk_of(annealing.prior, annealing.schedule.n_leapfrog)(
        start.astype(np.float32),
        _single(model.targets, model.singular, model.basis, model.variance),
        (*_single(betas, steps, jitter, least_gain), keys),
        *_single(annealing.curvature, adapt),
    )
    ratios, acceptance, steps_taken = (np.asarray(part, dtype=np.float64) for part in found)
    return ratios, acceptance, steps_taken


def _single(*values: Any) -> tuple[NDArray[np.float32], ...]:
    return tuple(np.asarray(value, dtype=np.float32) for value in values)
