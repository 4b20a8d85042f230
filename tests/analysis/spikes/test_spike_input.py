"""The checker of spike tables: what it lets through, and what it says about the rest."""

import numpy as np
import pytest
import xarray as xr

from neurosim.analysis.plots import plot_raster
from neurosim.analysis.spikes.spike_input import checked_spikes
from neurosim.analysis.spikes.spikes import firing_statistics, spike_counts, to_neo

ROWS = {"time": [0.01, 0.02, 0.02], "stimulus": [1, 0, 1], "neuron": [2, 0, 1]}
ATTRIBUTES = {"n_stimuli": 2, "n_neurons": 3, "duration": 0.1}


def table(*, attributes=ATTRIBUTES, **rows):
    return xr.Dataset({k: ("spike", v) for k, v in (ROWS | rows).items()}, attrs=attributes)


def without(name):
    return {key: value for key, value in ATTRIBUTES.items() if key != name}


def test_a_good_table_comes_back_as_plain_arrays():
    checked = checked_spikes(table())
    assert checked.time.tolist() == ROWS["time"]
    assert checked.stimulus.tolist() == ROWS["stimulus"]
    assert checked.neuron.tolist() == ROWS["neuron"]
    assert (checked.n_stimuli, checked.n_neurons, checked.duration) == (2, 3, 0.1)


def test_a_table_without_a_spike_is_a_good_table():
    empty = table(time=np.empty(0), stimulus=np.empty(0, int), neuron=np.empty(0, int))
    assert checked_spikes(empty).time.shape == (0,)


def test_a_spike_may_fall_on_the_onset_and_on_the_end():
    assert checked_spikes(table(time=[0.0, 0.1, 0.1])).time.tolist() == [0, 0.1, 0.1]


def test_a_table_saved_and_read_again_is_the_same_table(tmp_path):
    table().to_netcdf(tmp_path / "spikes.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "spikes.nc", engine="h5netcdf") as again:
        read = checked_spikes(again)
    for own, other in zip(checked_spikes(table()), read, strict=True):
        np.testing.assert_array_equal(own, other)


@pytest.mark.parametrize(
    ("broken", "error", "message"),
    [
        (ROWS, TypeError, "Dataset, got dict"),
        (table().drop_vars("neuron"), ValueError, "`neuron` along .*no such variable"),
        (table().rename(spike="row"), ValueError, r"`time` along .*\('row',\)"),
        (table(attributes=without("duration")), ValueError, "missing: duration"),
        (table(attributes=without("n_neurons")), ValueError, "missing: n_neurons"),
        (table(attributes=ATTRIBUTES | {"n_stimuli": 2.0}), TypeError, "n_stimuli to be an int, got 2.0"),
        (table(attributes=ATTRIBUTES | {"n_stimuli": True}), TypeError, "n_stimuli to be an int, got True"),
        (table(attributes=ATTRIBUTES | {"n_neurons": 0}), ValueError, "n_neurons to be 1 or more, got 0"),
        (table(attributes=ATTRIBUTES | {"duration": "100 ms"}), TypeError, "seconds, got '100 ms'"),
        (
            table(attributes=ATTRIBUTES | {"duration": -0.1}),
            ValueError,
            "finite duration above 0 s, got -0.1",
        ),
        (
            table(attributes=ATTRIBUTES | {"duration": np.nan}),
            ValueError,
            "finite duration above 0 s, got nan",
        ),
        (table(time=[1, 2, 3]), TypeError, "floats, in seconds, got int64"),
        (table(time=[10.0, 20.0, 20.0]), ValueError, "got 3 outside, the first of them 10"),
        (table(time=[-0.01, 0.0, 0.0]), ValueError, "got 1 outside, the first of them -0.01"),
        (table(time=[0.01, np.nan, 0.02]), ValueError, "got 1 outside, the first of them nan"),
        (table(time=[0.02, 0.01, 0.02]), ValueError, "sorted by time"),
        (table(stimulus=[0.0, 1.0, 0.0]), TypeError, "`stimulus` as integers"),
        (table(stimulus=[0, 2, 0]), ValueError, "`stimulus` from 0 to 1, got 2.*n_stimuli=2"),
        (table(neuron=[0, -1, 0]), ValueError, "`neuron` from 0 to 2, got -1.*n_neurons=3"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused_with_what_was_found(broken, error, message):
    with pytest.raises(error, match=message):
        checked_spikes(broken)


@pytest.mark.parametrize("door", [spike_counts, to_neo, firing_statistics, plot_raster])
def test_every_public_door_checks_the_table(door):
    with pytest.raises(ValueError, match="sorted by time"):
        door(table(time=[0.02, 0.01, 0.02]))
