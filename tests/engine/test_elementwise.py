"""Brian2's own statements for one neuron, taken out of its loops."""

import re
from typing import Any

import numpy as np
import pytest
from brian2 import NeuronGroup, check_units, implementation, mV
from numpy.testing import assert_allclose

from neurosim.engine.backend import activated
from neurosim.engine.elementwise import Elementwise, elementwise
from neurosim.engine.errors import NotLoopable

EQUATIONS = """
dv/dt = (drive - gain*v + shift/mV)/tau : 1
kept = clip(v, -level, level)*int(on) : 1 (constant over dt)
drive : 1
on : integer
tau : second (shared)
level : 1 (shared)
"""
CONSTANTS = {"gain": 2.0, "shift": 3 * mV, "mV": mV, "unused": 7.0}
# The parts of a group's time step, by Brian2's names.
UPDATE, SUBEXPRESSIONS = "state_updater", "subexpression_updater"
DT, TAU, LEVEL = 5e-4, 4e-3, 0.3


def group(equations: str = EQUATIONS, *, float_dtype: Any = np.float64, **constants: Any) -> NeuronGroup:
    with activated("numpy", float_dtype=float_dtype):
        return NeuronGroup(
            3, equations, method="euler", name="elementwise_group", namespace={**CONSTANTS, **constants}
        )


def translated(
    neurons: NeuronGroup, language: str, *, part: str = UPDATE, float_dtype: Any = np.float64
) -> Elementwise:
    with activated("numpy", float_dtype=float_dtype):
        code = elementwise(getattr(neurons, part), language=language)
    assert code is not None
    return code


def executed(
    neurons: NeuronGroup, values: dict[str, Any], *, part: str = UPDATE, float_dtype: Any = np.float64
) -> dict[str, Any]:
    """Run the numpy statements on arrays of two replicas by three neurons."""
    code = translated(neurons, "numpy", part=part, float_dtype=float_dtype)
    prefix = "_array_elementwise_group_"
    arrays = {f"{prefix}{key}": value for key, value in values.items()}
    arrays |= {name: [float_dtype(DT)] for name in code.arrays if name.endswith("clock_dt")}
    names = {**code.constants, **code.functions, **arrays}
    exec("\n".join([*code.scalar, *code.vector]), names)
    return {key: arrays[f"{prefix}{key}"] for key in values}


def states(float_dtype: Any = np.float64) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {
        "v": rng.standard_normal((2, 3)).astype(float_dtype),
        "drive": rng.standard_normal((2, 3)).astype(float_dtype),
        "tau": np.array([TAU], dtype=float_dtype),
    }


@pytest.mark.parametrize("float_dtype", [np.float64, np.float32])
def test_a_state_update_is_a_step_of_euler_with_the_users_constants(float_dtype: Any) -> None:
    start = states(float_dtype)
    expected = start["v"] + DT / TAU * (start["drive"] - 2.0 * start["v"] + 3.0)
    found = executed(group(float_dtype=float_dtype), states(float_dtype), float_dtype=float_dtype)
    assert found["v"].dtype == float_dtype
    assert_allclose(found["v"], expected, rtol=1e-12 if float_dtype is np.float64 else 1e-5)


@pytest.mark.parametrize("float_dtype", [np.float64, np.float32])
def test_a_subexpression_that_is_constant_over_a_step_is_clipped_in_its_own_precision(
    float_dtype: Any,
) -> None:
    on = np.array([[1, 0, 2], [1, 1, 0]], dtype=np.int32)
    v, level = states(float_dtype)["v"], np.array([LEVEL], dtype=float_dtype)
    values = {"v": v, "on": on, "level": level, "kept": np.zeros_like(v)}
    neurons = group(float_dtype=float_dtype)
    found = executed(neurons, values, part=SUBEXPRESSIONS, float_dtype=float_dtype)
    assert found["kept"].dtype == float_dtype
    assert_allclose(found["kept"], np.clip(v, -level, level) * on, rtol=1e-6)
    assert (np.abs(v) > LEVEL).any()


@pytest.mark.parametrize("language", ["cpp", "numpy"])
def test_a_translation_names_just_the_arrays_and_constants_it_needs(language: str) -> None:
    code = translated(group(), language)
    names = sorted(re.sub(r"^(_ptr)?_array_", "", name) for name in code.arrays)
    assert names == ["defaultclock_dt", *(f"elementwise_group_{key}" for key in ("drive", "tau", "v"))]
    assert {name: value for name, value in code.constants.items() if name in CONSTANTS} == {
        "gain": 2.0, "shift": 3e-3, "mV": 1e-3,
    }  # fmt: skip


def test_what_neurons_share_is_computed_before_the_loop_over_them() -> None:
    for language in ("cpp", "numpy"):
        code = translated(group(), language)
        assert any("tau" in line for line in code.scalar)
        assert not any("_ptr_array_elementwise_group_tau" in line for line in code.vector)
        assert any("drive" in line for line in code.vector)


def test_cpp_statements_stand_for_one_neuron() -> None:
    code = translated(group(), "cpp")
    assert any(line.strip() == "_ptr_array_elementwise_group_v[_idx] = v;" for line in code.vector)
    assert code.functions == {}


def test_functions_bring_their_definitions_along() -> None:
    neurons = group()
    assert "_clip" in translated(neurons, "cpp", part=SUBEXPRESSIONS).support
    assert {"clip", "int"} <= set(translated(neurons, "numpy", part=SUBEXPRESSIONS).functions)


def test_a_function_of_the_users_is_called_in_numpy() -> None:
    @implementation("cpp", "double doubled(double x) { return 2*x; }")
    @check_units(x=1, result=1)
    def doubled(x: Any) -> Any:
        return 2 * x

    changed = group(EQUATIONS.replace("gain*v", "doubled(v)"), doubled=doubled)
    start = states()
    expected = start["v"] + DT / TAU * (start["drive"] - 2.0 * start["v"] + 3.0)
    assert_allclose(executed(changed, states())["v"], expected, rtol=1e-12)
    assert "return 2*x" in translated(changed, "cpp").support


def test_a_population_without_dynamics_has_nothing_to_do() -> None:
    still = group("u : 1")
    with activated("numpy"):
        assert elementwise(still.state_updater, language="numpy") is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (("gain*v", "gain*v*t/tau"), "the equations use t, the time since the start of the run"),
        (("gain*v", "gain*v + rand()"), r"rand\(\) gives another value at every call"),
        ((")/tau", ")/tau + xi/sqrt(tau)"), r"randn\(\) gives another value at every call"),
    ],
)
@pytest.mark.parametrize("language", ["cpp", "numpy"])
def test_statements_that_differ_between_steps_are_refused(
    language: str, changed: tuple[str, str], reason: str
) -> None:
    with pytest.raises(NotLoopable, match=reason):
        translated(group(EQUATIONS.replace(*changed)), language)
