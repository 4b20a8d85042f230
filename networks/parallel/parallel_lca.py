"""Parallel streams: one population of membranes, groups of which see channels of their own."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim.engine.blocks import Block
from neurosim.networks.estimator.training_data import pointed_at_residuals, starting_dictionary
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.lca import LCA
from neurosim.networks.lca.rate_model import Learning, Shown, Weights
from neurosim.networks.parallel.model import ParallelLCAParameters
from neurosim.networks.parallel.streams import blocks_of, checked_streams, outside, stream_of_neurons

__all__ = ["ParallelLCA"]


class ParallelLCA(ParallelLCAParameters, LCA):
    """One population of membranes in parallel streams, each of which sees channels of the stimulus of its own.

    Layers 4Cα and 4Cβ of macaque V1 get their input from the magnocellular and from the parvocellular relays: neurons
    of the two learn from different channels of one front end. A neuron has synapses with the channels of its stream
    alone, so fields of different streams do not overlap, and streams do not inhibit each other. All have one threshold
    and one learning rule.

    Attributes
    ----------
    stream_ : int array, shape (n_neurons,)
        Which of the `streams` every neuron is in.
    seen_ : tuple of slice
        Values of a stimulus that each stream sees.
    dictionary_ : array, shape (n_neurons, n_pixels)
        One unit-norm field per row, exactly 0 where the neuron's stream does not see.
    lateral_ : array, shape (n_neurons, n_neurons)
        Overlaps ΦΦᵀ − I, exactly 0 between streams.
    history_, unsettled_, threshold_, mean_square_, usage_, dead_neurons_, seconds_compile_, n_features_in_
        As for `neurosim.networks.LCA`; ``threshold_`` and ``mean_square_`` are of all channels together.

    References
    ----------
    Hubel & Wiesel 1972, Journal of Comparative Neurology 146:421, doi:10.1002/cne.901460402 (layers of the two relays).
    Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486.

    Examples
    --------
    >>> import numpy as np
    >>> net = ParallelLCA.from_dictionary(np.eye(3), streams=((2, 2), (1, 1)), threshold=0.5)
    >>> net.transform([[2.0, 0.25, 1.0]]).round(3), net.stream_
    (array([[1.5, 0. , 0.5]]), array([0, 0, 1]))
    """

    @classmethod
    def from_dictionary(cls, dictionary: ArrayLike, **parameters: Any) -> Self:
        """Return a fitted network that encodes with a given dictionary.

        Parameters
        ----------
        dictionary : array, shape (n_neurons, n_pixels)
            Used as it is; rows need not have unit norm.
        **parameters
            As for the constructor, `streams` among them.

        Raises
        ------
        ValueError
            If the dictionary is not a finite matrix, a neuron has weights on channels of another stream, or a parameter
            is impossible.
        """
        net = super().from_dictionary(dictionary, **parameters)
        _require_inside(net.dictionary_, net._blocks(net.n_features_in_), "dictionary")
        return net

    @property
    def stream_(self) -> NDArray[np.intp]:
        """Which of the streams every neuron is in."""
        return stream_of_neurons(checked_streams(self.streams, n_neurons=self.n_neurons))

    @property
    def seen_(self) -> tuple[slice, ...]:
        """Values of a stimulus that each stream sees."""
        check_is_fitted(self, "n_features_in_")
        return tuple(block.columns for block in self._blocks(self.n_features_in_))

    def _blocks(self, n_values: int) -> tuple[Block, ...]:
        return blocks_of(checked_streams(self.streams, n_neurons=self.n_neurons), n_values=n_values)

    def _shown(self, X: Any, *, reset: bool) -> Shown:
        shown = super()._shown(X, reset=reset)
        self._blocks(shown.stimuli.shape[1])
        return shown

    def _start(self, shown: Shown, rng: np.random.Generator) -> NDArray[Any]:
        given, stimuli = self.initial_dictionary, shown.stimuli
        blocks = self._blocks(stimuli.shape[1])
        if not isinstance(given, str):
            start = super()._start(shown, rng)
            _require_inside(start, blocks, "initial_dictionary")
            return start
        start = np.zeros((self.n_neurons, stimuli.shape[1]), dtype=stimuli.dtype)
        for block in blocks:
            part = stimuli[:, block.columns]
            fields = starting_dictionary(given, part, n_neurons=block.n_rows, rng=rng)
            start[block.rows, block.columns] = fields
        return self._learning().scaled(start)

    def _learning(self) -> Learning:
        given = super()._learning()
        blocks = self._blocks(self.n_features_in_) if hasattr(self, "n_features_in_") else ()
        return StreamLearning(rate_unit=given.rate_unit, blocks=blocks)

    def _design(self, shown: Shown, **sizes: Any) -> LCADesign:
        return replace(super()._design(shown, **sizes), blocks=self._blocks(shown.stimuli.shape[1]))


@dataclass(frozen=True, kw_only=True)
class StreamLearning(Learning):
    """Learning in which a dead neuron is pointed at what its own stream leaves unexplained."""

    def revived(
        self,
        dictionary: NDArray[Any],
        dead: NDArray[np.intp],
        residual: NDArray[Any],
        *,
        weights: Weights,
        rng: np.random.Generator,
    ) -> NDArray[Any]:
        fields = dictionary.copy() if len(dead) else dictionary
        for block in self.blocks:
            own = dead[(dead >= block.row) & (dead < block.row + block.n_rows)] - block.row
            if len(own):
                part = dictionary[block.rows, block.columns]
                fields[block.rows, block.columns] = pointed_at_residuals(
                    part, own, residual[:, block.columns], rng=rng
                )
        return self.scaled(fields)


def _require_inside(dictionary: NDArray[Any], blocks: tuple[Block, ...], name: str) -> None:
    """Raise if a neuron has weights on what its stream does not see."""
    bad = np.argwhere((dictionary != 0) & outside(blocks, dictionary.shape))
    if len(bad):
        neuron, value = (int(k) for k in bad[0])
        (own,) = (block for block in blocks if block.row <= neuron < block.row + block.n_rows)
        raise ValueError(
            f"{name}: expected weights within each neuron's stream alone, got {dictionary[neuron, value]:.3g} of "
            f"neuron {neuron} on value {value} ({len(bad)} such weights in all), while its stream sees values "
            f"{own.column} to {own.column + own.n_columns - 1}; set them to 0, or change the streams"
        )
