"""Fixed weights from a few neighbours to each neuron, shared by many replicas of a population.

On a sheet of neurons a pool is its neuron with the nearest others. A `DensePathway` would spend n² products a step on
sums of which nearly all terms are zero; a `NeighbourPathway` spends as many as there are neighbours.
"""

from typing import Any

import numpy as np
from brian2 import BrianObject, NeuronGroup, prefs
from brian2.core.variables import ArrayVariable
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.dense import claim_sum, receiving_variable
from neurosim.engine.expression import array_expression
from neurosim.engine.operation import Operation, schedule

__all__ = ["NeighbourPathway", "NeighbourWeights", "neighbour_sums"]


class NeighbourWeights:
    """Which neurons each neuron listens to, and how much; the same for all replicas, and never learned.

    Parameters
    ----------
    indices : array of int, shape (n_target, n_neighbours)
        Row `i` names the source neurons, counted within a replica, that target neuron `i` listens to. One that is named
        twice counts twice; a row with fewer neighbours may be filled up with weights of zero.
    weights : array, shape (n_target, n_neighbours)
        Their weights.
    name : str
        Name of the Brian2 object that holds the arrays.

    Raises
    ------
    ValueError
        If the indices are not a matrix of numbers of neurons, or the weights are not finite or of another shape.

    Examples
    --------
    >>> pairs = NeighbourWeights([[0, 1], [1, 2], [2, 0]], np.full((3, 2), 0.5), name="doctest_pairs")
    >>> pairs.shape, pairs.reach
    ((3, 2), 3)
    """

    def __init__(self, indices: ArrayLike, weights: ArrayLike, *, name: str = "neighbour_weights") -> None:
        places = _checked_indices(indices)
        values = np.asarray(weights, dtype=prefs.core.default_float_dtype)
        if values.shape != places.shape or not np.isfinite(values).all():
            raise ValueError(
                f"expected a finite weight for each of the indices {places.shape}, got shape {values.shape}"
                f"{'' if np.isfinite(values).all() else ' with values that are not finite'}"
            )
        self.shape: tuple[int, int] = (places.shape[0], places.shape[1])
        # The fewest source neurons in a replica for which every index names one.
        self.reach = int(places.max()) + 1
        self.block = ArrayBlock(
            name, {"indices": (places.size, places.dtype), "w": (values.size, values.dtype)}
        )
        self.indices: ArrayVariable = self.block.array("indices")
        self.variable: ArrayVariable = self.block.array("w")
        self.indices.set_value(places.ravel())
        self.variable.set_value(values.ravel())


def _checked_indices(indices: ArrayLike) -> NDArray[np.int32]:
    places = np.asarray(indices)
    if places.ndim != 2 or not places.size or not np.issubdtype(places.dtype, np.integer):
        raise ValueError(
            "expected a matrix of integers (n_target, n_neighbours), the source neurons that each target neuron "
            f"listens to, got {places.dtype.name} of shape {places.shape}"
        )
    if places.min() < 0 or places.max() >= np.iinfo(np.int32).max:
        raise ValueError(
            f"expected numbers of source neurons from 0 on, got {places.min()} to {places.max()}; "
            "wrap indices that leave the sheet, or name any neuron there and give it weight zero"
        )
    return places.astype(np.int32)


def neighbour_sums(values: NDArray[Any], indices: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Return what every neuron hears.

    Parameters
    ----------
    values : array, shape (n_replicas, n_source)
        What is sent.
    indices, weights : array, shape (n_target, n_neighbours)

    Returns
    -------
    array, shape (n_replicas, n_target)

    Examples
    --------
    >>> neighbour_sums(np.array([[1.0, 10.0, 100.0]]), np.array([[0, 1], [2, 2]]), np.array([[1.0, 2], [3, 4]]))
    array([[ 21., 700.]])
    """
    n_target, n_neighbours = indices.shape
    starts = np.arange(0, indices.size + 1, n_neighbours, dtype=np.int32)
    matrix = sparse.csr_array((weights.ravel(), indices.ravel(), starts), shape=(n_target, values.shape[1]))
    return np.asarray(matrix @ values.T).T


class NeighbourPathway(BrianObject):
    """Graded transmission from a few source neurons to each target neuron, for all replicas at once.

    Each time step it writes into the target's variable the sum over its neighbours of weight times what they send. It
    equals a `DensePathway` whose matrix is zero elsewhere, to rounding, and can be part of a
    `neurosim.engine.whole_presentation.whole_presentation`, in which its neurons always hear present values, not
    changes larger than epsilon.

    Parameters
    ----------
    source, target : brian2.NeuronGroup
        Populations of as many replicas; they may be the same group.
    weights : NeighbourWeights
        Of the target population. Several pathways may share them.
    transmits : str
        A float variable of the source (a subexpression has to be ``constant over dt``), or arithmetic of variables that
        have one value per neuron, such as ``"a**2"``.
    into : str
        Variable of the target. What equations read of it at the onset of a stimulus is left from the stimulus before,
        unless the presentation resets it.
    order : int, default=0
        Place in the slot ``"start"`` of the schedule. A pathway of higher order sees what this one has just written;
        Brian2 takes pathways of one order by their names.
    name : str
        A C identifier, unique in the network.

    Raises
    ------
    ValueError
        If sizes, indices or variables do not fit, or another pathway replaces the same variable.

    Examples
    --------
    >>> from brian2 import Network, NeuronGroup, ms
    >>> from neurosim.engine.backend import activated
    >>> with activated("numpy"):
    ...     ring = NeuronGroup(3, "a : 1\\nenergy : 1", name="doctest_ring")
    ...     pairs = NeighbourWeights([[0, 1], [1, 2], [2, 0]], np.ones((3, 2)), name="doctest_ring_pairs")
    ...     pool = NeighbourPathway(ring, ring, pairs, transmits="a**2", into="energy", name="doctest_pool")
    ...     ring.a = [1, 2, 3]
    ...     Network(ring, pool).run(0.1 * ms)
    >>> ring.energy[:]
    array([ 5., 13., 10.])
    """

    def __init__(
        self,
        source: NeuronGroup,
        target: NeuronGroup,
        weights: NeighbourWeights,
        *,
        transmits: str,
        into: str,
        order: int = 0,
        name: str = "neighbour_pathway",
    ) -> None:
        super().__init__(clock=source.clock, when="start", order=order, name=name)
        if transmits == "spikes":
            raise ValueError(
                "neighbours hear graded activity, not spikes; name a variable, or send spikes along a DensePathway"
            )
        self.weights, self.source, self.target = weights, source, target
        self.transmits, self.into = transmits, into
        self.operation = self._written(_replicas(source, target, weights), f"{name}_step")
        claim_sum(target, into)
        self._contained_objects.append(
            schedule(self.operation, clock=source.clock, when="start", order=order)
        )

    def _written(self, n_replicas: int, name: str) -> Operation:
        sent = array_expression(self.source, self.transmits)
        variable = self.weights.variable
        receiving = receiving_variable(self.target, self.into, np.dtype(variable.dtype))
        n_target, n_neighbours = self.weights.shape
        n_source = len(self.source) // n_replicas

        def work(indices: Any, weights: Any, target: Any, **arrays: Any) -> None:
            values = sent.values({key: arrays[f"source_{key}"] for key in sent.arrays})
            table = (indices.reshape(n_target, n_neighbours), weights.reshape(n_target, n_neighbours))
            target[:] = neighbour_sums(values.reshape(n_replicas, n_source), *table).ravel()

        arrays = {"indices": self.weights.indices, "weights": variable, "target": receiving}
        arrays |= {f"source_{key}": each for key, each in sent.arrays.items()}
        # A population that receives into what it transmits must read all of it before writing.
        loop = any(each is receiving for each in sent.arrays.values())
        values = sent.cpp_values(
            "sent", "n_replicas * n_source", variable.dtype, prefix="source_", copied=loop
        )
        sizes = {
            "n_replicas": n_replicas,
            "n_source": n_source,
            "n_target": n_target,
            "n_neighbours": n_neighbours,
        }
        cpp = f"{values}\nneighbour_sums(sent, indices, weights, target, {', '.join(sizes)}); return 0;"
        return Operation(name, arrays, cpp, work, sizes=sizes)


def _replicas(source: NeuronGroup, target: NeuronGroup, weights: NeighbourWeights) -> int:
    n_target, _ = weights.shape
    n_replicas, left_over = divmod(len(target), n_target)
    if left_over or len(source) % n_replicas:
        raise ValueError(
            f"weights of {n_target} target neurons want groups of whole replicas, the same number of them, "
            f"got {len(source)} source and {len(target)} target neurons"
        )
    n_source = len(source) // n_replicas
    if weights.reach > n_source:
        raise ValueError(
            f"the weights' indices go up to {weights.reach - 1}, but {source.name!r} has {n_source} neurons in each of "
            f"its {n_replicas} replicas; count neurons within a replica, from 0"
        )
    return n_replicas
