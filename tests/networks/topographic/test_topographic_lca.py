"""Neurons on a sheet settle at the minimum of the pooled cost, whoever computes it, and learn maps."""

import functools

import numpy as np
import pytest
from reference_lca import random_dictionary, random_stimuli
from reference_topographic import cost, minimum, pools
from sklearn.utils.estimator_checks import check_estimator

from neurosim.networks import LCA, TopographicLCA

HEIGHT, WIDTH, N_PIXELS, N_STIMULI = 5, 6, 24, 6
RNG = np.random.default_rng(8)
DICTIONARY = random_dictionary(HEIGHT * WIDTH, N_PIXELS, RNG)
STIMULI = 3 * random_stimuli(N_STIMULI, N_PIXELS, RNG)
# Rates are relative to it.
MEAN_SQUARE = 3**2 / N_PIXELS
PENALTY = {"threshold": 0.5, "softening": 0.1}
TO_THE_END = {"presentation": "2000 ms", "epsilon": 0, "tolerance": 0}


def network(dictionary=DICTIONARY, **changed):
    parameters = {"sheet": (HEIGHT, WIDTH), "batch_size": N_STIMULI, "backend": "numpy", **PENALTY, **changed}
    return TopographicLCA.from_dictionary(dictionary, **parameters)


def square(**changed):
    """Nine neurons without overlap, each in all nine pools of a torus."""
    parameters = {"threshold": 0.5, "softening": 1e-6, "batch_size": 1, "backend": "numpy", **TO_THE_END}
    return TopographicLCA.from_dictionary(np.eye(9), **parameters | changed)


# What the population settles at.


@functools.cache
def least(nonnegative, torus, side):
    members = pools(HEIGHT, WIDTH, side=side, torus=torus)
    penalty = {"level": PENALTY["threshold"], "softening": PENALTY["softening"], "side": side}
    found = [minimum(each, DICTIONARY, members, nonnegative=nonnegative, **penalty) for each in STIMULI]
    return tuple(np.array(values) for values in zip(*found, strict=True))


@pytest.mark.parametrize("side", [3, 5])
@pytest.mark.parametrize("torus", [True, False])
@pytest.mark.parametrize("nonnegative", [False, True])
def test_the_settled_code_is_the_minimum_that_a_general_solver_finds(nonnegative, torus, side):
    net = network(nonnegative=nonnegative, torus=torus, pooling=side, **TO_THE_END)
    code, (expected, objective) = net.transform(STIMULI), least(nonnegative, torus, side)
    np.testing.assert_allclose(code, expected, atol=1e-5)
    np.testing.assert_allclose(net.objective(STIMULI, code), objective, rtol=1e-9)
    assert (np.abs(code) > 0.5).any()
    assert (code < 0).any() != nonnegative


def test_the_reference_has_the_derivative_of_its_cost():
    members, code = pools(HEIGHT, WIDTH, side=3, torus=False), RNG.standard_normal(HEIGHT * WIDTH)
    penalty = {"level": 0.5, "softening": 0.1, "side": 3}
    _, slope = cost(code, members, **penalty)
    for step in 1e-6 * np.eye(len(code))[::7]:
        up, down = (cost(code + sign * step, members, **penalty)[0] for sign in (1, -1))
        assert (up - down) / 2e-6 == pytest.approx(slope[step > 0].item(), abs=1e-6)


def test_a_neuron_active_alone_has_the_threshold_even_in_the_smaller_pools_at_an_edge():
    for torus in (True, False):
        for place in (0, 1, 4):
            code = square(torus=torus).transform(2 * np.eye(9)[[place]])
            np.testing.assert_allclose(code, 1.5 * np.eye(9)[[place]], atol=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_neuron_among_eight_as_active_as_itself_has_a_third_of_the_threshold(sign):
    # Of either sign: pools add up squares.
    stimulus = 2.0 * np.where(np.arange(9) % 2, sign, 1)
    np.testing.assert_allclose(square().transform([stimulus]), [stimulus * (2 - 0.5 / 3) / 2], atol=1e-6)


def test_active_neighbours_lift_a_neuron_that_would_be_silent_and_far_ones_do_not():
    drive = np.zeros((3, 49))
    drive[:, 24] = 0.3
    drive[1, 25] = drive[2, 27] = 5.0
    options = {"threshold": 0.5, "softening": 1e-4, "batch_size": 3, "backend": "numpy", **TO_THE_END}
    alone, near, far = TopographicLCA.from_dictionary(np.eye(49), **options).transform(drive)[:, 24]
    assert near > 0.1
    assert max(alone, far) < 1e-3


@pytest.mark.parametrize("nonnegative", [False, True])
def test_pools_of_one_neuron_are_a_soft_threshold_up_to_the_softening(nonnegative):
    plain = LCA.from_dictionary(
        DICTIONARY,
        threshold=0.5,
        nonnegative=nonnegative,
        batch_size=N_STIMULI,
        backend="numpy",
        **TO_THE_END,
    ).transform(STIMULI)
    apart = []
    for softening in (1e-2, 1e-3):
        options = {"pooling": 1, "softening": softening, "nonnegative": nonnegative}
        apart.append(np.abs(network(**options, **TO_THE_END).transform(STIMULI) - plain).max())
    assert apart[0] < 0.2
    assert apart[1] < 0.3 * apart[0]
    assert np.abs(network(**TO_THE_END).transform(STIMULI) - plain).max() > 0.5


# When a presentation ends.


# Only the middle one of nine is driven.
@pytest.mark.filterwarnings("ignore:8 of 9 neurons stayed silent:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("softening", [0.02, 0.1, 0.5])
def test_an_early_end_leaves_no_activity_further_from_rest_than_a_few_tolerances(softening):
    # Membranes without overlap are where they go long before late activity has grown.
    drive = np.zeros((41, 9))
    drive[:, 4] = np.linspace(0, 2, 41)
    options = {"threshold": 0.5, "softening": softening, "batch_size": 41}
    full = square(**options).transform(drive)
    early = square(**options, tolerance=0.01, presentation="1000 ms")
    np.testing.assert_allclose(early.transform(drive), full, atol=0.025)
    early.set_params(learning=False).partial_fit(drive)
    assert early.history_["duration"].max() < 0.5


@pytest.mark.parametrize("torus", [True, False])
@pytest.mark.parametrize("nonnegative", [False, True])
def test_default_presentations_come_within_a_thousandth_of_the_least_objective(nonnegative, torus):
    net = network(nonnegative=nonnegative, torus=torus)
    _, objective = least(nonnegative, torus, 3)
    assert (net.objective(STIMULI, net.transform(STIMULI)) < 1.001 * objective).all()


# What the circuit counts, and what every backend gives.


@pytest.mark.parametrize("torus", [True, False])
def test_the_history_holds_the_objective_and_counts_activity_above_the_softening(torus):
    net = network(torus=torus, threshold=1.5, learning=False).partial_fit(STIMULI)
    code = net.transform(STIMULI)
    assert net.history_["objective"].item() == pytest.approx(net.objective(STIMULI, code).mean(), rel=1e-12)
    np.testing.assert_array_equal(net.usage_, (np.abs(code) > PENALTY["softening"]).mean(axis=0))
    assert net.history_["active_fraction"].item() == pytest.approx(net.usage_.mean())
    assert 0 < net.usage_.mean() < 1
    np.testing.assert_array_equal(net.dead_neurons_, np.flatnonzero(net.usage_ == 0))


COMPILED = [
    pytest.param(
        backend, options, marks=() if backend == "cython" and len(options) == 1 else pytest.mark.slow
    )
    for backend in ("cython", "cpp_standalone")
    for options in (
        {"torus": False},
        {"nonnegative": True, "pooling": 5},
        {"lateral_excitation": 0.3, "presentation": "60 ms"},
        {"nonnegative": True, "torus": False, "carry_over": True},
    )
]


@pytest.mark.parametrize(("backend", "options"), COMPILED)
def test_learning_and_code_agree_on_every_backend(backend, options):
    # Frames of films have to fill their batches.
    n_stimuli = 10 * N_STIMULI - (0 if "carry_over" in options else 2)
    stimuli = 3 * random_stimuli(n_stimuli, N_PIXELS, np.random.default_rng(3))
    nets = [
        network(**options, backend=name, threshold=1.5, learning_rate=2.0 * MEAN_SQUARE).partial_fit(stimuli)
        for name in ("numpy", backend)
    ]
    np.testing.assert_allclose(nets[1].dictionary_, nets[0].dictionary_, atol=1e-6)
    np.testing.assert_allclose(nets[1].history_, nets[0].history_, atol=1e-6)
    np.testing.assert_array_equal(nets[1].usage_, nets[0].usage_)
    np.testing.assert_allclose(nets[1].transform(STIMULI), nets[0].transform(STIMULI), atol=1e-6)
    assert np.abs(nets[0].dictionary_ - DICTIONARY).max() > 0.1


# Excitation between neighbours.


def test_lateral_excitation_raises_the_activity_of_neighbours_and_none_is_none():
    stimulus = 2 * np.eye(49)[[24]] + 0.6 * np.eye(49)[[25]]
    options = {"threshold": 0.1, "batch_size": 1, "backend": "numpy", "presentation": "500 ms"}
    plain, none, some = (
        TopographicLCA.from_dictionary(np.eye(49), **options, **each).transform(stimulus)[0]
        for each in ({}, {"lateral_excitation": 0.0, "excitation_reach": 2.0}, {"lateral_excitation": 0.5})
    )
    np.testing.assert_array_equal(none, plain)
    assert some[25] > plain[25] + 0.05
    # Three widths away nobody hears of it.
    assert abs(some[28] - plain[28]) < 1e-2


def test_excitation_in_proportion_to_the_mean_of_equal_neighbours_adds_that_share():
    # Without a threshold u = s + .4 u.
    net = square(threshold=0.0, lateral_excitation=0.4, excitation_reach=0.3)
    np.testing.assert_allclose(net.transform(np.full((1, 9), 0.6)), np.ones((1, 9)), atol=1e-9)


# Learning.


def subspaces(n_stimuli, rng):
    """Stimuli from nine planted planes of four dimensions, one each, with independent signs; and the planes."""
    planes = np.linalg.qr(rng.standard_normal((36, 36)))[0].reshape(9, 4, 36)
    chosen = rng.integers(9, size=n_stimuli)
    return np.einsum("nd,ndp->np", rng.standard_normal((n_stimuli, 4)), planes[chosen]), planes


def neighbours_of_one_plane(net, planes, side=6):
    """Share of neighbours whose fields lie in the same plane, and the share among all pairs."""
    plane = np.einsum("np,kdp->nkd", net.dictionary_, planes)
    plane = (plane**2).sum(axis=2).argmax(axis=1).reshape(side, side)
    near = np.mean([plane == np.roll(plane, 1, axis=axis) for axis in (0, 1)])
    same = plane.ravel()[:, None] == plane.ravel()
    return near, same[np.triu_indices(side * side, k=1)].mean()


@pytest.mark.slow
def test_neurons_that_are_active_together_come_to_sit_together_only_if_they_pool():
    stimuli, planes = subspaces(10_000, np.random.default_rng(4))
    # Four of 36 dimensions have a variance of one.
    options = {"threshold": 1.0, "softening": 0.1, "learning_rate": 8 / 9, "learning_rate_schedule": "cosine"}
    shares = {}
    for pooling in (3, 1):
        net = TopographicLCA(36, pooling=pooling, batch_size=25, random_state=0, backend="cython", **options)
        shares[pooling] = neighbours_of_one_plane(net.fit(stimuli), planes)
    assert shares[3][0] > 0.27
    # Fourfold chance; without pools, chance.
    assert shares[3][1] < 0.13
    assert shares[1][0] < 0.18


# The estimator.


# Shown briefly, and many of its stimuli have a few pixels only, for which all neurons respond or hardly any.
@pytest.mark.filterwarnings("ignore:.*not settled:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:. of 9 neurons stayed silent:sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_accepts_the_estimator():
    results = check_estimator(
        TopographicLCA(9, batch_size=20, presentation="20 ms", backend="numpy"), on_skip=None
    )
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert sum(result["status"] == "passed" for result in results) > 40


def test_the_default_sheet_is_a_torus_of_sixteen_by_sixteen_and_learns_from_a_few_stimuli():
    net = TopographicLCA(backend="numpy", random_state=0).fit(STIMULI)
    assert net.transform(STIMULI).shape == (N_STIMULI, 256)
    np.testing.assert_array_equal(net.positions_[[0, 15, 16, 255]], [[0, 0], [0, 15], [1, 0], [15, 15]])
    np.testing.assert_array_equal(network().positions_[[5, 6]], [[0, 5], [1, 0]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"sheet": None},
            "sheet: expected n_neurons to fill a square by default, got 30; give height and width",
        ),
        ({"sheet": (4, 7)}, r"sheet: expected two whole sides whose product is n_neurons=30, got \(4, 7\)"),
        ({"sheet": 30}, "sheet: expected two whole sides whose product is n_neurons=30, got 30"),
        ({"pooling": 4}, "pooling: expected the odd side of a square of neurons, got 4"),
        ({"pooling": 7}, "pooling: a neighbourhood of 7×7 neurons is wider than the sheet of 5×6"),
        ({"softening": 0.0}, "softening: expected .*got 0"),
        ({"lateral_excitation": -1.0}, "lateral_excitation: expected .*got -1"),
        ({"torus": "yes"}, "torus: expected .*got 'yes'"),
        (
            {"sheet": (2, 15), "pooling": 1, "lateral_excitation": 0.1},
            "lateral_excitation: expected a sheet of 3×3 neurons or more, got 2×15",
        ),
    ],
)
def test_an_impossible_parameter_is_named_with_its_value(changed, message):
    with pytest.raises(ValueError, match=message):
        network(**changed)
