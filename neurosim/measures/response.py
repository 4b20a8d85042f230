"""The response of a trained network to held-out stimuli: its code and, if it spikes, its spikes."""

import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosim.networks.models import declared

if TYPE_CHECKING:
    import xarray as xr

# Enough for some intervals of every neuron, and few enough to be simulated all at once, step by step.
_RECORDED = 500


@dataclass(frozen=True)
class Response:
    """The response of a network to held-out stimuli.

    Parameters
    ----------
    code : ndarray (n_stimuli, n_neurons)
        What `transform` returned.
    counts : dict of str to ndarray (n_stimuli, n_neurons)
        Spikes of each stimulus by population, the one whose code it is first; empty for a graded network.
    spikes : xarray.Dataset or None
        Spikes of that population to the first stimuli, as `simulate` records them; None for a graded network.
    unsettled : ndarray (n_stimuli,) of bool, or None
        Which codes had not settled when their time was up; None where nobody can tell, and for what does not settle.
    """

    code: NDArray[np.floating]
    counts: dict[str, NDArray[np.floating]] = field(default_factory=dict)
    spikes: "xr.Dataset | None" = None
    unsettled: NDArray[np.bool_] | None = None

    @property
    def unsettled_metrics(self) -> dict[str, float]:
        """What share of the codes had not settled, by the name of `summary.json`, if anybody can tell."""
        return {} if self.unsettled is None else {"unsettled_fraction": float(np.mean(self.unsettled))}

    @property
    def own_counts(self) -> NDArray[np.floating] | None:
        """Spikes of the population whose code it is, or None for a graded network."""
        return next(iter(self.counts.values()), None)

    @property
    def is_counted(self) -> bool:
        """Whether the code is the spike counts themselves, rather than activity or rates in the stimuli's unit."""
        return self.own_counts is not None and np.array_equal(self.code, self.own_counts)


def encoded(network: Any, held_out: Any) -> Response:
    """Return the code that a network finds of stimuli it never saw, and whether it settled where anybody can tell."""
    if not declared(network).has("settles"):
        return Response(network.transform(held_out))
    code, unsettled = network.settle(held_out)
    return Response(code, unsettled=unsettled)


def with_spikes(response: Response, network: Any, held_out: Any) -> Response:
    """Return the response with the spikes behind it, if any; they take as long again as the code."""
    if not declared(network).has("spikes"):
        return response
    counts, spikes = network.spike_counts(held_out), _recorded(network, held_out[:_RECORDED])
    return replace(response, counts=counts, spikes=spikes)


def _recorded(network: Any, stimuli: NDArray[np.floating]) -> "xr.Dataset":
    # All targets give the same spikes, and this circuit, of its own size, is simulated once: not worth compiling.
    recorder = copy.copy(network).set_params(backend="numpy")
    spikes: xr.Dataset = recorder.simulate(stimuli, record="spikes")
    return spikes
