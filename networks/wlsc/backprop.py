"""Weighted ℓ1 coding whose dictionary is trained by back-propagation through the unrolled encoder."""

from functools import lru_cache, partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import call_back, one_at_a_time, refuse_forked_jax, simulating
from neurosim.engine.errors import DivergenceError
from neurosim.networks.estimator.checkpoint import Given, KeptTraining
from neurosim.networks.estimator.gradient_warnings import warn_if_risen
from neurosim.networks.estimator.jax_arrays import jax_and_optax, training_state, tree_of
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.estimator.scikit_learn_names import ScikitLearnNames
from neurosim.networks.estimator.training_data import (
    goes_on,
    mean_square,
    starting_dictionary,
    validated_code,
    validated_stimuli,
)
from neurosim.networks.estimator.training_history import (
    extended_history,
    learning_rate_factors,
    warn_if_mostly_unused,
)
from neurosim.networks.saving.save_method import Saving
from neurosim.networks.wlsc.unrolled import Penalty, momenta, unrolled_code, wlsc_objective
from neurosim.networks.wlsc.unrolled_parameters import UnrolledWLSCParameters
from neurosim.registry.progress import Progress

__all__ = ["UnrolledWLSC", "batch_loss"]

# Beyond these, squares are no numbers any more.
_SMALLEST, _LARGEST = 1e-100, 1e100


class UnrolledWLSC(
    UnrolledWLSCParameters,
    ScikitLearnNames,
    Saving,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Sparse codes that favour neurons whose field is near the stimulus, learned by back-propagation.

    The encoder is `unrolled_code`, a fixed number of proximal gradient steps for ½‖y − Φᵀx‖² + Σ_j θ_j(y)|x_j| with
    θ_j(y) = threshold + locality ‖y − φ_j‖². `fit` follows the slope of that objective at the last layer's code with
    respect to Φ, which is encoder, thresholds and decoder at once. It is no circuit: learning is not local.

    Attributes
    ----------
    dictionary_ : array, shape (n_neurons, n_pixels)
        Of the precision of the stimuli.
    mean_square_ : float
        Of the training stimuli, in their unit squared; learning is relative to it.
    history_ : pandas.DataFrame
        One row per batch, before its update: batch, objective (per stimulus), active_fraction, learning_rate.
    usage_ : array, shape (n_neurons,)
        Fraction of the last epoch's stimuli each neuron was active for.
    dead_neurons_ : int array
        Neurons with zero usage.
    n_features_in_ : int

    Notes
    -----
    Training is in float32 whatever the stimuli; codes have the precision of the stimuli. The step of the encoder,
    1/λ_max(ΦΦᵀ), follows the dictionary but is taken as given by the slope.

    With free norms c times the stimuli and c² times `threshold` give c times the fields and the same codes; with unit
    norms and ``locality=0``, c times the stimuli and `threshold` give the same fields and c times the codes. A locality
    or the simplex together with unit norms holds stimuli against fields whose length is one in the stimuli's unit:
    there another unit is another problem.

    References
    ----------
    Huml, Tasissa & Ba 2023, arXiv:2402.10213; Tasissa, Tankala, Murphy & Ba 2023 (the simplex).

    Examples
    --------
    >>> stimuli = np.random.default_rng(0).random((50, 9))
    >>> UnrolledWLSC(12, n_epochs=1, random_state=0).fit(stimuli).transform(stimuli).shape  # doctest: +SKIP
    (50, 12)
    """

    # Every batch takes eigenvalues, a hundred times as slowly on threads that wait for each other.
    @simulating()
    def fit(
        self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None, checkpoint: Given = None
    ) -> Self:
        """Learn the dictionary from stimuli.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        y : ignored
        progress : callable, optional
            Called with ``{"stage": "compile"}`` and, after every batch, with ``stage="train"``, ``batch``,
            ``n_batches``, ``objective`` and ``active_fraction``.
        checkpoint : str, Path or neurosim.Checkpoint, optional
            A file that keeps the state of learning from time to time; if it is there, learning goes on from it, bit for
            bit (`neurosim.Checkpoint`).

        Raises
        ------
        ImportError
            If jax or optax is missing.
        ValueError
            If stimuli or parameters are impossible, or the checkpoint is of another training.
        DivergenceError
            If the objective stops being a number.

        Warns
        -----
        ConvergenceWarning
            If the objective ends above where it began or well above where it had been, or more than half of the neurons
            stay silent for the last epoch.
        """
        refuse_forked_jax()
        fresh = not goes_on(self)
        shown = validated_stimuli(self, X, reset=fresh)
        check_parameters(self)
        size = _checked_mean_square(shown)
        unit = self._learning_unit(size)
        stimuli = (shown / unit).astype(np.float32)
        update, starting_moments = _update_of(self._penalty(unit), self.n_layers, self.norm == "unit")
        kept = KeptTraining(self, checkpoint, fresh=fresh, stimuli=shown)
        dictionary = self._starting_dictionary(stimuli, kept.rng, unit=unit) if fresh else self._learned(unit)
        tree = (dictionary, starting_moments(dictionary))
        order = np.concatenate([kept.rng.permutation(len(stimuli)) for _ in range(self.n_epochs)])
        n_batches = -(-len(order) // self.batch_size)
        factors = learning_rate_factors(self.learning_rate_schedule, n_batches)
        times_active, rows = np.zeros(self.n_neurons, dtype=np.intp), []
        if (found := kept.begin()) is not None:
            tree, times_active = tree_of(found["leaves"], tree), found["times_active"]
            rows = found["rows"].to_dict("records")
        if progress is not None:
            call_back(progress, {"stage": "compile"})
        rates = self.learning_rate * factors
        for k, rate in enumerate(rates[len(rows) :], start=len(rows)):
            start = k * self.batch_size
            batch = stimuli[order[start : start + self.batch_size]]
            *tree, objective, active = update(*tree, batch, np.float32(rate))
            rows.append(_row(objective, active, rate, batch=k, unit=unit))
            last_epoch = len(order) - len(stimuli)
            times_active += np.asarray(active)[max(0, last_epoch - start) :].sum(axis=0)
            kept.note(training_state, tree, rows, times_active)
            if progress is not None:
                call_back(progress, {"stage": "train", "n_batches": n_batches, "batch": k + 1, **rows[-1]})
        kept.end(training_state, tree, rows, times_active)
        fields = np.array(tree[0], dtype=np.float64)
        self.dictionary_: NDArray[Any] = (fields * unit if self.norm == "free" else fields).astype(
            shown.dtype
        )
        self.mean_square_ = size
        self.usage_ = times_active / len(stimuli)
        self.dead_neurons_ = np.flatnonzero(self.usage_ == 0)
        self.history_ = extended_history(None if fresh else self.history_, rows)
        self.n_iter_ = self.n_epochs
        self._look_back()
        return self

    def _look_back(self) -> None:
        """Warn of what else would go wrong without a word."""
        if self.learning_rate == 0:
            return
        rate = f"learning_rate={self.learning_rate:g}"
        warn_if_risen(
            self.history_["objective"].to_numpy(), remedy=f"use a lower {rate}, or more batches", stacklevel=5
        )
        warn_if_mostly_unused(
            self.usage_ > 0,
            what="responded to no stimulus of the last epoch",
            remedy=f"lower locality={self.locality:g} or threshold={self.threshold:g}, or use fewer neurons",
            stacklevel=5,
        )

    @one_at_a_time()
    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the code of each stimulus, shape (n_stimuli, n_neurons), after as many layers as in training."""
        check_is_fitted(self, "dictionary_")
        check_parameters(self)
        stimuli = validated_stimuli(self, X, reset=False)
        return unrolled_code(stimuli, self.dictionary_, self._penalty(), n_layers=self.n_layers)

    def inverse_transform(self, code: ArrayLike) -> NDArray[Any]:
        """Return the stimuli that codes stand for, Φᵀx, shape (n_stimuli, n_pixels)."""
        reconstructed: NDArray[Any] = validated_code(self, code) @ self.dictionary_
        return reconstructed

    @one_at_a_time()
    def objective(self, X: ArrayLike, code: ArrayLike) -> NDArray[Any]:
        """Return what is minimised, ½‖y − Φᵀx‖² + Σ_j θ_j(y)|x_j|, per stimulus."""
        check_is_fitted(self, "dictionary_")
        return wlsc_objective(
            validated_stimuli(self, X, reset=False), code, self.dictionary_, self._penalty()
        )

    @one_at_a_time()
    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return minus the mean objective of stimuli under their own code; higher is better."""
        return -float(np.mean(self.objective(X, self.transform(X))))

    @property
    def _n_features_out(self) -> int:
        return len(self.dictionary_)

    def _learning_unit(self, mean_square: float) -> float:
        """Return what stimuli, and free fields with them, are divided by while learning."""
        # Between fields of length one and stimuli there is a distance, or a sum of one: these have the stimuli's unit.
        bound_to_unit = self.norm == "unit" and (self.locality > 0 or self.code == "simplex")
        # Blank stimuli are learned from as they are: nothing is.
        return 1.0 if bound_to_unit else float(np.sqrt(mean_square)) or 1.0

    def _penalty(self, unit: float = 1.0) -> Penalty:
        """Return the penalty for stimuli that were divided by a unit, and free fields with them."""
        threshold = self.threshold / unit ** (2 if self.norm == "free" else 1)
        # Nine digits, more than training has: the same problem in another unit is the same to the last bit.
        return Penalty(float(threshold if unit == 1 else f"{threshold:.9g}"), float(self.locality), self.code)

    def _learned(self, unit: float) -> NDArray[Any]:
        """Return the fields of the last `fit`, for stimuli divided by a unit."""
        return (self.dictionary_ / (unit if self.norm == "free" else 1.0)).astype(np.float32)

    def _starting_dictionary(
        self, stimuli: NDArray[Any], rng: np.random.Generator, *, unit: float
    ) -> NDArray[Any]:
        fields = starting_dictionary(self.initial_dictionary, stimuli, n_neurons=self.n_neurons, rng=rng)
        if self.norm == "unit":
            return fields
        if not isinstance(self.initial_dictionary, str):
            return (np.asarray(self.initial_dictionary, dtype=np.float64) / unit).astype(np.float32)
        return fields * (np.sqrt((stimuli**2).sum(axis=1).mean()) or 1)


def batch_loss(dictionary: Any, stimuli: Any, *, penalty: Penalty, n_layers: int) -> tuple[Any, Any]:
    """Return a batch's mean objective under the code of the unrolled encoder, and that code, as jax arrays."""
    jnp = jax_and_optax()[0].numpy
    drive = stimuli @ dictionary.T
    squares = (stimuli**2).sum(axis=1)[:, None] + (dictionary**2).sum(axis=1)
    thresholds = penalty.threshold + penalty.locality * jnp.maximum(squares - 2 * drive, 0)
    code = _encoded(dictionary, drive, thresholds, n_layers=n_layers, kind=penalty.code)
    residual = stimuli - code @ dictionary
    per_stimulus = (residual**2).sum(axis=1) / 2 + (thresholds * jnp.abs(code)).sum(axis=1)
    return per_stimulus.mean(), code


def _encoded(dictionary: Any, drive: Any, thresholds: Any, *, n_layers: int, kind: str) -> Any:
    """Return what `unrolled_code` does, where slopes can follow."""
    jax = jax_and_optax()[0]
    overlaps = dictionary @ dictionary.T
    step = 1 / jax.numpy.linalg.eigvalsh(jax.lax.stop_gradient(overlaps))[-1]

    def layer(state: Any, momentum: Any) -> Any:
        before, ahead = state
        code = _nearest(ahead + step * (drive - ahead @ overlaps), step * thresholds, kind=kind)
        return (code, code + momentum * (code - before)), None

    zero_code = jax.numpy.zeros_like(drive)
    carried = momenta(n_layers, accelerated=True).astype(drive.dtype)
    (code, _), _ = jax.lax.scan(layer, (zero_code, zero_code), carried)
    return code


def _nearest(potential: Any, thresholds: Any, *, kind: str) -> Any:
    jnp = jax_and_optax()[0].numpy
    if kind == "signed":
        return jnp.sign(potential) * jnp.maximum(jnp.abs(potential) - thresholds, 0)
    points = potential - thresholds
    if kind == "simplex":
        descending = -jnp.sort(-points, axis=1)
        shifts = (descending.cumsum(axis=1) - 1) / jnp.arange(1, points.shape[1] + 1, dtype=points.dtype)
        n_kept = (descending > shifts).sum(axis=1, keepdims=True)
        points = points - jnp.take_along_axis(shifts, n_kept - 1, axis=1)
    return jnp.maximum(points, 0)


@lru_cache(maxsize=8)
def _update_of(penalty: Penalty, n_layers: int, unit: bool) -> tuple[Any, Any]:
    """Return a compiled step of Adam, and what makes its starting moments; kept, because compiling takes seconds."""
    jax, optax = jax_and_optax()
    adam = optax.scale_by_adam()
    loss = partial(batch_loss, penalty=penalty, n_layers=n_layers)

    def update(dictionary: Any, moments: Any, stimuli: Any, rate: Any) -> tuple[Any, Any, Any, Any]:
        (objective, code), slope = jax.value_and_grad(loss, has_aux=True)(dictionary, stimuli)
        direction, moments = adam.update(slope, moments)
        moved = dictionary - rate * direction
        if unit:
            moved = moved / jax.numpy.linalg.norm(moved, axis=1, keepdims=True)
        return moved, moments, objective, code != 0

    return jax.jit(update), adam.init


def _checked_mean_square(stimuli: NDArray[Any]) -> float:
    """Return the mean square of stimuli, if their squares are numbers."""
    largest = float(np.abs(stimuli).max())
    if largest and not _SMALLEST < largest < _LARGEST:
        raise ValueError(
            f"expected stimuli whose largest pixel is between {_SMALLEST:g} and {_LARGEST:g}, got {largest:.3g}; show "
            "them in another unit"
        )
    return mean_square(stimuli)


def _row(objective: Any, active: Any, rate: float, *, batch: int, unit: float) -> dict[str, float]:
    if not np.isfinite(float(objective)):
        raise DivergenceError(
            f"the objective is {float(objective)} at batch {batch}; use a smaller learning_rate "
            f"(now at {rate:g}) or threshold"
        )
    return {
        "objective": float(objective) * unit**2,
        "active_fraction": float(np.mean(active)),
        "learning_rate": float(rate),
    }
