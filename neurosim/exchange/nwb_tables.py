"""Tables of an NWB file: trials, stimuli, units."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.exchange.extras import required
from neurosim.exchange.pictures import picture_shape, pictures
from neurosim.exchange.source import Source
from neurosim.exchange.spikes import RecordedSpikes
from neurosim.networks.estimator.parameters import seconds

__all__ = ["GAP", "add_stimuli", "add_trials", "add_units"]

GAP = 0.01
"""Seconds between two stimuli. Readers such as pynapple join intervals that touch, and lose what is said of them."""

_CHANNELS = "channels of relays one below the other, ON above OFF"


def _onsets(found: RecordedSpikes) -> NDArray[np.float64]:
    n_stimuli, duration = int(found.spikes.attrs["n_stimuli"]), float(found.spikes.attrs["duration"])
    return np.arange(n_stimuli, dtype=np.float64) * (duration + GAP)


def add_trials(file: Any, found: RecordedSpikes) -> None:
    """Add one trial per stimulus, with gaps between them."""
    file.add_trial_column("stimulus_index", "row of the stimulus, counted from 0")
    for number, onset in enumerate(_onsets(found)):
        file.add_trial(
            start_time=onset, stop_time=onset + found.spikes.attrs["duration"], stimulus_index=number
        )


def add_stimuli(file: Any, source: Source, found: RecordedSpikes, *, shape: tuple[int, int] | None) -> None:
    """Add the stimuli as images, and the order in which they were shown."""
    base, image = (required(name, extra="nwb", what="NWB files") for name in ("pynwb.base", "pynwb.image"))
    shown = pictures(source.shown, picture_shape(source, shape=shape))
    images = [
        image.GrayscaleImage(name=f"stimulus_{k}", data=each, description=f"Stimulus {k}.")
        for k, each in enumerate(shown)
    ]
    templates = base.Images(
        name="stimulus_templates",
        images=images,
        description=f"Stimuli as the network takes them, after its front end; {_CHANNELS}.",
        order_of_images=base.ImageReferences(name="order_of_images", data=images),
    )
    file.add_stimulus_template(templates)
    onsets = _onsets(found)
    file.add_stimulus(
        image.IndexSeries(
            name="stimulus_presentation",
            description="Which stimulus was shown; each for one trial.",
            data=np.arange(len(images), dtype=np.uint32),
            indexed_images=templates,
            unit="N/A",
            starting_time=0.0,
            rate=1 / (found.spikes.attrs["duration"] + GAP if len(onsets) < 2 else float(onsets[1])),
        )
    )


def add_units(file: Any, source: Source, found: RecordedSpikes, *, shape: tuple[int, int] | None) -> None:
    """Add one unit per neuron: its spikes, field, threshold and what a run's ``fields.csv`` says of it."""
    misc = required("pynwb.misc", extra="nwb", what="NWB files")
    # By hand: units that are made on the way have no resolution.
    file.units = misc.Units(
        name="units",
        description=f"Neurons of a simulated {source.kind}; receptive fields are weights on stimuli, {_CHANNELS}.",
        resolution=seconds("dt", source.network.dt),
    )
    columns = {**_columns(source, found), "receptive_field": _fields(source, found, shape)}
    for name in columns:
        file.units.add_column(name=name, description=_MEANINGS.get(name, f"{name} of a run's fields.csv"))
    onsets = _onsets(found)
    intervals = np.stack([onsets, onsets + found.spikes.attrs["duration"]], axis=1)
    for unit, times in enumerate(_trains(found, onsets)):
        own = {name: values[unit] for name, values in columns.items()}
        file.units.add_unit(spike_times=times, obs_intervals=intervals, **own)


_MEANINGS = {
    "population": "which population of the network the neuron belongs to",
    "neuron": "number of the neuron in its population, from 0",
    "field": "row of the network's dictionary that is the neuron's field, -1 for none",
    "is_opposite": "whether the neuron responds to the opposite of its field, as one of a pair does",
    "threshold": "firing threshold, in the unit of the stimuli as the network sees them",
    "receptive_field": "weights on the stimulus, height x width; NaN for neurons without any",
}


def _trains(found: RecordedSpikes, onsets: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the spike times of each unit, sorted, in seconds on the clock of the trials."""
    spikes = found.spikes
    times = onsets[spikes["stimulus"].to_numpy()] + spikes["time"].to_numpy()
    unit = spikes["neuron"].to_numpy()
    order = np.lexsort((times, unit))
    edges = np.cumsum(np.bincount(unit, minlength=len(found.units)))[:-1]
    return np.split(times[order], edges)


def _columns(source: Source, found: RecordedSpikes) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {str(name): found.units[name].to_numpy() for name in found.units}
    if source.model.threshold is not None:
        columns["threshold"] = _thresholds(source, found)
    if source.neurons is not None:
        told = {str(name): values for name, values in source.neurons.items() if name not in columns}
        columns |= {name: _of_fields(values, columns["field"]) for name, values in told.items()}
    return columns


def _of_fields(values: pd.Series, field: NDArray[np.int64]) -> NDArray[Any]:
    """Return a property of fields for each neuron; NaN, or no word, for one without a field."""
    of_neurons = values.reindex(field)
    if pd.api.types.is_numeric_dtype(of_neurons.dtype):
        return of_neurons.to_numpy()
    if (field >= 0).all():
        return of_neurons.to_numpy()
    # Missing words, and yes or no that is not known.
    return of_neurons.map(lambda value: "" if pd.isna(value) else str(value)).to_numpy()


def _thresholds(source: Source, found: RecordedSpikes) -> NDArray[np.float64]:
    units = found.units
    thresholds = np.full(len(units), np.nan)
    first = units["population"] == units["population"].iloc[0]
    declared = source.model.threshold
    own = np.asarray(getattr(source.network, str(declared)), dtype=np.float64)
    thresholds[first] = np.broadcast_to(own, (len(source.network.dictionary_),))[units["field"][first]]
    for population in units["population"][~first].unique():
        others = getattr(source.network, f"{population}_thresholds_", None)
        if others is not None:
            thresholds[units["population"] == population] = others
    return thresholds


def _fields(source: Source, found: RecordedSpikes, shape: tuple[int, int] | None) -> NDArray[np.float32]:
    fields = pictures(source.network.dictionary_, picture_shape(source, shape=shape))
    opposite, row = (found.units[name].to_numpy() for name in ("is_opposite", "field"))
    shown = np.where(opposite[:, None, None], -fields[row], fields[row])
    shown[row < 0] = np.nan
    return np.asarray(shown)
