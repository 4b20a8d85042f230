"""Sums over a few neighbours, taken step by step and whole, are those of a dense matrix with zeros elsewhere."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, ms
from looped_network import SOFT, Course, LoopedNetwork, inhibition
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.backend import activated
from neurosim.engine.dense import DensePathway, DenseWeights
from neurosim.engine.neighbours import NeighbourPathway, NeighbourWeights

# Enough for threads; neighbours may be named twice.
N_REPLICAS, N_SOURCE, N_TARGET, N_NEIGHBOURS = 3, 61, 53, 40
RNG = np.random.default_rng(5)
INDICES = RNG.integers(0, N_SOURCE, (N_TARGET, N_NEIGHBOURS))
VALUES = RNG.standard_normal((N_TARGET, N_NEIGHBOURS))
SENT = RNG.standard_normal(N_REPLICAS * N_SOURCE)
RTOL = {np.float64: 1e-12, np.float32: 1e-5}


def scattered(indices: Any, values: Any, n_source: int) -> Any:
    """The same weights as a matrix, shape (n_source, n_target)."""
    matrix = np.zeros((n_source, len(indices)))
    for i, (places, row) in enumerate(zip(indices, values, strict=True)):
        for j, weight in zip(places, row, strict=True):
            matrix[j, i] += weight
    return matrix


# Step by step.


def both_kinds() -> Any:
    """Pathways of both kinds that send the same things."""
    clock = Clock(1 * ms, name="sheet_clock")
    source = NeuronGroup(N_REPLICAS * N_SOURCE, "a : 1\ncount : integer", clock=clock, name="source")
    receiving = "sums : 1\nmixed : 1\ndense_sums : 1\ndense_mixed : 1"
    target = NeuronGroup(N_REPLICAS * N_TARGET, receiving, clock=clock, name="target")
    source.a, source.count = SENT, np.arange(len(SENT)) % 4
    few = NeighbourWeights(INDICES, VALUES, name="few")
    all_of_them = DenseWeights(scattered(INDICES, VALUES, N_SOURCE), name="all_of_them")
    parts = []
    for into, transmits in (("sums", "a"), ("mixed", "a**2 - count/2")):
        parts.append(
            NeighbourPathway(source, target, few, transmits=transmits, into=into, name=f"few_{into}")
        )
        parts.append(
            DensePathway(
                source, target, all_of_them, transmits=transmits, into=f"dense_{into}", name=f"all_{into}"
            )
        )
    return Network(source, target, *parts), {
        name: target.variables[name] for name in receiving.split() if len(name) > 1
    }


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sums_are_those_of_a_dense_pathway(runtime_backend: str, stepped: Any, dtype: Any) -> None:
    assert_sums_equal(stepped(runtime_backend, both_kinds, float_dtype=dtype), dtype)


@pytest.mark.slow
def test_sums_are_those_of_a_dense_pathway_in_standalone(stepped: Any) -> None:
    assert_sums_equal(stepped("cpp_standalone", both_kinds), np.float64)


def assert_sums_equal(found: dict[str, Any], dtype: Any) -> None:
    for name in ("sums", "mixed"):
        assert found[name].dtype == dtype
        assert np.abs(found[name]).min() > 0
        assert_allclose(found[name], found[f"dense_{name}"], rtol=RTOL[dtype], atol=10 * RTOL[dtype])


def chain(*, orders: tuple[int, int]) -> Any:
    """From x to y and on to z, along names whose alphabet says the opposite."""
    group = NeuronGroup(4, "x : 1\ny : 1\nz : 1", dt=1 * ms, name="chained")
    group.x = [1, 2, 3, 4]
    turn = NeighbourWeights([[1], [0]], [[1.0], [10.0]], name="turn")
    first = NeighbourPathway(group, group, turn, transmits="x", into="y", order=orders[0], name="to_y")
    second = NeighbourPathway(group, group, turn, transmits="y + x", into="z", order=orders[1], name="from_y")
    return Network(group, first, second), {"z": group.variables["z"]}


def test_a_later_pathway_sends_what_an_earlier_one_has_just_written(
    runtime_backend: str, stepped: Any
) -> None:
    # x = [1, 2] becomes y = [2, 10]; what is sent is [3, 12], and z = [12, 30].
    found = stepped(runtime_backend, lambda: chain(orders=(0, 1)))["z"]
    assert_array_equal(found, [12, 30, 34, 70])
    assert_array_equal(stepped(runtime_backend, lambda: chain(orders=(1, 0)))["z"], [2, 10, 4, 30])


def test_a_population_that_receives_into_what_it_transmits_reads_before_it_writes(
    runtime_backend: str, stepped: Any
) -> None:
    def build() -> Any:
        group = NeuronGroup(6, "x : 1", dt=1 * ms, name="turning")
        group.x = np.arange(6)
        ring = NeighbourWeights([[1], [2], [0]], np.ones((3, 1)), name="ring")
        pathway = NeighbourPathway(group, group, ring, transmits="x", into="x", name="turn_once")
        return Network(group, pathway), {"x": group.variables["x"]}

    assert_array_equal(stepped(runtime_backend, build, n_steps=4)["x"], [1, 2, 0, 4, 5, 3])


# Whole presentations.

# What a neuron sends grows with the energy of its pool, which its own activity is part of; `level` is .5.
POOLED = """
du/dt = (s - u - received)/tau : 1
a = u/(1 + level*loss) : 1 (constant over dt)
energy : 1
loss : 1
s : 1
received : 1
tau : second (shared)
level : 1 (shared)
"""
N, N_BATCHES, N_SHOWN = 19, 2, 4
NEAREST = (np.arange(N)[:, np.newaxis] + np.arange(-2, 3)) % N
POOL = RNG.random(NEAREST.shape) + 0.2
WEIGHTS = inhibition(N, RNG)
STIMULI = 2 * RNG.standard_normal((N_BATCHES, N_SHOWN, N))


def pooling(kind: str, orders: tuple[int, int]) -> Any:
    """Return what connects a group to its pools and back, along either kind of pathway."""

    def connect(group: NeuronGroup) -> list[Any]:
        if kind == "dense":
            matrix = scattered(NEAREST, POOL, N)
            path: Any = DensePathway
            weights: Any = DenseWeights(matrix.T, name="pool_weights").T
        else:
            path, weights = NeighbourPathway, NeighbourWeights(NEAREST, POOL, name="pool_weights")
        pools = path(group, group, weights, transmits="a**2", into="energy", order=orders[0], name="pool")
        back = path(
            group,
            group,
            weights,
            transmits="(energy + 0.1)**(-1/2)",
            into="loss",
            order=orders[1],
            name="back",
        )
        return sorted([pools, back], key=lambda each: int(each.order))

    return connect


@cache
def network(
    backend: str,
    kind: str = "neighbours",
    *,
    orders: tuple[int, int] = (1, 2),
    dtype: Any = np.float64,
    **options: Any,
) -> LoopedNetwork:
    shape = {"n_replicas": N_SHOWN, "capacity": N_BATCHES, **options}
    return LoopedNetwork(
        backend, WEIGHTS, equations=POOLED, also=pooling(kind, orders), also_kept=("energy", "loss"),
        float_dtype=dtype, **shape,
    )  # fmt: skip


def shown(net: LoopedNetwork) -> Course:
    return net.show(STIMULI, n_steps=43)


def assert_same_course(found: Course, expected: Course, rtol: float = 1e-12) -> None:
    for name, values in expected.at_end.items():
        assert np.abs(values).max() > 0.1
        assert_allclose(found.at_end[name], values, rtol=rtol, atol=rtol, err_msg=name)
    assert_allclose(found.durations, expected.durations, rtol=1e-12)


@pytest.mark.parametrize("whole", [True, False])
def test_a_pooled_population_ends_where_dense_pathways_take_it(runtime_backend: str, whole: bool) -> None:
    expected = shown(network("numpy", "dense", whole=False))
    assert_same_course(shown(network(runtime_backend, whole=whole)), expected)


def test_both_ways_keep_another_order_too_and_it_matters(backend: str) -> None:
    expected = shown(network("numpy", "dense", orders=(2, 1), whole=False))
    assert_same_course(shown(network.__wrapped__(backend, orders=(2, 1))), expected)
    usual = shown(network("numpy"))
    assert np.abs(usual.at_end["a"] - expected.at_end["a"]).max() > 1e-6


def test_whole_presentations_read_what_a_pathway_replaces_before_they_write(backend: str) -> None:
    def connect(group: NeuronGroup) -> list[Any]:
        few = NeighbourWeights(NEAREST, POOL / POOL.sum(), name="blur_weights")
        dense = DenseWeights(scattered(NEAREST, POOL / POOL.sum(), N).T, name="dense_blur_weights").T
        return [
            NeighbourPathway(group, group, few, transmits="y", into="y", name="blur"),
            DensePathway(group, group, dense, transmits="z", into="z", name="dense_blur"),
        ]

    blurred = SOFT + "dy/dt = (s - y)/tau : 1\ndz/dt = (s - z)/tau : 1\n"
    found, expected = (
        shown(
            LoopedNetwork(
                each, WEIGHTS, whole=whole, n_replicas=N_SHOWN, capacity=N_BATCHES, equations=blurred, also=connect
            )
        )
        for each, whole in ((backend, True), ("numpy", False))
    )  # fmt: skip
    assert_same_course(found, expected)
    assert_allclose(found.at_end["y"], found.at_end["z"], rtol=1e-12, atol=1e-12)


def test_single_precision_ends_there_too(backend: str) -> None:
    found = shown(network.__wrapped__(backend, dtype=np.float32))
    assert found.at_end["energy"].dtype == np.float32
    assert_same_course(found, shown(network("numpy", whole=False)), rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("whole", [True, False])
def test_a_pooled_population_ends_there_in_standalone(whole: bool) -> None:
    # Not from the cache: standalone has one network at a time.
    found = shown(network.__wrapped__("cpp_standalone", whole=whole))
    assert_same_course(found, shown(network("numpy", "dense", whole=False)))


def test_an_order_that_brian2_would_not_keep_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"'pool' and 'back' .* their orders are 1 and 1; give the later one"
    ):
        network("numpy", orders=(1, 1))


# The end of a presentation.

CALM = {"bounds": (0.01, 1e6, 0.0), "pace": (1e-3, 1e-3, 0.3)}


# Stimuli that drive a neuron at either end alone: none of the others has as far to go.
OF_ONE = np.array([2.6, 2.4, 2.2, 2])[:, np.newaxis] * np.eye(N)[[0, 1, N - 2, N - 1]]


@pytest.mark.parametrize(("second", "tolerance"), [(STIMULI[1], 0.01), (OF_ONE, 0.2)])
def test_a_pooled_presentation_ends_when_no_membrane_has_far_to_go(
    runtime_backend: str, second: Any, tolerance: float
) -> None:
    settings = CALM | {"bounds": (tolerance, 1e6, 0.0)}
    found = network(runtime_backend).show(np.stack([STIMULI[0], second]), **settings)
    for replica in range(N_SHOWN):
        alone = network("numpy", whole=False, n_replicas=1, capacity=1)
        last = round(found.elapsed[replica] / 1e-3)
        before, end, after = (
            alone.show(second[np.newaxis, [replica]], n_steps=last + step).at_end["u"][0, 0]
            for step in (-1, 0, 1)
        )
        assert 10 < last < 290
        assert_allclose(found.at_end["u"][1, replica], end, rtol=1e-11, atol=1e-12)
        # A step takes a tenth of the way that is left.
        assert np.abs(10 * (after - end)).max() <= tolerance < np.abs(10 * (end - before)).max()
    assert len(set(found.elapsed)) > 1


def test_without_a_goal_or_tolerance_only_the_duration_ends_it() -> None:
    exact = CALM | {"bounds": (0, 1e6, 0.0)}
    for net, settings in ((network("numpy", rest=None), CALM), (network("numpy"), exact)):
        assert_allclose(net.show(STIMULI, **settings).elapsed, 0.3, rtol=1e-2)


# What is refused.


@pytest.mark.parametrize(
    ("indices", "weights", "match"),
    [
        (
            [0, 1],
            [1, 1],
            r"expected a matrix of integers \(n_target, n_neighbours\).* got int64 of shape \(2,\)",
        ),
        ([[0.0, 1.0]], [[1, 1]], "got float64 of shape"),
        ([[0, -1]], [[1, 1]], "from 0 on, got -1 to 0; wrap indices that leave the sheet"),
        ([[0, 2**32]], [[1, 1]], "got 0 to 4294967296"),
        ([[0, 1]], [[1, 1, 1]], r"for each of the indices \(1, 2\), got shape \(1, 3\)"),
        ([[0, 1]], [[1, np.nan]], r"got shape \(1, 2\) with values that are not finite"),
    ],
)
def test_tables_that_name_no_neighbours_are_refused(indices: Any, weights: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        NeighbourWeights(indices, weights, name="refused")


@pytest.mark.parametrize(
    ("n_source", "indices", "changed", "match"),
    [
        (4, [[0], [2]], {}, r"indices go up to 2, but 'source' has 2 neurons in each of its 2 replicas"),
        (5, [[0], [1]], {}, "of 2 target neurons want groups of whole replicas.* got 5 source and 4 target"),
        (4, [[0], [1], [0]], {}, "of 3 target neurons want groups of whole replicas"),
        (4, [[0], [1]], {"transmits": "spikes"}, "hear graded activity, not spikes; name a variable"),
        (4, [[0], [1]], {"transmits": "b"}, "group 'source' has no variable 'b'"),
        (4, [[0], [1]], {"into": "q"}, "no variable 'q' per neuron to receive into"),
        (4, [[0], [1]], {"into": "count"}, "'count' of group 'target' is int32 and the weights are float64"),
        (4, [[0], [1]], {"into": "taken"}, "another pathway already replaces 'taken' of 'target'"),
    ],
)
def test_pathways_that_do_not_fit_are_refused(n_source: int, indices: Any, changed: Any, match: str) -> None:
    names = {"transmits": "a", "into": "r"} | changed
    with activated("numpy"):
        source = NeuronGroup(n_source, "a : 1", name="source")
        target = NeuronGroup(4, "r : 1\ntaken : 1\ncount : integer", name="target")
        DensePathway(target, target, np.eye(2), transmits="r", into="taken", name="other")
        weights = NeighbourWeights(indices, np.ones((len(indices), 1)), name="refused_weights")
        with pytest.raises(ValueError, match=match):
            NeighbourPathway(source, target, weights, **names)
