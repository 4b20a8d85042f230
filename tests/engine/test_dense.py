from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, Synapses, ms
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.backend import activated
from neurosim.engine.dense import DensePathway, DenseWeights, propagation
from neurosim.engine.operation import Operation, schedule

# Above the size from which the compiled kernels use threads, and no multiple of the four rows they add at once.
N_REPLICAS, N_SOURCE, N_TARGET = 3, 53, 41
BEFORE = 0.5  # what stands in every target before the first step
VARIANTS = [
    (signal, tied, accumulate)
    for signal in ("a", "spikes", "a - 2*count/size")
    for tied in (False, True)
    for accumulate in (False, True)
]
# Each signal and each kernel once, replacing and adding: all that the quick ring compiles.
CONTRACT = [variant for variant in VARIANTS if variant[1] == variant[2]]
SOURCE = "a : 1\ncount : integer\nsize : integer\nfires : 1"
N_STEPS = 3


@pytest.fixture(scope="module")
def numbers() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    n = N_REPLICAS * N_SOURCE
    return {
        "weights": rng.standard_normal((N_SOURCE, N_TARGET)),
        "a": np.where(rng.random(n) < 0.4, rng.standard_normal(n), 0.0),
        "count": rng.integers(0, 4, n),
        "size": rng.integers(1, 4, n),
        "fires": (rng.random(n) < 0.3).astype(float),
    }


def _source(numbers: dict[str, Any], clock: Clock, name: str = "source") -> NeuronGroup:
    group = NeuronGroup(
        N_REPLICAS * N_SOURCE, SOURCE, threshold="fires > 0.5", clock=clock, name=name, namespace={}
    )
    for key in ("a", "count", "size", "fires"):
        setattr(group, key, numbers[key])
    return group


def _weights(values: Any, tied: bool, name: str) -> DenseWeights:
    return DenseWeights(values.T, name=name).T if tied else DenseWeights(values, name=name)


def _receivers(clock: Clock, n: int) -> NeuronGroup:
    variables = "\n".join(f"into{k} : 1" for k in range(n))
    group = NeuronGroup(N_REPLICAS * N_TARGET, variables, clock=clock, name="receivers", namespace={})
    for k in range(n):
        setattr(group, f"into{k}", BEFORE)
    return group


def _stages(numbers: dict[str, Any]) -> Any:
    """Variants as stages of one operation, so that a backend compiles only once."""
    clock = Clock(1 * ms, name="dense_clock")
    source, target = _source(numbers, clock), _receivers(clock, len(CONTRACT))
    stages = tuple(
        propagation(
            source,
            target,
            _weights(numbers["weights"], tied, f"weights{k}"),
            transmits=signal,
            into=f"into{k}",
            accumulate=accumulate,
            name=f"stage{k}",
        )
        for k, (signal, tied, accumulate) in enumerate(CONTRACT)
    )

    def all_of_them(**given: Callable[[], Any]) -> None:
        for work in given.values():
            work()

    calls = "".join(f"{stage.name}(); " for stage in stages)
    everything = Operation("everything", {}, calls + "return 0;", all_of_them, stages)
    network = Network(source, target, schedule(everything, clock=clock, when="synapses"))
    return network, {variant: target.variables[f"into{k}"] for k, variant in enumerate(CONTRACT)}


def _pathways(numbers: dict[str, Any]) -> Any:
    clock = Clock(1 * ms, name="dense_clock")
    source, target = _source(numbers, clock), _receivers(clock, len(VARIANTS))
    pathways = [
        DensePathway(
            source,
            target,
            _weights(numbers["weights"], tied, f"weights{k}"),
            transmits=signal,
            into=f"into{k}",
            accumulate=accumulate,
            name=f"pathway{k}",
        )
        for k, (signal, tied, accumulate) in enumerate(VARIANTS)
    ]
    network = Network(source, target, *pathways)
    return network, {variant: target.variables[f"into{k}"] for k, variant in enumerate(VARIANTS)}


@pytest.fixture(scope="module")
def synapses_received(numbers: dict[str, Any], stepped: Any) -> dict[str, Any]:
    """What one step brings through plain all-to-all Synapses, one set for each replica."""

    def build() -> Any:
        clock = Clock(1 * ms, name="synapses_clock")
        source = _source(numbers, clock, name="plain_source")
        target = NeuronGroup(
            N_REPLICAS * N_TARGET,
            "".join(f"graded{r} : 1\nmixed{r} : 1\n" for r in range(N_REPLICAS)) + "spiking : 1",
            clock=clock,
            name="plain_target",
            namespace={},
        )
        parts = []
        for r in range(N_REPLICAS):
            synapses = Synapses(
                source,
                target,
                f"""w : 1
                graded{r}_post = w*a_pre : 1 (summed)
                mixed{r}_post = w*(a_pre - 2*count_pre/size_pre) : 1 (summed)""",
                on_pre="spiking_post += w",
                clock=clock,
                name=f"plain{r}",
                namespace={},
            )
            of_replica = f"i // {N_SOURCE} == {r} and j // {N_TARGET} == {r}"
            synapses.connect(condition=of_replica)
            synapses.w = numbers["weights"][synapses.i[:] % N_SOURCE, synapses.j[:] % N_TARGET]
            parts.append(synapses)
        names = [name for name in target.variables if name[:6] in ("graded", "mixed0", "mixed1", "mixed2")]
        wanted = {name: target.variables[name] for name in [*names, "spiking"]}
        return Network(source, target, *parts), wanted

    received = stepped("numpy", build)
    return {
        "a": sum(received[f"graded{r}"] for r in range(N_REPLICAS)),
        "a - 2*count/size": sum(received[f"mixed{r}"] for r in range(N_REPLICAS)),
        "spikes": received["spiking"],
    }


def _assert_equals_synapses(found: dict[str, Any], synapses_received: dict[str, Any], rtol: float) -> None:
    for (signal, tied, accumulate), values in found.items():
        each = synapses_received[signal]
        expected = BEFORE + N_STEPS * each if accumulate else each
        label = f"{signal}, {'tied' if tied else 'plain'} weights, accumulate={accumulate}"
        assert_allclose(values, expected, rtol=rtol, atol=10 * rtol, err_msg=label)


def test_all_transmissions_equal_all_to_all_synapses_on_every_backend(
    every_backend: str, numbers: dict[str, Any], stepped: Any, synapses_received: dict[str, Any]
) -> None:
    found = stepped(every_backend, lambda: _stages(numbers), n_steps=N_STEPS)
    _assert_equals_synapses(found, synapses_received, rtol=1e-12)


def test_pathways_equal_all_to_all_synapses(
    backend: str, numbers: dict[str, Any], stepped: Any, synapses_received: dict[str, Any]
) -> None:
    found = stepped(backend, lambda: _pathways(numbers), n_steps=N_STEPS)
    _assert_equals_synapses(found, synapses_received, rtol=1e-12)


def test_transmissions_equal_synapses_in_single_precision_too(
    backend: str, numbers: dict[str, Any], stepped: Any, synapses_received: dict[str, Any]
) -> None:
    found = stepped(backend, lambda: _stages(numbers), n_steps=N_STEPS, float_dtype=np.float32)
    assert {values.dtype for values in found.values()} == {np.dtype(np.float32)}
    _assert_equals_synapses(found, synapses_received, rtol=1e-5)


def test_two_runs_give_the_same_bits(backend: str, numbers: dict[str, Any], stepped: Any) -> None:
    first, second = (stepped(backend, lambda: _stages(numbers)) for _ in range(2))
    for key, values in first.items():
        assert_array_equal(values, second[key])


def _recurrent(connect: Callable[[NeuronGroup, Clock], Any]) -> Any:
    clock = Clock(1 * ms, name="recurrent_clock")
    group = NeuronGroup(
        2 * 5,
        """dv/dt = (1.5 + 0.1*i - v + graded + g)/(10*ms) : 1
        dg/dt = -g/(5*ms) : 1
        graded : 1""",
        threshold="v > 1",
        reset="v = 0",
        method="euler",
        clock=clock,
        name="recurrent",
        namespace={"ms": ms},
    )
    group.v = np.linspace(0, 0.9, 10)
    return Network(group, *connect(group, clock)), {name: group.variables[name] for name in ("v", "g")}


def test_a_recurrent_spiking_population_follows_the_same_trajectory_as_with_synapses(
    backend: str, stepped: Any
) -> None:
    rng = np.random.default_rng(1)
    inhibition, kick = -rng.random((5, 5)), 0.3 * rng.standard_normal((5, 5))

    def plain(group: NeuronGroup, clock: Clock) -> list[Any]:
        synapses = Synapses(
            group,
            group,
            "w : 1\nk : 1\ngraded_post = w*v_pre : 1 (summed)",
            on_pre="g_post += k",
            clock=clock,
            name="plain",
            namespace={},
        )
        synapses.connect(condition="i // 5 == j // 5")
        synapses.w, synapses.k = (m[synapses.i[:] % 5, synapses.j[:] % 5] for m in (inhibition, kick))
        return [synapses]

    def dense(group: NeuronGroup, clock: Clock) -> list[Any]:
        graded = DensePathway(group, group, inhibition, transmits="v", into="graded", name="graded_path")
        return [graded, DensePathway(group, group, kick, transmits="spikes", into="g", name="kick_path")]

    # Long enough for about thirty spikes, so that a spike counted one step late would be seen.
    expected = stepped("numpy", lambda: _recurrent(plain), n_steps=60)
    found = stepped(backend, lambda: _recurrent(dense), n_steps=60)
    assert np.ptp(expected["g"]) > 0.01
    for name in ("v", "g"):
        assert_allclose(found[name], expected[name], rtol=1e-11, atol=1e-12)


def test_a_population_that_receives_into_what_it_transmits_reads_before_it_writes(
    backend: str, stepped: Any
) -> None:
    rng = np.random.default_rng(2)
    weights, start = rng.standard_normal((4, 4)), rng.standard_normal(8)

    def build() -> Any:
        group = NeuronGroup(8, "x : 1", dt=1 * ms, name="loop", namespace={})
        group.x = start
        pathway = DensePathway(group, group, weights, transmits="x", into="x", name="loop_path")
        return Network(group, pathway), {"x": group.variables["x"]}

    found = stepped(backend, build, n_steps=2)["x"]
    assert_allclose(found, (start.reshape(2, 4) @ weights @ weights).ravel(), rtol=1e-12)


def test_source_variables_may_be_called_like_anything_in_the_kernels(backend: str, stepped: Any) -> None:
    def build() -> Any:
        source = NeuronGroup(2, "target : 1\nweights : 1\nsent : 1", dt=1 * ms, name="source", namespace={})
        source.target, source.weights, source.sent = [1, 2], [3, 4], [5, 6]
        receiver = NeuronGroup(1, "target : 1", dt=1 * ms, name="receiver", namespace={})
        pathway = DensePathway(
            source, receiver, [[1], [10]], transmits="target + weights + sent", into="target", name="path"
        )
        return Network(source, receiver, pathway), {"target": receiver.variables["target"]}

    assert_array_equal(stepped(backend, build)["target"], [9 + 120])


@given(st.lists(st.floats(-5, 5), min_size=6, max_size=6), st.floats(-3, 3))
def test_graded_transmission_is_linear_in_the_activity(values: list[float], factor: float) -> None:
    def received(activity: Any) -> Any:
        with activated("numpy"):
            source = NeuronGroup(6, "a : 1", name="linear_source")
            target = NeuronGroup(4, "r : 1", name="linear_target")
            source.variables["a"].set_value(np.asarray(activity))
            weights = DenseWeights(np.arange(6.0).reshape(3, 2), name="linear_weights")
            propagation(source, target, weights, transmits="a", into="r").bound()()
            return np.array(target.variables["r"].get_value())

    scaled = received(factor * np.array(values))
    assert_allclose(scaled, factor * received(values), rtol=1e-9, atol=1e-9)


def test_replicas_do_not_see_each_other() -> None:
    with activated("numpy"):
        source, target = NeuronGroup(6, "a : 1", name="apart"), NeuronGroup(4, "r : 1", name="receiver")
        source.variables["a"].set_value(np.array([1.0, 2, 3, 0, 0, 0]))
        weights = DenseWeights(np.ones((3, 2)), name="apart_weights")
        propagation(source, target, weights, transmits="a", into="r").bound()()
    assert_array_equal(target.variables["r"].get_value(), [6, 6, 0, 0])


def test_transposed_weights_are_the_same_weights_in_the_other_direction() -> None:
    with activated("numpy"):
        weights = DenseWeights([[1, 2, 3], [4, 5, 6]], name="tied")
    assert weights.T.shape == (3, 2)
    assert weights.T.T.shape == (2, 3)
    assert weights.T.variable is weights.variable
    assert_array_equal(weights.T.values(), weights.values().T)


def _refused(match: str, weights: Any = ((1, 2), (3, 4)), **changed: Any) -> None:
    names = {"transmits": "a", "into": "r"} | changed
    with activated("numpy"):
        source = NeuronGroup(4, "a : 1\nkind : integer\nx = sin(a) : 1\nshared_a : 1 (shared)", name="source")
        target = NeuronGroup(4, "r : 1\ncount : integer\nshared_r : 1 (shared)", name="target")
        with pytest.raises(ValueError, match=match):
            DensePathway(source, target, weights, **names)


def test_groups_that_hold_no_whole_replicas_are_refused() -> None:
    _refused(r"want 3 source and 2 target neurons .* got groups of 4 and 4", weights=np.ones((3, 2)))


def test_different_numbers_of_replicas_are_refused() -> None:
    _refused("in the same number of replicas", weights=np.ones((4, 2)))


@pytest.mark.parametrize("bad", [[1.0, 2.0], [[1.0, np.nan]], [[np.inf]], np.ones((0, 3))])
def test_weights_that_are_no_finite_matrix_are_refused(bad: Any) -> None:
    _refused(r"expected a finite matrix of weights \(n_rows, n_columns\), got shape", weights=bad)


def test_an_unknown_source_variable_is_named_with_those_there_are() -> None:
    _refused(r"group 'source' has no variable 'b' with one value per neuron \(it has .*a,", transmits="b")


def test_an_unknown_target_variable_is_named_with_what_to_declare() -> None:
    _refused(r"no variable 'q' per neuron to receive into; declare it as 'q : 1' \(it has .*r", into="q")


@pytest.mark.parametrize("changed", [{"transmits": "shared_a"}, {"into": "shared_r"}])
def test_a_variable_shared_by_all_neurons_is_refused(changed: dict[str, str]) -> None:
    _refused("per neuron", **changed)


def test_an_integer_target_is_refused() -> None:
    _refused("'count' of group 'target' is int32 and the weights are float64", into="count")


def test_weights_of_another_precision_are_refused() -> None:
    with activated("numpy", float_dtype=np.float32):
        single = DenseWeights([[1, 2], [3, 4]], name="single")
    _refused("is float64 and the weights are float32", weights=single)


def test_a_function_outside_the_small_language_is_refused_with_the_alternative() -> None:
    _refused(
        r"sin cannot be used here; use .* declare the subexpression '\(constant over dt\)'", transmits="x"
    )


def test_transmitting_a_number_is_refused() -> None:
    _refused("expected arithmetic in variables of group 'source', got '2'", transmits="2")


def test_spikes_of_a_group_without_threshold_are_refused() -> None:
    _refused("group 'source' sends no spikes: give it a threshold", transmits="spikes")


def test_a_second_pathway_that_would_overwrite_the_first_is_refused() -> None:
    with activated("numpy"):
        source, target = NeuronGroup(2, "a : 1", name="source"), NeuronGroup(2, "r : 1", name="target")
        DensePathway(source, target, np.eye(2), transmits="a", into="r", name="first")
        with pytest.raises(ValueError, match=r"already replaces 'r' of 'target' .* accumulate=True"):
            DensePathway(source, target, np.eye(2), transmits="a", into="r", name="second")
        DensePathway(source, target, np.eye(2), transmits="a", into="r", accumulate=True, name="third")


def test_a_refused_pathway_leaves_its_target_free() -> None:
    with activated("numpy"):
        source, target = NeuronGroup(2, "a : 1", name="source"), NeuronGroup(2, "r : 1", name="target")
        with pytest.raises(ValueError, match="has no variable 'b'"):
            DensePathway(source, target, np.eye(2), transmits="b", into="r", name="misspelt")
        DensePathway(source, target, np.eye(2), transmits="a", into="r", name="repaired")


def test_a_tied_pathway_follows_weights_that_were_written_later() -> None:
    with activated("numpy"):
        source, target = NeuronGroup(2, "a : 1", name="source"), NeuronGroup(3, "r : 1", name="target")
        weights = DenseWeights(np.zeros((3, 2)), name="late")
        source.a = [1, 10]
        path = DensePathway(source, target, weights.T, transmits="a", into="r", name="late_path")
        weights.variable.get_value()[:] = np.arange(6)
        Network(source, target, path).run(0.1 * ms)
    assert_array_equal(target.r[:], [10, 32, 54])
