"""What a network that links modalities knows of them: their dictionaries, weights and norms."""

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim.networks.lca.rate_model import Shown, Weights
from neurosim.networks.linked.modalities import ALONE, gains_of

__all__ = ["LinkedModalities"]


class LinkedModalities:
    """The side of a network that knows what it links: ``modalities_``, columns of its fields by name."""

    @property
    def dictionaries_(self: Any) -> dict[str, NDArray[Any]]:
        """One dictionary per modality, shape (n_neurons, n_features)."""
        check_is_fitted(self, "dictionary_")
        return dict(zip(self.modalities_, self._split(self.dictionary_), strict=True))

    def _recalling(self: Any) -> Any:
        """Return this network with the adaptation that neurons have while they recall."""
        if self.recall_adaptation is None:
            return self
        return copy(self).set_params(adaptation=self.recall_adaptation)

    def _weights(self: Any, present: Mapping[str, Any]) -> Weights:
        """Return the weights of the modalities while these are present; none for an ordinary LCA."""
        if self._is_plain():
            return Weights()
        sizes = self.modalities_
        return Weights(gains_of(self.weights, sizes, present=present), tuple(sizes.values()))

    def _is_plain(self: Any) -> bool:
        """Whether the network is an ordinary LCA: one modality of weight one."""
        if not hasattr(self, "modalities_"):
            return True
        sizes = self.modalities_
        return len(sizes) == 1 and gains_of(self.weights, sizes, present=sizes) == (1.0,)

    def _require_joint(self: Any, shown: Shown) -> None:
        """Raise if fields whose joint norm is kept are to learn without one of the modalities."""
        absent = [name for name, gain in zip(self.modalities_, shown.weights.gains, strict=False) if not gain]
        if absent and self.learning and self.norm == "joint":
            raise ValueError(
                f"expected all modalities while learning with norm='joint', got none of {', '.join(absent)}; "
                "pass them too, or use norm='each'"
            )

    def _require_alone(self: Any, *, reset: bool) -> None:
        if not reset and list(self.modalities_) != [ALONE]:
            raise ValueError(
                f"expected stimuli by modality, such as {{{next(iter(self.modalities_))!r}: X}}, got a plain array; "
                f"the network has learned {', '.join(self.modalities_)}"
            )

    def _split(self: Any, rows: NDArray[Any]) -> list[NDArray[Any]]:
        return np.split(rows, np.cumsum(list(self.modalities_.values()))[:-1], axis=1)

    def _normed(self: Any, rows: NDArray[Any]) -> NDArray[Any]:
        """Return rows of unit norm in each modality, or of all together."""
        if self.norm == "joint":
            scaled: NDArray[Any] = rows / _norms(self._weights(self.modalities_).of(rows))
            return scaled
        return np.hstack([part / _norms(part) for part in self._split(rows)])


def _norms(rows: NDArray[Any]) -> NDArray[Any]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.where(norms > 0, norms, 1).astype(rows.dtype)
