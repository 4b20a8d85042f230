"""Counts, Neo's objects and Elephant's statistics of spikes whose numbers are known beforehand."""

import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from elephant.conversion import BinnedSpikeTrain
from hypothesis import given
from hypothesis import strategies as st

from neurosim.analysis.spikes.spikes import firing_statistics, spike_counts, to_neo

# Elephant 1.2 passes Quantities an argument that Quantities 0.16 no longer uses.
COPY = "ignore:The 'copy' argument in Quantity is deprecated"


def spike_table(times, stimuli, neurons, *, shape, duration):
    order = np.argsort(times, kind="stable")
    rows = {"time": np.asarray(times, float), "stimulus": np.asarray(stimuli, int)}
    rows |= {"neuron": np.asarray(neurons, int)}
    attributes = {"n_stimuli": shape[0], "n_neurons": shape[1], "duration": duration}
    return xr.Dataset({name: ("spike", values[order]) for name, values in rows.items()}, attrs=attributes)


def with_counts(counts, *, duration=0.1, rng):
    """Put so many spikes at random times."""
    counts = np.asarray(counts)
    stimuli, neurons = np.nonzero(counts)
    each = counts[stimuli, neurons]
    times = rng.uniform(0.02 * duration, 0.98 * duration, size=each.sum())
    stimuli, neurons = np.repeat(stimuli, each), np.repeat(neurons, each)
    return spike_table(times, stimuli, neurons, shape=counts.shape, duration=duration)


def renewal(intervals, *, duration):
    """Cut a spike train without onsets into presentations: one neuron whose statistics know nothing of them."""
    times = np.cumsum(intervals)
    n_stimuli = int(times[-1] // duration)
    stimuli = (times // duration).astype(int)
    kept = stimuli < n_stimuli
    since_onset = np.clip(times - stimuli * duration, 0, duration)  # rounding at an onset only
    neurons = np.zeros(kept.sum(), int)
    return spike_table(since_onset[kept], stimuli[kept], neurons, shape=(n_stimuli, 1), duration=duration)


@given(seed=st.integers(0, 2**32 - 1))
def test_planted_counts_are_counted(seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.uniform(0, 2), size=rng.integers(1, 8, size=2))
    counted = spike_counts(with_counts(counts, rng=rng))
    assert counted.dtype == np.int64
    np.testing.assert_array_equal(counted, counts)


def test_neo_holds_every_spike_where_it_was():
    counts = np.array([[2, 0, 1], [0, 0, 3]])
    spikes = with_counts(counts, duration=0.25, rng=np.random.default_rng(0))
    block = to_neo(spikes)
    assert [segment.annotations["stimulus"] for segment in block.segments] == [0, 1]
    for stimulus, segment in enumerate(block.segments):
        assert [train.annotations["neuron"] for train in segment.spiketrains] == [0, 1, 2]
        for neuron, train in enumerate(segment.spiketrains):
            own = (spikes["stimulus"] == stimulus) & (spikes["neuron"] == neuron)
            np.testing.assert_array_equal(train.magnitude, spikes["time"].to_numpy()[own])
            assert train.dimensionality.string == "s"
            assert (float(train.t_start), float(train.t_stop)) == (0, 0.25)
            assert train.segment is segment


@pytest.mark.filterwarnings(COPY)
def test_elephant_reads_the_same_counts_from_neo():
    counts = np.random.default_rng(1).poisson(1.5, size=(4, 6))
    block = to_neo(with_counts(counts, rng=np.random.default_rng(2)))
    binned = [BinnedSpikeTrain(segment.spiketrains, n_bins=1) for segment in block.segments]
    np.testing.assert_array_equal([each.to_array()[:, 0] for each in binned], counts)


def test_changing_neos_times_leaves_the_table_alone():
    spikes = with_counts([[1]], rng=np.random.default_rng(0))
    before = spikes.copy(deep=True)
    to_neo(spikes).segments[0].spiketrains[0][:] = 0
    xr.testing.assert_identical(spikes, before)


def test_neurons_can_have_names():
    block = to_neo(with_counts([[1, 0]], rng=np.random.default_rng(0)), names=["E 0", "I 0"])
    assert [train.name for train in block.segments[0].spiketrains] == ["E 0", "I 0"]


@pytest.mark.parametrize(("names", "got"), [(["E 0"], "got 1"), ("EI", "got one text")])
def test_names_that_are_not_one_per_neuron_are_refused(names, got):
    with pytest.raises(ValueError, match=f"one name per neuron, 2 in all, {got}"):
        to_neo(with_counts([[1, 0]], rng=np.random.default_rng(0)), names=names)


def test_a_clock_has_no_variability():
    row = firing_statistics(renewal(np.full(400, 0.025) - 1e-9, duration=0.1)).loc[0]
    assert row["rate_hz"] == pytest.approx(40, rel=1e-6)
    assert row["isi_cv"] == pytest.approx(0, abs=1e-6)
    assert row["fano_factor"] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("regularity", [1, 4])
def test_a_gamma_process_has_the_variability_of_its_order(regularity):
    """Order k has CV 1/sqrt(k) and, over long windows, Fano factor 1/k; order 1 is Poisson, with both at 1."""
    rng = np.random.default_rng(3)
    spikes = renewal(rng.gamma(regularity, 1 / (20 * regularity), size=40_000), duration=5.0)
    row = firing_statistics(spikes).loc[0]
    assert row["rate_hz"] == pytest.approx(20, rel=0.02)
    assert row["isi_cv"] == pytest.approx(regularity**-0.5, rel=0.02)
    # 400 windows: the standard error of a variance is about 7 %.
    assert row["fano_factor"] == pytest.approx(1 / regularity, rel=0.2)


def test_intervals_run_across_onsets_in_the_order_shown():
    # One spike per stimulus, early and late in turn: intervals of .16 and .04 s.
    times = np.tile([0.02, 0.08], 50)
    spikes = spike_table(times, np.arange(100), np.zeros(100), shape=(100, 1), duration=0.1)
    intervals = np.diff(np.arange(100) * 0.1 + times)
    assert set(intervals.round(6)) == {0.16, 0.04}
    found = firing_statistics(spikes).loc[0, "isi_cv"]
    assert found == pytest.approx(intervals.std() / intervals.mean())
    assert found == pytest.approx(0.6, abs=0.01)


def test_elephants_numbers_are_numpys():
    rng = np.random.default_rng(4)
    counts = rng.poisson([0.3, 1.0, 6.0], size=(300, 3))
    found = firing_statistics(with_counts(counts, duration=0.05, rng=rng))
    np.testing.assert_allclose(found["rate_hz"], counts.mean(axis=0) / 0.05)
    np.testing.assert_allclose(found["fano_factor"], counts.var(axis=0) / counts.mean(axis=0))
    assert found.index.name == "neuron"


def test_too_few_spikes_have_no_statistics_instead_of_a_clocks():
    counts = np.array([[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]])
    found = firing_statistics(with_counts(counts, rng=np.random.default_rng(5)))
    assert found["isi_cv"].isna().tolist() == [True, True, True, False]
    assert found["fano_factor"].isna().tolist() == [True, False, False, False]
    assert found["rate_hz"].tolist()[0] == 0


def test_one_stimulus_has_rates_but_no_fano_factor():
    found = firing_statistics(with_counts([[5, 3]], rng=np.random.default_rng(6)))
    np.testing.assert_allclose(found["rate_hz"], [50, 30])
    assert found["fano_factor"].isna().all()
    assert found["isi_cv"].notna().all()


def test_a_spike_at_the_very_end_is_not_lost_to_rounding():
    duration, n_stimuli = 0.7, 6
    assert (n_stimuli - 1) * duration + duration > n_stimuli * duration
    spikes = spike_table([duration], [n_stimuli - 1], [0], shape=(n_stimuli, 1), duration=duration)
    assert firing_statistics(spikes).loc[0, "rate_hz"] == pytest.approx(1 / (n_stimuli * duration))


@pytest.mark.parametrize("missing", ["neo", "elephant"])
@pytest.mark.parametrize("door", [to_neo, firing_statistics])
def test_without_the_extra_the_message_says_how_to_install_it(door, missing, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == missing] or [missing]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=rf'{missing}.* `pip install -e "\.\[spikes\]"`'):
        door(with_counts([[1]], rng=np.random.default_rng(0)))


def test_neo_and_elephant_are_not_imported_before_they_are_needed():
    lines = (
        "import sys, neurosim.analysis, neurosim.analysis.spikes.spikes, neurosim.analysis.plots",
        "import neurosim.analysis.spikes.count_correlations",
        "assert not {'neo', 'elephant', 'quantities'} & set(sys.modules)",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)
