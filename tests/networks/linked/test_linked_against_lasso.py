"""The shared code is the LASSO solution of all present modalities side by side, each weighted."""

from itertools import combinations

import numpy as np
import pytest
from linked_cases import fields, joined, stimuli
from sklearn.linear_model import Lasso

from neurosim.networks import LinkedLCA

N_NEURONS, N_STIMULI, THRESHOLD = 24, 6, 0.1
SIZES = {"left": 9, "right": 7, "sound": 5}
WEIGHTS = {"left": 0.5, "sound": 2.0}
FIELDS = fields(sizes=SIZES, n_neurons=N_NEURONS)
STIMULI = stimuli(N_STIMULI, sizes=SIZES)
SUBSETS = [names for n in (1, 2, 3) for names in combinations(SIZES, n)]


def only(arrays, names):
    return {name: arrays[name] for name in names}


def gains(names, weights, *, of):
    """Weights of what is present, the strongest of them as strong as the strongest of all that the network has."""
    each = {name: weights.get(name, 1.0) for name in of}
    scale = max(each.values()) / max(each[name] for name in names)
    return {name: scale * each[name] for name in names}


def lasso(names, *, weights=WEIGHTS, nonnegative=True, of=tuple(SIZES)):
    gain = gains(names, weights, of=of)
    seen, rows = (joined(only(arrays, names), gain) for arrays in (STIMULI, FIELDS))
    alpha = THRESHOLD / seen.shape[1]
    solver = Lasso(alpha, fit_intercept=False, positive=nonnegative, tol=1e-14, max_iter=10**6)
    return np.array([solver.fit(rows.T, stimulus).coef_ for stimulus in seen])


def network(learned=FIELDS, **changed):
    options = {
        "threshold": THRESHOLD, "weights": WEIGHTS, "batch_size": N_STIMULI, "presentation": "8 second",
        "epsilon": 0, "tolerance": 1e-8, "backend": "numpy", **changed,
    }  # fmt: skip
    return LinkedLCA.from_dictionary(learned, **options)


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("names", [("left", "right"), tuple(SIZES)], ids=len)
def test_the_settled_code_of_two_and_three_modalities_is_the_lasso_solution(names, form, nonnegative):
    weights = {name: weight for name, weight in WEIGHTS.items() if name in names}
    net = network(only(FIELDS, names), weights=weights, form=form, nonnegative=nonnegative)
    code, solution = net.transform(only(STIMULI, names)), lasso(names, nonnegative=nonnegative, of=names)
    assert np.abs(code - solution).max() <= 1e-6
    np.testing.assert_array_equal(code != 0, np.abs(solution) > 1e-9)
    assert (solution < 0).any() != nonnegative


@pytest.mark.parametrize("weights", [{}, {"left": 0.5, "sound": 1.5}], ids=["three of one", "weighted"])
def test_fields_of_unit_norm_in_each_of_three_modalities_settle_by_default(weights):
    # All together they are √3 long: a neuron's own activity then moves it by more than it told the others.
    squares = np.square(joined(FIELDS, weights)).sum(axis=1)
    assert 1.7 < np.sqrt(squares.min()) < 1.8
    defaults = {"presentation": None, "epsilon": None, "tolerance": None, "weights": weights}
    code = network(**defaults).transform(STIMULI)
    exact = network(weights=weights).transform(STIMULI)
    costs = [network(weights=weights).objective(STIMULI, each).sum() for each in (code, exact)]
    assert 1 <= costs[0] / costs[1] < 1.001


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_whatever_is_absent_plays_no_part(names):
    net, shown = network(), only(STIMULI, names)
    code = net.transform(shown)
    assert np.abs(code - lasso(names)).max() <= 1e-6
    changed = {name: FIELDS[name] if name in names else 10 * FIELDS[name][::-1] for name in SIZES}
    np.testing.assert_array_equal(network(changed).transform(shown), code)


def test_the_residual_form_leaves_out_the_absent_too():
    net = network(form="residual")
    for names in SUBSETS[3:5]:
        assert np.abs(net.transform(only(STIMULI, names)) - lasso(names)).max() <= 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_any_subset_gives_the_lasso_solution_on_compiled_backends(compiled_backend, form):
    net = network(form=form, backend=compiled_backend)
    for names in SUBSETS:
        assert np.abs(net.transform(only(STIMULI, names)) - lasso(names)).max() <= 1e-6


def test_weights_subsets_and_zeros_make_a_difference():
    code = network().transform(STIMULI)
    assert np.abs(code - lasso(tuple(SIZES), weights={})).max() > 1e-2
    without = network().transform(only(STIMULI, ("left", "right")))
    assert np.abs(code - without).max() > 1e-2
    # Absent is not dark: a stimulus of zeros speaks against every field.
    dark = network().transform(STIMULI | {"sound": 0 * STIMULI["sound"]})
    assert np.abs(dark - without).max() > 1e-2


def test_the_order_in_which_modalities_are_given_does_not_matter():
    turned = dict(reversed(STIMULI.items()))
    np.testing.assert_array_equal(network().transform(turned), network().transform(STIMULI))


def test_the_objective_counts_each_present_modality_with_its_weight():
    net, names = network(), ("left", "sound")
    code = net.transform(only(STIMULI, names))
    squares = [((STIMULI[m] - code @ FIELDS[m]) ** 2).sum(axis=1) for m in names]
    expected = 0.5 * squares[0] / 2 + 2.0 * squares[1] / 2 + THRESHOLD * code.sum(axis=1)
    np.testing.assert_allclose(net.objective(only(STIMULI, names), code), expected, rtol=1e-12)
    assert net.score(only(STIMULI, names)) == pytest.approx(-expected.mean(), rel=1e-12)


def test_lateral_weights_are_the_weighted_overlaps_of_all_modalities():
    expected = sum(WEIGHTS.get(name, 1) * rows @ rows.T for name, rows in FIELDS.items())
    np.testing.assert_allclose(network().lateral_, expected - np.eye(N_NEURONS), atol=1e-12)
