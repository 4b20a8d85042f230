"""Learning: the rule, what it keeps, what it finds, and where it is that of ℓ1 coding."""

import numpy as np
import pandas as pd
import pytest
from reference_lca import random_dictionary, random_stimuli
from reference_wlsc import encode, free_dictionary, learn, mixtures
from scipy.optimize import brentq

from neurosim.networks import LCA, WLSC

N_NEURONS, N_PIXELS, BATCH = 20, 30, 10
RNG = np.random.default_rng(21)
DICTIONARY = free_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = mixtures(5 * BATCH - 3, DICTIONARY, RNG)
GRAPH = RNG.uniform(0, 2, (len(STIMULI), N_NEURONS))
PENALTY = {"threshold": 0.005, "locality": 0.02}
dense = pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")


def network(**changed):
    parameters = {
        **PENALTY, "batch_size": BATCH, "presentation": "2000 ms", "epsilon": 0, "locality_ramp": 0,
        "learning_rate_schedule": "constant", "initial_dictionary": DICTIONARY, "random_state": 0, "backend": "numpy",
        **changed,
    }  # fmt: skip
    return WLSC(N_NEURONS, **parameters)


# The rule.


# Whoever starts from the fields that made the stimuli only loses by learning from a few of them.
@pytest.mark.filterwarnings("ignore:learning made the population worse:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("code", ["nonnegative", "signed"])
def test_learning_agrees_with_the_plain_loops(code, weighted):
    graph = GRAPH if weighted else None
    net = network(code=code, learning_rate=0.3).partial_fit(STIMULI, graph=graph)
    dictionary, objectives, running = learn(
        STIMULI, DICTIONARY, batch_size=BATCH, rates=[0.3] * 5, graph=graph, code=code, **PENALTY
    )
    np.testing.assert_allclose(net.dictionary_, dictionary, atol=1e-6)
    np.testing.assert_allclose(net.curvature_, running, atol=1e-6)
    np.testing.assert_allclose(net.history_["objective"], objectives, rtol=1e-6)
    assert (net.history_["learning_rate"] == 0.3).all()
    assert np.abs(net.dictionary_ - DICTIONARY).max() > 0.05
    assert np.ptp(np.linalg.norm(net.dictionary_, axis=1)) > 0.5


@dense
def test_where_many_neurons_are_active_the_rate_is_lower_from_the_second_run_on():
    crowd = mixtures(3 * BATCH, DICTIONARY, np.random.default_rng(1), n_active=15)
    penalty = {"threshold": 0.0, "locality": 1e-4}
    net = network(**penalty).partial_fit(crowd)
    n_active = (encode(crowd[:BATCH], DICTIONARY, **penalty) != 0).sum(axis=1).mean()
    assert n_active > 9
    # The second run holds two batches.
    rates = [0.5, 0.5 * 8 / n_active, 0.5 * 8 / n_active]
    np.testing.assert_allclose(net.history_["learning_rate"], rates)
    dictionary, *_ = learn(crowd, DICTIONARY, batch_size=BATCH, rates=rates, **penalty)
    np.testing.assert_allclose(net.dictionary_, dictionary, atol=1e-5)
    # Who goes on learns as slowly.
    assert net.partial_fit(crowd[:BATCH]).history_["learning_rate"].iloc[-1] < 0.45


@dense  # without any locality
def test_locality_grows_over_the_first_part_of_learning_and_stays():
    # Runs of one, two and one batches; a ramp over all four.
    net, plain = network(locality_ramp=1.0), network(locality=0)
    first = STIMULI[: 4 * BATCH]
    net.partial_fit(first), plain.partial_fit(first)
    objectives = net.history_["objective"]
    assert objectives[0] == pytest.approx(plain.history_["objective"][0], rel=1e-12)
    second = learn(STIMULI[:BATCH], DICTIONARY, batch_size=BATCH, rates=[0.5], threshold=0.005, locality=0.0)[
        0
    ]
    quarter = network(locality=0.005, learning=False, initial_dictionary=second).fit(first[BATCH:])
    assert np.abs(quarter.history_["objective"][0] - plain.history_["objective"][1]) > 1e-4
    frozen = network(locality=0.005, initial_dictionary=second).partial_fit(first[BATCH : 2 * BATCH])
    assert objectives[1] == pytest.approx(frozen.history_["objective"][0], rel=1e-6)
    # Another piece is learned with all of it.
    before = WLSC.from_dictionary(net.dictionary_, **PENALTY, presentation="2000 ms", epsilon=0)
    part = STIMULI[:BATCH]
    expected = before.objective(part, before.transform(part)).mean()
    assert net.partial_fit(part).history_["objective"].iloc[-1] == pytest.approx(expected, rel=1e-6)


def test_a_frozen_network_measures_its_objective_and_leaves_the_dictionary():
    net = network(learning=False, code="signed").partial_fit(STIMULI)
    np.testing.assert_array_equal(net.dictionary_, DICTIONARY)
    objective = net.objective(STIMULI, net.transform(STIMULI))
    for row in net.history_.itertuples():
        part = slice(row.batch * BATCH, (row.batch + 1) * BATCH)
        assert row.objective == pytest.approx(objective[part].mean(), rel=1e-9)


@dense  # while the fields are noise
def test_learning_on_the_simplex_keeps_sums_and_lowers_the_objective():
    options = {"code": "simplex", "presentation": "100 ms", "epsilon": None, "initial_dictionary": "noise"}
    net, frozen = (network(n_epochs=4, learning=on, **options).fit(STIMULI) for on in (True, False))
    np.testing.assert_allclose(net.transform(STIMULI).sum(axis=1), 1, atol=0.02)
    last = [n.history_["objective"][-5:].mean() for n in (net, frozen)]
    assert last[0] < 0.5 * last[1]


def test_unit_norms_stay_and_free_ones_do_not():
    for norm, kept in (("unit", True), ("free", False)):
        net = network(norm=norm, initial_dictionary="noise").fit(STIMULI)
        assert np.allclose(np.linalg.norm(net.dictionary_, axis=1), 1, rtol=0, atol=1e-12) == kept


def test_learning_in_two_parts_is_learning_in_one():
    whole = network().partial_fit(STIMULI[:40])
    parts = network().partial_fit(STIMULI[:20]).partial_fit(STIMULI[20:40])
    np.testing.assert_allclose(parts.dictionary_, whole.dictionary_, atol=1e-12)
    np.testing.assert_allclose(parts.curvature_, whole.curvature_, atol=1e-12)
    pd.testing.assert_frame_equal(parts.history_, whole.history_)


def test_fit_starts_again_and_forgets_the_curvature():
    net = network().fit(STIMULI)
    first = net.dictionary_.copy()
    np.testing.assert_array_equal(net.fit(STIMULI).dictionary_, first)


@dense
@pytest.mark.parametrize("unit", [1.0, 1000.0])
@pytest.mark.parametrize("backend", ["numpy", pytest.param("cython", marks=pytest.mark.slow)])
def test_a_faint_activity_moves_a_field_by_fifty_stimuli_at_most(unit, backend):
    # Without locality the second stimulus makes it as active as it is like the field: the best field for that
    # activity is a million stimuli long.
    start, stimuli = unit * np.array([[1.0, 0.0]]), unit * np.array([[0.0, 0.0], [1e-6, 1.0]])
    faint = {"locality": 0.0, "threshold": 0.0, "initial_dictionary": start, "batch_size": 2}
    net = WLSC(**network().get_params() | faint | {"n_neurons": 1, "backend": backend}).partial_fit(stimuli)
    np.testing.assert_allclose(net.dictionary_ / unit, [[1, 50]], rtol=1e-5)
    # It is told as it is.
    np.testing.assert_allclose(net.curvature_, 5e-13, rtol=1e-5)


# ℓ1 coding where fields have unit norm.


def directions(start, net):
    """Where each field went, at right angles to where it was."""
    moved = net.dictionary_ - start
    moved -= (moved * start).sum(axis=1, keepdims=True) / (start**2).sum(axis=1, keepdims=True) * start
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)


def likeness_of_first_updates(start, *, threshold=0.4 / 1.4, norm="unit"):
    """Cosine of the angle between the fields' first directions with λ = .2 and with the plain threshold, .4/1.4."""
    stimuli = random_stimuli(BATCH, N_PIXELS, np.random.default_rng(8)) + 0.7 * UNIT[:BATCH]
    stimuli /= np.linalg.norm(stimuli, axis=1, keepdims=True)
    options = {"initial_dictionary": start, "norm": norm, "locality": 0.2, "threshold": 0.0}
    nets = [
        network(**options | changed).partial_fit(stimuli)
        for changed in ({}, {"locality": 0.0, "threshold": threshold})
    ]
    ours, plain_ones = (directions(start, net) for net in nets)
    learned = nets[1].usage_ > 0
    assert learned.sum() > 5
    return (ours * plain_ones).sum(axis=1)[learned]


UNIT = random_dictionary(N_NEURONS, N_PIXELS, RNG)


def test_with_unit_norms_the_first_update_goes_where_that_of_l1_coding_goes():
    np.testing.assert_allclose(likeness_of_first_updates(UNIT), 1, atol=1e-6)


def test_with_another_threshold_or_free_norms_it_does_not():
    assert likeness_of_first_updates(UNIT, threshold=0.2).min() < 0.99
    assert likeness_of_first_updates(DICTIONARY, norm="free").min() < 0.9


def test_the_plain_arm_learns_what_an_lca_learns():
    plain = {"initial_dictionary": UNIT, "norm": "unit", "locality": 0.0, "threshold": 0.1}
    stimuli = random_stimuli(BATCH, N_PIXELS, np.random.default_rng(8))
    net = network(**plain).partial_fit(stimuli)
    lca = LCA(
        N_NEURONS, nonnegative=True, threshold=0.1, initial_dictionary=UNIT, batch_size=BATCH,
        presentation="2000 ms", epsilon=0, random_state=0,
    ).partial_fit(stimuli)  # fmt: skip
    # One divides by its neurons' curvatures, so that only directions agree.
    learned = net.usage_ > 0
    likeness = (directions(UNIT, net) * directions(UNIT, lca)).sum(axis=1)
    np.testing.assert_allclose(likeness[learned], 1, atol=1e-6)
    np.testing.assert_allclose(net.history_["objective"], lca.history_["objective"], rtol=1e-9)


# Planted and recovered.

LOCALITY = 0.1


def planted_stimuli(rng, *, n_stimuli=4000, n_planted=8, n_pixels=12):
    """One planted field at a time, of amplitude a, and those fields: at right angles, of norms from .5 to 2."""
    planted = np.linalg.qr(rng.standard_normal((n_pixels, n_pixels)))[0][:n_planted]
    planted *= np.linspace(0.5, 2, n_planted)[:, None]
    amplitudes = rng.uniform(0.5, 1.5, (n_stimuli, 1))
    return amplitudes * planted[rng.integers(n_planted, size=n_stimuli)], planted, amplitudes


def norm_to_learn(amplitudes):
    """Length of a learned field beside the planted one, s: where ⟨x (a² − s²)⟩ = 0 with x = [a s − λ(a − s)²]/s²."""

    def slope(s):
        return (
            np.maximum(amplitudes * s - LOCALITY * (amplitudes - s) ** 2, 0) * (amplitudes**2 - s**2)
        ).mean()

    return brentq(slope, 0.5, 1.5)


def learned_from(stimuli, planted, rng, **changed):
    start = planted / np.linalg.norm(planted, axis=1, keepdims=True) + 0.25 * rng.standard_normal(
        planted.shape
    )
    options = {
        "locality": LOCALITY, "initial_dictionary": start, "batch_size": 50, "n_epochs": 4,
        "learning_rate_schedule": "cosine", "random_state": 1, "presentation": "300 ms", **changed,
    }  # fmt: skip
    return WLSC(len(planted), **options).fit(stimuli)


def test_planted_fields_are_recovered_with_their_norms():
    rng = np.random.default_rng(4)
    stimuli, planted, amplitudes = planted_stimuli(rng)
    expected = norm_to_learn(amplitudes) * planted
    net = learned_from(stimuli, planted, rng)
    errors = np.linalg.norm(net.dictionary_ - expected, axis=1) / np.linalg.norm(expected, axis=1)
    assert errors.max() < 0.05
    objective = net.history_["objective"]
    assert objective[-20:].mean() < 0.5 * objective[:5].mean()


@dense  # without any locality
@pytest.mark.parametrize("changed", [{"learning": False}, {"locality": 0.0}])
def test_without_learning_or_the_pull_norms_are_not_recovered(changed):
    rng = np.random.default_rng(4)
    stimuli, planted, _ = planted_stimuli(rng)
    net = learned_from(stimuli, planted, rng, **changed)
    ratios = np.linalg.norm(net.dictionary_, axis=1) / np.linalg.norm(planted, axis=1)
    assert np.ptp(ratios) > 0.3


def test_silent_neurons_are_given_another_field_and_a_curvature_of_their_own():
    # The last neuron looks at pixels that are always dark.
    start, stimuli = DICTIONARY.copy(), mixtures(100, DICTIONARY, np.random.default_rng(2))
    start[:, -3:], stimuli[:, -3:] = 0, 0
    start[-1] = np.eye(N_PIXELS)[-1]
    options = {"initial_dictionary": start, "n_epochs": 2, "presentation": "300 ms"}
    kept, revived = (network(reseed_dead=reseed, **options).fit(stimuli) for reseed in (False, True))
    np.testing.assert_array_equal(kept.dictionary_[-1], start[-1])
    assert kept.curvature_[-1] == kept.usage_[-1] == 0
    assert np.abs(revived.dictionary_[-1] @ start[-1]) < 0.1
    assert revived.usage_[-1] > 0
    assert revived.curvature_[-1] > 0
