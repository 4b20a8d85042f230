"""Learning: the rule, what it keeps, what it finds, and what it reports."""

import numpy as np
import pandas as pd
import pytest
from reference_lca import learn, random_dictionary, random_stimuli

from neurosim.engine.errors import DivergenceError
from neurosim.networks import LCA
from neurosim.networks.estimator.training_history import learning_rate_factors
from neurosim.networks.lca import rate_network

N_NEURONS, N_PIXELS, BATCH = 12, 9, 8
RNG = np.random.default_rng(21)
DICTIONARY = random_dictionary(N_NEURONS, N_PIXELS, RNG)
# Their mean square, which the learning rate is relative to, is 1/N_PIXELS.
STIMULI = random_stimuli(5 * BATCH - 3, N_PIXELS, RNG)
BRIEF = {"presentation": "40 ms", "dt": "2 ms", "epsilon": 0}


def network(**changed):
    parameters = {
        "threshold": 0.25, "batch_size": BATCH, "learning_rate": 2 / N_PIXELS,
        "learning_rate_schedule": "constant", "initial_dictionary": DICTIONARY, "random_state": 0, **changed,
    }  # fmt: skip
    return LCA(N_NEURONS, **parameters)


@pytest.mark.filterwarnings(
    "ignore:3\\d of 37 stimuli of the last epoch had not settled:sklearn.exceptions.ConvergenceWarning"
)
@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("nonnegative", [False, True])
def test_learning_agrees_with_the_plain_loops(form, nonnegative):
    options = {
        "form": form,
        "nonnegative": nonnegative,
        "learning_rate": 0.5,
        "learning_rate_schedule": "linear",
        **BRIEF,
    }
    net = network(**options).partial_fit(STIMULI)
    rates = 0.5 * learning_rate_factors("linear", 5)
    dictionaries, objectives = learn(
        STIMULI, DICTIONARY, batch_size=BATCH, rates=rates * N_PIXELS,
        level=0.25, tau=0.01, dt=0.002, n_steps=20, nonnegative=nonnegative,
    )  # fmt: skip
    np.testing.assert_allclose(net.dictionary_, dictionaries[-1], atol=1e-12)
    np.testing.assert_allclose(net.history_["objective"], objectives, rtol=1e-12)
    np.testing.assert_allclose(net.history_["learning_rate"], rates)
    assert np.abs(net.dictionary_ - DICTIONARY).max() > 0.1


@pytest.mark.parametrize("kind", ["soft", "hard", "firm"])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_rows_have_unit_norm_and_lateral_weights_are_their_overlaps(form, kind):
    net = network(form=form, threshold_kind=kind, n_epochs=3, threshold=3.0, learning_rate=20).fit(
        10 * STIMULI
    )
    np.testing.assert_allclose(np.linalg.norm(net.dictionary_, axis=1), 1, rtol=1e-12)
    overlaps = net.dictionary_ @ net.dictionary_.T - np.eye(N_NEURONS)
    np.testing.assert_allclose(net.lateral_, overlaps, atol=1e-12)


def test_the_learning_rule_is_the_local_hebbian_one_on_the_residual():
    circuit = LCA.from_dictionary(DICTIONARY).assemble()
    assert circuit.pathways[0].plasticity.rule == "w += eta*a_post*r_pre"
    assert circuit.pathways[0].plasticity.constraints == ("unit_norm",)
    assert "r = s - prediction" in str(circuit.inputs.equations)


def test_a_frozen_network_measures_and_leaves_every_bit_of_the_dictionary():
    net = network(learning=False)
    start = DICTIONARY / np.linalg.norm(DICTIONARY, axis=1, keepdims=True)
    np.testing.assert_array_equal(net.fit(STIMULI).dictionary_, start)
    assert len(net.history_) == 5
    assert (net.history_["learning_rate"] == 0).all()
    trained = network().fit(STIMULI).set_params(learning=False)
    before = trained.dictionary_.copy()
    np.testing.assert_array_equal(trained.partial_fit(STIMULI).dictionary_, before)


def test_the_history_of_a_frozen_network_is_what_its_code_says():
    net = network(learning=False).partial_fit(STIMULI)
    code = net.transform(STIMULI)
    objective = net.objective(STIMULI, code)
    for row in net.history_.itertuples():
        part = slice(row.batch * BATCH, (row.batch + 1) * BATCH)
        assert row.objective == pytest.approx(objective[part].mean(), rel=1e-12)
        assert row.active_fraction == pytest.approx((code[part] != 0).mean())
        assert 0 < row.duration < 5
        assert row.unsettled == 0
    np.testing.assert_allclose(net.usage_, (code != 0).mean(axis=0))
    np.testing.assert_array_equal(net.dead_neurons_, np.flatnonzero(net.usage_ == 0))


def test_the_objective_before_each_update_is_in_the_history_and_falls():
    stimuli, _ = sparse_stimuli(np.random.default_rng(2), n_stimuli=2000)
    # As sparse as the mixtures: about a fifth of the population.
    options = {"threshold": 0.25, "batch_size": 50, "random_state": 0}
    net = LCA(20, learning_rate=0.34, learning_rate_schedule="constant", **options).fit(stimuli)
    half = len(net.history_) // 2
    assert net.history_["objective"][half:].mean() < 0.9 * net.history_["objective"][:5].mean()
    frozen = LCA(20, learning=False, **options).fit(stimuli)
    assert frozen.history_["objective"][half:].mean() > 0.95 * frozen.history_["objective"][:5].mean()


def test_learning_in_two_parts_is_learning_in_one():
    whole = network().partial_fit(STIMULI[:32])
    parts = network().partial_fit(STIMULI[:16]).partial_fit(STIMULI[16:32])
    np.testing.assert_allclose(parts.dictionary_, whole.dictionary_, atol=1e-12)
    pd.testing.assert_frame_equal(parts.history_, whole.history_)


def test_fit_starts_again_and_partial_fit_goes_on():
    net = network().fit(STIMULI)
    first = net.dictionary_.copy()
    np.testing.assert_array_equal(net.fit(STIMULI).dictionary_, first)
    assert len(net.history_) == 5
    assert np.abs(net.partial_fit(STIMULI).dictionary_ - first).max() > 1e-3
    np.testing.assert_array_equal(net.history_["batch"], range(10))


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_same_random_state_gives_the_same_network_and_another_one_does_not(form):
    options = {"initial_dictionary": "noise", "form": form, "n_epochs": 2}
    first, second = (network(**options).fit(STIMULI) for _ in range(2))
    np.testing.assert_array_equal(first.dictionary_, second.dictionary_)
    pd.testing.assert_frame_equal(first.history_, second.history_)
    other = network(**options, random_state=1).fit(STIMULI)
    assert np.abs(other.dictionary_ - first.dictionary_).max() > 0.1


def test_fields_can_start_as_stimuli_and_start_as_noise_otherwise():
    fields = network(initial_dictionary="stimuli", learning=False).fit(STIMULI).dictionary_
    assert (np.abs(fields @ STIMULI.T).max(axis=1) > 0.999).all()
    noise = network(initial_dictionary="noise", learning=False).fit(STIMULI).dictionary_
    assert (np.abs(noise @ STIMULI.T).max(axis=1) < 0.99).all()


def test_a_random_state_of_none_gives_another_network_every_time():
    # Of a single batch nobody can say, by chance, that learning made it worse.
    options = {"initial_dictionary": "noise", "random_state": None, "batch_size": 37, "threshold": 0.35}
    first, second = (network(**options).fit(STIMULI) for _ in range(2))
    assert np.abs(first.dictionary_ - second.dictionary_).max() > 0.1


def test_neither_learning_nor_encoding_touches_the_global_random_state():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    network().fit(STIMULI).transform(STIMULI)
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("carry_over", [False, True])
def test_how_many_batches_one_run_holds_does_not_matter(monkeypatch, carry_over):
    # A film shown twice has to fill its last batch.
    nets, stimuli = [], STIMULI[: 4 * BATCH] if carry_over else STIMULI
    for capacity in (1, 3, 40):
        monkeypatch.setattr(rate_network, "capacity_of", lambda _, capacity=capacity, **_backend: capacity)
        nets.append(network(carry_over=carry_over, n_epochs=2).fit(stimuli))
    for net in nets[1:]:
        np.testing.assert_allclose(net.dictionary_, nets[0].dictionary_, atol=1e-12)
        np.testing.assert_allclose(net.transform(stimuli), nets[0].transform(stimuli), atol=1e-12)


def test_progress_tells_compiling_and_every_run_of_batches():
    events = []
    network().fit(STIMULI, progress=events.append)
    assert events[0] == {"stage": "compile"}
    assert [event["batch"] for event in events[1:]] == [1, 3, 5]
    assert {event["n_batches"] for event in events[1:]} == {5}
    assert {"objective", "active_fraction"} <= set(events[-1])


# Planted and recovered.


def sparse_stimuli(rng, *, n_stimuli, n_planted=20, n_pixels=16):
    """Mixtures of two or three of the planted fields with clearly non-zero amplitudes, and those fields."""
    planted = random_dictionary(n_planted, n_pixels, rng)
    active = rng.random((n_stimuli, n_planted)).argsort(axis=1) < rng.integers(2, 4, size=(n_stimuli, 1))
    signs = rng.choice([-1, 1], size=active.shape)
    return (active * signs * rng.uniform(0.5, 1.5, size=active.shape)) @ planted, planted


def recovered_fraction(net, planted):
    return ((np.abs(planted @ net.dictionary_.T)).max(axis=1) > 0.97).mean()


def learned_from(stimuli, **changed):
    parameters = {
        "threshold": 0.2, "batch_size": 50, "n_epochs": 4, "learning_rate": 0.34, "random_state": 1,
        "learning_rate_schedule": "cosine", **changed,
    }  # fmt: skip
    return LCA(24, **parameters).fit(stimuli)


def test_planted_fields_are_recovered_from_sparse_mixtures():
    stimuli, planted = sparse_stimuli(np.random.default_rng(4), n_stimuli=4000)
    assert recovered_fraction(learned_from(stimuli), planted) >= 0.9


def test_planted_fields_are_not_recovered_without_learning_or_from_noise_of_the_same_covariance():
    rng = np.random.default_rng(4)
    stimuli, planted = sparse_stimuli(rng, n_stimuli=4000)
    assert recovered_fraction(learned_from(stimuli, learning=False), planted) <= 0.1
    noise = rng.multivariate_normal(np.zeros(16), np.cov(stimuli.T), size=4000)
    assert recovered_fraction(learned_from(noise), planted) <= 0.3


# Dead neurons.


def network_with_three_dead(**changed):
    """Neurons 0 to 2 look at pixels that are always dark."""
    dictionary = DICTIONARY.copy()
    dictionary[:, 6:], dictionary[:3] = 0, np.eye(9)[6:]
    stimuli = STIMULI.copy()
    stimuli[:, 6:] = 0
    return network(initial_dictionary=dictionary, n_epochs=4, **changed).fit(stimuli)


def test_neurons_that_nothing_drives_stay_dead_and_are_reported():
    net = network_with_three_dead()
    np.testing.assert_array_equal(net.dead_neurons_, [0, 1, 2])
    np.testing.assert_array_equal(net.dictionary_[:3], np.eye(9)[6:])


def test_dead_neurons_come_alive_when_they_are_reseeded():
    net = network_with_three_dead(reseed_dead=True)
    assert net.dead_neurons_.size == 0
    assert (np.abs(net.dictionary_[:3, :6]).max(axis=1) > 0.1).all()
    np.testing.assert_allclose(np.linalg.norm(net.dictionary_, axis=1), 1)


def test_reseeding_leaves_a_population_without_dead_neurons_alone():
    with_it, without = (network(n_epochs=4, reseed_dead=flag).fit(STIMULI) for flag in (True, False))
    assert without.dead_neurons_.size == 0
    np.testing.assert_array_equal(with_it.dictionary_, without.dictionary_)


# The step while the dictionary changes: by a rate that spoils it, and long before anybody has settled.
spoilt = pytest.mark.filterwarnings(
    "ignore:80 of 80 .* not settled:sklearn.exceptions.ConvergenceWarning",
    "ignore:the code is dense:sklearn.exceptions.ConvergenceWarning",
    "ignore:learning made the population worse:sklearn.exceptions.ConvergenceWarning",
)


@spoilt
def test_the_default_step_follows_a_dictionary_that_collapses_at_once():
    # All stimuli point the same way, so that updates align all fields and stiffen the population.
    stimuli = 100 + np.random.default_rng(0).standard_normal((80, 2))
    options = {"threshold": 0.1, "batch_size": 20, "learning_rate": 5000, "random_state": 0}
    options["learning_rate_schedule"] = "constant"
    net = LCA(5, presentation="100 ms", **options).fit(stimuli)
    assert np.linalg.eigvalsh(net.dictionary_ @ net.dictionary_.T)[-1] > 4.9
    assert (net.history_["objective"] < (stimuli**2).sum(axis=1).mean() / 2).all()
    settled = net.score(stimuli)
    assert net.set_params(presentation="1000 ms").score(stimuli) == pytest.approx(settled, rel=1e-3)


@spoilt
@pytest.mark.filterwarnings("ignore:dt = 0.009 s exceeds the stability bound")
def test_a_step_that_only_suits_the_starting_dictionary_is_told():
    stimuli = 100 + np.random.default_rng(0).standard_normal((80, 2))
    options = {"threshold": 0.1, "batch_size": 20, "learning_rate": 5000, "random_state": 0}
    net = LCA(5, presentation="20 ms", dt="9 ms", **options)
    with pytest.warns(UserWarning, match="explains less than the zero code"):
        net.fit(stimuli)
    with pytest.raises(DivergenceError, match="use a shorter dt"):
        net.set_params(presentation="400 ms").fit(stimuli)


def test_a_second_fit_does_not_count_the_compilation_of_the_first() -> None:
    stimuli = np.random.default_rng(0).standard_normal((40, 9))
    net = LCA(7, batch_size=13, learning=False, random_state=0)
    first = net.fit(stimuli).seconds_compile_
    assert 0 <= net.fit(stimuli).seconds_compile_ < first
