"""What a rate network makes of stimuli once it has a dictionary: codes, reconstructions, and what they cost."""

import warnings
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time, simulating
from neurosim.networks.estimator.training_data import (
    films_of,
    frames_in_turn,
    generator,
    seed_of,
    validated_code,
)
from neurosim.networks.lca.presentation import chunks, load_weights, present
from neurosim.networks.lca.rate_model import Shown
from neurosim.networks.lca.run_settings import warn_unsettled, watched

__all__ = ["Encoding", "Settled", "warn_lost"]


class Settled(NamedTuple):
    """Codes, and which of them are no fixed point.

    Attributes
    ----------
    code : array, shape (n_stimuli, n_neurons)
    unsettled : bool array, shape (n_stimuli,), or None
        Whose time was up while an activity would still have moved further than `tolerance`, or than `epsilon` where
        that is larger. None where nobody can tell: with terms of the user's in the equations, on the simplex, and with
        ``threshold=0``.
    """

    code: NDArray[Any]
    unsettled: NDArray[np.bool_] | None


class Encoding(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """The encoding side of a `neurosim.networks.lca.rate_network.RateNetwork`."""

    # Stimuli in the order in which they are shown.
    _rows = frames_in_turn

    @simulating()
    def transform(self: Any, X: ArrayLike) -> NDArray[Any]:
        """Return the activity each stimulus settles to.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
            With ``carry_over`` films, (n_films, n_frames, n_pixels), as many as a batch holds; stimulus k of a batch
            continues stimulus k of the one before.

        Returns
        -------
        array, shape (n_stimuli, n_neurons), of films (n_films, n_frames, n_neurons)
            In the unit of the stimuli; exactly zero for a neuron below threshold.

        Warns
        -----
        ConvergenceWarning
            If stimuli had not settled when their time was up, with their number (`settle` says which), or if codes cost
            more than the zero code: the population still swung at the end.
        """
        check_is_fitted(self, "dictionary_")
        return films_of(self._transformed(self._rows(X)), X)

    @simulating()
    def settle(self: Any, X: ArrayLike) -> Settled:
        """Return the activity each stimulus settles to, and which stimuli had not settled when their time was up.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)

        Returns
        -------
        Settled
            With ``code``, as `transform` returns it, and ``unsettled``, shape (n_stimuli,); nothing is warned of.
        """
        check_is_fitted(self, "dictionary_")
        shown = self._shown(X, reset=False)
        self._validate_parameters()
        result: Settled = self._settled(shown)[0]
        return result

    def inverse_transform(self: Any, code: ArrayLike) -> NDArray[Any]:
        """Return the stimuli that codes stand for, Φᵀa.

        Parameters
        ----------
        code : array, shape (n_stimuli, n_neurons)

        Returns
        -------
        array, shape (n_stimuli, n_pixels)
        """
        reconstructed: NDArray[Any] = validated_code(self, code) @ self.dictionary_
        return reconstructed

    @one_at_a_time()
    def objective(self: Any, X: ArrayLike, code: ArrayLike) -> NDArray[Any]:
        """Return what the population minimises, per stimulus.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        code : array, shape (n_stimuli, n_neurons)

        Returns
        -------
        array, shape (n_stimuli,)
            ½‖s − Φᵀa‖² plus the cost of the threshold, λ‖a‖₁ for the soft one.
        """
        activity, shown = validated_code(self, code), self._shown(X, reset=False)
        if len(activity) != len(shown.stimuli):
            raise ValueError(
                f"expected one code per stimulus, got {len(activity)} for {len(shown.stimuli)} stimuli"
            )
        residual = shown.stimulus_weights.of(shown.stimuli - self._rebuilt(activity, shown))
        total: NDArray[Any] = (residual**2).sum(axis=1) / 2 + self._objective().cost(activity, shown.stimuli)
        return total

    @one_at_a_time()
    def score(self: Any, X: ArrayLike, y: Any = None) -> float:
        """Return minus the mean objective of stimuli under their own code; higher is better.

        It compares networks of one threshold only: a smaller threshold always scores higher, so that a search over it
        takes the smallest of its grid; `neurosim.networks.hidden_pixel_score` chooses one.
        """
        rows = self._rows(X)
        return -float(np.mean(self.objective(rows, self.transform(rows))))

    @property
    def _n_features_out(self: Any) -> int:
        return len(self.dictionary_)

    def _rebuilt(self: Any, code: NDArray[Any], shown: Shown) -> NDArray[Any]:
        """Return what codes explain of what was shown."""
        explained: NDArray[Any] = code @ self.dictionary_
        return explained

    def _transformed(self: Any, X: ArrayLike, beside: Any = None) -> NDArray[Any]:
        shown: Shown = self._shown(X, reset=False)
        self._validate_parameters()
        if beside is not None:
            shown = replace(shown, beside=self._beside(beside, shown, reset=False))
        (code, unsettled), n_lost, longest = self._settled(shown)
        if not self.carry_over:  # A film goes on before its frames have settled.
            warn_unsettled(self, unsettled, shown=longest)
            warn_lost(n_lost, len(code))
        return code

    def _settled(self: Any, shown: Shown) -> tuple[Settled, int, float]:
        """Return codes, how many of them no settled population has, and how long stimuli were shown at most."""
        stimuli, objective = shown.stimuli, self._objective()
        circuit = self._circuit(shown, n_stimuli=len(stimuli))
        rng = generator(self.random_state)
        n_replicas = circuit.design.n_replicas
        code = np.empty((len(stimuli), circuit.design.n_neurons), dtype=stimuli.dtype)
        late: list[NDArray[np.bool_] | None] = []
        states, n_lost = None, 0
        load_weights(circuit, self.dictionary_, gains=shown.weights.gains)
        settings = self._settings(circuit.design, shown.weights, rng)
        if circuit.step_by_step:
            settings = watched(self, settings)
        for rows in chunks(len(stimuli), n_replicas=n_replicas, capacity=circuit.design.capacity):
            part, each = shown.part(rows), replace(settings, seed=seed_of(rng))
            response = present(circuit, part.stimuli, settings=each, states=states, also=part.also)
            code[rows], states = response.code, response.states
            late.append(response.late)
            if shown.beside is None:
                n_lost += objective.n_lost(response.code, part.weighted)
        known = [each for each in late if each is not None]
        unsettled = np.concatenate(known) if len(known) == len(late) else None
        return Settled(code, unsettled), n_lost, settings.presentation


def warn_lost(n_lost: int, n_stimuli: int) -> None:
    """Warn of codes that cost more than the zero code, if there are any."""
    if n_lost:
        warnings.warn(
            f"{n_lost} of {n_stimuli} codes are wrong: they cost more than the zero code, because the population still "
            "swung when the presentation ended. Fields that are nearly copies do that, and an epsilon above the "
            "threshold: use a fixed dt below 2*tau/lambda_max, a longer presentation or a smaller epsilon",
            ConvergenceWarning,
            stacklevel=4,
        )
