"""What a fitted sparse-coding autoencoder tells of stimuli: posteriors, bounds, and which fields it uses."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time
from neurosim.networks.estimator.jax_arrays import NUMPY
from neurosim.networks.estimator.parameters import whole
from neurosim.networks.estimator.scikit_learn_names import ScikitLearnNames
from neurosim.networks.estimator.training_data import generator, validated_code, validated_stimuli
from neurosim.networks.saving.save_method import Saving
from neurosim.networks.svae.bounds import Decoder
from neurosim.networks.svae.encoder import Encoder, posterior
from neurosim.networks.svae.posteriors import (
    Correlated,
    Factorised,
    Posterior,
    importance_weighted,
    settled,
)
from neurosim.networks.svae.priors import LatentPrior, prior_named

__all__ = ["ACTIVE_NATS", "FittedSVAE"]

ACTIVE_NATS = 0.05
"""A filter is active if the ELBO drops by more than this when it is set to zero."""

# Stimuli at once, whose activities fit in the memory; with correlations, a matrix for each.
_BLOCKS = {"factorised": 512, "correlated": 64}


class FittedSVAE(ScikitLearnNames, Saving, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """The half of `neurosim.networks.SVAE` that needs no jax: everything but `fit`."""

    prior: str
    posterior: str
    posterior_steps: int
    dictionary_: NDArray[np.float64]
    decoder_offset_: NDArray[np.float64]
    encoder_: Encoder
    prior_scale_: float
    noise_sd_: float
    stimuli_scale_: float

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the posterior means of activities, shape (n_stimuli, n_neurons), in the unit of the stimuli."""
        means, _ = self.marginals(X)
        return means

    @one_at_a_time()
    def marginals(self, X: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return means and standard deviations of each activity's posterior, in the unit of the stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        means, sds : arrays, shape (n_stimuli, n_neurons)
        """
        stimuli = self._validated(X)
        found = [self._posterior(part) for part in self._blocks(stimuli)]
        means, sds = (np.concatenate(parts) for parts in zip(*((q.means, q.sds) for q in found), strict=True))
        unit = stimuli.dtype.type(self.prior_scale_)
        return unit * means.astype(stimuli.dtype), unit * sds.astype(stimuli.dtype)

    @one_at_a_time()
    def covariances(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the covariances of activities given each stimulus, in the squared unit of the stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        array, shape (n_stimuli, n_neurons, n_neurons)
            Of the factorised posterior they are diagonal.
        """
        found = (self._posterior(part) for part in self._blocks(self._validated(X)))
        return self.prior_scale_**2 * np.concatenate([q.covariance for q in found])

    def inverse_transform(self, code: ArrayLike) -> NDArray[Any]:
        """Return the stimuli that activities stand for, Φᵀz and the offset, shape (n_stimuli, n_pixels)."""
        activity = validated_code(self, code)
        reconstructed: NDArray[Any] = activity @ self.dictionary_ + self.decoder_offset_
        return reconstructed

    @one_at_a_time()
    def bound(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the evidence lower bound of each stimulus, in nats.

        Nothing is drawn: the divergence is in closed form or, for priors without one, by quadrature.
        """
        stimuli = self._validated(X)
        return np.concatenate([self._bound(part) for part in self._blocks(stimuli)])

    @one_at_a_time()
    def bound_over_noise(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return by how much the bound of each stimulus is above its log density as white noise, in nats.

        White noise is independent normal pixels with the training stimuli's root mean square. Unlike the bound itself
        this does not depend on the unit of the stimuli.
        """
        stimuli = self._validated(X)
        squares = np.square(stimuli.astype(np.float64) / self.stimuli_scale_).sum(axis=1)
        white = -(squares + stimuli.shape[1] * np.log(2 * np.pi * self.stimuli_scale_**2)) / 2
        above: NDArray[np.float64] = self.bound(stimuli) - white
        return above

    @one_at_a_time()
    def importance_bound(
        self, X: ArrayLike, *, n_samples: int = 100, random_state: Any = None
    ) -> NDArray[np.float64]:
        """Return the importance-weighted bound of each stimulus, in nats; it rises with the number of samples.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        n_samples : int, default=100
        random_state : int, RandomState, Generator or None, default=None
        """
        stimuli = self._validated(X)
        whole("n_samples", n_samples, at_least=1)
        rng, decoder, prior = generator(random_state), self.decoder(), self._prior()
        parts = [
            importance_weighted(
                part.astype(np.float64),
                self._posterior(part),
                decoder,
                prior=prior,
                n_samples=n_samples,
                rng=rng,
            )
            for part in self._blocks(stimuli)
        ]
        return np.concatenate(parts)

    def objective(self, X: ArrayLike, code: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return what is minimised, minus the bound, per stimulus; it depends on more than a code, which is ignored."""
        return -self.bound(X)

    @one_at_a_time()
    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return the mean bound of stimuli, in nats; higher is better."""
        return float(np.mean(self.bound(X)))

    @one_at_a_time()
    def filters(self, X: ArrayLike) -> pd.DataFrame:
        """Return which fields are in use, by three measures.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
            Held-out stimuli.

        Returns
        -------
        DataFrame
            One row per neuron: ``norm`` of its field; ``fall_nats``, the mean drop of the ELBO when the field is set
            to zero and the posterior stays; ``divergence_nats``, what its posterior costs, so that ``fall_nats −
            divergence_nats`` is lost when the neuron goes altogether (with a correlated posterior, what other neurons
            then take over is in it too); ``spread``, the mean standard deviation of its
            posterior over the prior's scale; ``active`` (drop above .05 nats), ``active_norm`` (norm above half of the
            largest) and ``worthwhile`` (drop above the divergence by more than .05 nats).
        """
        stimuli = self._validated(X)
        decoder, sums = self.decoder(), np.zeros((3, len(self.dictionary_)))
        for part in self._blocks(stimuli):
            found = self._posterior(part)
            drop, saved = found.losses(part.astype(np.float64), decoder, self._prior())
            sums += [drop.sum(axis=0), saved.sum(axis=0), found.sds.sum(axis=0)]
        drop, apart, spread = sums / len(stimuli)
        norms = np.linalg.norm(self.dictionary_, axis=1)
        return pd.DataFrame(
            {
                "norm": norms,
                "fall_nats": drop,
                "divergence_nats": apart,
                "spread": spread,
                "active": drop > ACTIVE_NATS,
                "active_norm": norms > norms.max() / 2,
                "worthwhile": drop - apart > ACTIVE_NATS,
            }
        )

    def decoder(self) -> Decoder:
        """Return the generative half, for what works on it: bounds, annealed sampling."""
        check_is_fitted(self, "dictionary_")
        return Decoder(self.prior_scale_ * self.dictionary_, self.decoder_offset_, self.noise_sd_)

    @property
    def _n_features_out(self) -> int:
        return len(self.dictionary_)

    def _prior(self) -> LatentPrior:
        return prior_named(self.prior)

    def _validated(self, X: ArrayLike) -> NDArray[Any]:
        check_is_fitted(self, "dictionary_")
        return validated_stimuli(self, X, reset=False)

    def _posterior(self, stimuli: NDArray[Any]) -> Posterior:
        """Return the posterior of activities in units of the prior's scale."""
        shown = stimuli.astype(np.float64) / self.stimuli_scale_
        guess = posterior(self.encoder_, shown, NUMPY)
        if self.posterior == "factorised":
            return Factorised(*guess)
        return self._settled(stimuli, guess)

    def _settled(self, stimuli: NDArray[Any], guess: tuple[Any, Any]) -> Correlated:
        how: dict[str, Any] = {"prior": self._prior(), "n_steps": self.posterior_steps, "arrays": NUMPY}
        return settled(stimuli.astype(np.float64), guess, self.decoder(), **how)

    def _bound(self, stimuli: NDArray[Any]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self._posterior(stimuli).bound(
            stimuli.astype(np.float64), self.decoder(), self._prior()
        )
        return found

    def _blocks(self, stimuli: NDArray[Any]) -> list[NDArray[Any]]:
        size = _BLOCKS[self.posterior]
        return [stimuli[k : k + size] for k in range(0, len(stimuli), size)]
