from typing import Any

import numpy as np
import pytest
import sympy
from brian2 import NeuronGroup
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from neurosim.engine.backend import activated
from neurosim.engine.expression import ArrayExpression, array_expression, c_code

EQUATIONS = """
u : 1
v : 1
n : integer
level : 1 (shared)
r = u - 2*v : 1
rr = r**2 + n : 1
kept = clip(u, 0, 1) : 1 (constant over dt)
shrunk = clip(u, 0, 1) : 1
"""
U, V = np.array([-1.0, 0.5, 2.0]), np.array([0.5, 1.0, -3.0])
N = np.array([1, 2, 4], dtype=np.int32)


@pytest.fixture(scope="module")
def group() -> Any:
    with activated("numpy"):
        return NeuronGroup(3, EQUATIONS, name="expression_group")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("u", U),
        ("r", U - 2 * V),
        ("rr", (U - 2 * V) ** 2 + N),
        ("u/n", U / N),
        ("n/3", N / 3),
        ("1/n", 1 / N),
        ("abs(u)*sign(v)", np.abs(U) * np.sign(V)),
        ("exp(u) - log(n)", np.exp(U) - np.log(N)),
    ],
)
def test_an_expression_is_evaluated_as_it_reads(group: Any, text: str, expected: Any) -> None:
    found = array_expression(group, text)
    values = found.values({key: {"u": U, "v": V, "n": N}[key] for key in found.arrays})
    assert_allclose(values, expected, rtol=1e-14)


def test_subexpressions_are_taken_apart_down_to_arrays(group: Any) -> None:
    assert set(array_expression(group, "rr").arrays) == {"u", "v", "n"}


def test_a_subexpression_that_is_constant_over_a_step_is_an_array(group: Any) -> None:
    assert set(array_expression(group, "kept + u").arrays) == {"kept", "u"}


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=3))
def test_expressions_follow_ordinary_arithmetic(values: list[float]) -> None:
    u, v, w = (sympy.Symbol(name, real=True) for name in "uvw")
    expression = ArrayExpression((u + v) * w - u**2 / 4, dict.fromkeys("uvw"))
    arrays = dict(zip("uvw", (np.array([x]) for x in values), strict=True))
    x, y, z = values
    assert_allclose(expression.values(arrays), [(x + y) * z - x**2 / 4], rtol=1e-9, atol=1e-9)


def test_c_code_renames_and_divides_as_real_numbers_do() -> None:
    symbol = sympy.Symbol("u", real=True)
    assert c_code(symbol / 2, {"u": "u[k]"}) == "(1.0/2.0)*u[k]"


def test_a_plain_variable_of_the_right_type_is_used_in_place(group: Any) -> None:
    plain = array_expression(group, "u")
    assert plain.cpp_values("sent", "3", np.float64, prefix="source_") == "const double* sent = source_u;"
    assert "std::vector<double>" in plain.cpp_values("sent", "3", np.float64, copied=True)


@pytest.mark.parametrize(("name", "dtype"), [("n", "double"), ("u", "float")])
def test_a_plain_variable_of_another_type_is_converted(group: Any, name: str, dtype: str) -> None:
    wanted = {"double": np.float64, "float": np.float32}[dtype]
    code = array_expression(group, name).cpp_values("sent", "3", wanted)
    assert f"static_cast<{dtype}>({name}[k])" in code


@pytest.mark.parametrize("text", ["missing", "u + missing", "level", "u*level"])
def test_a_name_without_one_value_per_neuron_is_refused(group: Any, text: str) -> None:
    with pytest.raises(
        ValueError, match=r"'expression_group' has no variable '(missing|level)' with one value"
    ):
        array_expression(group, text)


@pytest.mark.parametrize("text", ["sin(u)", "shrunk", "clip(u, 0, 1)"])
def test_an_unknown_function_is_refused_with_what_to_use(group: Any, text: str) -> None:
    with pytest.raises(ValueError, match=r"(sin|clip) cannot be used here; use .* '\(constant over dt\)'"):
        array_expression(group, text)


@pytest.mark.parametrize("text", ["2", "1 + 1/2"])
def test_a_number_alone_is_refused(group: Any, text: str) -> None:
    with pytest.raises(ValueError, match="expected arithmetic in variables of group 'expression_group'"):
        array_expression(group, text)
