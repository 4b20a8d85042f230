"""Firing of a spiking LCA that can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks.spiking.spiking_lca import SpikingLCA

THRESHOLD, CHARGE, TAU = 0.1, 0.1, 1e-3


def network(dictionary, *, pairs=False, **changed):
    options = {
        "threshold": THRESHOLD,
        "charge": CHARGE,
        "dt": "0.02 ms",
        "backend": "numpy",
        "batch_size": 20,
    }
    return SpikingLCA.from_dictionary(dictionary, pairs=pairs, **{**options, **changed})


def overlapping(overlap):
    """Two fields of unit norm."""
    return np.array([[1.0, 0.0], [overlap, np.sqrt(1 - overlap**2)]])


def stimulus_with(drive, dictionary):
    return np.linalg.solve(dictionary, drive)[np.newaxis]


# One neuron integrates what exceeds its threshold, and every charge of it is a spike.


@pytest.mark.parametrize("presentation", [20, 33])
def test_a_lone_neuron_fires_as_often_as_its_charge_goes_into_what_it_integrates(presentation, backend):
    drives = np.array([-1.0, 0.0, 0.05, 0.1, 0.1001, 0.2, 0.35, 0.777, 1.0, 1.9])
    net = network([[1.0]], presentation=f"{presentation} ms", backend=backend)
    counts = net.spike_counts(drives[:, np.newaxis])["neurons"][:, 0]
    expected = np.floor(np.clip(drives - THRESHOLD, 0, None) * presentation / CHARGE)
    assert np.abs(counts - expected).max() <= 1
    np.testing.assert_array_equal(counts[:4], 0)
    assert counts.max() > 300


def test_a_neuron_fires_once_a_step_at_most():
    net = network([[1.0]], dt="0.5 ms", presentation="10 ms")
    assert net.spike_counts([[50.0]])["neurons"] == 20


def test_a_spike_stands_for_a_charge_over_the_presentation_however_long_the_step():
    codes = [
        network(np.eye(2), dt=dt, presentation="40 ms").transform([[0.9, 0.3]])
        for dt in ("0.01 ms", "0.05 ms", "0.1 ms")
    ]
    for code in codes:
        np.testing.assert_allclose(code, [[0.8, 0.2]], atol=CHARGE / 40)


@settings(max_examples=10, deadline=None)
@given(stimulus=st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_fields_without_overlap_give_the_thresholded_stimulus(stimulus):
    expected = np.sign(stimulus) * np.maximum(np.abs(stimulus) - THRESHOLD, 0)
    code = network(np.eye(3), pairs=True, dt="0.04 ms", presentation="20 ms").transform([stimulus])[0]
    # Each neuron of a pair is driven by the other's spikes, and either may be a spike short.
    assert np.abs(code - expected).max() <= 2 * CHARGE / 20 + 1e-12


# Two neurons: rates from the two equations (1 + G) a = b - λ of those that are active.

CASES = {
    # overlap, drive, rates
    "both fire": (0.5, (1.0, 0.7), (0.8, 0.2)),
    "nearly orthogonal": (0.1, (0.595, 0.397), (0.47, 0.25)),
    "the better match silences the other": (0.6, (1.1, 0.5), (1.0, 0.0)),
    "neither reaches its threshold": (0.5, (0.09, 0.1), (0.0, 0.0)),
    "a negative overlap excites": (-0.5, (0.8, -0.05), (0.8333333333333333, 0.26666666666666666)),
    "a strong negative overlap": (-0.7, (0.5, 0.5), (1.3333333333333333, 1.3333333333333333)),
}


def settled_spikes(net, stimulus, *, first, last):
    """Spikes of each neuron between two times, in time constants."""
    table = net.simulate(stimulus)
    inside = (table["time"] >= first * TAU) & (table["time"] < last * TAU)
    return np.bincount(table["neuron"][inside], minlength=2)


@pytest.mark.parametrize("case", CASES)
def test_two_neurons_settle_at_the_rates_computed_by_hand(case):
    overlap, drive, rates = CASES[case]
    dictionary = overlapping(overlap)
    net = network(dictionary, presentation="60 ms")
    counts = settled_spikes(net, stimulus_with(drive, dictionary), first=30, last=60)
    assert np.abs(counts - 30 / CHARGE * np.array(rates)).max() <= 1


def test_the_rates_by_hand_solve_the_equations_of_the_active():
    for overlap, drive, rates in CASES.values():
        active, excess = np.array(rates) > 0, np.array(drive) - THRESHOLD
        left = excess - overlapping(overlap) @ overlapping(overlap).T @ rates
        np.testing.assert_allclose(left[active], 0, atol=1e-12)
        assert (left[~active] <= 1e-12).all()


def test_from_the_onset_on_the_current_that_is_still_on_its_way_is_missing():
    # Of what the other has sent, spikes of about one time constant have not arrived: (1 + G) N = b - λ + G a.
    overlap, drive, rates = CASES["both fire"]
    dictionary = overlapping(overlap)
    counts = network(dictionary, presentation="50 ms").spike_counts(stimulus_with(drive, dictionary))
    lateral = dictionary @ dictionary.T
    late = np.linalg.solve(lateral, (lateral - np.eye(2)) @ rates)
    np.testing.assert_allclose(counts["neurons"][0], (50 * np.array(rates) + late) / CHARGE, atol=1)
    assert np.abs(late).max() > 2 * CHARGE


@pytest.mark.parametrize("sign", [1, -1])
def test_a_pair_codes_both_signs_and_only_one_of_it_goes_on_firing(sign):
    net = network([[1.0]], pairs=True, dt="0.1 ms", presentation="50 ms")
    np.testing.assert_allclose(net.transform([[sign * 0.6]]), [[sign * 0.5]], atol=CHARGE / 50 + 1e-12)
    counts = net.spike_counts([[sign * 0.6]])["neurons"][0]
    assert (counts[0] > counts[1]) == (sign > 0)
    assert counts.min() <= 1


def test_a_one_sided_neuron_does_not_code_what_points_away_from_its_field():
    assert not network([[1.0]], dt="0.1 ms", presentation="50 ms").transform([[-0.6]]).any()


def test_a_neuron_that_would_fire_more_than_once_a_step_is_announced():
    options = {"threshold": 0.1, "charge": 0.1, "dt": "0.1 ms", "presentation": "20 ms", "backend": "numpy"}
    # Without inhibition the rate is the drive less the threshold; a charge of .1 allows for rates of 1.
    assert SpikingLCA.from_dictionary(np.eye(2), **options).transform([[0.9, 0.0]])[0, 0] == pytest.approx(
        0.8, abs=0.01
    )
    message = (
        r"1 of 2 stimuli make a neuron fire in every step, which bounds its rate at charge\*tau/dt = 1: "
        r"pass a larger charge than charge=0.1, or a smaller dt='0.1 ms'"
    )
    with pytest.warns(ConvergenceWarning, match=message):
        code = SpikingLCA.from_dictionary(np.eye(2), **options).transform([[3.0, 0.0], [0.9, 0.0]])
    assert code[0, 0] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(("refractory", "n_steps"), [("0.4 ms", 4), ("0.35 ms", 4), ("1 ms", 10)])
def test_a_refractory_period_that_caps_a_rate_is_announced(refractory, n_steps):
    options = {"threshold": 0.1, "charge": 0.1, "dt": "0.1 ms", "presentation": "20 ms", "backend": "numpy"}
    net = SpikingLCA.from_dictionary(np.eye(2), refractory=refractory, **options)
    bound = 1 / n_steps
    assert net.transform([[0.1 + 0.8 * bound, 0.0]])[0, 0] == pytest.approx(0.8 * bound, abs=0.01)
    message = (
        rf"1 of 2 stimuli make a neuron fire as soon as it is no longer refractory, which bounds its rate at "
        rf"charge\*tau/refractory = {bound:.3g}: .* shorter refractory='{refractory}'"
    )
    with pytest.warns(ConvergenceWarning, match=message):
        code = net.transform([[0.9, 0.0], [0.0, 0.1]])
    assert code[0, 0] == pytest.approx(bound, abs=0.01)


def test_a_dead_time_of_one_step_caps_no_more_than_the_step_does():
    options = {"threshold": 0.1, "charge": 0.1, "dt": "0.1 ms", "presentation": "20 ms", "backend": "numpy"}
    net = SpikingLCA.from_dictionary(np.eye(2), refractory="0.1 ms", **options)
    assert net.transform([[0.9, 0.0]])[0, 0] == pytest.approx(0.8, abs=0.01)
    with pytest.warns(ConvergenceWarning, match="fire in every step, .* or a smaller dt='0.1 ms'"):
        net.transform([[3.0, 0.0]])


def test_numbers_in_the_unit_of_the_stimuli_are_asked_for_where_there_were_none():
    for numbers in ({"threshold": "auto"}, {"charge": "auto"}):
        with pytest.raises(ValueError, match=f"^{next(iter(numbers))}: expected a number .* got 'auto'"):
            SpikingLCA.from_dictionary(np.eye(2), **numbers)
    net = SpikingLCA.from_dictionary(np.eye(2))
    assert (net.threshold_, net.charge_) == (0.1, 0.1)
    with pytest.raises(ValueError, match=r"^threshold: expected a number .* got 'auto'"):
        net.set_params(threshold="auto").transform(np.eye(2))
