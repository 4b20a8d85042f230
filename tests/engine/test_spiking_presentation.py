"""Spiking presentations taken whole: Brian2's own steps in another order of loops, and refusals of all else."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, NeuronGroup, TimedArray, ms
from brian2.core.base import BrianObjectException
from firing_network import KEPT, FiringNetwork
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.backend import activated
from neurosim.engine.dense import DensePathway, DenseWeights
from neurosim.engine.errors import BackendError, NotLoopable
from neurosim.engine.presentation import Presentation
from neurosim.engine.spiking_presentation import spiking_presentation
from neurosim.engine.step_parts import outside_networks

# Not a multiple of the sixteen neurons that are looked at together.
N, N_LISTENERS, N_REPLICAS, N_STEPS = 37, 5, 3, 60
RNG = np.random.default_rng(13)
WEIGHTS = {
    "among": RNG.random((N, N)) - 0.3,
    "onward": 0.5 * RNG.random((N, N_LISTENERS)),
    "back": 0.2 * RNG.standard_normal((N_LISTENERS, N)),
}
STIMULI = 1.5 * RNG.random((2, N_REPLICAS, N))


@cache
def network(backend: str, *, whole: bool, float_dtype: Any = np.float64) -> FiringNetwork:
    return FiringNetwork(backend, WEIGHTS, whole=whole, float_dtype=float_dtype)


@cache
def shown(backend: str, *, whole: bool, n_valid: int = N_REPLICAS) -> Any:
    return network(backend, whole=whole).show(STIMULI, n_steps=N_STEPS, n_valid=n_valid)


def _assert_same(found: Any, expected: Any, *, n_last: int = N_REPLICAS, atol: float = 1e-12) -> None:
    for key, values in expected.at_end.items():
        assert_allclose(found.at_end[key][0], values[0], atol=atol, err_msg=str(key))
        assert_allclose(found.at_end[key][1][:n_last], values[1][:n_last], atol=atol, err_msg=str(key))
    for population in KEPT:
        counts = expected.at_end[population, "n"]
        assert_array_equal(found.at_end[population, "n"][:, :n_last], counts[:, :n_last])
        assert counts.sum() > 100


def test_a_whole_presentation_fires_as_brian2_does_step_by_step_and_tells_its_work(cython: str) -> None:
    found = shown(cython, whole=True)
    _assert_same(found, shown("numpy", whole=False))
    spikes = sum(found.at_end[population, "n"].sum() for population in KEPT)
    assert (found.n_steps, found.n_spikes) == (2 * N_REPLICAS * N_STEPS, spikes)
    assert_allclose(found.durations, [N_STEPS * 1e-3] * 2)
    assert_allclose(found.elapsed, [N_STEPS * 1e-3] * N_REPLICAS)
    assert (found.shown, found.bad_step) == (2, -1)


@pytest.mark.slow
def test_it_does_so_on_every_compiled_backend_in_both_orders(compiled_backend: str) -> None:
    whole, stepped = (shown(compiled_backend, whole=whole) for whole in (True, False))
    _assert_same(whole, stepped)
    _assert_same(whole, shown("numpy", whole=False))


@pytest.mark.slow
def test_it_does_so_in_single_precision(compiled_backend: str) -> None:
    whole, stepped = (
        network(backend, whole=backend != "numpy", float_dtype=np.float32).show(STIMULI, n_steps=20)
        for backend in (compiled_backend, "numpy")
    )
    for key, values in stepped.at_end.items():
        assert values.dtype == np.float32
        assert_allclose(whole.at_end[key], values, atol=1e-4)


@pytest.mark.slow
def test_stimuli_that_do_not_count_are_not_simulated(compiled_backend: str) -> None:
    found = shown(compiled_backend, whole=True, n_valid=1)
    _assert_same(found, shown("numpy", whole=False), n_last=1)
    assert found.n_steps == (N_REPLICAS + 1) * N_STEPS
    assert not found.at_end["senders", "n"][1, 1:].any()


@pytest.mark.slow
def test_the_same_run_twice_gives_the_same_bits(compiled_backend: str) -> None:
    first, second = (network(compiled_backend, whole=True).show(STIMULI, n_steps=N_STEPS) for _ in range(2))
    for key, values in first.at_end.items():
        assert_array_equal(second.at_end[key], values)


def test_a_neuron_fires_in_the_step_that_its_equation_says(backend: str) -> None:
    # Alone, with nothing to hear: u = s (1 - .9**k) first exceeds one half in step k.
    drives = np.array([0.51, 0.6, 0.75, 1.0, 2.0, 4.9, 5.1])
    stimuli = np.zeros((1, N_REPLICAS, N))
    firing = network(backend, whole=backend != "numpy")
    for drive in drives:
        stimuli[0, 1, 20] = drive
        at_end = firing.show(stimuli, n_steps=N_STEPS).at_end
        step = np.floor(np.log(1 - 0.5 / drive) / np.log(0.9)) + 1
        assert at_end["senders", "first"][0, 1, 20] == pytest.approx(step)
        # The others hear of it, but no other replica does.
        assert not at_end["senders", "n"][0, [0, 2]].any()
        assert not at_end["listeners", "heard"][0, [0, 2]].any()
        assert at_end["listeners", "heard"][0, 1].all()


@pytest.mark.slow
@pytest.mark.parametrize("value", [1e7, np.inf, np.nan])
def test_a_membrane_beyond_the_limit_is_named_with_its_replica(compiled_backend: str, value: float) -> None:
    stimuli = np.zeros((2, N_REPLICAS, N))
    stimuli[1, 1:, 20:] = -value
    found = network(compiled_backend, whole=True).show(stimuli, n_steps=5)
    assert (found.shown, found.bad_step, found.bad_neuron) == (1, 5, N + 20)


def test_numpy_leaves_whole_presentations_to_the_compiled_backends() -> None:
    firing = FiringNetwork("numpy", WEIGHTS, whole=True)
    with pytest.raises(BrianObjectException) as raised:
        firing.show(STIMULI, n_steps=1)
    assert isinstance(raised.value.__cause__, BackendError)
    assert "leave `presentation.whole` empty on numpy" in str(raised.value.__cause__)


# What cannot be simulated replica by replica is refused with the reason.

FIRING = "du/dt = (s - u - told)/(10*ms) : 1\ns : 1\ntold : 1\na : 1"


def _composed(
    change: Callable[[NeuronGroup], Any] | None = None,
    *,
    equations: str = FIRING,
    transmits: str = "spikes",
    transposed: bool = False,
    **group_options: Any,
) -> Any:
    options = {"threshold": "u > 1", "reset": "u = 0", "method": "euler", "namespace": {}, **group_options}
    with activated("numpy"):
        clock = Clock(1 * ms, name="composed_clock")
        group = NeuronGroup(3, equations, clock=clock, name="composed", **options)
        if change is not None:
            change(group)
        weights = DenseWeights(np.zeros((3, 3)), name="composed_weights")
        pathway = DensePathway(
            group, group, weights.T if transposed else weights, transmits=transmits, into="told", accumulate=False,
            name="compose",
        )  # fmt: skip
        outside_networks([group, pathway])
        presentation = Presentation(
            group, "s", n_replicas=1, capacity=1, collected={}, reset=[], watched=(group, "u"), settling="u",
            name="composed_presentation",
        )  # fmt: skip
        return spiking_presentation([group], [pathway], presentation=presentation, clock=clock)


def test_a_population_that_integrates_fires_and_resets_is_taken() -> None:
    assert _composed().name == "fire"
    assert _composed(equations=FIRING.replace("- told)", "- told + sin(u)*exp(-u**2))")).name == "fire"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"equations": FIRING.replace("- told)", "- told + xi*(10*ms)**0.5)")}, r"randn\(\) gives another value"),
        ({"equations": FIRING.replace("- told)", "- told + sin(t/ms))")}, "the equations use t, the time"),
        ({"equations": f"{FIRING}\nb = rand() : 1 (constant over dt)"}, r"rand\(\) gives another value"),
        ({"threshold": "u > 1 + 0.1*rand()"}, r"rand\(\) gives another value"),
        ({"reset": "u = 0.1*randn()"}, r"randn\(\) gives another value"),
        ({"refractory": "2*ms"}, "the equations use t"),
        ({"change": lambda group: group.run_regularly("a = 0")}, "does more than integrate and fire"),
        ({"transmits": "a"}, "'compose' does not send spikes along the rows of its weights"),
        ({"transposed": True}, "'compose' does not send spikes along the rows of its weights"),
    ],
)  # fmt: skip
def test_what_differs_from_step_to_step_or_is_graded_is_refused(options: Any, reason: str) -> None:
    with pytest.raises(NotLoopable, match=reason):
        _composed(**options)


def test_a_stimulus_that_changes_with_time_is_refused() -> None:
    movie = TimedArray(np.arange(4.0), dt=1 * ms)
    with pytest.raises(NotLoopable, match="the equations use t,"):
        _composed(equations=FIRING.replace("(s - u", "(s*movie(t) - u"), namespace={"movie": movie})
