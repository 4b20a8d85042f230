"""Ordinal linked dictionaries: currents that give blocks of neurons to classes while learning."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim._masked import unmasked
from neurosim.networks.estimator.training_history import TrainingHistory, learning_rate_factors
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.rate_model import Beside, Learning, Objective, Shown, Weights
from neurosim.networks.lca.run_settings import RunSettings
from neurosim.networks.linked.block_inhibition import InhibitedObjective, inhibited, rivals, with_inhibition
from neurosim.networks.linked.class_blocks import block_of_neurons, checked_blocks, equal_blocks
from neurosim.networks.linked.linked_lca import LinkedLCA
from neurosim.networks.linked.model import OrdinalLinkedLCAParameters

__all__ = ["OrdinalLinkedLCA"]

# The default current in thresholds.
_CURRENT = 0.75


class OrdinalLinkedLCA(OrdinalLinkedLCAParameters, LinkedLCA):
    """Linked dictionaries whose neurons are driven class by class while they learn (current-induced drivers).

    While a stimulus of class c is learned, a current is injected into the neurons of block c, as a term of their
    membrane equations. It brings them nearer to threshold, so that they take the stimulus and specialise on the class.
    Labels are used by `fit` alone: in `transform` and `recall` the current is zero.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
        Labels in sorted order.
    blocks_ : array, shape (n_classes, n_neurons)
        The map in use.
    block_of_ : int array, shape (n_neurons,)
        Index into `classes_` of the class that drives each neuron; -1 for neurons of none or of several.
    leftover_neurons_ : int array
        Neurons that no class drives.
    modalities_, dictionaries_, dictionary_, lateral_, history_, usage_, dead_neurons_, seconds_compile_, n_features_in_
        As for `neurosim.networks.LinkedLCA`. The objective in the history does not count the current.

    References
    ----------
    Barari & Kim, linking sparse-coding dictionaries by one shared code (ordinal-linked dictionaries).

    Examples
    --------
    >>> import numpy as np
    >>> net = OrdinalLinkedLCA(6, threshold=0.3, batch_size=3, backend="numpy", random_state=0)
    >>> net = net.fit({"seen": np.eye(3), "printed": np.eye(3)}, ["bar", "dot", "ring"])
    >>> net.block_of_
    array([0, 0, 1, 1, 2, 2])
    """

    @property
    def block_of_(self) -> NDArray[np.intp]:
        """Index of the class that drives each neuron, -1 for none or several."""
        check_is_fitted(self, "blocks_")
        return block_of_neurons(self.blocks_)

    @property
    def leftover_neurons_(self) -> NDArray[np.intp]:
        """Neurons that no class drives."""
        check_is_fitted(self, "blocks_")
        return np.flatnonzero(~(self.blocks_ > 0).any(axis=0))

    def _beside(self, y: Any, shown: Shown, *, reset: bool) -> Beside:
        super()._beside(y, shown, reset=reset)
        labels = _checked_labels(y, len(shown.stimuli))
        # A network that was given its dictionary has no blocks before it learns.
        if reset or not hasattr(self, "blocks_"):
            self._validate_parameters()
            self.classes_ = np.unique(labels)
            self.blocks_ = self._blocks()
        unknown = np.setdiff1d(labels, self.classes_)
        if unknown.size:
            raise ValueError(
                f"expected labels of the block map, {', '.join(map(str, self.classes_))}, got "
                f"{', '.join(map(str, unknown))}; show all classes to the first fit"
            )
        # The objective does not count what the current makes of the activity.
        return Beside(np.searchsorted(self.classes_, labels), self._currents, drives=True)

    def _blocks(self) -> NDArray[np.float64]:
        if self.blocks is not None:
            return checked_blocks(self.blocks, classes=self.classes_, n_neurons=self.n_neurons)
        return equal_blocks(
            n_classes=len(self.classes_), n_neurons=self.n_neurons, neurons_per_class=self.neurons_per_class
        )

    def _currents(self, classes: NDArray[Any], left: Any = 1.0) -> dict[str, NDArray[Any]]:
        """Return what is injected into the neurons while stimuli of these classes are learned.

        `left` (n_stimuli, 1) is the share of the training that is left.
        """
        level = self._level()
        first = level if self.initial_threshold is None else self.initial_threshold
        current = _CURRENT * first if isinstance(self.current, str) else self.current
        last = current if self.final_current is None else self.final_current
        # One-sided neurons whose threshold is higher by so much have the activity of those that are inhibited by it.
        return {"injected": (last + (current - last) * left) * self.blocks_[classes] - (first - level) * left}

    def _fading(self, part: Shown, history: TrainingHistory) -> Mapping[str, NDArray[Any]]:
        """Return what is injected in the batches of a run, of which the first is the next in the history."""
        assert part.beside is not None
        batches = history.done + np.arange(len(part.stimuli)) // history.batch_size
        left = learning_rate_factors("linear", history.n_batches)[batches]
        return self._currents(part.beside.rows, left[:, np.newaxis])

    def _learning(self) -> Learning:
        return replace(super()._learning(), also=self._fading)

    def _between_blocks(self) -> NDArray[np.float64]:
        """Return the weights with which neurons of different blocks inhibit each other while codes settle."""
        if hasattr(self, "blocks_"):
            return self.block_inhibition * rivals(self.block_of_)
        raise ValueError(
            f"block_inhibition: expected a network that has learned and so has blocks, got block_inhibition="
            f"{self.block_inhibition:g} for one that was given its fields; set it to 0"
        )

    def _objective(self) -> Objective:
        objective = super()._objective()
        # Learning asks too, without inhibition between blocks: it does not count all costs.
        if not self.block_inhibition or not hasattr(self, "blocks_"):
            return objective
        return InhibitedObjective(**vars(objective), inhibition=self._between_blocks())

    def _settings(
        self,
        design: LCADesign,
        weights: Weights,
        rng: np.random.Generator,
        history: TrainingHistory | None = None,
    ) -> RunSettings:
        settings = super()._settings(design, weights, rng, history)
        if not self.block_inhibition or history is not None:
            return settings
        fields = weights.of(self.dictionary_)
        return inhibited(settings, fields, self._between_blocks(), fixed_step=self.dt is not None)

    def _start(self, shown: Shown, rng: np.random.Generator) -> NDArray[Any]:
        start = super()._start(shown, rng)
        if not isinstance(self.initial_dictionary, str) or self.initial_dictionary != "stimuli":
            return start
        assert shown.beside is not None
        stimuli, classes = shown.stimuli, shown.beside.rows
        block_of, order = self.block_of_, rng.permutation(len(stimuli))
        for k in range(len(self.classes_)):
            own, neurons = order[classes[order] == k], np.flatnonzero(block_of == k)
            # A class with fewer stimuli than neurons gives each stimulus to several.
            fields = self._normed(stimuli[np.resize(own, len(neurons))])
            start[neurons] = fields + 0.01 * start[neurons]
        return self._normed(start)

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        design = replace(super()._design(shown, **sizes), shown=("injected",))
        return with_inhibition(design) if self.block_inhibition else design


def _checked_labels(y: Any, n_stimuli: int) -> NDArray[Any]:
    labels = unmasked(y, "labels")
    if y is None or labels.shape != (n_stimuli,):
        raise ValueError(
            f"expected one label for each of {n_stimuli} stimuli, got "
            f"{'none' if y is None else f'an array of shape {labels.shape}'}; fit(X, y) needs them to drive the blocks"
        )
    missing = np.flatnonzero(pd.isna(labels))
    if missing.size:
        raise ValueError(
            f"expected one label for each of {n_stimuli} stimuli, got {labels[missing[0]]} at stimulus {missing[0]} "
            f"({missing.size} missing in all); leave out those stimuli"
        )
    return labels
