"""Pathways over a grid of positions whose weights all positions share, for all replicas at once."""

from typing import Any

import numpy as np
from brian2 import BrianObject, NeuronGroup
from numpy.typing import NDArray

from neurosim.engine.dense import claim_sum, receiving_variable
from neurosim.engine.expression import array_expression
from neurosim.engine.operation import Operation, schedule
from neurosim.engine.shared.patches import add_patches, patch_products, patch_table
from neurosim.engine.shared.weights import SharedFields, SharedOverlaps, SharedWeights

__all__ = ["ConvolutionPathway", "GridPathway", "SharedPathway", "shared_propagation"]


def shared_propagation(
    source: NeuronGroup,
    target: NeuronGroup,
    weights: SharedWeights,
    *,
    transmits: str,
    into: str,
    name: str = "shared_propagation",
) -> Operation:
    """Write the work of one pathway with shared weights as an operation, which replaces the target's variable.

    Parameters
    ----------
    source, target : brian2.NeuronGroup
        Populations of ``n_replicas * n`` neurons, those on a grid position by position with features innermost.
    weights : SharedWeights
    transmits : str
        A float variable of the source, or arithmetic of such variables.
    into : str
        The float variable of the target that receives the sum.
    name : str
        A C identifier, unique in the network.

    Raises
    ------
    ValueError
        If the groups do not hold whole replicas of the weights' populations, or a variable is missing.
    """
    n_replicas = _replicas(source, target, weights)
    receiving = receiving_variable(target, into, np.dtype(weights.variable.dtype))
    sent = array_expression(source, transmits)
    arrays = {"weights": weights.variable, "target": receiving}
    arrays |= {f"source_{key}": variable for key, variable in sent.arrays.items()}
    table, sizes = patch_table(weights.patches, name="patches")
    n_source = weights.ends[0]
    # A population that receives into what it transmits must read all of it before writing.
    loop = any(variable is receiving for variable in sent.arrays.values())
    values = sent.cpp_values("sent", "n_replicas * n_source", receiving.dtype, prefix="source_", copied=loop)
    kernel = "patch_products" if weights.transposed else "add_active_patches"
    cpp = f"{values}\n{table}{kernel}(sent, weights, target, n_replicas, n_rows, patches); return 0;"

    def work(weights: NDArray[Any], target: NDArray[Any], **given: NDArray[Any]) -> None:
        activity = sent.values({key: given[f"source_{key}"] for key in sent.arrays})
        received = target.reshape(n_replicas, -1)
        transmit(received, activity.reshape(n_replicas, n_source), weights, shared=shared)

    shared = weights
    counts = {"n_replicas": n_replicas, "n_source": n_source, "n_rows": weights.shape[0]}
    return Operation(name, arrays, cpp, work, sizes=counts | sizes)


def transmit(
    received: NDArray[Any], sent: NDArray[Any], stored: NDArray[Any], *, shared: SharedWeights
) -> None:
    """Replace what replicas receive by the sums over what they send, in numpy; arrays are replica by neuron."""
    rows = stored.reshape(shared.shape)
    if shared.transposed:
        received[:] = patch_products(sent, rows, shared.patches)
        return
    total = np.zeros_like(received)
    add_patches(total, sent, rows, shared.patches)
    received[:] = total


class GridPathway(BrianObject):
    """Graded transmission with weights that all positions of a grid share.

    Parameters
    ----------
    source, target : brian2.NeuronGroup
        Populations of ``n_replicas * n`` neurons, those on a grid position by position with features innermost.
    weights : SharedWeights
    transmits : str
        A float variable of the source (a subexpression has to be ``constant over dt``), or arithmetic of such
        variables.
    into : str
        Variable of the target that is replaced every step by the sum over the source.
    order : int
        Place among the pathways of a step.
    name : str
        A C identifier, unique in the network.

    Raises
    ------
    ValueError
        If sizes or variables do not fit, or another pathway replaces the same variable.
    """

    def __init__(
        self,
        source: NeuronGroup,
        target: NeuronGroup,
        weights: SharedWeights,
        *,
        transmits: str,
        into: str,
        order: int = 0,
        name: str = "grid_pathway",
    ) -> None:
        super().__init__(clock=source.clock, when="start", order=order, name=name)
        if transmits == "spikes":
            raise ValueError(
                "a grid's shared weights carry graded activity, not spikes; name a variable, or send spikes along a "
                "DensePathway"
            )
        self.weights, self.source, self.target = weights, source, target
        self.transmits, self.into = transmits, into
        self.operation = shared_propagation(
            source, target, weights, transmits=transmits, into=into, name=f"{name}_step"
        )
        claim_sum(target, into)
        self._contained_objects.append(
            schedule(self.operation, clock=source.clock, when="start", order=order)
        )


class ConvolutionPathway(GridPathway):
    """A population on a grid and a picture: from one to the other by fields that stand at every position.

    It equals Brian2 ``Synapses`` between every neuron and the pixels its field covers, with a ``summed`` variable, one
    set per replica, to rounding. Parameters are those of `GridPathway`, with `weights` SharedFields: from neurons to
    pixels as they stand, from pixels to neurons ``fields.T``.

    Examples
    --------
    >>> from brian2 import Network, NeuronGroup, ms
    >>> from neurosim.engine.backend import activated
    >>> from neurosim.engine.shared.grid import Grid
    >>> with activated("numpy"):
    ...     line = Grid((4,), field=(2,), stride=(1,))
    ...     edge = SharedFields([[1.0, -1.0]], line, name="doctest_edge")
    ...     pixels = NeuronGroup(4, "s : 1", name="doctest_pixels")
    ...     cells = NeuronGroup(3, "drive : 1", name="doctest_cells")
    ...     see = ConvolutionPathway(pixels, cells, edge.T, transmits="s", into="drive", name="doctest_see")
    ...     pixels.s = [1, 1, 3, 0]
    ...     Network(pixels, cells, see).run(0.1 * ms)
    >>> cells.drive[:]
    array([ 0., -2.,  3.])
    """

    weights: SharedFields


class SharedPathway(GridPathway):
    """A population on a grid and itself: each neuron acts on those whose fields have pixels in common with its own.

    Parameters are those of `GridPathway`, with `weights` SharedOverlaps.
    """

    weights: SharedOverlaps


def _replicas(source: NeuronGroup, target: NeuronGroup, weights: SharedWeights) -> int:
    n_source, n_target = weights.ends
    if len(source) % n_source or len(target) % n_target or len(source) // n_source != len(target) // n_target:
        raise ValueError(
            f"the weights want {n_source} source and {n_target} target neurons in the same number of replicas, got "
            f"groups of {len(source)} and {len(target)}"
        )
    return len(source) // n_source
