"""Rasters and rates: every spike is drawn once, where and when it was."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from neurosim.analysis.plots import plot_membranes, plot_raster, plot_rates
from neurosim.analysis.spikes.spikes import spike_counts


def spikes(*, n_spikes=200, n_stimuli=6, n_neurons=9):
    rng = np.random.default_rng(0)
    rows = {"time": np.sort(rng.uniform(0, 0.2, n_spikes))}
    rows |= {"stimulus": rng.integers(n_stimuli, size=n_spikes)}
    rows |= {"neuron": rng.integers(1, n_neurons, size=n_spikes)}  # neuron 0 is silent
    attributes = {"n_stimuli": n_stimuli, "n_neurons": n_neurons, "duration": 0.2}
    return xr.Dataset({name: ("spike", values) for name, values in rows.items()}, attrs=attributes)


def test_a_raster_shows_the_spikes_of_its_stimulus_in_milliseconds():
    table = spikes()
    axes = plot_raster(table, stimulus=4).axes[0]
    own = table["stimulus"].to_numpy() == 4
    milliseconds, neurons = axes.lines[0].get_data()
    np.testing.assert_allclose(milliseconds, 1e3 * table["time"].to_numpy()[own])
    np.testing.assert_array_equal(neurons, table["neuron"].to_numpy()[own])


def test_a_raster_has_room_for_the_whole_presentation_and_for_silent_neurons():
    axes = plot_raster(spikes(n_spikes=1)).axes[0]
    low, high = axes.get_xlim()
    assert -10 < low < 0
    assert 200 < high < 210
    assert axes.get_ylim() == (-0.5, 8.5)


def test_several_stimuli_have_a_panel_each_in_the_order_asked_for():
    panels = plot_raster(spikes(), stimulus=[5, 0, 3, 1, 2]).axes
    assert [int(axes.get_title(loc="left").split()[1].strip(":")) for axes in panels] == [5, 0, 3, 1, 2]
    counts = spike_counts(spikes()).sum(axis=1)
    assert [len(axes.lines[0].get_xdata()) for axes in panels] == counts[[5, 0, 3, 1, 2]].tolist()


def test_the_title_counts_spikes_and_neurons():
    counts = spike_counts(spikes())[2]
    title = plot_raster(spikes(), stimulus=2).axes[0].get_title(loc="left")
    assert title == f"Stimulus 2: {counts.sum()} spikes,\n{np.count_nonzero(counts)} of 9 neurons"


def test_a_silent_presentation_can_still_be_looked_at(tmp_path):
    figure = plot_raster(spikes(n_spikes=0))
    figure.savefig(tmp_path / "silent.png")
    assert figure.axes[0].get_title(loc="left") == "Stimulus 0: 0 spikes,\n0 of 9 neurons"


@pytest.mark.parametrize(
    ("stimulus", "error", "message"),
    [
        (6, ValueError, "from 0 to 5, got 6"),
        ([0, -1], ValueError, "from 0 to 5, got -1"),
        ([], ValueError, "1 to 12 stimuli to draw, got 0"),
        (range(13), ValueError, "1 to 12 stimuli to draw, got 13"),
        (0.5, TypeError, "integers, got float64"),
        ([True, False], TypeError, "integers, got bool"),
    ],
)
def test_stimuli_that_were_not_shown_are_refused(stimulus, error, message):
    with pytest.raises(error, match=message):
        plot_raster(spikes(), stimulus=stimulus)


def test_every_neuron_is_in_the_histogram_of_rates_and_the_mean_is_marked():
    counts = spike_counts(spikes())
    axes = plot_rates(counts, duration=0.2).axes[0]
    assert sum(bar.get_height() for bar in axes.patches) == 9
    assert axes.lines[0].get_xdata()[0] == pytest.approx(200 / 6 / 9 / 0.2)
    assert axes.texts[0].get_text() == "mean 18.5 Hz"
    assert axes.get_title(loc="left") == "Rates of 9 neurons: 1 silent"


def test_without_a_duration_rates_are_spikes_per_stimulus():
    axes = plot_rates([[1, 2], [1, 0]]).axes[0]
    assert axes.get_xlabel() == "mean rate (spikes per stimulus)"
    assert axes.lines[0].get_xdata()[0] == 1
    assert axes.get_title(loc="left") == "Rates of 2 neurons: no silent neuron"


def test_a_population_that_never_fires_is_drawn():
    axes = plot_rates(np.zeros((3, 4)), duration=0.1).axes[0]
    assert axes.patches[0].get_height() == 4
    assert axes.get_title(loc="left") == "Rates of 4 neurons: 4 silent"


@pytest.mark.parametrize(
    ("counts", "duration", "message"),
    [
        (np.ones(4), None, "`counts` must be"),
        ([[1.0, np.nan]], None, "`counts` must be finite"),
        ([[1.0, -1.0]], None, "0 or more, got -1"),
        ([[1.0, 2.0]], 0.0, "duration above 0 s"),
        ([[1.0, 2.0]], np.nan, "duration above 0 s"),
    ],
)
def test_what_has_no_rate_is_refused(counts, duration, message):
    with pytest.raises(ValueError, match=message):
        plot_rates(counts, duration=duration)


def test_membranes_are_told_apart_by_colour_and_dashes() -> None:
    traces = pd.DataFrame(np.arange(24.0).reshape(3, 8), index=[0.0, 0.01, 0.02])
    lines = plot_membranes(traces, unit="mV").axes[0].lines
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 8
    np.testing.assert_allclose(lines[3].get_xydata()[:, 0], [0, 10, 20])
    np.testing.assert_allclose(lines[3].get_xydata()[:, 1], traces[3])


def test_too_many_membranes_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 1 to 8 neurons to draw, got 9"):
        plot_membranes(pd.DataFrame(np.zeros((3, 9))))
