"""One dense weight matrix between two populations, shared by many replicas of them.

A population of `n` neurons in `n_replicas` copies is one NeuronGroup of ``n_replicas * n`` neurons, replica after
replica. Every replica sees its own stimulus; all share the weights. Each step a `DensePathway` adds the weights'
rows of the active source neurons to a variable of the target: a neuron that is silent costs one comparison.
"""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from brian2 import BrianObject, Clock, NeuronGroup, prefs
from brian2.core.variables import ArrayVariable
from numpy.typing import ArrayLike, NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.blocks import Block, block_table, checked_blocks
from neurosim.engine.expression import ArrayExpression, array_expression
from neurosim.engine.operation import Operation, schedule

__all__ = ["DensePathway", "DenseWeights", "claim_sum", "propagation", "receiving_variable"]


class DenseWeights:
    """A weight matrix that pathways and learning rules share.

    Parameters
    ----------
    values : array, shape (n_rows, n_columns)
        Initial weights. Row `i` belongs to source neuron `i` of a pathway that uses the matrix as it stands, and to
        target neuron `i` of one that uses its transpose ``weights.T``.
    name : str
        Name of the Brian2 object that holds the array.
    blocks : sequence of Block, optional
        Where there are weights at all, along the diagonal of `values`: the populations are connected group by group.
        Elsewhere weights are zero, never learn, and nothing is transmitted. By default all are connected with all.

    Raises
    ------
    ValueError
        If the values are not a finite matrix with at least one row and one column, or the blocks leave some out.

    Examples
    --------
    >>> weights = DenseWeights([[1.0, 0.0, 2.0]], name="doctest_weights")
    >>> weights.shape, weights.T.shape
    ((1, 3), (3, 1))
    """

    def __init__(
        self, values: ArrayLike, *, name: str = "dense_weights", blocks: Sequence[Block] = ()
    ) -> None:
        matrix = np.asarray(values, dtype=prefs.core.default_float_dtype)
        if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
            raise ValueError(
                f"expected a finite matrix of weights (n_rows, n_columns), got shape {matrix.shape}"
                f"{'' if np.isfinite(matrix).all() else ' with values that are not finite'}"
            )
        self._shape = matrix.shape
        self.blocks = checked_blocks(blocks, matrix.shape)
        self.transposed = False
        self.block = ArrayBlock(name, {"w": (matrix.size, matrix.dtype)})
        self.variable: ArrayVariable = self.block.array("w")
        if matrix.any():
            self.variable.set_value(matrix.ravel())

    @property
    def T(self) -> "DenseWeights":  # noqa: N802, the letter is numpy's
        """The same weights, used in the other direction."""
        other = object.__new__(DenseWeights)
        other.__dict__.update(self.__dict__)
        other.transposed = not self.transposed
        return other

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of source and target neurons of a pathway with these weights."""
        rows, columns = self._shape
        return (columns, rows) if self.transposed else (rows, columns)

    def values(self) -> NDArray[Any]:
        """Return the current weights, shape as in `shape` (after a standalone run: those it ended with)."""
        stored = np.array(self.variable.get_value()).reshape(self._shape)
        return stored.T if self.transposed else stored


def propagation(
    source: NeuronGroup,
    target: NeuronGroup,
    weights: DenseWeights,
    *,
    transmits: str,
    into: str,
    accumulate: bool = False,
    name: str = "propagation",
) -> Operation:
    """Write the work of one dense pathway as an operation.

    Parameters
    ----------
    source, target : brian2.NeuronGroup
        Populations of ``n_replicas * n`` neurons.
    weights : DenseWeights, shape (n_source, n_target)
    transmits : str
        A float variable of the source, arithmetic of such variables, or ``"spikes"``.
    into : str
        The float variable of the target that receives the sum.
    accumulate : bool, default=False
        Add to the variable instead of replacing its value.
    name : str
        A C identifier, unique in the network.

    Returns
    -------
    Operation

    Raises
    ------
    ValueError
        If the groups do not hold whole replicas of the weights' populations, or a variable is missing.
    """
    n_replicas = _replicas(source, target, weights.shape)
    receiving = receiving_variable(target, into, np.dtype(weights.variable.dtype))
    arrays = {"weights": weights.variable, "target": receiving}
    n_source, n_target = weights.shape
    sizes = {"n_replicas": n_replicas, "n_source": n_source, "n_target": n_target}
    names = ", ".join(sizes)
    clear = "false" if accumulate else "true"
    shapes = (n_replicas, n_source, n_target)
    if transmits == "spikes":
        if "_spikespace" not in source.variables:
            raise ValueError(
                f"group {source.name!r} sends no spikes: give it a threshold, or name what it transmits"
            )
        arrays["spikes"] = source.variables["_spikespace"]
        flip = "true" if weights.transposed else "false"
        cpp = f"add_spiking_rows(spikes, weights, target, {names}, {flip}, {clear}); return 0;"
        work = _spiking_product(shapes, weights.transposed, accumulate)
        return Operation(name, arrays, cpp, work, sizes=sizes)
    sent = array_expression(source, transmits)
    arrays |= {f"source_{key}": variable for key, variable in sent.arrays.items()}
    kernel = "add_products" if weights.transposed else "add_active_rows"
    table, block_sizes = block_table(weights.blocks)
    # A population that receives into what it transmits must read all of it before writing.
    loop = any(variable is receiving for variable in sent.arrays.values())
    values = sent.cpp_values("sent", "n_replicas * n_source", receiving.dtype, prefix="source_", copied=loop)
    cpp = (
        f"{values}\n{table}for (const Block& block : blocks)\n"
        f"  {kernel}(sent, weights, target, {names}, {clear}, block);\nreturn 0;"
    )
    work = _graded_product(shapes, weights, accumulate, sent)
    return Operation(name, arrays, cpp, work, sizes=sizes | block_sizes)


def _graded_product(
    shapes: tuple[int, int, int], weights: DenseWeights, accumulate: bool, sent: ArrayExpression
) -> Any:
    n_replicas, n_source, n_target = shapes
    transposed = weights.transposed
    ends = [(b.columns, b.rows) if transposed else (b.rows, b.columns) for b in weights.blocks]

    def product(weights: NDArray[Any], target: NDArray[Any], **arrays: NDArray[Any]) -> None:
        matrix = weights.reshape(n_target, n_source).T if transposed else weights.reshape(n_source, n_target)
        values = sent.values({key: arrays[f"source_{key}"] for key in sent.arrays})
        rows = values.reshape(n_replicas, n_source)
        products = [rows[:, source] @ matrix[source, into] for source, into in ends]
        received = products[0] if len(products) == 1 else np.hstack(products)
        if accumulate:
            target += received.ravel()
        else:
            target[:] = received.ravel()

    return product


def _spiking_product(shapes: tuple[int, int, int], transposed: bool, accumulate: bool) -> Any:
    n_replicas, n_source, n_target = shapes

    def product(weights: NDArray[Any], target: NDArray[Any], spikes: NDArray[Any]) -> None:
        if not accumulate:
            target[:] = 0
        fired = spikes[: spikes[-1]]
        rows = weights.reshape(n_target, n_source).T if transposed else weights.reshape(n_source, n_target)
        np.add.at(target.reshape(n_replicas, n_target), fired // n_source, rows[fired % n_source])

    return product


class DensePathway(BrianObject):
    """A connection from every neuron of one population to every neuron of another, for all replicas at once.

    It equals all-to-all Brian2 ``Synapses`` (graded: a ``summed`` variable; spiking: ``on_pre``), one set per
    replica, to rounding.

    Parameters
    ----------
    source, target : brian2.NeuronGroup
        Populations of ``n_replicas * n_source`` and ``n_replicas * n_target`` neurons.
    weights : DenseWeights or array, shape (n_source, n_target)
        ``weights.T`` of another pathway's weights ties the two.
    transmits : str
        A float variable of the source (a subexpression has to be ``constant over dt``), arithmetic of such
        variables, or ``"spikes"``.
    into : str
        Variable of the target. Graded transmission replaces its value every step with the sum over the source.
        Spikes are added to it, so that it may decay by its own equation.
    accumulate : bool, optional
        Override that choice: add to what stands there (true), or replace it (false).
    clock : brian2.Clock, optional
        The source's clock by default.
    when, order : str and int, optional
        Slot in the schedule; by default ``"start"`` for graded transmission and ``"synapses"`` for spikes.
    name : str
        A C identifier, unique in the network.

    Raises
    ------
    ValueError
        If sizes or variables do not fit, or a second graded pathway would overwrite the first one's sum.

    Examples
    --------
    >>> from brian2 import Network, NeuronGroup, ms
    >>> from neurosim.engine.backend import activated
    >>> with activated("numpy"):
    ...     source = NeuronGroup(2, "a : 1", name="doctest_source")
    ...     target = NeuronGroup(3, "received : 1", name="doctest_target")
    ...     pathway = DensePathway(source, target, [[1, 2, 3], [0, 0, 1]], transmits="a", into="received")
    ...     source.a = [1, 2]
    ...     Network(source, target, pathway).run(0.1 * ms)
    >>> target.received[:]
    array([1., 2., 5.])
    """

    def __init__(
        self,
        source: NeuronGroup,
        target: NeuronGroup,
        weights: DenseWeights | ArrayLike,
        *,
        transmits: str,
        into: str,
        accumulate: bool | None = None,
        clock: Clock | None = None,
        when: str | None = None,
        order: int = 0,
        name: str = "dense_pathway",
    ) -> None:
        spiking = transmits == "spikes"
        clock = source.clock if clock is None else clock
        when = when or ("synapses" if spiking else "start")
        super().__init__(clock=clock, when=when, order=order, name=name)
        self.weights = (
            weights if isinstance(weights, DenseWeights) else DenseWeights(weights, name=f"{name}_weights")
        )
        self.source, self.target, self.transmits, self.into = source, target, transmits, into
        self.accumulate = accumulate = spiking if accumulate is None else accumulate
        self.operation = propagation(
            source,
            target,
            self.weights,
            transmits=transmits,
            into=into,
            accumulate=accumulate,
            name=f"{name}_step",
        )
        if not accumulate:
            claim_sum(target, into)
        self._contained_objects.append(schedule(self.operation, clock=clock, when=when, order=order))


_SUMS: WeakKeyDictionary[NeuronGroup, set[str]] = WeakKeyDictionary()


def claim_sum(target: NeuronGroup, into: str) -> None:
    """Note that a pathway replaces a variable every step, and refuse a second one."""
    claimed = _SUMS.setdefault(target, set())
    if into in claimed:
        raise ValueError(
            f"another pathway already replaces {into!r} of {target.name!r} every step; "
            "receive into another one, or add to its sum with a DensePathway of accumulate=True and a higher order"
        )
    claimed.add(into)


def receiving_variable(target: NeuronGroup, into: str, dtype: np.dtype[Any]) -> ArrayVariable:
    """Return the variable that a pathway with weights of a precision is to write, or say why it cannot."""
    variable = target.variables.get(into)
    if not isinstance(variable, ArrayVariable) or variable.size != len(target):
        have = ", ".join(name for name, v in target.variables.items() if isinstance(v, ArrayVariable))
        raise ValueError(
            f"group {target.name!r} has no variable {into!r} per neuron to receive into; "
            f"declare it as '{into} : 1' (it has {have})"
        )
    if variable.dtype != dtype:
        raise ValueError(
            f"{into!r} of group {target.name!r} is {np.dtype(variable.dtype).name} and the weights are {dtype.name}; "
            "declare it as a float and make both inside the same activated(...)"
        )
    return variable


def _replicas(source: NeuronGroup, target: NeuronGroup, shape: tuple[int, int]) -> int:
    n_source, n_target = shape
    if len(source) % n_source or len(target) % n_target or len(source) // n_source != len(target) // n_target:
        raise ValueError(
            f"weights {shape} want {n_source} source and {n_target} target neurons in the same number of replicas, "
            f"got groups of {len(source)} and {len(target)}"
        )
    return len(source) // n_source
