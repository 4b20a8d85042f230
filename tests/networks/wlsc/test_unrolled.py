"""The unrolled encoder comes to the minimum of the weighted problem, which other solvers find in other ways."""

import numpy as np
import pytest
from reference_lca import random_stimuli
from scipy.optimize import minimize, nnls
from sklearn.linear_model import Lasso

from neurosim.networks.wlsc.unrolled import (
    Penalty,
    laplacian_penalty,
    stimulus_thresholds,
    unrolled_code,
    wlsc_objective,
)

N_NEURONS, N_PIXELS, N_STIMULI = 24, 16, 6
RNG = np.random.default_rng(5)
FREE = RNG.standard_normal((N_NEURONS, N_PIXELS)) / 4 * RNG.uniform(0.5, 2, (N_NEURONS, 1))
UNIT = FREE / np.linalg.norm(FREE, axis=1, keepdims=True)
STIMULI = random_stimuli(N_STIMULI, N_PIXELS, RNG)
SETTLED = {"n_layers": 5000}


def weighted_lasso(stimuli, dictionary, thresholds, *, nonnegative):
    """Minimise with plain ℓ1 over z = θx, by coordinate descent."""
    solver = Lasso(alpha=1 / N_PIXELS, fit_intercept=False, positive=nonnegative, tol=1e-15, max_iter=10**6)
    pairs = zip(stimuli, thresholds, strict=True)
    return np.array([solver.fit((dictionary / theta[:, None]).T, y).coef_ / theta for y, theta in pairs])


@pytest.mark.parametrize("code", ["signed", "nonnegative"])
@pytest.mark.parametrize("accelerated", [True, False])
def test_the_settled_code_is_the_weighted_lasso_solution(code, accelerated):
    graph = RNG.uniform(0, 2, (N_STIMULI, N_NEURONS))
    penalty = Penalty(threshold=0.02, locality=0.1, code=code)
    thresholds = stimulus_thresholds(STIMULI, FREE, penalty, graph=graph)
    solution = weighted_lasso(STIMULI, FREE, thresholds, nonnegative=code == "nonnegative")
    settled = unrolled_code(STIMULI, FREE, penalty, graph=graph, accelerated=accelerated, **SETTLED)
    assert np.abs(settled - solution).max() <= 1e-8
    assert (solution < 0).any() == (code == "signed")
    assert np.abs(unrolled_code(STIMULI, FREE, penalty, graph=graph, n_layers=15) - solution).max() > 1e-4


def test_the_settled_code_on_the_simplex_is_the_constrained_minimum():
    penalty = Penalty(threshold=0.0, locality=0.05, code="simplex")
    settled = unrolled_code(STIMULI, FREE, penalty, **SETTLED)
    np.testing.assert_allclose(settled.sum(axis=1), 1, rtol=1e-12)
    assert (settled >= 0).all()
    for y, x in zip(STIMULI, settled, strict=True):
        found = minimize(
            lambda x, y=y: wlsc_objective(y[None], np.abs(x)[None], FREE, penalty)[0],
            np.full(N_NEURONS, 1 / N_NEURONS), method="SLSQP", bounds=[(0, None)] * N_NEURONS,
            constraints={"type": "eq", "fun": lambda x: x.sum() - 1}, options={"ftol": 1e-14, "maxiter": 1000},
        )  # fmt: skip
        assert wlsc_objective(y[None], x[None], FREE, penalty)[0] <= found.fun + 1e-10
        np.testing.assert_allclose(x, found.x, atol=1e-5)
    assert 1 < (settled > 0).sum(axis=1).mean() < N_NEURONS / 2


def test_without_any_penalty_the_reconstructions_are_those_of_nonnegative_least_squares():
    # Nothing but the fields' overlaps sets the pace here, and they are many.
    code = unrolled_code(STIMULI, FREE, Penalty(threshold=0.0, locality=0.0), n_layers=30_000)
    exact = np.array([nnls(FREE.T, y)[0] for y in STIMULI])
    np.testing.assert_allclose(code @ FREE, exact @ FREE, atol=1e-8)
    assert np.abs(exact @ FREE - STIMULI).max() > 0.01


@pytest.mark.parametrize("n_layers", [1, 15, 1000])
def test_with_unit_norms_and_a_nonnegative_code_it_is_plain_l1_coding_rescaled_after_every_layer(n_layers):
    locality = 0.2
    weighted = unrolled_code(STIMULI, UNIT, Penalty(threshold=0.0, locality=locality), n_layers=n_layers)
    levels = locality * (1 + (STIMULI**2).sum(axis=1)) / (1 + 2 * locality)
    plain = [
        unrolled_code(y[None], UNIT, Penalty(threshold=level, locality=0.0), n_layers=n_layers)[0]
        for y, level in zip(STIMULI, levels, strict=True)
    ]
    np.testing.assert_allclose(weighted, (1 + 2 * locality) * np.array(plain), atol=1e-12)
    assert weighted.any()


def test_with_signed_codes_or_free_norms_it_is_not():
    for dictionary, code in ((UNIT, "signed"), (FREE, "nonnegative")):
        weighted = unrolled_code(STIMULI[:1], dictionary, Penalty(0.0, 0.2, code), **SETTLED)
        level = 0.2 * (1 + (STIMULI[0] ** 2).sum()) / 1.4
        plain = unrolled_code(STIMULI[:1], dictionary, Penalty(level, 0.0, code), **SETTLED)
        assert np.abs(weighted - 1.4 * plain).max() > 0.01


def test_the_penalty_is_the_laplacian_form_of_the_graph_between_stimuli_and_neurons():
    code = RNG.standard_normal((N_STIMULI, N_NEURONS))
    distances = ((STIMULI[:, None] - FREE[None]) ** 2).sum(axis=2)
    laplacian = laplacian_penalty(STIMULI, code, FREE)
    assert laplacian == pytest.approx((np.abs(code) * distances).sum(), rel=1e-12)
    with_it, without = (wlsc_objective(STIMULI, code, FREE, Penalty(0.1, locality)) for locality in (0.3, 0))
    assert (with_it - without).sum() == pytest.approx(0.3 * laplacian, rel=1e-12)
    assert laplacian != pytest.approx(laplacian_penalty(STIMULI, code[::-1], FREE))


def test_a_graph_of_ones_is_none_and_a_missing_edge_takes_the_distance_away():
    penalty = Penalty(threshold=0.05, locality=0.1)
    ones = np.ones((N_STIMULI, N_NEURONS))
    np.testing.assert_array_equal(
        unrolled_code(STIMULI, FREE, penalty, graph=ones), unrolled_code(STIMULI, FREE, penalty)
    )
    ones[:, 3] = 0
    thresholds = stimulus_thresholds(STIMULI, FREE, penalty, graph=ones)
    assert (thresholds[:, 3] == 0.05).all()
    assert (np.delete(thresholds, 3, axis=1) > 0.05).all()


def test_precision_follows_the_stimuli_and_thresholds_stay_above_zero():
    penalty = Penalty(threshold=0.0, locality=np.float64(0.1))
    single = unrolled_code(STIMULI.astype(np.float32), FREE, penalty)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, unrolled_code(STIMULI, FREE, penalty), atol=1e-5)
    assert (stimulus_thresholds(1e4 * FREE, 1e4 * FREE, penalty) >= 0).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"graph": -np.ones((N_STIMULI, N_NEURONS))}, "graph: expected factors of at least zero, got -1"),
        ({"graph": np.ones((N_NEURONS, N_STIMULI))}, r"graph: expected a finite matrix of shape \(6, 24\)"),
        ({"stimuli": STIMULI[:, :5]}, "as many pixels, got 5 and 16"),
        ({"stimuli": STIMULI[0]}, r"stimuli: expected a finite matrix, got shape \(16,\)"),
        ({"dictionary": np.full_like(FREE, np.nan)}, "dictionary: .* with NaN or infinite"),
        ({"dictionary": np.zeros_like(FREE)}, "other than zero"),
        ({"n_layers": 0}, "n_layers: expected a whole number of at least 1"),
    ],
)
def test_impossible_input_is_refused(changed, message):
    given = {"stimuli": STIMULI, "dictionary": FREE, "penalty": Penalty(0.1, 0.1), **changed}
    with pytest.raises(ValueError, match=message):
        unrolled_code(given.pop("stimuli"), given.pop("dictionary"), given.pop("penalty"), **given)


def test_impossible_penalties_are_refused():
    with pytest.raises(ValueError, match="locality: expected a finite number of at least zero"):
        Penalty(threshold=0.1, locality=-1.0)
    with pytest.raises(ValueError, match="did you mean 'nonnegative'"):
        Penalty(threshold=0.1, locality=0.1, code="non_negative")
