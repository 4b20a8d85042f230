"""What users of scikit-learn look for in a fitted network, under its names."""

from typing import Any

import pandas as pd
from numpy.typing import NDArray

__all__ = ["ScikitLearnNames"]


class ScikitLearnNames:
    """Base of networks that learn a dictionary: names of `sklearn.decomposition.MiniBatchDictionaryLearning`.

    Attributes
    ----------
    components_ : array, shape (n_neurons, n_pixels)
        `dictionary_` under scikit-learn's name, the same array.
    n_iter_ : int
        How often the last `fit` went through its stimuli.
    n_steps_ : int
        Batches learned from in all: of the last `fit` that started afresh, and of what went on from it.
    """

    dictionary_: NDArray[Any]
    history_: pd.DataFrame
    n_iter_: int

    @property
    def components_(self) -> NDArray[Any]:
        """`dictionary_`, shape (n_neurons, n_pixels), under scikit-learn's name."""
        _require(self, "components_", "dictionary_")
        return self.dictionary_

    @property
    def n_steps_(self) -> int:
        """Batches learned from in all: of the last `fit` that started afresh, and of what went on from it."""
        _require(self, "n_steps_", "history_")
        return len(self.history_)


def _require(network: Any, name: str, needed: str) -> None:
    # `hasattr`, and so scikit-learn, asks for nothing but an AttributeError.
    if needed not in vars(network):
        raise AttributeError(f"{name}: this {type(network).__name__} is not fitted yet; call fit first")
