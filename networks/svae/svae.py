"""The sparse-coding variational autoencoder: fields learned together with a feed-forward posterior of activities."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._turns import call_back, one_at_a_time, refuse_forked_jax
from neurosim.networks.estimator.checkpoint import Given, KeptTraining
from neurosim.networks.estimator.gradient_warnings import warn_if_risen
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.estimator.training_data import goes_on, starting_dictionary, validated_stimuli
from neurosim.networks.estimator.training_history import extended_history, warn_if_mostly_unused
from neurosim.networks.svae.encoder import starting_encoder
from neurosim.networks.svae.fitted import FittedSVAE
from neurosim.networks.svae.model import SVAEParameters
from neurosim.networks.svae.scales import Scales, scales_of
from neurosim.networks.svae.training import Training, TrainingSettings
from neurosim.networks.svae.training_step import Objective
from neurosim.registry.progress import Progress

__all__ = ["SVAE"]

_MEASURED = 2000


class SVAE(SVAEParameters, FittedSVAE):
    """Sparse coding as a generative model, with an encoder that infers the activities behind a stimulus at once.

    Activities z are independent with density `prior`; a stimulus is Φᵀz with normal noise. The encoder, rectified
    layers with a head for means and one for spreads, gives a normal approximate posterior q(z | x), and learning raises
    the bound E_q log p(x | z) − KL(q ‖ p) on the log likelihood by Adam (Barello, Charles & Pillow 2018). It is no
    circuit: learning is not local, and there is no time. `posterior="correlated"` lets activities settle from there to
    the best normal posterior, correlations included: the decoder learns from that, and the encoder to guess it.

    With free norms and a factorised posterior most fields fall silent. Kept at unit norm after every step more stay in
    use (Jiang & de la Iglesia 2021, who read that as local lateral inhibition): all of them under the Laplace prior,
    about half on photographs under the Cauchy prior.

    Attributes
    ----------
    dictionary_ : float64 array, shape (n_neurons, n_pixels)
    decoder_offset_ : float64 array, shape (n_pixels,)
    prior_scale_, noise_sd_ : float
        In the unit of the stimuli.
    encoder_ : dict
        Layers of the encoder.
    stimuli_scale_ : float
        Root mean square of the training stimuli, which the encoder's input is divided by.
    history_ : pandas.DataFrame
        One row per batch: batch, objective (minus the bound, nats, for stimuli in their unit), log_likelihood,
        divergence, learning_rate.
    dead_neurons_ : int array
        Neurons whose field the bound of (at most 2,000) training stimuli hardly needs.
    seconds_compile_ : float
    n_features_in_ : int

    Notes
    -----
    Training is in float32, everything else in float64. A linear decoder needs no samples for the likelihood's part.

    Nothing depends on the unit of the stimuli: c times the stimuli, `noise_sd` and `prior_scale` give the same fields
    and c times the activities. Bounds are those of a density, so they change by −n_pixels·log c nats, a constant;
    `bound_over_noise` does not.

    jax and optax are needed to fit, not to use what was fitted.

    References
    ----------
    Barello, Charles & Pillow 2018, doi:10.1101/399246; Neural Computation 36:2571 (2024).
    Jiang & de la Iglesia 2021, arXiv:2101.09453 (unit norm). Kingma & Welling 2014, arXiv:1312.6114.

    Examples
    --------
    >>> stimuli = np.random.default_rng(0).laplace(size=(200, 16))
    >>> net = SVAE(9, n_epochs=2, random_state=0).fit(stimuli)  # doctest: +SKIP
    >>> net.filters(stimuli)[["norm", "fall_nats", "active"]]  # doctest: +SKIP
    """

    @one_at_a_time()
    def fit(
        self,
        X: ArrayLike,
        y: Any = None,
        *,
        progress: Progress | None = None,
        checkpoint: Given = None,
    ) -> Self:
        """Learn fields and encoder from stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        y : ignored
        progress : callable, optional
            Called with ``{"stage": "compile"}`` and, after every batch, with ``stage="train"``, ``batch``,
            ``n_batches``, ``objective``, ``log_likelihood``, ``divergence`` and ``learning_rate``.
        checkpoint : str, Path or neurosim.Checkpoint, optional
            A file that keeps the state of learning from time to time; if it is there, learning goes on from it, bit for
            bit (`neurosim.Checkpoint`).

        Raises
        ------
        ImportError
            If jax or optax is missing or too old.
        ValueError
            If stimuli or parameters are impossible, noise or prior are far from the stimuli's size, or the checkpoint
            is of other parameters or stimuli.
        DivergenceError
            If the bound stops being a number; the network then holds its state after the last whole epoch.

        Warns
        -----
        ConvergenceWarning
            If the bound ends below where it began or well below where it had been, or more than half of the fields do
            nothing.
        UserWarning
            If no `noise_sd` is given and the stimuli have hardly any contrast.
        """
        refuse_forked_jax()
        fresh = not goes_on(self)
        stimuli = validated_stimuli(self, X, reset=fresh)
        check_parameters(self)
        scales = scales_of(stimuli, noise_sd=self.noise_sd, prior_scale=self.prior_scale)
        kept = KeptTraining(self, checkpoint, fresh=fresh, stimuli=stimuli)
        training = Training(
            (stimuli / scales.unit).astype(np.float32),
            self._starting_weights(stimuli, kept.rng) if fresh else self._learned_weights(scales),
            objective=self._objective(scales),
            settings=self._settings(),
            rng=kept.rng,
            unit=scales.unit,
        )
        if (found := kept.begin()) is not None:
            training.restore(found)
        # Nothing of an earlier fit is touched before all that can be refused is past.
        self.stimuli_scale_ = scales.unit
        if progress is not None:
            call_back(progress, {"stage": "compile"})
        self._learn(training, scales, progress=progress, kept=kept)
        rows: Any = training.history.drop(columns="batch").to_dict("records")
        self.history_: pd.DataFrame = extended_history(None if fresh else self.history_, rows)
        self.n_iter_ = self.n_epochs
        self.seconds_compile_: float = training.seconds_compile
        active = self.filters(stimuli[:_MEASURED])["active"].to_numpy()
        self.dead_neurons_ = np.flatnonzero(~active)
        self._look_back(active)
        return self

    def _look_back(self, active: NDArray[np.bool_]) -> None:
        """Warn of what else would go wrong without a word."""
        if self.learning_rate == 0:
            return
        rates = f"learning_rate={self.learning_rate:g}"
        warn_if_risen(
            self.history_["objective"].to_numpy(),
            remedy=f"use a lower {rates}, or decoder_rate={self.decoder_rate:g}",
            stacklevel=5,
        )
        kept = "" if self.decoder_norm == "unit" else ", decoder_norm='unit', which keeps more fields in use"
        warn_if_mostly_unused(
            active,
            what="have a field that does nothing (without it the ELBO drops by less than .05 nats)",
            remedy=f"train for longer than n_epochs={self.n_epochs} or with a higher {rates}; else try a noise_sd "
            f"below {self.noise_sd_:.3g}, stimuli without their own means{kept}",
            stacklevel=5,
        )

    def _learn(
        self, training: Training, scales: Scales, *, progress: Progress | None, kept: KeptTraining
    ) -> None:
        self._keep(training.whole, scales)
        while not training.finished:
            training.run_epoch(progress, kept)
            self._keep(training.whole, scales)
        kept.end(training.state)

    def _objective(self, scales: Scales) -> Objective:
        return Objective(
            prior=self.prior,
            prior_scale=scales.prior,
            noise_sd=scales.noise,
            norm=self.decoder_norm,
            offset=bool(self.decoder_offset),
            n_samples=self.n_samples,
            decoder_rate=float(self.decoder_rate),
            posterior_steps=self.posterior_steps if self.posterior == "correlated" else 0,
            learned_scales=(self.noise_sd is None, self.prior_scale is None),
        )

    def _settings(self) -> TrainingSettings:
        return TrainingSettings(
            n_epochs=self.n_epochs,
            batch_size=self.batch_size,
            learning_rate=float(self.learning_rate),
            schedule=self.learning_rate_schedule,
            warm_up=float(self.warm_up),
        )

    def _starting_weights(self, stimuli: NDArray[Any], rng: np.random.Generator) -> dict[str, Any]:
        dictionary = starting_dictionary(self.initial_dictionary, stimuli, n_neurons=self.n_neurons, rng=rng)
        encoder = starting_encoder(
            stimuli.shape[1], self.n_neurons, hidden=self.hidden, hidden_spread=self.hidden_spread, rng=rng
        )
        weights = {
            "encoder": encoder,
            "dictionary": dictionary.astype(np.float32),
            "offset": np.zeros(stimuli.shape[1], dtype=np.float32),
        }
        return weights | ({"scales": np.zeros(2, dtype=np.float32)} if self.learn_scales else {})

    def _learned_weights(self, scales: Scales) -> dict[str, Any]:
        """Return what the last `fit` learned, for stimuli divided by a unit."""
        spreads, means = self.encoder_["spreads"], self.encoder_["means"]
        learned = (tuple(len(weights) for weights, _ in means), len(spreads[-1][0]))
        if learned != (tuple(self.hidden), self.hidden_spread):
            raise ValueError(
                f"hidden, hidden_spread: expected {learned[0]} and {learned[1]}, the layers that have learned, as "
                f"warm_start=True goes on with them, got {tuple(self.hidden)} and {self.hidden_spread}; set "
                "warm_start=False to start afresh"
            )
        weights = {
            "encoder": self.encoder_,
            "dictionary": self.dictionary_.astype(np.float32),
            "offset": (self.decoder_offset_ / scales.unit).astype(np.float32),
        }
        if self.learn_scales:
            learned_scales = np.array([self.noise_sd_, self.prior_scale_]) / scales.unit
            weights["scales"] = np.log(learned_scales / [scales.noise, scales.prior]).astype(np.float32)
        return weights

    def _keep(self, weights: dict[str, Any], scales: Scales) -> None:
        """Take over weights, in the unit of the stimuli."""
        # As they were given, to the last digit, unless they are learned.
        noise_sd = scales.noise * scales.unit if self.noise_sd is None else float(self.noise_sd)
        prior_scale = scales.prior * scales.unit if self.prior_scale is None else float(self.prior_scale)
        grown = np.exp(np.asarray(weights.get("scales", np.zeros(2)), dtype=np.float64))
        self.noise_sd_, self.prior_scale_ = float(noise_sd * grown[0]), float(prior_scale * grown[1])
        self.encoder_ = weights["encoder"]
        self.dictionary_ = weights["dictionary"].astype(np.float64)
        self.decoder_offset_ = weights["offset"].astype(np.float64) * self.stimuli_scale_
