"""Rectified fields whose responses to neighbouring stimuli span few dimensions, and to all many; to compare with."""

from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from neurosim._masked import unmasked
from neurosim._turns import call_back, one_at_a_time, refuse_forked_jax, simulating
from neurosim.engine.errors import DivergenceError
from neurosim.networks.estimator.checkpoint import Given, KeptTraining
from neurosim.networks.estimator.jax_arrays import jax_and_optax, training_state, tree_of
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.estimator.scikit_learn_names import ScikitLearnNames
from neurosim.networks.estimator.training_data import (
    mean_square,
    starting_dictionary,
    validated_stimuli,
)
from neurosim.networks.estimator.training_history import extended_history, learning_rate_factors
from neurosim.networks.saving.save_method import Saving
from neurosim.networks.wlsc.unrolled_parameters import LocalLowDimensionalityParameters
from neurosim.registry.progress import Progress

__all__ = ["LocalLowDimensionality", "shifted_patches"]

# Variance of responses to windows of unit power below which it is rounding: its square would leave float32's range.
_FAINT = 1e-12
_MEASURED = ("objective", "local_dimensionality", "global_dimensionality", "active_fraction")


class LocalLowDimensionality(
    LocalLowDimensionalityParameters,
    ScikitLearnNames,
    Saving,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    BaseEstimator,
):
    """A population that is low-dimensional locally and high-dimensional globally.

    A reconstruction, neither the authors' code nor their equations: of Yerxa & Simoncelli 2022 ("local low
    dimensionality", which Huml, Tasissa & Ba 2023 compare with) only the idea was at hand. Assumed is:

    - responses [Φy]₊ of unit-norm fields to whitened patches y; without rectification all tight frames would be equal;
    - a neighbourhood is a window's patches at small displacements, or any other group of similar stimuli;
    - dimensionality is the participation ratio (tr C)²/tr C² of the responses' covariance C, zero if none varies;
    - minimised is log(its mean within windows) − global_weight · log(that of all responses of a batch).

    Attributes
    ----------
    dictionary_ : float32 array, shape (n_neurons, n_pixels), of unit rows
    history_ : pandas.DataFrame
        By batch: objective, local_dimensionality, global_dimensionality, active_fraction, learning_rate.
    """

    @simulating()
    def fit(
        self, X: ArrayLike, y: Any = None, *, progress: Progress | None = None, checkpoint: Given = None
    ) -> Self:
        """Learn the fields from groups of neighbouring patches.

        Parameters
        ----------
        X : array, shape (n_windows, n_shifts, n_pixels)
            For example from `shifted_patches`.
        y : ignored
        progress : callable, optional
            As for `UnrolledWLSC.fit`, as is `checkpoint`.
        checkpoint : str, Path or neurosim.Checkpoint, optional

        Raises
        ------
        ImportError
            If jax or optax is missing.
        ValueError
            If windows or parameters are impossible.
        DivergenceError
            If all responses of a batch are the same.
        """
        refuse_forked_jax()
        windows = _checked_windows(X)
        validated_stimuli(self, windows[:, 0], reset=True)
        check_parameters(self)
        update, starting_moments = _update_of(float(self.global_weight))
        # Dimensionality has no scale, but products of four responses could leave the range of float32.
        unit = np.sqrt(mean_square(windows.reshape(len(windows), -1))) or 1
        windows = (windows / unit).astype(np.float32)
        kept = KeptTraining(self, checkpoint, stimuli=windows)
        dictionary = starting_dictionary("noise", windows[:, 0], n_neurons=self.n_neurons, rng=kept.rng)
        tree, rows = (dictionary, starting_moments(dictionary)), []
        order = np.concatenate([kept.rng.permutation(len(windows)) for _ in range(self.n_epochs)])
        factors = learning_rate_factors("linear", n_batches := -(-len(order) // self.batch_size))
        if progress is not None:
            call_back(progress, {"stage": "compile"})
        if (found := kept.begin()) is not None:
            tree, rows = tree_of(found["leaves"], tree), found["rows"].to_dict("records")
        rates = self.learning_rate * factors
        for k, rate in enumerate(rates[len(rows) :], start=len(rows)):
            batch = windows[order[k * self.batch_size : (k + 1) * self.batch_size]]
            *tree, measured = update(*tree, batch, np.float32(rate))
            row = {name: float(value) for name, value in measured.items()} | {"learning_rate": float(rate)}
            if not np.isfinite(row["objective"]):
                raise DivergenceError(f"no response varies in batch {k}; use other windows or a smaller rate")
            rows.append(row)
            kept.note(training_state, tree, rows)
            if progress is not None:
                call_back(progress, {"stage": "train", "n_batches": n_batches, "batch": k + 1, **row})
        kept.end(training_state, tree, rows)
        self.dictionary_: NDArray[Any] = np.array(tree[0])
        self.history_ = extended_history(None, rows)
        self.n_iter_ = self.n_epochs
        return self

    @one_at_a_time()
    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Return the responses [Φy]₊, shape (n_stimuli, n_neurons), to patches of shape (n_stimuli, n_pixels)."""
        check_is_fitted(self, "dictionary_")
        stimuli = validated_stimuli(self, X, reset=False)
        return np.maximum(stimuli @ self.dictionary_.T.astype(stimuli.dtype), 0)

    @one_at_a_time()
    def dimensionalities(self, X: ArrayLike) -> tuple[float, float]:
        """Return the mean dimensionality of responses within windows, shaped as for `fit`, and that of all of them."""
        windows = _checked_windows(X)
        responses = self.transform(windows.reshape(-1, windows.shape[2]))
        local = np.mean([_participation(group, np) for group in responses.reshape(*windows.shape[:2], -1)])
        return float(local), float(_participation(responses, np))

    def __sklearn_tags__(self) -> Any:
        """Say that `fit` takes windows and not a matrix, and that responses come in the precision of the patches."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return len(self.dictionary_)


def shifted_patches(patches: NDArray[Any], *, size: int, step: int = 1) -> NDArray[Any]:
    """Cut large patches into smaller ones at all displacements.

    Parameters
    ----------
    patches : array, shape (n_windows, height, width)
        The result has the shape (n_windows, n_shifts, size * size).
    size, step : int
        Side of the smaller patches and distance between displacements, in pixels.

    Examples
    --------
    >>> shifted_patches(np.zeros((5, 12, 12)), size=8, step=2).shape
    (5, 9, 64)
    """
    rows, columns = (range(0, side - size + 1, step) for side in patches.shape[1:])
    cut = [patches[:, i : i + size, j : j + size].reshape(len(patches), -1) for i in rows for j in columns]
    return np.stack(cut, axis=1)


def _participation(responses: Any, xp: Any, *, faint: float = 0.0) -> Any:
    """Return (tr C)²/tr C² of responses, stimuli by neurons, through whichever product is smaller.

    It is 0 where they vary by no more than `faint`, and so is its slope.
    """
    centred = responses - responses.mean(axis=0)
    few = centred if len(centred) <= centred.shape[1] else centred.T
    product = few @ few.T
    total = xp.trace(product)
    varies = total > faint
    shares = product / xp.where(varies, total, 1)
    return varies / ((shares**2).sum() + ~varies)


@lru_cache(maxsize=8)
def _update_of(global_weight: float) -> tuple[Any, Any]:
    jax, optax = jax_and_optax()
    jnp, adam = jax.numpy, optax.scale_by_adam()

    def loss(dictionary: Any, windows: Any) -> tuple[Any, Any]:
        responses = jax.nn.relu(windows @ dictionary.T)
        local = jax.vmap(lambda group: _participation(group, jnp, faint=_FAINT))(responses).mean()
        overall = _participation(responses.reshape(-1, len(dictionary)), jnp)
        objective = jnp.log(local) - global_weight * jnp.log(overall)
        values = (objective, local, overall, (responses > 0).mean())
        return objective, dict(zip(_MEASURED, values, strict=True))

    def update(dictionary: Any, moments: Any, windows: Any, rate: Any) -> tuple[Any, Any, Any]:
        slope, measured = jax.grad(loss, has_aux=True)(dictionary, windows)
        direction, moments = adam.update(slope, moments)
        moved = dictionary - rate * direction
        return moved / jnp.linalg.norm(moved, axis=1, keepdims=True), moments, measured

    return jax.jit(update), adam.init


def _checked_windows(X: ArrayLike) -> NDArray[Any]:
    windows = unmasked(X, "windows").astype(float, copy=False)
    if windows.ndim != 3 or windows.shape[1] < 2 or not np.isfinite(windows).all():
        raise ValueError(
            "expected finite windows of shape (n_windows, n_shifts, n_pixels) with at least two shifts, as cut by "
            f"shifted_patches, got shape {windows.shape}"
        )
    return windows
