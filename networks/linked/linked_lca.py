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
from neurosim.networks.estimator.stimuli_input import require_squares, validated_code, validated_stimuli
from neurosim.networks.lca.design import LCADesign
from neurosim.networks.lca.input_pathways import Modality
from neurosim.networks.lca.lca import LCA
from neurosim.networks.linked.modalities import ALONE, as_modalities, checked_names, gains_of, side_by_side
from neurosim.networks.linked.model import LinkedLCAParameters

__all__ = ["LinkedLCA"]

Modalities = Mapping[str, ArrayLike]


class LinkedLCA(LinkedLCAParameters, LCA):
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
    history_, usage_, dead_neurons_, seconds_compile_, n_features_in_
        As for `neurosim.networks.LCA`.

    Notes
    -----
    Stimuli are mappings from the name of a modality to an array (n_stimuli, n_features), row k of each belonging
    together. A plain array is one modality without a name of its own, and the network then is an LCA. The published
    threshold is hard (``threshold_kind="hard"``).

    References
    ----------
    Barari & Kim, linking sparse-coding dictionaries by one shared code.
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
            Φᵀa of the wanted modality.

        Raises
        ------
        ValueError
            If nothing is present, a modality is unknown, or an array does not fit.
        """
        check_is_fitted(self, "dictionary_")
        one_of("want", want, tuple(self.modalities_))
        recalled: NDArray[Any] = self.transform(cast("Any", present)) @ self.dictionaries_[want]
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
    def dictionaries_(self) -> dict[str, NDArray[Any]]:
        """One dictionary per modality, shape (n_neurons, n_features)."""
        check_is_fitted(self, "dictionary_")
        return dict(zip(self.modalities_, self._split(self.dictionary_), strict=True))

    def _seen(self, X: Any, *, reset: bool) -> tuple[NDArray[Any], tuple[float, ...]]:
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
        gains = () if self._is_plain() else gains_of(self.weights, self.modalities_, present=arrays)
        stimuli = side_by_side(arrays, self.modalities_)
        require_squares(stimuli)
        return stimuli, gains

    def _is_plain(self) -> bool:
        """Whether the network is an ordinary LCA: one modality of weight one."""
        if not hasattr(self, "modalities_"):
            return True
        sizes = self.modalities_
        return len(sizes) == 1 and gains_of(self.weights, sizes, present=sizes) == (1.0,)

    def _learn(self, stimuli: NDArray[Any], order: NDArray[np.intp], **how: Any) -> Self:
        absent = [name for name, gain in zip(self.modalities_, how["gains"], strict=False) if not gain]
        if absent and self.learning and self.norm == "joint":
            raise ValueError(
                f"expected all modalities while learning with norm='joint', got none of {', '.join(absent)}; "
                "pass them too, or use norm='each'"
            )
        return super()._learn(stimuli, order, **how)

    def _revive(
        self,
        dead: NDArray[np.intp],
        residual: NDArray[Any],
        *,
        gains: tuple[float, ...],
        rng: np.random.Generator,
    ) -> None:
        """Point dead neurons at stimuli that the others explain badly; fields of what is absent stay."""
        before = self.dictionary_
        absent = self._weighted(np.ones((1, residual.shape[1])), gains)[0] == 0
        super()._revive(dead, np.where(absent, 0, residual), gains=gains, rng=rng)
        if len(dead):
            self.dictionary_[:, absent] = before[:, absent]

    def _require_alone(self, *, reset: bool) -> None:
        if not reset and list(self.modalities_) != [ALONE]:
            raise ValueError(
                f"expected stimuli by modality, such as {{{next(iter(self.modalities_))!r}: X}}, got a plain array; "
                f"the network has learned {', '.join(self.modalities_)}"
            )

    def _split(self, rows: NDArray[Any]) -> list[NDArray[Any]]:
        return np.split(rows, np.cumsum(list(self.modalities_.values()))[:-1], axis=1)

    def _weighted(self, rows: NDArray[Any], gains: tuple[float, ...]) -> NDArray[Any]:
        if all(gain == 1 for gain in gains):
            return rows
        columns = np.repeat(np.sqrt(gains), list(self.modalities_.values())).astype(rows.dtype)
        weighted: NDArray[Any] = rows * columns
        return weighted

    def _scaled(self, dictionary: NDArray[Any]) -> NDArray[Any]:
        # An ordinary network's fields have unit norm already, to the last bit.
        return super()._scaled(dictionary) if self._is_plain() else self._normed(dictionary)

    def _normed(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return rows of unit norm in each modality, or of all together."""
        if self.norm == "joint":
            gains = gains_of(self.weights, self.modalities_, present=self.modalities_)
            scaled: NDArray[Any] = rows / _norms(self._weighted(rows, gains))
            return scaled
        return np.hstack([part / _norms(part) for part in self._split(rows)])

    def _set_dictionary(self, dictionary: NDArray[Any]) -> None:
        self.dictionary_ = dictionary
        if not hasattr(self, "modalities_"):
            return
        gains = gains_of(self.weights, self.modalities_, present=self.modalities_)
        weighted = self._weighted(dictionary, gains)
        self.lateral_ = weighted @ weighted.T - np.eye(len(dictionary), dtype=dictionary.dtype)

    def _modalities(self) -> tuple[Modality, ...]:
        sizes = getattr(self, "modalities_", {ALONE: 1})
        if self._is_plain():
            return (Modality("", next(iter(sizes.values()))),)
        return tuple(Modality(name, size) for name, size in sizes.items())

    def _design(self, dtype: Any, **sizes: Any) -> LCADesign:
        return replace(
            super()._design(dtype, **sizes), joint_norm=self.norm == "joint" and not self._is_plain()
        )


def _norms(rows: NDArray[Any]) -> NDArray[Any]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(norms > 0, norms, 1).astype(rows.dtype)
