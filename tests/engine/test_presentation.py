from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, ms
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.dense import DenseWeights, propagation
from neurosim.engine.errors import DivergenceError
from neurosim.engine.operation import Operation
from neurosim.engine.presentation import CONTROL, Presentation
from neurosim.engine.program import Program
from neurosim.engine.step_parts import outside_networks
from neurosim.engine.whole_presentation import whole_presentation

# A membrane that decays to its stimulus: u(k steps) = s (1 - (1 - dt/tau)**k). dt/tau is a quarter in every test.
EQUATIONS = """
s : 1
du/dt = {rate}/tau : 1
tau : second (shared)
"""
DT, TAU = 1e-3, 4e-3
N_REPLICAS, N = 2, 3
LONGEST = 20
EVENTS = {"onset": 1, "measures": 2, "learning": 3}


@dataclass
class Show:
    """A compiled presentation of leaky membranes, with a log of its stages."""

    presentation: Presentation
    program: Program
    log: ArrayBlock
    capacity: int

    def run(
        self, stimuli: Any, *, n_steps: int = LONGEST, bounds: Any = (0, 1e6, 0), **control: int
    ) -> "Show":
        """Show stimuli of shape (n_presentations, N_REPLICAS, N)."""
        block = self.presentation.block
        values = np.zeros((self.capacity, N_REPLICAS * N))
        values[: len(stimuli)] = np.reshape(stimuli, (len(stimuli), -1))
        settings = np.zeros(len(CONTROL), dtype=int)
        for key, value in {
            "n_presentations": len(stimuli),
            "n_steps": n_steps,
            "bad_step": -1,
            **control,
        }.items():
            settings[CONTROL[key]] = value
        self.program.write(block.array("control"), settings)
        self.program.write(block.array("stimuli"), values)
        self.program.write(block.array("bounds"), bounds)
        self.program.write(block.array("pace"), [DT, DT, np.inf])
        self.program.write(self.log.array("events"), np.zeros(100))
        self.program.write(self.presentation.inputs.variables["tau"], [TAU])
        self.program.run(dt=DT)
        return self

    def code(self) -> Any:
        """What was collected, shape (capacity, N_REPLICAS, N)."""
        kept = self.program.read(self.presentation.block.array("collected_u"))
        return kept.reshape(self.capacity, N_REPLICAS, N)

    def durations(self) -> Any:
        """Seconds each presentation took."""
        return self.program.read(self.presentation.block.array("durations"))

    def control(self, name: str) -> int:
        return int(self.program.read(self.presentation.block.array("control"))[CONTROL[name]])

    def events(self) -> list[int]:
        events = self.program.read(self.log.array("events"))
        return events[1 : 1 + events[0]].tolist()


def _logged(name: str, group: NeuronGroup, log: ArrayBlock) -> Operation:
    """A stage that writes its number down; learning also spoils the membranes, to see when they are collected."""
    number = EVENTS[name]

    def note(events: Any, membrane: Any) -> None:
        events[0] += 1
        events[events[0]] = number
        if name == "learning":
            membrane[:] = 1000

    spoil = f"std::fill(membrane, membrane + {len(group)}, 1000);" if name == "learning" else ""
    arrays = {"events": log.array("events"), "membrane": group.variables["u"]}
    return Operation(f"note_{name}", arrays, f"events[++events[0]] = {number}; {spoil} return 0;", note)


def _show(backend: str, *, capacity: int = 3, rate: str = "(s - u)", float_dtype: Any = np.float64) -> Show:
    with activated(backend, float_dtype=float_dtype):
        if backend == "cpp_standalone":
            fresh_standalone_device()
        clock = Clock(1 * ms, name="show_clock")
        group = NeuronGroup(
            N_REPLICAS * N,
            EQUATIONS.format(rate=rate),
            method="euler",
            clock=clock,
            name="leaky",
            namespace={},
        )
        log = ArrayBlock("event_log", {"events": (100, np.int32)})
        presentation = Presentation(
            group,
            "s",
            n_replicas=N_REPLICAS,
            capacity=capacity,
            collected={"u": group.variables["u"]},
            reset=[group.variables["u"]],
            watched=(group, "u"),
            settling="s - u",
        )
        for name in EVENTS:
            getattr(presentation, name).append(_logged(name, group, log))
        network = Network(group, presentation.scheduled(clock))
        program = Program(network, clock=clock, backend=backend, float_dtype=float_dtype)
    return Show(presentation, program, log, capacity)


Shows = Callable[..., Show]


@pytest.fixture(scope="module")
def shows() -> Shows:
    """Build each presentation once: on the compiled targets it takes seconds."""
    built: dict[Any, Show] = {}

    def show(backend: str, **options: Any) -> Show:
        key = (backend, *sorted(options.items()))
        if key not in built:
            built[key] = _show(backend, **options)
        return built[key]

    return show


@pytest.fixture(scope="module")
def stimuli() -> Any:
    return np.random.default_rng(5).uniform(0.5, 2, (5, N_REPLICAS, N))


def _approached(stimuli: Any, n_steps: Any) -> Any:
    return stimuli * (1 - (1 - DT / TAU) ** np.asarray(n_steps))


def test_every_batch_ends_where_its_membranes_are_after_the_full_time(
    backend: str, shows: Shows, stimuli: Any
) -> None:
    shown = shows(backend).run(stimuli[:3], n_steps=7)
    assert_allclose(shown.code(), _approached(stimuli[:3], 7), rtol=1e-13)
    assert_allclose(shown.durations(), 7 * DT, rtol=1e-12)
    assert (shown.control("shown"), shown.control("step"), shown.control("bad_step")) == (3, 0, -1)


@pytest.mark.parametrize("n_steps", [1, 2, 8, 9])
def test_a_batch_is_shown_for_exactly_its_steps(shows: Shows, stimuli: Any, n_steps: int) -> None:
    shown = shows("numpy").run(stimuli[:1], n_steps=n_steps)
    assert_allclose(shown.code()[0], _approached(stimuli[0], n_steps), rtol=1e-13)
    assert shown.durations()[0] == pytest.approx(n_steps * DT, rel=1e-12)


@pytest.mark.parametrize(
    ("learning", "expected"), [(0, [1, 1, 1]), (1, [1, 2, 1, 2, 1, 2]), (2, [1, 2, 3, 1, 2, 3, 1, 2, 3])]
)
def test_stages_run_at_onset_then_measure_then_learn(
    backend: str, shows: Shows, stimuli: Any, learning: int, expected: list[int]
) -> None:
    assert shows(backend).run(stimuli[:3], learning=learning).events() == expected


def test_results_are_collected_before_anything_is_learned(backend: str, shows: Shows, stimuli: Any) -> None:
    shown = shows(backend).run(stimuli[:3], n_steps=5, learning=2)
    assert_allclose(shown.code(), _approached(stimuli[:3], 5), rtol=1e-13)


def test_fewer_batches_than_the_capacity_leave_the_rest_alone(shows: Shows, stimuli: Any) -> None:
    shown = _show("numpy").run(stimuli[:2], n_steps=4)
    assert_allclose(shown.durations(), [4 * DT, 4 * DT, 0], rtol=1e-12)
    assert_array_equal(shown.code()[2], 0)


@pytest.mark.parametrize("asked", [0, 4, 1000])
def test_a_run_never_goes_beyond_the_capacity(backend: str, shows: Shows, stimuli: Any, asked: int) -> None:
    shown = shows(backend).run(stimuli[:3], n_steps=2, n_presentations=asked)
    assert shown.control("shown") == (1 if asked == 0 else 3)


def test_stimuli_that_do_not_fit_are_refused(shows: Shows) -> None:
    show = shows("numpy")
    with pytest.raises(ValueError, match="expected 18 values for 'stimuli', got 24"):
        show.program.write(show.presentation.block.array("stimuli"), np.zeros((4, N_REPLICAS * N)))


def test_a_batch_ends_once_its_slowest_membrane_has_settled(backend: str, shows: Shows, stimuli: Any) -> None:
    tolerance = 0.05
    stimuli = stimuli[:3] * np.reshape([1.0, 0.3, 4.0], (3, 1, 1))
    largest = stimuli.max(axis=(1, 2))
    expected = np.ceil(np.log(tolerance / largest) / np.log(1 - DT / TAU)).astype(int)
    shown = shows(backend).run(stimuli, bounds=(tolerance, 1e6, 0))
    assert_allclose(shown.durations(), expected * DT, rtol=1e-12)
    assert len(set(expected)) > 1
    assert max(expected) < LONGEST
    assert_allclose(shown.code(), _approached(stimuli, expected[:, np.newaxis, np.newaxis]), rtol=1e-13)


def test_a_tolerance_that_is_never_met_shows_every_batch_for_the_full_time(
    shows: Shows, stimuli: Any
) -> None:
    shown = shows("numpy").run(stimuli[:3], bounds=(1e-9, 1e6, 0))
    assert_allclose(shown.durations(), LONGEST * DT, rtol=1e-12)


def test_membranes_start_at_zero_for_every_batch_unless_they_are_carried_over(
    backend: str, shows: Shows, stimuli: Any
) -> None:
    same = np.repeat(stimuli[:1], 3, axis=0)
    show = shows(backend)
    show.program.write(show.presentation.inputs.variables["u"], np.zeros(N_REPLICAS * N))
    fresh = show.run(same, n_steps=3).code()
    assert_allclose(fresh, _approached(same, 3), rtol=1e-13)
    show.program.write(show.presentation.inputs.variables["u"], np.zeros(N_REPLICAS * N))
    carried = show.run(same, n_steps=3, carry_over=1).code()
    assert_allclose(carried, _approached(same, np.array([3, 6, 9])[:, np.newaxis, np.newaxis]), rtol=1e-13)


def test_a_run_that_carries_over_starts_from_the_membranes_it_is_given(
    backend: str, shows: Shows, stimuli: Any
) -> None:
    show = shows(backend)
    show.program.write(show.presentation.inputs.variables["u"], stimuli[0].ravel())
    assert_allclose(show.run(stimuli[:1], carry_over=1).code()[0], stimuli[0], rtol=1e-13)


@pytest.mark.parametrize("carry_over", [0, 1])
def test_results_do_not_depend_on_how_stimuli_are_split_into_runs(
    backend: str, shows: Shows, stimuli: Any, carry_over: int
) -> None:
    together = shows(backend, capacity=5)
    membrane = together.presentation.inputs.variables["u"]
    together.program.write(membrane, np.zeros(N_REPLICAS * N))
    expected = together.run(stimuli, n_steps=6, carry_over=carry_over).code()
    show, found, kept = shows(backend), [], np.zeros((N_REPLICAS, N))
    for part in (slice(0, 2), slice(2, 3), slice(3, 5)):
        show.program.write(show.presentation.inputs.variables["u"], kept)
        code = show.run(stimuli[part], n_steps=6, carry_over=carry_over).code()[: part.stop - part.start]
        found.append(code)
        kept = code[-1]
    assert_array_equal(np.concatenate(found), expected)


def test_the_same_run_twice_gives_the_same_bits(backend: str, shows: Shows, stimuli: Any) -> None:
    first, second = (shows(backend).run(stimuli[:3]).code() for _ in range(2))
    assert_array_equal(first, second)


def test_a_divergence_stops_the_run_with_its_step_and_its_neuron(
    backend: str, shows: Shows, stimuli: Any
) -> None:
    # du/dt = (s + 4 u)/tau doubles u + s/4 every step: u = s/4 (2**k - 1), largest for the largest stimulus.
    exploding = shows(backend, rate="(s + 4*u)")
    largest, limit = stimuli[1].max(), 1e3
    step = int(np.ceil(np.log2(4 * limit / largest + 1)))
    seen = 8 * -(-step // 8)
    shown = exploding.run(stimuli[1:2], n_steps=1000, bounds=(0, limit, 0))
    assert shown.control("bad_step") == seen
    beyond = stimuli[1].ravel() / 4 * (2.0**seen - 1) > limit
    assert shown.control("bad_neuron") == np.argmax(beyond)
    assert shown.control("shown") == 0


def test_the_neuron_that_diverges_is_named_among_healthy_ones(backend: str, shows: Shows) -> None:
    stimuli = np.zeros((3, N_REPLICAS, N))
    stimuli[1, 1, 2] = 1.0
    shown = shows(backend, rate="(s + 4*u)").run(stimuli, n_steps=16, bounds=(0, 100, 0))
    assert (shown.control("shown"), shown.control("bad_neuron")) == (1, N + 2)
    assert shown.control("bad_step") == 16


def test_a_value_that_is_no_number_counts_as_divergence(backend: str, shows: Shows) -> None:
    stimuli = np.ones((1, N_REPLICAS, N))
    stimuli[0, 0, 1] = np.nan
    shown = shows(backend).run(stimuli)
    assert (shown.control("bad_step"), shown.control("bad_neuron")) == (8, 1)


def test_membranes_that_do_not_grow_are_no_divergence(shows: Shows, stimuli: Any) -> None:
    assert shows("numpy").run(stimuli[:3], bounds=(0, 2.1, 0)).control("bad_step") == -1


def test_single_precision_follows_the_same_course(backend: str, shows: Shows, stimuli: Any) -> None:
    shown = shows(backend, float_dtype=np.float32).run(stimuli[:3], n_steps=7)
    assert shown.code().dtype == np.float32
    assert_allclose(shown.code(), _approached(stimuli[:3], 7), rtol=1e-5)


def test_a_population_that_takes_too_long_a_step_raises_with_step_neuron_and_remedy(backend: str) -> None:
    from neurosim.networks.lca.lca import LCA

    rng = np.random.default_rng(6)
    dictionary = rng.standard_normal((12, 4))
    dictionary /= np.linalg.norm(dictionary, axis=1, keepdims=True)
    net = LCA.from_dictionary(
        dictionary, threshold=0.01, tau="10 ms", dt="20 ms", presentation="4 s", batch_size=2, backend=backend
    )
    with (
        pytest.warns(UserWarning, match="exceeds the stability bound"),
        pytest.raises(DivergenceError, match=r"neuron \d+ .* at step \d+ .* use a shorter dt"),
    ):
        net.transform(rng.standard_normal((3, 4)))


# What else is shown: stimuli of a second population, and a current into the membranes.

BESIDE = """
s : 1
heard : 1
current : 1
du/dt = (s + heard + current - u)/tau : 1
tau : second (shared)
"""
N_EARS = 4
HEARD_BY = np.random.default_rng(8).standard_normal((N_EARS, N))


@dataclass
class Beside:
    """A compiled presentation of leaky membranes that also hear, and into which a current is injected."""

    presentation: Presentation
    program: Program
    ears: NeuronGroup

    def run(self, shown: dict[str, Any], *, n_steps: int = 7) -> Any:
        """Show stimuli, sounds and currents, each (n_presentations, N_REPLICAS, its size); return the membranes."""
        block, n_shown = self.presentation.block, len(shown["stimuli"])
        control = np.zeros(len(CONTROL), dtype=int)
        for key, value in {"n_presentations": n_shown, "n_steps": n_steps, "bad_step": -1}.items():
            control[CONTROL[key]] = value
        self.program.write(block.array("control"), control)
        self.program.write(block.array("pace"), [DT, DT, np.inf])
        for key, values in shown.items():
            self.program.write(block.array(key), np.ravel(values), first=True)
        self.program.write(self.presentation.inputs.variables["tau"], [TAU])
        self.program.run(dt=DT)
        kept = self.program.read(block.array("collected_u"), first=n_shown * N_REPLICAS * N)
        return kept.reshape(n_shown, N_REPLICAS, N)


def _beside(backend: str, *, whole: bool, float_dtype: Any = np.float64) -> Beside:
    with activated(backend, float_dtype=float_dtype):
        if backend == "cpp_standalone":
            fresh_standalone_device()
        clock = Clock(1 * ms, name="beside_clock")
        group = NeuronGroup(N_REPLICAS * N, BESIDE, method="euler", clock=clock, name="beside", namespace={})
        ears = NeuronGroup(N_REPLICAS * N_EARS, "sound : 1", clock=clock, name="ears", namespace={})
        presentation = Presentation(
            group,
            "s",
            n_replicas=N_REPLICAS,
            capacity=5,
            collected={"u": group.variables["u"], "current": group.variables["current"]},
            reset=[group.variables["u"]],
            watched=(group, "u"),
            settling="s + heard + current - u",
            also_shown={"sounds": (ears, "sound"), "currents": (group, "current")},
        )
        hearing = DenseWeights(HEARD_BY, name="hearing")
        presentation.onset.append(
            propagation(ears, group, hearing, transmits="sound", into="heard", name="hear")
        )
        if whole:
            presentation.whole = whole_presentation(
                [group, ears], [], presentation=presentation, clock=clock, rest="s + heard + current"
            )
            outside_networks([group, ears])
        network = Network(*(() if whole else (group, ears)), presentation.scheduled(clock))
        program = Program(network, clock=clock, backend=backend, float_dtype=float_dtype)
    return Beside(presentation, program, ears)


BOTH_WAYS = pytest.mark.parametrize("whole", [True, False], ids=["whole", "step by step"])


def _three_kinds(n_shown: int) -> dict[str, Any]:
    rng = np.random.default_rng(9)
    sizes = {"stimuli": N, "shown_sounds": N_EARS, "shown_currents": N}
    return {key: rng.standard_normal((n_shown, N_REPLICAS, size)) for key, size in sizes.items()}


def _membranes(shown: dict[str, Any], n_steps: int = 7) -> Any:
    return _approached(shown["stimuli"] + shown["shown_sounds"] @ HEARD_BY + shown["shown_currents"], n_steps)


@BOTH_WAYS
def test_every_onset_brings_its_own_sounds_and_currents(backend: str, whole: bool) -> None:
    shown = _three_kinds(4)
    beside = _beside(backend, whole=whole)
    assert_allclose(beside.run(shown), _membranes(shown), rtol=1e-12, atol=1e-14)
    kept = beside.program.read(beside.presentation.block.array("collected_current"), first=4 * N_REPLICAS * N)
    assert_array_equal(kept, shown["shown_currents"].ravel())
    assert_array_equal(beside.program.read(beside.ears.variables["sound"]), shown["shown_sounds"][-1].ravel())


def test_both_ways_of_showing_them_agree(backend: str) -> None:
    shown = _three_kinds(5)
    # One after the other: standalone has one network at a time.
    whole, stepped = (_beside(backend, whole=flag).run(shown, n_steps=11) for flag in (True, False))
    assert_allclose(whole, stepped, rtol=1e-13, atol=1e-15)
    assert np.abs(np.diff(stepped, axis=0)).min() > 0


@BOTH_WAYS
def test_a_second_run_shows_what_it_is_given_and_not_what_was_shown_before(whole: bool) -> None:
    beside = _beside("numpy", whole=whole)
    beside.run(_three_kinds(5))
    shown = _three_kinds(2)
    shown["shown_currents"] = np.zeros_like(shown["shown_currents"])
    assert_allclose(beside.run(shown), _membranes(shown), rtol=1e-12, atol=1e-14)


@BOTH_WAYS
def test_sounds_and_currents_are_of_the_membranes_precision(whole: bool) -> None:
    shown = _three_kinds(3)
    found = _beside("numpy", whole=whole, float_dtype=np.float32)
    assert_allclose(found.run(shown), _membranes(shown), rtol=1e-4, atol=1e-5)
    assert found.presentation.block.array("shown_sounds").dtype == np.float32


def test_too_many_sounds_are_refused() -> None:
    beside = _beside("numpy", whole=True)
    expected = 5 * N_REPLICAS * N_EARS
    with pytest.raises(
        ValueError, match=f"expected {expected} values for 'shown_sounds', got {expected + 1}"
    ):
        beside.program.write(beside.presentation.block.array("shown_sounds"), np.zeros(expected + 1))
