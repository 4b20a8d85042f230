"""The settled soft-threshold code is the LASSO solution, which scikit-learn finds by coordinate descent."""

import numpy as np
import pytest
from reference_lca import encode, random_dictionary, random_stimuli
from sklearn.linear_model import Lasso

from neurosim.networks import LCA

N_NEURONS, N_PIXELS, N_STIMULI, THRESHOLD = 128, 64, 10, 0.1
RNG = np.random.default_rng(5)
DICTIONARY = random_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = random_stimuli(N_STIMULI, N_PIXELS, RNG)


def lasso(*, nonnegative):
    solver = Lasso(
        alpha=THRESHOLD / N_PIXELS, fit_intercept=False, positive=nonnegative, tol=1e-14, max_iter=10**6
    )
    return np.array([solver.fit(DICTIONARY.T, stimulus).coef_ for stimulus in STIMULI])


def network(*, presentation="4000 ms", **parameters):
    return LCA.from_dictionary(
        DICTIONARY,
        threshold=THRESHOLD,
        presentation=presentation,
        epsilon=0,
        batch_size=N_STIMULI,
        **parameters,
    )


def settled(**parameters):
    return network(**parameters).transform(STIMULI)


@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_settled_code_is_the_lasso_solution(form, nonnegative):
    code, solution = settled(form=form, nonnegative=nonnegative), lasso(nonnegative=nonnegative)
    assert np.abs(code - solution).max() <= 1e-6
    np.testing.assert_array_equal(code != 0, solution != 0)
    assert (solution < 0).any() != nonnegative


def test_the_settled_code_is_the_lasso_solution_on_compiled_backends(compiled_backend):
    assert np.abs(settled(backend=compiled_backend) - lasso(nonnegative=False)).max() <= 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_settled_code_is_the_lasso_solution_on_compiled_backends_in_every_form(
    compiled_backend, form, nonnegative
):
    code = settled(form=form, nonnegative=nonnegative, backend=compiled_backend)
    assert np.abs(code - lasso(nonnegative=nonnegative)).max() <= 1e-6


def test_a_hard_threshold_code_is_not_the_lasso_solution():
    assert np.abs(settled(threshold_kind="hard") - lasso(nonnegative=False)).max() > 1e-2


def test_an_unsettled_code_is_not_the_lasso_solution_and_says_so():
    code, unsettled = network(presentation="20 ms").settle(STIMULI)
    assert np.abs(code - lasso(nonnegative=False)).max() > 1e-2
    assert unsettled.all()
    assert not network().settle(STIMULI).unsettled.any()


@pytest.mark.parametrize("kind", ["soft", "hard", "firm"])
@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_every_step_agrees_with_the_plain_loops(form, nonnegative, kind):
    options = {"threshold_kind": kind, "nonnegative": nonnegative, "form": form}
    code = network(presentation="40 ms", dt="2 ms", **options).settle(STIMULI).code
    plain = encode(
        STIMULI, DICTIONARY, level=THRESHOLD, tau=0.01, dt=0.002, n_steps=20,
        kind=kind, upper=2 * THRESHOLD, nonnegative=nonnegative,
    )  # fmt: skip
    np.testing.assert_allclose(code, plain, atol=1e-12)
    assert code.any()
