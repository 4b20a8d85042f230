"""The settled code is the minimum of the weighted problem: closed forms, exact solvers, and the unrolled encoder."""

import numpy as np
import pytest
from reference_lca import random_dictionary, random_stimuli
from reference_wlsc import encode, free_dictionary, mixtures, thresholds
from scipy.optimize import nnls
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks import LCA, WLSC
from neurosim.networks.wlsc.unrolled import Penalty, unrolled_code

N_NEURONS, N_PIXELS, N_STIMULI = 20, 30, 10
RNG = np.random.default_rng(5)
FREE = free_dictionary(N_NEURONS, N_PIXELS, RNG)
UNIT = random_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = mixtures(N_STIMULI, FREE, RNG, n_active=3) + 0.1 * RNG.standard_normal((N_STIMULI, N_PIXELS))
GRAPH = RNG.uniform(0, 2, (N_STIMULI, N_NEURONS))
PENALTY = {"threshold": 0.01, "locality": 0.02}
CODES = ("nonnegative", "signed", "simplex")
TO_THE_END = {"presentation": "1000 ms", "epsilon": 0}


def settled(dictionary, *, graph=None, stimuli=STIMULI, **parameters):
    parameters = {**PENALTY, **TO_THE_END, "batch_size": N_STIMULI, "backend": "numpy", **parameters}
    return WLSC.from_dictionary(dictionary, **parameters).transform(stimuli, graph=graph)


def unrolled(dictionary, code, *, graph=None):
    penalty = Penalty(**PENALTY, code=code)
    return unrolled_code(STIMULI, dictionary, penalty, graph=graph, n_layers=5000)


# Cases whose settled activity can be written down.


@pytest.mark.parametrize(
    ("code", "stimulus", "expected"),
    [
        # Thresholds .1 * .25 and .1 * 1.25.
        ("nonnegative", [1, 0.5], [0.975, 0.375]),
        # The second neuron's pair stands further off: .1 * .25 and .1 * 3.25.
        ("signed", [1, -0.5], [0.975, -0.175]),
        ("nonnegative", [1, -0.5], [0.975, 0]),
        # As the first, and .175 less for each.
        ("simplex", [1, 0.5], [0.8, 0.2]),
        # Far off, and yet the activities have to be one in sum: .1 and .1 * 1.25 + .05.
        ("simplex", [0, 0], [0.5, 0.5]),
    ],
)
def test_neurons_without_overlap_shrink_by_their_distances(code, stimulus, expected):
    options = {"threshold": 0.0, "locality": 0.1, "presentation": "400 ms"}
    found = settled(np.eye(2), stimuli=[stimulus], code=code, **options)
    np.testing.assert_allclose(found, [expected], atol=1e-9)


@pytest.mark.parametrize("norm", [0.3, 1.0, 3.0])
def test_a_lone_neuron_with_a_field_of_any_norm_divides_what_exceeds_its_threshold_by_the_square_of_it(norm):
    field = norm * np.array([[0.6, 0.8]])
    stimuli = np.array([[1.0, 1.0], [0.1, 0.0], [-1.0, 0.2], [3.0, 4.0]])
    drive = (stimuli @ field.T)[:, 0]
    theta = 0.05 + 0.1 * ((stimuli - field) ** 2).sum(axis=1)
    expected = np.maximum(drive - theta, 0) / norm**2
    options = {"stimuli": stimuli, "threshold": 0.05, "locality": 0.1}
    np.testing.assert_allclose(settled(field, **options)[:, 0], expected, atol=1e-9)
    signed = np.sign(drive) * np.maximum(np.abs(drive) - theta, 0) / norm**2
    np.testing.assert_allclose(settled(field, code="signed", **options)[:, 0], signed, atol=1e-9)
    assert expected.any()
    assert not expected.all()


# Exact solvers.


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("code", ["nonnegative", "signed"])
def test_the_settled_code_is_the_weighted_lasso_solution_for_fields_of_any_norm(code, weighted):
    graph = GRAPH if weighted else None
    solution = encode(STIMULI, FREE, code=code, graph=graph, **PENALTY)
    found = settled(FREE, code=code, graph=graph)
    assert np.abs(found - solution).max() <= 1e-6
    np.testing.assert_array_equal(found != 0, solution != 0)
    assert (solution < 0).any() == (code == "signed")
    assert 2 < (solution != 0).sum(axis=1).mean() < 0.6 * N_NEURONS


@pytest.mark.parametrize("weighted", [False, True])
def test_on_the_simplex_no_activity_can_be_moved_to_another_neuron_at_a_gain(weighted):
    graph = GRAPH if weighted else None
    found = settled(FREE, code="simplex", graph=graph)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert (found >= 0).all()
    gradient = (found @ FREE - STIMULI) @ FREE.T + thresholds(STIMULI, FREE, graph=graph, **PENALTY)
    for slopes, active in zip(gradient, found > 0, strict=True):
        assert np.ptp(slopes[active]) <= 1e-6
        assert (slopes[~active] >= slopes[active].max() - 1e-6).all()
    assert 1.5 < (found > 0).sum(axis=1).mean() < N_NEURONS / 2


@pytest.mark.parametrize("code", CODES)
def test_the_membranes_settle_where_the_unrolled_encoder_comes_to(code):
    for graph in (None, GRAPH):
        assert np.abs(settled(FREE, code=code, graph=graph) - unrolled(FREE, code, graph=graph)).max() <= 1e-6


@pytest.mark.parametrize("wrong", [{"presentation": "20 ms"}, {"locality": 0.03}])
def test_an_unsettled_code_or_one_of_another_locality_is_not_the_solution(wrong):
    net = WLSC.from_dictionary(
        FREE, **{**PENALTY, **TO_THE_END, **wrong}, batch_size=N_STIMULI, backend="numpy"
    )
    assert np.abs(net.settle(STIMULI).code - encode(STIMULI, FREE, **PENALTY)).max() > 1e-2


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("scale", [0.1, 10.0])
def test_the_unit_of_stimuli_and_fields_does_not_matter(code, scale):
    options = {"threshold": 0.0, "code": code, "presentation": "400 ms"}
    found = settled(scale * FREE, stimuli=scale * STIMULI, **options)
    np.testing.assert_allclose(found, settled(FREE, **options), atol=1e-9)


@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_defaults_come_within_a_thousandth_of_the_best_objective_in_every_unit(scale):
    net = WLSC.from_dictionary(scale * FREE, locality=0.02, code="signed", batch_size=N_STIMULI)
    stimuli = scale * STIMULI
    best = unrolled_code(stimuli, net.dictionary_, Penalty(0.0, 0.02, "signed"), n_layers=3000)
    found = net.objective(stimuli, net.transform(stimuli))
    np.testing.assert_allclose(found, net.objective(stimuli, best), rtol=1e-3)


def test_a_large_population_on_the_simplex_is_restrained_without_swinging():
    rng = np.random.default_rng(3)
    dictionary, stimuli = free_dictionary(256, 64, rng), random_stimuli(4, 64, rng)
    net = WLSC.from_dictionary(dictionary, locality=0.01, code="simplex", batch_size=4, presentation="400 ms")
    code = net.transform(stimuli)
    np.testing.assert_allclose(code.sum(axis=1), 1, atol=0.01)
    best = unrolled_code(stimuli, dictionary, Penalty(0.0, 0.01, "simplex"), n_layers=3000)
    np.testing.assert_allclose(net.objective(stimuli, code), net.objective(stimuli, best), rtol=0.01)


@pytest.mark.parametrize("dictionary", [FREE, UNIT], ids=["free", "unit"])
def test_without_any_penalty_reconstructions_are_those_of_nonnegative_least_squares(dictionary):
    found = settled(dictionary, threshold=0.0, locality=0.0, presentation="4000 ms")
    exact = np.array([nnls(dictionary.T, stimulus)[0] for stimulus in STIMULI])
    np.testing.assert_allclose(found @ dictionary, exact @ dictionary, atol=1e-6)
    assert np.abs(exact @ dictionary - STIMULI).max() > 0.01


# Where it is ℓ1 coding, and where it is not.


def rescaled_plain_codes(dictionary, plain, *, locality):
    """(1 + 2λ) times the ℓ1 codes with thresholds λ(1 + ‖y‖²)/(1 + 2λ)."""
    levels = locality * (1 + (STIMULI**2).sum(axis=1)) / (1 + 2 * locality)
    return (1 + 2 * locality) * np.array([
        plain(dictionary, float(level)).transform(stimulus[None])[0]
        for level, stimulus in zip(levels, STIMULI, strict=True)
    ])  # fmt: skip


PLAIN = {
    "WLSC": lambda dictionary, level: WLSC.from_dictionary(
        dictionary, locality=0, threshold=level, batch_size=1, **TO_THE_END
    ),
    "LCA": lambda dictionary, level: LCA.from_dictionary(
        dictionary, nonnegative=True, threshold=level, batch_size=1, **TO_THE_END
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_with_unit_norms_and_a_nonnegative_code_it_is_l1_coding_with_a_threshold_for_each_stimulus(name):
    found = settled(UNIT, threshold=0.0, locality=0.1)
    np.testing.assert_allclose(found, rescaled_plain_codes(UNIT, PLAIN[name], locality=0.1), atol=1e-6)
    assert found.any(axis=1).sum() > 5
    assert np.ptp((STIMULI**2).sum(axis=1)) > 0.2


def test_with_free_norms_it_is_not():
    found = settled(FREE, threshold=0.0, locality=0.1)
    assert np.abs(found - rescaled_plain_codes(FREE, PLAIN["WLSC"], locality=0.1)).max() > 0.05


def test_codes_that_do_not_add_up_to_one_are_announced():
    net = WLSC.from_dictionary(np.eye(4), code="simplex", presentation="2 ms", backend="numpy")
    with pytest.warns(ConvergenceWarning, match="do not add up to one"):
        net.transform([[1.0, 0.5, 0.0, 0.0]])


# Fields of very different norms.


@pytest.mark.parametrize("backend", ["numpy", pytest.param("cython", marks=pytest.mark.slow)])
def test_one_field_far_longer_than_all_others_leaves_their_codes_at_the_minimum(backend):
    rng = np.random.default_rng(5)
    fields = free_dictionary(100, N_PIXELS, rng)
    stimuli = mixtures(40, fields, rng, n_active=3) + 0.1 * rng.standard_normal((40, N_PIXELS))
    stimuli /= np.linalg.norm(stimuli, axis=1, keepdims=True)
    long, others = fields.copy(), np.arange(100) != 4
    long[4] *= 640
    net = WLSC.from_dictionary(long, locality=0.1, batch_size=40, backend=backend)
    code, unsettled = net.settle(stimuli)
    least = unrolled_code(stimuli, fields[others], Penalty(0.0, 0.1), n_layers=5000)
    np.testing.assert_allclose(code[:, others], least, atol=0.03)
    assert not code[:, 4].any()
    assert not unsettled.any()
