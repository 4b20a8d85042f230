"""Linked dictionaries: one code for several modalities."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time
from neurosim.networks.estimator.parameters import one_of
from neurosim.networks.estimator.training_data import require_squares, validated_code, validated_stimuli
from neurosim.networks.estimator.training_history import learning_rate_factors
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.lca import LCA
from neurosim.networks.lca.pathways import Modality
from neurosim.networks.lca.rate_model import Beside, Learning, Shown
from neurosim.networks.linked.completion import known_patterns, learned_recall, pattern_of
from neurosim.networks.linked.linked_modalities import LinkedModalities
from neurosim.networks.linked.modalities import (
    ALONE,
    as_modalities,
    checked_names,
    sharpness_of,
    side_by_side,
)
from neurosim.networks.linked.model import LinkedLCAParameters

__all__ = ["LinkedLCA"]

Modalities = Mapping[str, ArrayLike]


class LinkedLCA(LinkedLCAParameters, LinkedModalities, LCA):
    """A population of membranes that several input populations drive, each through plastic weights of its own.

    The activity a minimises ½ Σ_m g_m‖s_m − Φ_mᵀa‖² + λ‖a‖₁ over the modalities m that are present, with their weights
    g_m; every dictionary Φ_m learns from its own residual by the local rule of the LCA. Whichever modality is absent
    can be recalled from the others' code.

    Attributes
    ----------
    modalities_ : dict of str to int
        Features of every modality, in their order.
    dictionaries_ : dict of str to array, shape (n_neurons, n_features)
        One field per neuron and modality.
    dictionary_ : array, shape (n_neurons, sum of features)
        The same side by side.
    lateral_ : array, shape (n_neurons, n_neurons)
        Overlaps Σ_m g_m Φ_m Φ_mᵀ − I while all modalities are present.
    recall_dictionaries_ : dict of str to array, shape (n_neurons, n_features)
        What each neuron recalls in every modality while it is absent: `recall_weights_` where `completion` names it,
        else `dictionaries_`.
    patterns_, recall_weights_ : dict of str to array
        Of the modalities in `completion`: the different stimuli that were seen, shape (n_patterns, n_features), and
        the weights of recall, shape (n_neurons, n_features), of any norm.
    history_, usage_, dead_neurons_, seconds_compile_, n_features_in_
        As for `neurosim.networks.LCA`.

    Notes
    -----
    Stimuli are mappings from the name of a modality to an array (n_stimuli, n_features), row k of each belonging
    together. A plain array is one modality without a name of its own, and the network then is an LCA. The published
    threshold is hard (``threshold_kind="hard"``).

    References
    ----------
    Barari & Kim, linking sparse-coding dictionaries by one shared code, eq. 4 (learning).
    Ramsauer et al. 2021, Hopfield networks is all you need, ICLR, arXiv 2008.02217, eq. 3 (completion).
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.

    Examples
    --------
    >>> import numpy as np
    >>> dictionaries = {"seen": np.eye(2), "heard": np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])}
    >>> net = LinkedLCA.from_dictionary(dictionaries, threshold=0.5)
    >>> net.transform({"seen": [[2.0, 0.0]]}).round(3)
    array([[1.5, 0. ]])
    >>> net.recall({"seen": [[2.0, 0.0]]}, want="heard").round(3)
    array([[0. , 1.5, 0. ]])
    """

    @classmethod
    def from_dictionary(cls, dictionary: ArrayLike | Modalities, **parameters: Any) -> Self:
        """Return a fitted network that encodes with given dictionaries.

        Parameters
        ----------
        dictionary : mapping of str to array, shape (n_neurons, n_features), or one such array
            Used as they are; rows need not have unit norm.
        **parameters
            As for the constructor.

        Raises
        ------
        ValueError
            If a dictionary is not a finite matrix, their numbers of neurons differ, or a parameter is impossible.
        """
        named = isinstance(dictionary, Mapping)
        given = as_modalities(
            cast("Modalities", dictionary) if named else {ALONE: cast("ArrayLike", dictionary)}
        )
        sizes = checked_names(given)
        net = super().from_dictionary(np.hstack(list(given.values())), **parameters)
        net.modalities_ = sizes
        net._set_dictionary(net.dictionary_)
        return net

    @one_at_a_time()
    def recall(self, present: Modalities, *, want: str) -> NDArray[Any]:
        """Return what the population expects in one modality, given others.

        Parameters
        ----------
        present : mapping of str to array, shape (n_stimuli, n_features)
        want : str
            A modality; it may be among those present, and is then reconstructed.

        Returns
        -------
        array, shape (n_stimuli, n_features)
            Φᵀa of the wanted modality, with `recall_dictionaries_` if it is absent, and with `recall_adaptation` too
            if these are its fields.

        Raises
        ------
        ValueError
            If nothing is present, a modality is unknown, or an array does not fit.
        """
        check_is_fitted(self, "dictionary_")
        one_of("want", want, tuple(self.modalities_))
        absent = isinstance(present, Mapping) and want not in present
        fields = (self.recall_dictionaries_ if absent else self.dictionaries_)[want]
        net = self._recalling() if absent and want not in self._recall_weights else self
        recalled: NDArray[Any] = net.transform(cast("Any", present)) @ fields
        return recalled

    def reconstruct(self, code: ArrayLike) -> dict[str, NDArray[Any]]:
        """Return the stimuli of every modality that codes stand for.

        Parameters
        ----------
        code : array, shape (n_stimuli, n_neurons)

        Returns
        -------
        dict of str to array, shape (n_stimuli, n_features)
        """
        activity = validated_code(self, code)
        return {name: activity @ fields for name, fields in self.dictionaries_.items()}

    @property
    def recall_dictionaries_(self) -> dict[str, NDArray[Any]]:
        """What each neuron recalls in every modality while it is absent, shape (n_neurons, n_features)."""
        return self.dictionaries_ | self._recall_weights

    @property
    def _recall_weights(self) -> dict[str, NDArray[Any]]:
        """Weights of recall that have been learned and are asked for."""
        learned, asked = getattr(self, "recall_weights_", {}), self.completion or {}
        return {name: weights for name, weights in learned.items() if name in asked}

    def _shown(self, X: Any, *, reset: bool) -> Shown:
        # Some sparse matrices are dictionaries of their elements.
        if isinstance(X, Mapping) and not issparse(X):
            arrays = as_modalities(X)
            if reset:
                self.modalities_ = checked_names(arrays)
                self.n_features_in_ = sum(self.modalities_.values())
        else:
            self._require_alone(reset=reset)
            arrays = {ALONE: validated_stimuli(self, X, reset=reset)}
            if reset:
                self.modalities_ = {ALONE: self.n_features_in_}
        stimuli = side_by_side(arrays, self.modalities_)
        require_squares(stimuli)
        return Shown(stimuli, self._weights(arrays))

    def _beside(self, y: Any, shown: Shown, *, reset: bool) -> Beside | None:
        self._require_joint(shown)
        if reset:
            self.__dict__.pop("patterns_", None)
            self.__dict__.pop("recall_weights_", None)
        if self.learning:
            self._meet_patterns(shown)
        return super()._beside(y, shown, reset=reset)

    def _meet_patterns(self, shown: Shown) -> None:
        """Get to know the patterns of the modalities whose recall is completed, or raise before learning begins."""
        present = self._present(shown)
        for name in sharpness_of(self.completion, self.modalities_):
            known = getattr(self, "patterns_", {})
            if name in known and name in present:
                pattern_of(name, present[name], known[name])
            elif name in present:
                self.patterns_ = known | {name: known_patterns(name, present[name])}

    def _learn_recalls(self, shown: Shown, order: NDArray[np.intp]) -> None:
        """Learn weights of recall for the modalities whose recall is completed."""
        present = self._present(shown)
        for name, sharpness in sharpness_of(self.completion, self.modalities_).items():
            if name in present and len(present) > 1:
                self._learn_recall(name, present, order, sharpness=sharpness)

    def _learn_recall(
        self, name: str, present: dict[str, NDArray[Any]], order: NDArray[np.intp], *, sharpness: float
    ) -> None:
        """Learn weights of recall in the order and at the rates of the dictionary, from codes of what is beside."""
        others = {other: rows for other, rows in present.items() if other != name}
        code = self._settled(Shown(side_by_side(others, self.modalities_), self._weights(others)))[0].code
        batches = np.split(order, np.arange(self.batch_size, len(order), self.batch_size))
        rates = self.learning_rate * learning_rate_factors(self.learning_rate_schedule, len(batches))
        learned = learned_recall(
            self.recall_dictionaries_[name],
            code,
            pattern_of(name, present[name], self.patterns_[name]),
            self.patterns_[name],
            sharpness=sharpness,
            batches=zip(batches, rates / self._learning().rate_unit, strict=True),
        )
        self.recall_weights_ = getattr(self, "recall_weights_", {}) | {name: learned}

    def _present(self, shown: Shown) -> dict[str, NDArray[Any]]:
        """Return the stimuli of the modalities that are present."""
        gains = shown.weights.gains or (1.0,)
        parts = zip(self.modalities_, self._split(shown.stimuli), gains, strict=True)
        return {name: rows for name, rows, gain in parts if gain}

    def _learning(self) -> Learning:
        learning = super()._learning()
        # An ordinary network's fields have unit norm already, to the last bit.
        if self._is_plain():
            return learning
        weights = self._weights(self.modalities_)
        return replace(learning, scaled=self._normed, weights=weights, afterwards=self._learn_recalls)

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        design = super()._design(shown, **sizes)
        pixels = getattr(self, "modalities_", {ALONE: 1})
        if self._is_plain():
            return replace(design, modalities=(Modality("", next(iter(pixels.values()))),))
        modalities = tuple(Modality(name, size) for name, size in pixels.items())
        return replace(design, modalities=modalities, joint_norm=self.norm == "joint")
