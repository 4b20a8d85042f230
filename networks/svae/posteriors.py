"""What is inferred of the activities behind stimuli: a normal posterior, with or without correlations of neurons.

With F the `filters`, σ the noise and E = −log p of an activity, the bound of a normal posterior with mean m and
covariance C is

    log N(x; c + Fᵀm, σ²I) − tr(FFᵀC)/2σ² − Σ_j ⟨E(z_j)⟩ + ½ log det C + k/2 (1 + log 2π).

⟨E(z_j)⟩ depends on m_j and C_jj alone, so its slope in C is diagonal and the best covariance is

    C⁻¹ = FFᵀ/σ² + diag h,        h_j = ⟨E″(z_j)⟩:

what the decoder couples (lateral inhibition, overlap by overlap) and how sharply the prior holds each neuron (Opper &
Archambeau 2009, Neural Computation 21:786: the best normal density has as many free parameters in its covariance as in
its mean). A step takes h from the means and spreads of the last one, and then Newton's direction for the means,

    C (F(x − c − Fᵀm)/σ² − t),        t_j = ⟨E′(z_j)⟩,

as far as the bound rises along it.
"""

from dataclasses import dataclass
from math import log, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.estimator.jax_arrays import NUMPY, Arrays
from neurosim.networks.svae.bounds import (
    Decoder,
    elbo_drop,
    expected_log_likelihood,
    integrated_divergence,
    log_likelihood_at,
)
from neurosim.networks.svae.priors import LatentPrior

__all__ = ["Correlated", "Factorised", "Posterior", "importance_weighted", "settled"]

_SHARES = tuple(0.5**k for k in range(7))
_LEAST_SHARE = 0.1
_LEAST_MEAN = 1e-6


@dataclass(frozen=True)
class Factorised:
    """Activities without correlations: means and standard deviations (n_stimuli, n_neurons)."""

    means: Any
    sds: Any

    @property
    def covariance(self) -> Any:
        """Diagonal matrices, shape (n_stimuli, n_neurons, n_neurons)."""
        return self.sds[:, :, None] ** 2 * np.eye(self.sds.shape[1])

    def bound(self, stimuli: Any, decoder: Decoder, prior: LatentPrior) -> Any:
        """Return the evidence lower bound per stimulus, in nats."""
        likelihood = expected_log_likelihood(stimuli, self.means, self.sds, decoder)
        return likelihood - integrated_divergence(self.means, self.sds, prior=prior).sum(axis=1)

    def losses(self, stimuli: Any, decoder: Decoder, prior: LatentPrior) -> tuple[Any, Any]:
        """Return how far the bound drops without a field, and of that the divergence, saved when the neuron goes."""
        drop = elbo_drop(stimuli, self.means, self.sds, decoder)
        return drop, integrated_divergence(self.means, self.sds, prior=prior)

    def deviations(self, noise: Any) -> Any:
        """Return draws less the means."""
        return self.sds * noise

    @property
    def log_peak(self) -> Any:
        """The log density at the means."""
        return -(np.log(self.sds) + log(2 * pi) / 2).sum(axis=1)


@dataclass(frozen=True)
class Correlated:
    """Activities with the correlations that the decoder makes.

    Parameters
    ----------
    means, sds : arrays, shape (n_stimuli, n_neurons)
        Of each activity by itself.
    curvature : array, shape (n_stimuli, n_neurons)
        h, what the prior adds to the precision.
    inverse_root : array, shape (n_stimuli, n_neurons, n_neurons)
        L⁻¹ of the precision C⁻¹ = LLᵀ, lower triangular.
    """

    means: Any
    sds: Any
    curvature: Any
    inverse_root: Any

    @property
    def covariance(self) -> Any:
        """C, shape (n_stimuli, n_neurons, n_neurons)."""
        return self.inverse_root.swapaxes(1, 2) @ self.inverse_root

    def total_correlation(self, arrays: Arrays = NUMPY) -> Any:
        """Return Σ_j log √C_jj − ½ log det C: what the divergence of all is above the sum of each one's, in nats."""
        roots = arrays.math.diagonal(self.inverse_root, axis1=1, axis2=2)
        return (arrays.math.log(self.sds) - arrays.math.log(roots)).sum(axis=1)

    def bound(self, stimuli: Any, decoder: Decoder, prior: LatentPrior) -> Any:
        """Return the evidence lower bound per stimulus, in nats; of the decoder that the posterior was settled with."""
        apart = (
            integrated_divergence(self.means, self.sds, prior=prior).sum(axis=1) + self.total_correlation()
        )
        return log_likelihood_at(stimuli, self.means, decoder) - self._spread().sum(axis=1) / 2 - apart

    def losses(self, stimuli: Any, decoder: Decoder, prior: LatentPrior) -> tuple[Any, Any]:
        """Return how far the bound drops without a field, and of that what is saved when its neuron goes altogether.

        Without the field the posterior stays. When the neuron goes too, the others' posterior is the one given that it
        is silent, which has the same h: they take over what they can.
        """
        residual = stimuli - decoder.offset - self.means @ decoder.filters
        squares = (decoder.filters**2).sum(axis=1)
        gained = 2 * self.means * (residual @ decoder.filters.T) + (self.means**2 + self.sds**2) * squares
        drop = gained / (2 * decoder.noise_sd**2) - self._spread()
        whole = self.bound(stimuli, decoder, prior)
        silenced = [self._silenced(k, one, decoder, prior) for k, one in enumerate(residual)]
        return drop, drop - (whole[:, None] - np.array(silenced))

    def deviations(self, noise: Any) -> Any:
        """Return draws less the means: L⁻ᵀ times the noise."""
        return np.einsum("sij,si->sj", self.inverse_root, noise)

    @property
    def log_peak(self) -> Any:
        """The log density at the means."""
        roots = np.diagonal(self.inverse_root, axis1=1, axis2=2)
        return -(np.log(roots) + log(2 * pi) / 2).sum(axis=1)

    def _spread(self) -> Any:
        """Return diag(FFᵀC)/σ²: as C⁻¹ = FFᵀ/σ² + diag h, it is 1 − h_j C_jj."""
        return 1 - self.curvature * self.sds**2

    def _silenced(
        self, k: int, residual: NDArray[Any], decoder: Decoder, prior: LatentPrior
    ) -> NDArray[np.float64]:
        """Return the bound of one stimulus without each of the neurons, shape (n_neurons,)."""
        root, means, variance = self.inverse_root[k], self.means[k], self.sds[k] ** 2
        covariance = root.T @ root
        # Rows: the neuron that goes; columns: the others, given that it is zero.
        pull = covariance / variance[:, None]
        others_means = means - means[:, None] * pull
        others_variance = variance - pull * covariance
        residuals = residual + means[:, None] * (pull @ decoder.filters)
        n_neurons, n_pixels = decoder.filters.shape
        np.fill_diagonal(others_variance, 1.0)
        kept = ~np.eye(n_neurons, dtype=bool)
        sds = np.sqrt(others_variance)
        # Each one's divergence and entropy: minus the mean of the prior's log density, up to constants.
        cost = integrated_divergence(others_means, sds, prior=prior) + np.log(sds)
        spread = 1 - self.curvature[k] * others_variance
        log_root = -np.log(np.diag(root)).sum() + np.log(variance) / 2
        fit = (residuals**2).sum(axis=1) / (2 * decoder.noise_sd**2)
        constant = n_pixels * log(2 * pi * decoder.noise_sd**2) / 2
        bound: NDArray[np.float64] = -fit - constant - ((cost + spread / 2) * kept).sum(axis=1) - log_root
        return bound


Posterior = Factorised | Correlated
"""Normal densities of activities, one for each stimulus, in units of the prior's scale."""


def settled(
    stimuli: Any,
    guess: tuple[Any, Any],
    decoder: Decoder,
    *,
    prior: LatentPrior,
    n_steps: int,
    arrays: Arrays,
) -> Correlated:
    """Return the posterior with correlations after a number of Newton steps from means and spreads.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    guess : tuple of arrays, shape (n_stimuli, n_neurons)
        Means and standard deviations to start from; the first step takes from them only the prior's pull.
    decoder : Decoder
    prior : LatentPrior
        With a `pull`.
    n_steps : int
        Each costs a Cholesky factor and its inverse per stimulus.
    arrays : Arrays
        Whose functions to use.
    """
    assert prior.pull is not None
    (means, sds), variance = guess, decoder.noise_sd**2
    overlaps = decoder.filters @ decoder.filters.T / variance
    drive = (stimuli - decoder.offset) @ decoder.filters.T / variance
    identity = arrays.math.eye(len(overlaps), dtype=overlaps.dtype)
    for _ in range(n_steps):
        curvature = _held_curvature(means, *prior.pull(means, sds, arrays), arrays)
        root = arrays.inverse_root(overlaps + curvature[:, :, None] * identity)
        sds = arrays.math.sqrt((root**2).sum(axis=1))
        slope = drive - means @ overlaps
        uphill = slope - prior.pull(means, sds, arrays)[0]
        step = ((root @ uphill[:, :, None]).swapaxes(1, 2) @ root)[:, 0]
        share = _best_share(means, sds, step, slope=slope, overlaps=overlaps, prior=prior, arrays=arrays)
        means = means + share[:, None] * step
    return Correlated(means, sds, curvature, root)


def _held_curvature(means: Any, slope: Any, curvature: Any, arrays: Arrays) -> Any:
    """Return h, not less than a share of t/m: of a neuron that is active for certain it is next to nothing.

    As many of these as there are pixels, and the precision would have no factor. The bound holds for any h; at
    ordinary contrasts this costs less than a thousandth of a nat.
    """
    clear = arrays.math.abs(means) > _LEAST_MEAN
    return arrays.math.maximum(
        curvature, _LEAST_SHARE * arrays.math.where(clear, slope / arrays.math.where(clear, means, 1), 0)
    )


def _best_share(
    means: Any, sds: Any, step: Any, *, slope: Any, overlaps: Any, prior: LatentPrior, arrays: Arrays
) -> Any:
    """Return which share of each stimulus's step raises the bound most, as the prior is not quadratic."""
    assert prior.divergence is not None
    linear = (step * slope).sum(axis=1)
    quadratic = (step * (step @ overlaps)).sum(axis=1) / 2
    raised = [
        share * linear
        - share**2 * quadratic
        - prior.divergence(means + share * step, sds, arrays).sum(axis=1)
        for share in _SHARES
    ]
    return arrays.math.asarray(_SHARES, dtype=step.dtype)[arrays.math.stack(raised).argmax(axis=0)]


def importance_weighted(
    stimuli: NDArray[Any],
    posterior: Posterior,
    decoder: Decoder,
    *,
    prior: LatentPrior,
    n_samples: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return log of the mean importance weight p(x, z)/q(z | x) of a number of samples, per stimulus.

    In the mean over samples it is a lower bound, rises with their number, and is the ELBO for one (Burda, Grosse &
    Salakhutdinov 2016).
    """
    total = np.full(len(stimuli), -np.inf)
    log_q_peak = posterior.log_peak
    for _ in range(n_samples):
        noise = rng.standard_normal(posterior.means.shape)
        activity = posterior.means + posterior.deviations(noise)
        fit = log_likelihood_at(stimuli, activity, decoder)
        prior_term = prior.log_density(activity, NUMPY).sum(axis=1)
        total = np.logaddexp(total, fit + prior_term - log_q_peak + (noise**2).sum(axis=1) / 2)
    return total - log(n_samples)
