"""Spikes of every population of a network, as one table over all neurons."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from neurosim.networks.estimator.training_data import generator, seed_of

__all__ = ["RecordedSpikes", "recorded"]

# As many are simulated at once, step by step.
_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class RecordedSpikes:
    """Spikes, and whose they are."""

    spikes: xr.Dataset
    """As `simulate` records them; `neuron` counts through all populations."""
    units: pd.DataFrame
    """One row per neuron: ``population``, ``neuron`` (in it), ``field`` (row of the dictionary, -1 for none) and
    ``is_opposite``, whether it responds to the opposite of the field."""


def recorded(network: Any, stimuli: NDArray[Any]) -> RecordedSpikes:
    """Show stimuli and return the spikes of all populations.

    All backends give the same spikes where there is no noise; with noise each batch of stimuli is a trial of its own,
    and all populations are of the same one.
    """
    # A generator of the user's own is not moved on.
    recorder, rng = copy.copy(network), generator(copy.deepcopy(network.random_state))
    recorder.set_params(backend="numpy", random_state=0)
    sizes = {name: counts.shape[1] for name, counts in recorder.spike_counts(stimuli[:1]).items()}
    parts = []
    for first in range(0, len(stimuli), _AT_ONCE):
        recorder.set_params(random_state=seed_of(rng))
        batch = stimuli[first : first + _AT_ONCE]
        for population, offset in zip(sizes, np.cumsum([0, *sizes.values()]), strict=False):
            part = recorder.simulate(batch, record=f"{population}.spikes")
            parts.append(_shifted(part, stimulus=first, neuron=int(offset)))
    spikes = xr.concat(parts, dim="spike", combine_attrs="override").sortby("time")
    spikes.attrs |= {"n_stimuli": len(stimuli), "n_neurons": sum(sizes.values())}
    return RecordedSpikes(spikes, _units(sizes, len(network.dictionary_)))


def _shifted(part: xr.Dataset, *, stimulus: int, neuron: int) -> xr.Dataset:
    return part.assign(stimulus=part["stimulus"] + stimulus, neuron=part["neuron"] + neuron)


def _units(sizes: dict[str, int], n_fields: int) -> pd.DataFrame:
    rows = []
    for number, (population, size) in enumerate(sizes.items()):
        within = np.arange(size)
        # The first population has a neuron for each field, or two, those of the opposite behind the others.
        fields = within % n_fields if number == 0 else np.full(size, -1)
        named = {"population": population, "neuron": within, "field": fields}
        rows.append(pd.DataFrame({**named, "is_opposite": (number == 0) & (within >= n_fields)}))
    return pd.concat(rows, ignore_index=True)
