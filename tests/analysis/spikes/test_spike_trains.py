"""Rates and interval variation of single trains, against clocks, chance and mixtures of both."""

import numpy as np
import pytest
import xarray as xr
from elephant.statistics import cv, isi
from hypothesis import given
from hypothesis import strategies as st

from neurosim.analysis.spikes.spike_trains import train_statistics, within_stimulus
from neurosim.analysis.spikes.spikes import firing_statistics


def table_of(trains, *, n_neurons=1, duration=1.0):
    """A table of spikes from times by stimulus and neuron."""
    n_stimuli = 1 + max((stimulus for stimulus, _ in trains), default=0)
    rows = [(time, *where) for where, times in trains.items() for time in times]
    time, stimulus, neuron = zip(*sorted(rows), strict=True) if rows else ([], [], [])
    values = {
        "time": np.array(time, float),
        "stimulus": np.array(stimulus, int),
        "neuron": np.array(neuron, int),
    }
    attributes = {"n_stimuli": n_stimuli, "n_neurons": n_neurons, "duration": duration}
    return xr.Dataset({name: ("spike", each) for name, each in values.items()}, attrs=attributes)


def clock(rate, *, duration=1.0):
    return (np.arange(int(rate * duration)) + 0.5) / rate


def poisson(rate, rng, *, duration=1.0):
    return rng.uniform(0, duration, rng.poisson(rate * duration))


def test_a_clock_has_no_variation_whatever_its_rates_for_other_stimuli():
    spikes = table_of({(k, 0): clock(rate) for k, rate in enumerate((10, 30, 100, 300))})
    found = within_stimulus(spikes)
    assert found.isi_cv == pytest.approx(0, abs=1e-9)
    assert found.n_trains == 4
    # Pooled over the stimuli, the same spikes look irregular.
    assert firing_statistics(spikes)["isi_cv"].item() > 1


def test_chance_has_a_variation_of_one_within_a_stimulus_too():
    rng = np.random.default_rng(0)
    spikes = table_of({(k, 0): poisson(300, rng) for k in range(60)})
    found = within_stimulus(spikes)
    # About 300 intervals a train: (n - 1)/(n + 1) is .993.
    assert found.isi_cv == pytest.approx(np.sqrt(299 / 301), abs=0.02)
    assert found.rate_hz == pytest.approx(300, rel=0.02)


@pytest.mark.parametrize("n", [2, 5, 20])
def test_few_intervals_of_chance_read_low_by_a_known_amount(n):
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.exponential(size=(20_000, n + 1)), axis=1)
    spikes = table_of(dict(enumerate_trains(times / times.max())))
    squares = train_statistics(spikes)["isi_cv"] ** 2
    assert squares.mean() == pytest.approx((n - 1) / (n + 1), rel=0.03)


def enumerate_trains(times):
    return (((k, 0), train) for k, train in enumerate(times))


def test_a_slow_stimulus_among_fast_ones_is_variation_over_stimuli_and_none_within():
    rng = np.random.default_rng(2)
    regular = table_of(
        {(k, 0): clock(rate) for k, rate in enumerate(rng.choice([8, 900], size=200, p=[0.9, 0.1]))}
    )
    assert firing_statistics(regular)["isi_cv"].item() > 3
    assert within_stimulus(regular).isi_cv < 1e-9
    irregular = table_of({(k, 0): poisson(rate, rng) for k, rate in enumerate((8, 900) * 40)})
    assert within_stimulus(irregular, least_intervals=100).isi_cv == pytest.approx(1, abs=0.03)


@given(seed=st.integers(0, 2**32 - 1))
def test_every_train_has_the_number_elephant_gives_it(seed):
    rng = np.random.default_rng(seed)
    trains = {(k, i): np.sort(poisson(rng.uniform(0, 12), rng)) for k in range(4) for i in range(3)}
    found = train_statistics(table_of(trains, n_neurons=3))
    assert set(found.index) == {where for where, times in trains.items() if len(times)}
    for where, row in found.iterrows():
        times = trains[where]
        assert (row["n_spikes"], row["rate_hz"]) == (len(times), len(times) / 1.0)
        expected = cv(isi(times)) if len(times) > 2 else np.nan
        assert row["isi_cv"] == pytest.approx(expected, nan_ok=True)


def test_the_rate_while_active_leaves_out_the_presentations_without_a_spike():
    spikes = table_of({(0, 0): [0.1, 0.2], (3, 1): [0.1, 0.2, 0.3, 0.4]}, n_neurons=5, duration=0.5)
    assert within_stimulus(spikes).rate_hz == pytest.approx((4 + 8) / 2)


def test_trains_that_are_too_short_and_silence_have_no_variation():
    short = within_stimulus(table_of({(0, 0): clock(5)}))
    assert np.isnan(short.isi_cv)
    assert short.n_trains == 0
    silent = within_stimulus(table_of({}))
    assert np.isnan(silent.rate_hz)
    assert len(train_statistics(table_of({}))) == 0
    with pytest.raises(ValueError, match="least_intervals of 2 or more, got 1"):
        within_stimulus(table_of({(0, 0): clock(5)}), least_intervals=1)
