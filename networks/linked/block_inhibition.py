"""Inhibition between the blocks of different classes while codes settle, beside that by the overlap of fields.

With weights κ between all neurons of different blocks the membranes settle at a minimum of ½ Σ_m g_m‖s_m − Φ_mᵀa‖² +
λ‖a‖₁ + κ Σ_b<c A_b A_c, A_b being the activity of block b. It knows of no label: whichever block answers most holds the
others back.
"""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.extension import Builder
from neurosim.networks.lca.pathways import overlaps_of
from neurosim.networks.lca.rate_model import Objective
from neurosim.networks.lca.run_settings import RunSettings, largest_overlap

__all__ = ["InhibitedObjective", "inhibited", "rivals", "with_inhibition"]

_LATERAL = "lateral"


def rivals(block_of: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return 1 for every two neurons of different blocks, else 0; of no block are those with -1.

    Examples
    --------
    >>> rivals(np.array([0, 0, 1, -1]))
    array([[0., 0., 1., 0.],
           [0., 0., 1., 0.],
           [1., 1., 0., 0.],
           [0., 0., 0., 0.]])
    """
    owned = block_of >= 0
    different = block_of[:, np.newaxis] != block_of
    return (different & owned & owned[:, np.newaxis]).astype(float)


def with_inhibition(design: LCADesign) -> LCADesign:
    """Return the design of a circuit whose lateral weights can start from more than the overlaps."""
    stages = (*design.extension.stages, _keep_lateral_weights)
    return replace(design, extension=replace(design.extension, stages=stages))


def _keep_lateral_weights(builder: Builder) -> None:
    (inhibition,) = (loop for loop in builder.loops if loop.name == "inhibit")
    builder.arrays[_LATERAL] = inhibition.weights.variable


def inhibited(
    settings: RunSettings, fields: NDArray[np.floating], inhibition: NDArray[np.float64], *, fixed_step: bool
) -> RunSettings:
    """Return the numbers of a run with lateral weights beside the overlaps of weighted fields, and steps for both."""
    lateral = overlaps_of(fields)
    settings = replace(
        settings, arrays={**settings.arrays, _LATERAL: lateral + inhibition.astype(lateral.dtype)}
    )
    if fixed_step:
        return settings
    # No eigenvalue is larger than the largest row.
    stiffer = 1 + inhibition.sum(axis=1).max() / max(largest_overlap(fields), np.finfo(float).tiny)
    dt = settings.dt / stiffer
    return replace(settings, dt=dt, n_steps=ceil(settings.presentation / dt))


@dataclass(frozen=True, kw_only=True)
class InhibitedObjective(Objective):
    """The cost of an LCA and half of aᵀKa, with the weights K (n_neurons, n_neurons) between blocks."""

    inhibition: NDArray[np.float64]

    def cost(self, code: NDArray[np.floating], stimuli: NDArray[np.floating]) -> NDArray[np.floating]:
        between = np.einsum("sn,sn->s", code @ self.inhibition, code) / 2
        cost: NDArray[np.floating] = super().cost(code, stimuli) + between
        return cost
