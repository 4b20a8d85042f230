"""Networks that cannot be simulated replica by replica are refused with the reason, not simulated otherwise."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, NeuronGroup, TimedArray, linked_var, ms
from looped_network import SOFT, LoopedNetwork

from neurosim.engine.backend import activated
from neurosim.engine.dense import DensePathway
from neurosim.engine.errors import NotLoopable
from neurosim.engine.presentation import Presentation
from neurosim.engine.whole_presentation import whole_presentation

WEIGHTS = np.zeros((3, 3))


def refused(match: str, changed: str, **options: Any) -> None:
    with pytest.raises(NotLoopable, match=match):
        LoopedNetwork("numpy", WEIGHTS, equations=changed, **options)


@pytest.mark.parametrize(
    ("term", "reason"),
    [
        ("+ sigma*sqrt(tau)*xi*tau", r"randn\(\) gives another value at every call"),
        ("+ rand()", r"rand\(\) gives another value at every call"),
        ("+ poisson(2.0)", r"poisson\(\) gives another value at every call"),
        ("+ sin(t/tau)", "the equations use t, the time since the start of the run"),
        ("+ t_in_timesteps", "the equations use t_in_timesteps, the time since"),
    ],
)
def test_terms_that_differ_from_step_to_step_are_refused(term: str, reason: str) -> None:
    refused(reason, SOFT.replace("- received)", f"- received {term})"), namespace={"sigma": 0.1})


def test_a_random_activity_is_refused() -> None:
    refused(r"rand\(\) gives another value", SOFT.replace("0, inf)", "0, inf)*int(rand() < 0.5)"))


def test_a_stimulus_that_changes_with_time_is_refused() -> None:
    movie = TimedArray(np.arange(4.0), dt=1 * ms)
    refused("the equations use t,", SOFT.replace("(s - u", "(s*movie(t) - u"), namespace={"movie": movie})


def test_the_same_equations_without_such_terms_are_taken() -> None:
    changed = SOFT.replace("- received)", "- received + sin(u)*exp(-u**2))")
    assert LoopedNetwork("numpy", WEIGHTS, equations=changed).presentation.whole is not None


def _composed(
    change: Callable[[NeuronGroup, NeuronGroup], Any] | None = None,
    *,
    weights: Callable[[Any], Any] = np.array,
    transmits: str = "a",
    **group_options: Any,
) -> Any:
    """A whole presentation of two populations, one of them changed."""
    with activated("numpy"):
        clock = Clock(1 * ms, name="composed_clock")
        inputs = NeuronGroup(3, "x : 1\ny : 1", clock=clock, name="composed_inputs", namespace={})
        group = NeuronGroup(
            3, SOFT, method="euler", clock=clock, name="composed", namespace={}, **group_options
        )
        if change is not None:
            change(group, inputs)
        pathway = DensePathway(
            inputs if transmits.startswith("x") else group, group, weights(WEIGHTS), transmits=transmits,
            into="received", name="compose",
        )  # fmt: skip
        presentation = Presentation(
            group, "s", n_replicas=1, capacity=1, collected={}, reset=[], watched=(group, "u"), settling="s - u",
            name="composed_presentation",
        )  # fmt: skip
        return whole_presentation(
            [group, inputs], [pathway], presentation=presentation, clock=clock, rest=None
        )


def test_a_population_that_does_more_than_integrate_is_refused() -> None:
    assert _composed().name == "settle"
    for change in (
        lambda group, _: group.run_regularly("u = 0"),
        lambda _, inputs: inputs.run_regularly("x = 0", dt=1 * ms),
    ):
        with pytest.raises(
            NotLoopable, match=r"'composed\w*' does more than integrate its equations \(composed"
        ):
            _composed(change)


def test_a_population_with_a_threshold_is_refused() -> None:
    for options in ({"threshold": "u > 1"}, {"threshold": "u > 1", "reset": "u = 0"}):
        with pytest.raises(NotLoopable, match="'composed' does more than integrate its equations"):
            _composed(**options)


def test_a_pathway_of_spikes_is_refused() -> None:
    with activated("numpy"):
        clock = Clock(1 * ms, name="spiking_clock")
        spiking = NeuronGroup(3, "v : 1", threshold="v > 1", reset="v = 0", clock=clock, name="spiking")
        group = NeuronGroup(3, SOFT, method="euler", clock=clock, name="graded", namespace={})
        pathway = DensePathway(spiking, group, WEIGHTS, transmits="spikes", into="received", name="excite")
        presentation = Presentation(
            group,
            "s",
            n_replicas=1,
            capacity=1,
            collected={},
            reset=[],
            watched=(group, "u"),
            settling="s - u",
        )
        with pytest.raises(NotLoopable, match="pathway 'excite' transmits spikes"):
            whole_presentation([group], [pathway], presentation=presentation, clock=clock, rest=None)


def test_arithmetic_is_sent_along_transposed_weights_only() -> None:
    from neurosim.engine.dense import DenseWeights

    with pytest.raises(NotLoopable, match="'compose' transmits arithmetic of variables, not one variable"):
        _composed(transmits="x - y")
    assert _composed(transmits="x - y", weights=lambda w: DenseWeights(w, name="tied").T).name == "settle"


def test_variables_of_other_neurons_are_refused() -> None:
    with activated("numpy"):
        clock = Clock(1 * ms, name="linked_clock")
        others = NeuronGroup(3, "v : 1", clock=clock, name="others", namespace={})
        equations = SOFT.replace("(s - u", "(s + v - u") + "v : 1 (linked)\n"
        group = NeuronGroup(3, equations, method="euler", clock=clock, name="linking", namespace={})
        group.v = linked_var(others, "v", index=np.array([2, 1, 0]))
        presentation = Presentation(
            group,
            "s",
            n_replicas=1,
            capacity=1,
            collected={},
            reset=[],
            watched=(group, "u"),
            settling="s - u",
        )
        with pytest.raises(NotLoopable, match="v belongs to other neurons"):
            whole_presentation([group], [], presentation=presentation, clock=clock, rest=None)
