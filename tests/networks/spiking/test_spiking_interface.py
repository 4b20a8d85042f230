"""What a scikit-learn user, and a Brian2 user, can expect of the three spiking estimators."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
from brian2 import Equations, ms, second
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from spiking_cases import BATCH, N_NEURONS, N_PIXELS, NETWORKS, learned, patches, spiking_lca

from neurosim.networks import SpikingLCA
from neurosim.networks.spiking.reconstruction import best_gain

STIMULI = patches(3 * BATCH + 5, seed=2)
SMALL = {
    "SAILnet": {"presentation": "10 ms"},
    "E-I Net": {"presentation": "10 ms", "n_inhibitory": 2},
    "spiking LCA": {"presentation": "0.5 ms", "dt": "0.05 ms"},
}


@pytest.fixture(params=NETWORKS)
def name(request):
    return request.param


@pytest.fixture
def make(name):
    return NETWORKS[name]


@pytest.fixture
def net(make):
    return make().partial_fit(STIMULI)


def assert_same(first, second):
    for attribute, values in learned(first).items():
        np.testing.assert_array_equal(values, learned(second)[attribute], err_msg=attribute)


# Its stimuli are few and of any kind: that neurons fire in every step, most of them, or never, is said and no fault.
@pytest.mark.filterwarnings(
    "ignore:.* make a neuron fire in every step",
    "ignore:.* neurons stayed silent",
    "ignore:the code is dense",
)
def test_scikit_learn_accepts_the_estimator(name, make):
    plain = type(make())(n_neurons=5, batch_size=20, **SMALL[name])
    results = check_estimator(plain, on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40


def test_parameter_defaults_are_plain(make):
    parameters = type(make())().get_params()
    assert {type(value) for value in parameters.values()} <= {int, float, str, bool, type(None)}


def test_a_clone_keeps_the_parameters_and_forgets_what_was_learned(make):
    net = make(tau=8 * ms, noise=0.1).partial_fit(STIMULI)
    copy = clone(net)
    assert copy.get_params() == net.get_params()
    assert not hasattr(copy, "dictionary_")


def test_a_fitted_network_survives_pickling_and_goes_on_learning(net):
    restored = pickle.loads(pickle.dumps(net))
    assert_same(restored, net)
    np.testing.assert_array_equal(restored.transform(STIMULI), net.transform(STIMULI))
    assert_same(restored.partial_fit(STIMULI), net.partial_fit(STIMULI))


def test_a_network_works_in_a_pipeline_with_named_columns(make):
    pipeline = make_pipeline(StandardScaler(), make()).set_output(transform="pandas")
    table = pipeline.fit_transform(STIMULI)
    assert table.shape == (len(STIMULI), N_NEURONS)
    assert list(table.columns[:2]) == [f"{type(make()).__name__.lower()}{k}" for k in range(2)]


def test_the_same_random_state_gives_the_same_network_and_another_one_does_not(make):
    first, second = (make(n_epochs=2).fit(STIMULI) for _ in range(2))
    assert_same(first, second)
    pd.testing.assert_frame_equal(first.history_, second.history_)
    other = make(n_epochs=2, random_state=1).fit(STIMULI)
    assert np.abs(other.dictionary_ - first.dictionary_).max() > 0.1


def test_neither_learning_nor_encoding_touches_the_global_random_state(make):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make(noise=0.1).fit(STIMULI).transform(STIMULI)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_learning_in_two_parts_is_learning_in_one(make):
    whole = make().partial_fit(STIMULI)
    parts = make().partial_fit(STIMULI[: 2 * BATCH]).partial_fit(STIMULI[2 * BATCH :])
    assert_same(parts, whole)
    np.testing.assert_array_equal(parts.history_["spikes"], whole.history_["spikes"])


def test_fit_starts_again_and_partial_fit_goes_on(make):
    net = make().fit(STIMULI)
    first = make().fit(STIMULI)
    assert_same(net.fit(STIMULI), first)
    assert len(net.history_) == 4
    assert np.abs(net.partial_fit(STIMULI).dictionary_ - first.dictionary_).max() > 1e-4
    np.testing.assert_array_equal(net.history_["batch"], range(8))


def test_encoding_changes_nothing_that_was_learned(net):
    before = {key: values.copy() for key, values in learned(net).items()}
    net.transform(STIMULI)
    net.simulate(STIMULI[:3])
    for key, values in learned(net).items():
        np.testing.assert_array_equal(values, before[key])


@pytest.mark.parametrize("n_stimuli", [1, BATCH - 1, BATCH, BATCH + 1])
def test_any_number_of_stimuli_keeps_its_numbers(net, n_stimuli):
    code = net.transform(STIMULI[:n_stimuli])
    assert code.shape == (n_stimuli, N_NEURONS)
    np.testing.assert_array_equal(code, net.transform(STIMULI)[:n_stimuli])


def test_precision_follows_the_stimuli(make):
    single, double = (make().fit(STIMULI.astype(kind)) for kind in (np.float32, np.float64))
    assert {values.dtype for values in learned(single).values()} == {np.dtype(np.float32)}
    assert {values.dtype for values in learned(double).values()} == {np.dtype(np.float64)}
    assert single.transform(STIMULI.astype(np.float32)).dtype == np.float32
    assert single.inverse_transform(single.transform(STIMULI.astype(np.float32))).dtype == np.float32
    # A spike more or less moves what is learned by a little.
    assert np.abs(single.dictionary_ - double.dictionary_).max() < 0.05


def test_a_code_is_spikes_or_rates_and_counts_are_whole_numbers_by_population(name, net):
    counts = net.spike_counts(STIMULI)
    assert list(counts) == (["excitatory", "inhibitory"] if name == "E-I Net" else ["neurons"])
    for values in counts.values():
        np.testing.assert_array_equal(values, np.round(values))
    code, first = net.transform(STIMULI), next(iter(counts.values()))
    if name == "spiking LCA":
        # A spike stands for charge * tau / presentation, .2 * 1 / 5.
        first = 0.04 * (first[:, :N_NEURONS] - first[:, N_NEURONS:])
    np.testing.assert_allclose(code, first, rtol=1e-12)


def test_the_history_and_usage_of_a_network_that_does_not_learn_are_what_its_code_says(make):
    net = make(learning_rate=0.0).partial_fit(STIMULI)
    code = net.transform(STIMULI)
    for row in net.history_.itertuples():
        part = code[row.batch * BATCH : (row.batch + 1) * BATCH]
        assert row.spikes == pytest.approx(np.abs(part).mean())
        assert row.active_fraction == pytest.approx((part != 0).mean())
        assert row.learning_rate == 0
    np.testing.assert_allclose(net.usage_, (code != 0).mean(axis=0))
    np.testing.assert_array_equal(net.dead_neurons_, np.flatnonzero(net.usage_ == 0))
    assert net.score(STIMULI) == pytest.approx(-net.objective(STIMULI, code).mean())
    # The objective is that of the first batch, decoded with the gain that is best for it.
    first, answer = STIMULI[:BATCH], code[:BATCH]
    net.gain_ = 1.0 if isinstance(net, SpikingLCA) else best_gain(first, answer @ net.dictionary_)
    np.testing.assert_allclose(net.history_["objective"], net.objective(first, answer).mean())


def test_progress_tells_compiling_and_what_was_learned_from(make):
    events = []
    net = make().fit(STIMULI, progress=events.append)
    assert events[0] == {"stage": "compile"}
    assert [(event["batch"], event["n_batches"]) for event in events[1:]] == [(4, 4)]
    assert events[-1]["spikes"] == net.history_["spikes"].iloc[-1]


def test_the_equations_of_every_population_are_brian2_text_with_units(name, make):
    options = {"extra_equations": "dg/dt = -g/tau : 1", "refractory": "2 ms", "noise": 0.1}
    blocks = re.split(r"^# (\w+): fires when .*\n", make(**options).equations, flags=re.MULTILINE)[1:]
    parsed = dict(zip(blocks[::2], map(Equations, blocks[1::2]), strict=True))
    assert list(parsed) == (["excitatory", "inhibitory"] if name == "E-I Net" else ["neurons"])
    for equations in parsed.values():
        assert {"u", "pause"} <= equations.diff_eq_names
        assert equations["tau"].dim == equations["dead_time"].dim == second.dim
        assert "jitter" in equations.subexpr_names
    # A user's own are those of the first population.
    assert ["g" in equations for equations in parsed.values()] == [True, False][: len(parsed)]


@pytest.mark.parametrize(("text", "quantity"), [("8 ms", 8 * ms), ("0.008 s", 8 * ms)])
def test_times_are_text_or_brian2_quantities(make, text, quantity):
    codes = [make(tau=tau).fit(STIMULI).transform(STIMULI) for tau in (text, quantity)]
    np.testing.assert_array_equal(codes[0], codes[1])


def test_a_dictionary_of_ones_own_codes_without_learning():
    options = {"threshold": 0.5, "charge": 0.2, "dt": "0.05 ms", "backend": "numpy"}
    net = spiking_lca().from_dictionary(2 * np.eye(3), **options)
    np.testing.assert_array_equal(net.dictionary_, 2 * np.eye(3))
    assert np.isnan(net.usage_).all()
    assert len(net.history_) == len(net.dead_neurons_) == 0
    assert net.transform(np.eye(3)).shape == (3, 3)
    assert N_PIXELS != net.n_features_in_ == 3
