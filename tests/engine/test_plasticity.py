from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, Synapses, ms
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.dense import DenseWeights, propagation
from neurosim.engine.errors import RuleError
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import CONTROL, Presentation
from neurosim.engine.program import Program

# More rows than the kernels need before they use threads, in either direction.
N_REPLICAS, N_SOURCE, N_TARGET, CAPACITY = 3, 37, 35, 4
VALID = (3, 2, 1)  # stimuli that count in each presentation
SHAPE = (N_SOURCE, N_TARGET)
SOURCE = """
x : 1
p : 1
r = x - p : 1
n : integer
"""
TARGET = """
a : 1
y : 1
n : integer
"""


@dataclass(frozen=True)
class Rule:
    """A learning rule with a schedule for each of its parameters."""

    text: str
    parameters: dict[str, tuple[float, ...]]


RULES = {
    "LCA": Rule("w += eta*a_post*r_pre", {"eta": (0.5, 0.2, 0.1)}),
    "SAILnet": Rule("w += beta*(n_post*x_pre - n_post**2*w)", {"beta": (0.1, 0.0, 0.2)}),
    "E-I": Rule("w += eta*(y_post*x_pre - mean_y_post*mean_x_pre*(1 + w))", {"eta": (0.3, 0.1, 0.2)}),
    "constant term": Rule(
        "w += alpha*(n_post*n_pre - p**2)", {"alpha": (0.1, 0.2, 0.3), "p": (0.5, 0.1, 2.0)}
    ),
    "no parameter": Rule("w += a_post*x_pre - w/3", {}),
    "mean count": Rule("w += eta*(n_post - mean_n_post)*n_pre/(1 + n_pre)", {"eta": (0.1, 0.2, 0.3)}),
    # Every way in which a side can be alike in all replicas: a mean, a constant, both, with and without the weight.
    "alike": Rule(
        "w += eta*(mean_y_post*x_pre - mean_n_post**2*w + n_post*mean_x_pre - mean_x_pre/7 + w**2/9)",
        {"eta": (0.1, 0.3, 0.2)},
    ),
    # Names that the generated loops use themselves.
    "names": Rule("w += row*factor*a_post*x_pre", {"row": (0.1, 0.2, 0.3), "factor": (1.0, 2.0, 1.0)}),
}
LAYOUTS = {"plain": False, "tied": True}
EVERYTHING = [(rule, layout) for rule in RULES for layout in LAYOUTS]
# What the quick ring compiles.
CONTRACT = [
    ("LCA", "tied"),
    ("SAILnet", "plain"),
    ("E-I", "tied"),
    ("constant term", "plain"),
    ("no parameter", "plain"),
]


@pytest.fixture(scope="module")
def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return {
        "stimuli": rng.standard_normal((CAPACITY, N_REPLICAS, N_SOURCE)),
        "projection": rng.standard_normal(SHAPE) / 5,
        "weights": rng.standard_normal(SHAPE) / 5,
        "p": rng.standard_normal((N_REPLICAS, N_SOURCE)),
        "n_pre": rng.integers(0, 4, (N_REPLICAS, N_SOURCE)),
        "n_post": rng.integers(0, 4, (N_REPLICAS, N_TARGET)),
        "y": rng.standard_normal((N_REPLICAS, N_TARGET)),
    }


@dataclass
class Classroom:
    """Two populations that see presentations; what learns is added by each test."""

    numbers: dict[str, Any]
    clock: Clock
    source: NeuronGroup
    target: NeuronGroup
    presentation: Presentation

    @classmethod
    def built(cls, numbers: dict[str, Any]) -> "Classroom":
        clock = Clock(1 * ms, name="classroom_clock")
        source = NeuronGroup(N_REPLICAS * N_SOURCE, SOURCE, clock=clock, name="source", namespace={})
        target = NeuronGroup(N_REPLICAS * N_TARGET, TARGET, clock=clock, name="target", namespace={})
        source.p, source.n = numbers["p"].ravel(), numbers["n_pre"].ravel()
        target.y, target.n = numbers["y"].ravel(), numbers["n_post"].ravel()
        presentation = Presentation(
            source,
            "x",
            n_replicas=N_REPLICAS,
            capacity=CAPACITY,
            collected={},
            reset=[],
            watched=(target, "a"),
            settling="a",
        )
        projection = DenseWeights(numbers["projection"], name="projection")
        presentation.onset.append(
            propagation(source, target, projection, transmits="x", into="a", name="project")
        )
        return cls(numbers, clock, source, target, presentation)

    def weights(self, tied: bool, name: str, values: Any = None) -> DenseWeights:
        start = self.numbers["weights"] if values is None else values
        return DenseWeights(start.T, name=name).T if tied else DenseWeights(start, name=name)

    def learner(self, rule: Rule, weights: DenseWeights, name: str, constraints: Any = ()) -> Plasticity:
        plasticity = Plasticity(
            self.source,
            self.target,
            weights,
            rule=rule.text,
            presentation=self.presentation,
            parameters=tuple(rule.parameters),
            constraints=constraints,
            name=name,
        )
        for key, values in rule.parameters.items():
            plasticity.parameter(key).set_value(np.resize(values, CAPACITY))
        return plasticity

    def taught(self, backend: str, float_dtype: Any, *, n_presentations: int = len(VALID)) -> Program:
        network = Network(self.source, self.target, self.presentation.scheduled(self.clock))
        program = Program(network, clock=self.clock, backend=backend, float_dtype=float_dtype)
        block = self.presentation.block
        control = np.zeros(len(CONTROL), dtype=int)
        control[CONTROL["n_presentations"]], control[CONTROL["n_steps"]] = n_presentations, 2
        control[CONTROL["learning"]] = 2
        program.write(block.array("control"), control)
        program.write(block.array("valid"), np.resize(VALID, CAPACITY))
        program.write(block.array("stimuli"), self.numbers["stimuli"])
        program.run(dt=1e-3)
        return program


def _learned(
    backend: str, numbers: dict[str, Any], pairs: list[tuple[str, str]], float_dtype: Any = np.float64
) -> dict[tuple[str, str], Any]:
    """The weights that pairs of a rule and a layout end with, all taught in one run."""
    with activated(backend, float_dtype=float_dtype):
        if backend == "cpp_standalone":
            fresh_standalone_device()
        room = Classroom.built(numbers)
        weights = {}
        for k, (rule, layout) in enumerate(pairs):
            weights[rule, layout] = room.weights(LAYOUTS[layout], f"weights{k}")
            room.learner(RULES[rule], weights[rule, layout], f"learn{k}")
        program = room.taught(backend, float_dtype)
        return {key: _read(program, each) for key, each in weights.items()}


def _read(program: Program, weights: DenseWeights) -> Any:
    stored = program.read(weights.variable)
    n_source, n_target = weights.shape
    return stored.reshape(n_target, n_source).T if weights.transposed else stored.reshape(n_source, n_target)


def _averaged_increment(rule: Rule, weights: Any, numbers: dict[str, Any], shown: int, n_valid: int) -> Any:
    """The oracle: one plain Synapses for each replica, from the same weights, increments averaged."""
    x, y = numbers["stimuli"][shown, :n_valid], numbers["y"][:n_valid]
    constants = {key: values[shown] for key, values in rule.parameters.items()}
    parts = []
    for replica in range(n_valid):
        source = NeuronGroup(N_SOURCE, SOURCE + "mean_x : 1", name=f"pre{replica}", namespace={})
        target = NeuronGroup(N_TARGET, TARGET + "mean_y : 1\nmean_n : 1", name=f"post{replica}", namespace={})
        source.x, source.mean_x = x[replica], x.mean(axis=0)
        source.p, source.n = numbers["p"][replica], numbers["n_pre"][replica]
        target.a, target.n = x[replica] @ numbers["projection"], numbers["n_post"][replica]
        target.y, target.mean_y = y[replica], y.mean(axis=0)
        target.mean_n = numbers["n_post"][:n_valid].mean(axis=0)
        synapses = Synapses(source, target, "w : 1", name=f"plain{replica}", namespace=constants)
        synapses.connect()
        synapses.w = weights[synapses.i[:], synapses.j[:]]
        synapses.run_regularly(rule.text, dt=1 * ms)
        parts.append((source, target, synapses))
    Network(*(part for group in parts for part in group)).run(0.1 * ms, namespace={})
    return np.mean([np.reshape(synapses.w[:], SHAPE) - weights for *_, synapses in parts], axis=0)


@pytest.fixture(scope="module")
def oracle(numbers: dict[str, Any]) -> dict[str, Any]:
    expected = {}
    with activated("numpy"):
        for name, rule in RULES.items():
            weights = numbers["weights"].copy()
            for shown, n_valid in enumerate(VALID):
                weights = weights + _averaged_increment(rule, weights, numbers, shown, n_valid)
            expected[name] = weights
    return expected


def _assert_equals_oracle(learned: Any, oracle: Any, numbers: Any, rtol: float) -> None:
    for (rule, layout), weights in learned.items():
        assert np.abs(oracle[rule] - numbers["weights"]).max() > 0.01
        assert_allclose(weights, oracle[rule], rtol=rtol, atol=10 * rtol, err_msg=f"{rule}, {layout} weights")


def test_the_rules_of_the_models_equal_averaged_synapses_on_every_backend(
    every_backend: str, numbers: dict[str, Any], oracle: dict[str, Any]
) -> None:
    _assert_equals_oracle(_learned(every_backend, numbers, CONTRACT), oracle, numbers, rtol=1e-11)


def test_every_rule_equals_averaged_synapses_in_both_layouts(
    backend: str, numbers: dict[str, Any], oracle: dict[str, Any]
) -> None:
    _assert_equals_oracle(_learned(backend, numbers, EVERYTHING), oracle, numbers, rtol=1e-11)


def test_rules_equal_averaged_synapses_in_single_precision_too(
    backend: str, numbers: dict[str, Any], oracle: dict[str, Any]
) -> None:
    learned = _learned(backend, numbers, CONTRACT, np.float32)
    assert {weights.dtype for weights in learned.values()} == {np.dtype(np.float32)}
    _assert_equals_oracle(learned, oracle, numbers, rtol=1e-4)


def test_two_runs_learn_the_same_bits(backend: str, numbers: dict[str, Any]) -> None:
    first, second = (_learned(backend, numbers, CONTRACT) for _ in range(2))
    for pair, weights in first.items():
        assert_array_equal(weights, second[pair])


LEARNS = Rule("w += eta*a_post*r_pre", {"eta": (2.0, 2.0, 2.0)})
SIGNS = np.where(np.arange(N_SOURCE) % 3 == 0, -1.0, 1.0)
CONSTRAINED = {
    "unit_norm": lambda w: np.abs(np.linalg.norm(w, axis=0) - 1).max() < 1e-12,
    "non_negative": lambda w: w.min() >= 0,
    "non_positive": lambda w: w.max() <= 0,
    "dale": lambda w: (w * SIGNS[:, np.newaxis]).min() >= 0,
}


def _constrained(backend: str, numbers: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """The weights under every constraint and under none, in both layouts, all taught in one run."""
    start = np.abs(numbers["weights"]) * SIGNS[:, np.newaxis]
    with activated(backend):
        if backend == "cpp_standalone":
            fresh_standalone_device()
        room = Classroom.built(numbers)
        weights = {}
        for k, (name, layout) in enumerate((name, each) for name in (*CONSTRAINED, "") for each in LAYOUTS):
            weights[name, layout] = room.weights(LAYOUTS[layout], f"weights{k}", start)
            room.learner(LEARNS, weights[name, layout], f"learn{k}", (name,) if name else ())
        program = room.taught(backend, np.float64)
        return {key: _read(program, each) for key, each in weights.items()}


def test_constraints_hold_after_learning_and_would_not_without_them(
    backend: str, numbers: dict[str, Any]
) -> None:
    learned = _constrained(backend, numbers)
    for (name, layout), weights in learned.items():
        if name:
            assert CONSTRAINED[name](weights), (name, layout)
            assert not CONSTRAINED[name](learned["", layout]), (name, layout)
            assert np.abs(weights).max() > 0.01
        assert_allclose(weights, learned[name, "plain"], rtol=1e-10, atol=1e-12)


@pytest.mark.slow
def test_constraints_give_the_same_weights_on_every_backend(
    compiled_backend: str, numbers: dict[str, Any]
) -> None:
    expected = _constrained("numpy", numbers)
    for key, weights in _constrained(compiled_backend, numbers).items():
        assert_allclose(weights, expected[key], rtol=1e-10, atol=1e-12, err_msg=str(key))


def test_no_neuron_learns_a_connection_to_itself(backend: str) -> None:
    rng = np.random.default_rng(4)
    start = rng.random((5, 5))
    with activated(backend):
        if backend == "cpp_standalone":
            fresh_standalone_device()
        clock = Clock(1 * ms, name="square_clock")
        group = NeuronGroup(10, "x : 1", clock=clock, name="square", namespace={})
        presentation = Presentation(
            group, "x", n_replicas=2, capacity=1, collected={}, reset=[], watched=(group, "x"), settling="x"
        )
        weights = [DenseWeights(start, name="free"), DenseWeights(start, name="held")]
        for each, constraints in zip(weights, ((), ("no_self_connection",)), strict=True):
            Plasticity(
                group, group, each, rule="w += x_post*x_pre", presentation=presentation, parameters=(),
                constraints=constraints, name=f"learn_{each.block.name}",
            )  # fmt: skip
        program = Program(
            Network(group, presentation.scheduled(clock)),
            clock=clock,
            backend=backend,
            float_dtype=np.float64,
        )
        control = np.zeros(len(CONTROL), dtype=int)
        for place, value in {"n_presentations": 1, "n_steps": 1, "learning": 2, "bad_step": -1}.items():
            control[CONTROL[place]] = value
        program.write(presentation.block.array("control"), control)
        program.write(presentation.block.array("stimuli"), rng.standard_normal(10))
        program.run(dt=1e-3)
        free, held = (_read(program, each) for each in weights)
    assert np.diag(free).all()
    assert_allclose(held, free - np.diag(np.diag(free)), rtol=1e-12)


def test_a_rate_of_zero_leaves_the_weights_alone(numbers: dict[str, Any]) -> None:
    with activated("numpy"):
        room = Classroom.built(numbers)
        weights = room.weights(False, "still")
        room.learner(Rule("w += eta*a_post*r_pre", {"eta": (0.0,)}), weights, "learn")
        program = room.taught("numpy", np.float64)
    assert_array_equal(_read(program, weights), numbers["weights"])


def test_stimuli_beyond_the_valid_ones_do_not_teach(numbers: dict[str, Any]) -> None:
    # VALID counts two stimuli of the second presentation and one of the third.
    changed = numbers | {"stimuli": numbers["stimuli"].copy()}
    changed["stimuli"][1, 2:], changed["stimuli"][2, 1:] = 9.0, -9.0
    first, second = (_learned("numpy", each, [("LCA", "plain")]) for each in (numbers, changed))
    assert_array_equal(first["LCA", "plain"], second["LCA", "plain"])
    changed["stimuli"][1, 1] = 9.0
    third = _learned("numpy", changed, [("LCA", "plain")])
    assert np.abs(third["LCA", "plain"] - first["LCA", "plain"]).max() > 0.1


def test_a_weight_matrix_of_zeros_has_no_direction_and_stays(numbers: dict[str, Any]) -> None:
    with activated("numpy"):
        room = Classroom.built(numbers)
        weights = room.weights(True, "zeros", np.zeros(SHAPE))
        room.learner(Rule("w += eta*a_post*r_pre", {"eta": (0.0,)}), weights, "learn", ("unit_norm",))
        program = room.taught("numpy", np.float64)
    assert_array_equal(_read(program, weights), np.zeros(SHAPE))


def _refused(
    numbers: dict[str, Any],
    error: type[Exception],
    match: str,
    rule: str = "w += eta*a_post*r_pre",
    **changed: Any,
) -> None:
    with activated("numpy"):
        room = Classroom.built(numbers)
        values = changed.pop("values", numbers["weights"])
        weights = DenseWeights(values, name="refused")
        with pytest.raises(error, match=match):
            Plasticity(
                room.source, room.target, weights, rule=rule, presentation=room.presentation, **changed
            )


def test_a_rule_that_names_no_variable_of_the_neuron_is_refused(numbers: dict[str, Any]) -> None:
    _refused(numbers, RuleError, "names q_pre, but group 'source' has no variable 'q'", "w += eta*q_pre")


def test_a_rule_that_averages_a_formula_is_refused(numbers: dict[str, Any]) -> None:
    _refused(
        numbers, RuleError, "averages 'r', which is no variable of its own", "w += eta*mean_r_pre*a_post"
    )


def test_a_rule_with_a_factor_that_mixes_both_sides_is_refused(numbers: dict[str, Any]) -> None:
    _refused(numbers, RuleError, r"the factor .*a_post.* mixes post and pre", "w += eta*abs(a_post*r_pre)")


def test_a_rule_with_a_parameter_that_was_not_declared_is_refused(numbers: dict[str, Any]) -> None:
    _refused(numbers, RuleError, "'gamma', which a synapse cannot see", "w += gamma*a_post*r_pre")


def test_an_unknown_constraint_is_refused_with_those_there_are(numbers: dict[str, Any]) -> None:
    _refused(
        numbers, ValueError, "unknown constraint 'norm'; expected some of unit_norm", constraints=("norm",)
    )


def test_no_self_connection_between_two_populations_of_different_size_is_refused(
    numbers: dict[str, Any],
) -> None:
    _refused(numbers, ValueError, "needs weights within one population", constraints=("no_self_connection",))


def test_weights_that_do_not_fit_the_populations_are_refused(numbers: dict[str, Any]) -> None:
    _refused(numbers, ValueError, "do not fit groups of 111 and 105 neurons", values=np.ones((N_SOURCE, 7)))


def test_dale_needs_initial_weights_of_one_sign_per_neuron(numbers: dict[str, Any]) -> None:
    _refused(numbers, ValueError, "neuron 0 .* has both signs", constraints=("dale",))
