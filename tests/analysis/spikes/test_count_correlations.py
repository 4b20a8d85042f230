"""Spike-count correlations: the floor without any, what was planted, and Elephant's own."""

import itertools

import neo
import numpy as np
import pytest
from elephant.conversion import BinnedSpikeTrain
from elephant.spike_train_correlation import correlation_coefficient

from neurosim.analysis.spikes.count_correlations import correlation_rms, count_correlations


@pytest.mark.parametrize("mean", [0.05, 1.0])
@pytest.mark.parametrize("n_stimuli", [100, 2500])
def test_independent_poisson_neurons_sit_at_the_floor(mean, n_stimuli):
    counts = np.random.default_rng(0).poisson(mean, size=(n_stimuli, 120))
    found = correlation_rms(counts)
    assert found.floor == pytest.approx(1 / np.sqrt(n_stimuli - 1))
    # 7,140 pairs: the standard error is about 1 % of the rms.
    assert found.rms == pytest.approx(found.floor, rel=0.05)


def test_the_floor_is_exact_over_every_order_of_the_stimuli():
    first, second = np.array([0, 0, 1, 2, 5]), np.array([3, 0, 0, 1, 0])
    squares = [
        count_correlations(np.stack([first, order], axis=1))[0, 1] ** 2
        for order in itertools.permutations(second)
    ]
    assert np.mean(squares) == pytest.approx(correlation_rms(np.stack([first, second], axis=1)).floor ** 2)


def test_a_planted_correlation_is_recovered():
    """Every neuron counts a shared source of mean s and one of its own of mean o: correlation s / (s + o)."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(0.6, size=(20_000, 1)) + rng.poisson(1.4, size=(20_000, 30))
    pairs = count_correlations(counts)[np.triu_indices(30, k=1)]
    np.testing.assert_allclose(pairs, 0.3, atol=0.04)
    assert correlation_rms(counts).rms == pytest.approx(0.3, abs=0.02)


def test_stimuli_shuffled_for_each_neuron_bring_the_planted_correlation_to_the_floor():
    rng = np.random.default_rng(2)
    counts = rng.poisson(0.6, size=(5_000, 1)) + rng.poisson(1.4, size=(5_000, 60))
    found = correlation_rms(rng.permuted(counts, axis=0))
    assert found.rms == pytest.approx(found.floor, rel=0.08)


def test_anticorrelation_counts_as_much_as_correlation():
    counts = np.array([[0, 2], [1, 1], [2, 0]])
    assert count_correlations(counts)[0, 1] == pytest.approx(-1)
    assert correlation_rms(counts).rms == pytest.approx(1)


# Elephant 1.2 passes Quantities an argument that Quantities 0.16 no longer uses.
@pytest.mark.filterwarnings("ignore:The 'copy' argument in Quantity is deprecated")
def test_the_correlations_are_elephants():
    rng = np.random.default_rng(3)
    counts = rng.poisson(0.4, size=(60, 1)) + rng.poisson([0.2, 1, 3], size=(60, 3))
    trains = []
    for neuron in counts.T:
        times = np.repeat(np.arange(60), neuron) + rng.uniform(0.1, 0.9, size=neuron.sum())
        trains.append(neo.SpikeTrain(np.sort(times), units="s", t_stop=60))
    elephants = correlation_coefficient(BinnedSpikeTrain(trains, n_bins=60))
    np.testing.assert_allclose(count_correlations(counts), elephants, atol=1e-12)


def test_rate_and_unit_of_a_neuron_do_not_matter():
    counts = np.random.default_rng(4).poisson(1, size=(50, 5))
    np.testing.assert_allclose(count_correlations(counts * [1, 2, 3, 4, 5] + 7), count_correlations(counts))


def test_a_silent_neuron_has_no_correlation_and_is_counted():
    rng = np.random.default_rng(5)
    counts = rng.poisson(1, size=(50, 4))
    with_silent = np.insert(counts, [1, 3], 0, axis=1)
    correlations = count_correlations(with_silent)
    silent = np.isin(np.arange(6), [1, 4])
    assert np.isnan(correlations[silent]).all()
    assert np.isnan(correlations[:, silent]).all()
    np.testing.assert_array_equal(correlations[np.ix_(~silent, ~silent)], count_correlations(counts))
    assert correlation_rms(with_silent).rms == correlation_rms(counts).rms
    assert (correlation_rms(with_silent).n_silent, correlation_rms(with_silent).n_pairs) == (2, 6)


def test_a_neuron_that_always_fires_as_much_is_in_no_pair_but_not_silent():
    counts = np.array([[0, 3, 1], [1, 3, 1], [2, 3, 0]])
    found = correlation_rms(counts)
    assert np.isnan(count_correlations(counts)[1]).all()
    assert (found.n_silent, found.n_pairs) == (0, 1)


@pytest.mark.parametrize("n_active", [0, 1])
def test_a_population_without_a_pair_has_no_rms(n_active):
    counts = np.zeros((10, 3))
    counts[::2, :n_active] = 1
    found = correlation_rms(counts)
    assert np.isnan(found.rms)
    assert (found.floor, found.n_silent, found.n_pairs) == (pytest.approx(1 / 3), 3 - n_active, 0)


@pytest.mark.parametrize("measure", [count_correlations, correlation_rms])
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([1, 2, 3], r"got \(3,\)"),
        ([[1, 2, 3]], r"at least two stimuli, got \(1, 3\)"),
        (np.zeros((3, 0)), r"got \(3, 0\)"),
        ([[1, 2], [3, -1]], "got 1 others of 4, the first -1"),
        ([[1, 2], [np.nan, np.inf]], "got 2 others of 4, the first nan"),
    ],
)
def test_what_are_no_counts_is_refused(measure, counts, message):
    with pytest.raises(ValueError, match=message):
        measure(counts)
