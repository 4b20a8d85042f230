"""Dictionaries of any norm: the same minimum, in as little time."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Lasso

from neurosim.networks import LCA, LinkedLCA
from neurosim.networks.estimator.training_data import unit_rows

RNG = np.random.default_rng(0)
FIELDS = unit_rows(RNG.standard_normal((48, 36)))
STIMULI = RNG.standard_normal((20, 36))
NORMS = (0.05, 0.1, 0.3, 0.49, 0.5, 0.8, 1.0, 1.4, 2.0, 2.1, 10.0, 255.0)
LEVEL = 0.8


def _gain_lost(code: Any, fields: Any, level: float) -> float:
    def cost(a: Any) -> float:
        return float((((STIMULI - a @ fields) ** 2).sum(axis=1) / 2 + level * np.abs(a).sum(axis=1)).mean())

    solver = Lasso(alpha=level / 36, fit_intercept=False, max_iter=100_000, tol=1e-10)
    # The optimum of equal fields and stimuli, found where coordinate descent is well scaled.
    best = cost(np.vstack([solver.fit(fields.T, s).coef_ for s in STIMULI]))
    zero_code = float((STIMULI**2).sum(axis=1).mean() / 2)
    return (cost(code) - best) / (zero_code - best)


@pytest.mark.parametrize("form", ["lateral", "residual"])
@pytest.mark.parametrize("norm", NORMS)
def test_fields_of_any_norm_settle_at_the_minimum(norm: float, form: str) -> None:
    level = LEVEL * norm
    net = LCA.from_dictionary(norm * FIELDS, threshold=level, form=form, backend="numpy")
    code, unsettled = net.settle(STIMULI)
    assert _gain_lost(norm * code, FIELDS, LEVEL) < 0.002
    assert unsettled is not None
    assert not unsettled.any()


def test_norms_that_differ_settle_at_the_minimum() -> None:
    norms = 10.0 ** np.random.default_rng(1).uniform(-1, 1, size=(48, 1))
    net = LCA.from_dictionary(norms * FIELDS, threshold=0.3, backend="numpy")
    assert _gain_lost(net.transform(STIMULI), norms * FIELDS, 0.3) < 0.002


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["cython", "cpp_standalone"])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_every_backend_has_the_same_code_for_short_and_long_fields(form: str, backend: str) -> None:
    norms = 10.0 ** np.random.default_rng(1).uniform(-1, 1, size=(48, 1))
    codes = [
        LCA.from_dictionary(norms * FIELDS, threshold=0.3, form=form, backend=b, epsilon=0, tolerance=1e-7)
        .transform(STIMULI)
        for b in ("numpy", backend)
    ]  # fmt: skip
    assert_allclose(codes[1], codes[0], atol=1e-6 * np.abs(codes[0]).max())


def test_the_published_equations_stand_where_fields_are_near_unit_norm() -> None:
    near, far = (LCA.from_dictionary(norm * FIELDS, threshold=LEVEL) for norm in (1.9, 2.1))
    assert "stiffness" not in near.equations
    assert "/ stiffness" in far.equations


def test_one_sense_of_several_settles_alone() -> None:
    fields = {"seen": 4 * FIELDS[:, :18], "heard": 0.1 * FIELDS[:, 18:]}
    net = LinkedLCA.from_dictionary(fields, threshold=0.05, nonnegative=False, backend="numpy")
    alone = LCA.from_dictionary(fields["heard"], threshold=0.05, backend="numpy")
    heard = STIMULI[:, 18:]
    assert_allclose(net.transform({"heard": heard}), alone.transform(heard), atol=0.02)


def test_learning_starts_from_rows_of_unit_norm() -> None:
    net = LCA.from_dictionary(7 * FIELDS, threshold=LEVEL, learning_rate=1e-9, backend="numpy", batch_size=20)
    assert_allclose(net.partial_fit(STIMULI).dictionary_, FIELDS, atol=1e-6)


def test_rows_that_have_unit_norm_keep_every_bit() -> None:
    assert_array_equal(unit_rows(FIELDS), FIELDS)
    assert unit_rows(FIELDS) is FIELDS
