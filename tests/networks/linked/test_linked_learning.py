"""Learning of several modalities: the rule, what it keeps, and that the absent do not learn."""

import numpy as np
import pytest
from linked_cases import (
    BATCH,
    MEAN_SQUARE,
    N_NEURONS,
    OWN_STEPS,
    SIZES,
    THRESHOLD,
    WEIGHTS,
    fields,
    joined,
    linked,
    planted,
    stimuli,
)
from reference_lca import encode

from neurosim.networks import LCA, LinkedLCA
from neurosim.networks.estimator.training_history import learning_rate_factors

# Shown as briefly as to the plain loops.
pytestmark = pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")

FORMS = ("lateral", "residual")
FIELDS = fields()
# Four batches and a short one.
STIMULI = stimuli(5 * BATCH - 3)
START = np.hstack(list(FIELDS.values()))


def network(**changed):
    options = {"weights": WEIGHTS, "initial_dictionary": START, "learning_rate": 4.0 * MEAN_SQUARE}
    return linked(**{**options, **changed})


def part(arrays, batch):
    return {name: array[batch] for name, array in arrays.items()}


def norms(net, *, weights=None):
    return {
        name: np.linalg.norm(joined({name: rows}, weights), axis=1)
        for name, rows in net.dictionaries_.items()
    }


def plain_loop(shown, learned, *, rates, nonnegative=True):
    """One step of each modality's rule per batch, as printed: a (s_m - Phi_m^T a), then unit rows in each modality."""
    objectives = []
    for start, rate in zip(range(0, BATCH * len(rates), BATCH), rates, strict=True):
        batch = part(shown, slice(start, start + BATCH))
        code = encode(
            joined(batch, WEIGHTS), joined(learned, WEIGHTS),
            level=THRESHOLD, tau=0.01, dt=0.001, n_steps=30, nonnegative=nonnegative,
        )  # fmt: skip
        errors = {name: batch[name] - code @ rows for name, rows in learned.items()}
        costs = sum(WEIGHTS[name] * (error**2).sum(axis=1) / 2 for name, error in errors.items())
        objectives.append((costs + THRESHOLD * np.abs(code).sum(axis=1)).mean())
        moved = {name: rows + rate * code.T @ errors[name] / len(code) for name, rows in learned.items()}
        learned = {name: rows / np.linalg.norm(rows, axis=1, keepdims=True) for name, rows in moved.items()}
    return learned, objectives


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_fields_of_unit_norm_in_each_modality_learn_as_plain_loops_say(form, nonnegative):
    net = network(form=form, nonnegative=nonnegative, learning_rate_schedule="linear").partial_fit(STIMULI)
    rates = 4.0 * learning_rate_factors("linear", 5)
    learned, objectives = plain_loop(STIMULI, FIELDS, rates=rates, nonnegative=nonnegative)
    for name, rows in learned.items():
        np.testing.assert_allclose(net.dictionaries_[name], rows, atol=1e-12, err_msg=name)
        assert np.abs(rows - FIELDS[name]).max() > 0.1
    np.testing.assert_allclose(net.history_["objective"], objectives, rtol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_fields_of_joint_norm_learn_as_an_lca_on_weighted_stimuli_side_by_side(form):
    options = {"form": form, "learning_rate_schedule": "linear", "n_epochs": 2}
    net = network(norm="joint", **options).fit(STIMULI)
    plain = {
        name: value for name, value in network(**options).get_params().items() if name in LCA().get_params()
    }
    # Rates are relative to the mean square of what a network is given: here pixels are weighted.
    relative = np.square(joined(STIMULI)).mean() / np.square(joined(STIMULI, WEIGHTS)).mean()
    plain |= {"initial_dictionary": joined(FIELDS, WEIGHTS), "learning_rate": net.learning_rate / relative}
    alone = LCA(**plain).fit(joined(STIMULI, WEIGHTS))
    np.testing.assert_allclose(joined(net.dictionaries_, WEIGHTS), alone.dictionary_, atol=1e-12)
    np.testing.assert_allclose(net.lateral_, alone.lateral_, atol=1e-12)
    noted = net.history_.assign(learning_rate=net.history_["learning_rate"] / relative)
    np.testing.assert_allclose(noted, alone.history_, rtol=1e-12)
    np.testing.assert_array_equal(net.usage_, alone.usage_)
    np.testing.assert_allclose(net.transform(STIMULI), alone.transform(joined(STIMULI, WEIGHTS)), atol=1e-12)
    assert np.abs(net.dictionary_ - network(learning=False, **options).fit(STIMULI).dictionary_).max() > 0.1


@pytest.mark.parametrize("kind", ["soft", "hard", "firm"])
@pytest.mark.parametrize("form", FORMS)
def test_the_norm_in_each_modality_is_kept(form, kind):
    net = network(form=form, threshold_kind=kind, n_epochs=2).fit(part(STIMULI, slice(24)))
    for name, lengths in norms(net).items():
        np.testing.assert_allclose(lengths, 1, rtol=1e-12, err_msg=name)
    rows = joined(net.dictionaries_, WEIGHTS)
    np.testing.assert_allclose(net.lateral_, rows @ rows.T - np.eye(N_NEURONS), atol=1e-12)


def test_only_the_joint_norm_is_kept_where_that_is_asked_for():
    net = network(norm="joint", n_epochs=3).fit(STIMULI)
    squares = {name: lengths**2 for name, lengths in norms(net, weights=WEIGHTS).items()}
    np.testing.assert_allclose(sum(squares.values()), 1, rtol=1e-12)
    # At the start every neuron gives each modality the share of its weight: one fifth and four fifths.
    assert np.ptp(squares["left"]) > 0.1


def test_a_neuron_of_joint_norm_may_come_to_prefer_one_modality():
    both, _ = planted(300, sizes=SIZES)
    # What either modality shows has nothing to do with what the other shows.
    either = {"left": both["left"], "right": np.roll(both["right"], 1, axis=0)}
    options = {
        "norm": "joint",
        "weights": None,
        "initial_dictionary": "noise",
        "n_epochs": 3,
        "threshold": 0.2,
    }
    options |= {"learning_rate": 2.0 * float(np.square(joined(both)).mean()), **OWN_STEPS}
    shares = {}
    for name, shown in (("bound", both), ("unbound", either)):
        lengths = norms(network(**options).fit(shown))
        shares[name] = np.abs(lengths["left"] ** 2 - 0.5)
    assert np.median(shares["unbound"]) > 0.3
    assert np.median(shares["bound"]) < 0.2


def test_the_rule_is_local_in_every_modality():
    circuit = LinkedLCA.from_dictionary(FIELDS, backend="numpy").assemble()
    assert [pathway.modality.name for pathway in circuit.pathways] == list(SIZES)
    for pathway in circuit.pathways:
        assert pathway.plasticity.rule == "w += eta*a_post*r_pre"
        assert "r = s - prediction" in str(pathway.group.equations)


@pytest.mark.parametrize("form", FORMS)
def test_an_absent_modality_does_not_learn_and_the_others_learn_without_it(form):
    net = network(form=form, weights={"left": 1.5}).fit(STIMULI).set_params(threshold=0.2)
    before = net.dictionaries_
    # Rates stay relative to what was seen at first: both modalities.
    relative = np.square(STIMULI["left"]).mean() / net.mean_square_
    options = {
        "initial_dictionary": before["left"],
        "learning_rate": net.learning_rate * relative,
        "threshold": 0.2,
    }
    alone = network(form=form, weights={"left": 1.5}, **options)
    more = {"left": STIMULI["left"][::-1]}
    net.partial_fit(more)
    alone.partial_fit(more)
    np.testing.assert_allclose(net.dictionaries_["right"], before["right"], atol=1e-15)
    np.testing.assert_allclose(net.dictionaries_["left"], alone.dictionaries_["left"], atol=1e-12)
    np.testing.assert_allclose(net.history_["objective"][5:], alone.history_["objective"], rtol=1e-12)
    assert np.abs(net.dictionaries_["left"] - before["left"]).max() > 0.01


def test_fields_start_as_what_is_seen_together():
    net = network(initial_dictionary="stimuli", learning=False).fit(STIMULI)
    matches = {name: net.dictionaries_[name] @ STIMULI[name].T for name in SIZES}
    for match in matches.values():
        assert (match.max(axis=1) > 0.999).all()
    np.testing.assert_array_equal(matches["left"].argmax(axis=1), matches["right"].argmax(axis=1))


def test_learning_in_two_parts_is_learning_in_one():
    whole = network().partial_fit(part(STIMULI, slice(32)))
    parts = network().partial_fit(part(STIMULI, slice(16))).partial_fit(part(STIMULI, slice(16, 32)))
    np.testing.assert_allclose(parts.dictionary_, whole.dictionary_, atol=1e-12)
    np.testing.assert_allclose(parts.history_, whole.history_, atol=1e-12)


def test_a_frozen_network_measures_what_its_codes_cost():
    net = network(learning=False).partial_fit(STIMULI)
    np.testing.assert_allclose(net.dictionary_, START, rtol=1e-15)
    cost = net.objective(STIMULI, net.transform(STIMULI))
    expected = [cost[k : k + BATCH].mean() for k in range(0, len(cost), BATCH)]
    np.testing.assert_allclose(net.history_["objective"], expected, rtol=1e-12)


def test_fitting_again_forgets_the_modalities_of_before():
    net = network(weights=None, initial_dictionary="stimuli", dt=None).fit(STIMULI)
    other = {"sound": STIMULI["right"], "touch": STIMULI["left"], "smell": STIMULI["right"]}
    assert list(net.fit(other).modalities_) == ["sound", "touch", "smell"]
    assert net.n_features_in_ == 5 + 7 + 5
    assert set(net.recall({"touch": other["touch"]}, want="smell").shape) == {len(other["touch"]), 5}


def test_a_revived_neuron_keeps_its_field_of_an_absent_modality():
    rng = np.random.default_rng(8)
    shown = {"left": rng.random((12, 6)), "right": rng.random((12, 4))}
    start = np.hstack([np.r_[rng.random((3, 6)), -np.ones((1, 6))], rng.random((4, 4))])
    net = LinkedLCA(
        4, threshold=1.0, batch_size=2, reseed_dead=True, initial_dictionary=start, backend="numpy", random_state=0
    ).fit(shown)  # fmt: skip
    # A field that points away from all stimuli is silent whenever it alone is there.
    net.dictionary_[3, :6] = -1 / np.sqrt(6)
    fields = net.dictionaries_["right"].copy()
    net.partial_fit({"left": np.tile(shown["left"], (24, 1))})
    assert (net.dictionaries_["left"][3] > -0.3).any()
    np.testing.assert_allclose(net.dictionaries_["right"], fields, atol=1e-12)
