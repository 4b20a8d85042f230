import gc
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, Function, Network, NeuronGroup, SpikeMonitor, ms, network_operation
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.errors import BackendError
from neurosim.engine.operation import Operation, schedule
from neurosim.engine.program import Program
from neurosim.engine.recording import StateRecorder, spike_table

N_REPLICAS, N, N_STEPS = 2, 3, 12


def _stopper(clock: Clock, block: ArrayBlock) -> NeuronGroup:
    """An operation that stops the network in its step number N_STEPS, counted from zero."""

    def count(steps: Any) -> bool:
        steps[0] += 1
        return bool(steps[0] > N_STEPS)

    stop = Operation("count", {"steps": block.array("steps")}, f"return ++steps[0] > {N_STEPS};", count)
    return schedule(stop, clock=clock, when="end")


class Clockwork:
    """Integrators with a threshold that stop after a number of steps, with recorders."""

    def __init__(self, backend: str, *, noise: float = 0.0, recorded: bool = False) -> None:
        with activated(backend):
            if backend == "cpp_standalone":
                fresh_standalone_device()
            clock = Clock(1 * ms, name="program_clock")
            self.block = ArrayBlock("program_steps", {"steps": (1, np.int32)})
            self.group = NeuronGroup(
                N_REPLICAS * N,
                f"dv/dt = rate/(10*ms) + {noise}*xi*(10*ms)**-0.5 : 1\nrate : 1",
                threshold="v > 1",
                reset="v = 0",
                method="euler",
                clock=clock,
                name="integrators",
                namespace={"ms": ms},
            )
            self.network = Network(self.group, _stopper(clock, self.block))
            if recorded:
                self.recorder = StateRecorder(
                    self.group, ("v", "rate"), n_replicas=N_REPLICAS, clock=clock, unit_axis="neuron"
                )
                self.spikes = SpikeMonitor(self.group, name="recorded_spikes")
                self.network.add(self.recorder.monitor, self.spikes)
            self.program = Program(self.network, clock=clock, backend=backend, float_dtype=np.float64)

    def run(self, rates: Any, *, dt: float = 1e-3, seed: int = 0) -> Any:
        self.program.write(self.group.variables["rate"], rates)
        self.program.write(self.group.variables["v"], np.zeros(N_REPLICAS * N))
        self.program.write(self.block.array("steps"), [0])
        self.program.run(dt=dt, seed=seed)
        return self.program.read(self.group.variables["v"])


SLOW = np.linspace(0.1, 0.4, N_REPLICAS * N)


def test_a_network_is_run_again_with_other_arrays_and_another_step(backend: str) -> None:
    clockwork = Clockwork(backend)
    for factor, dt in ((1.0, 1e-3), (2.0, 5e-4), (1.0, 1e-3)):
        found = clockwork.run(factor * SLOW, dt=dt)
        assert_allclose(found, factor * SLOW * (N_STEPS + 1) * dt / 10e-3, rtol=1e-12)


def test_code_is_compiled_once_and_its_time_is_told(backend: str) -> None:
    clockwork = Clockwork(backend)
    assert clockwork.program.seconds_compile == 0
    clockwork.run(SLOW)
    seconds = clockwork.program.seconds_compile
    clockwork.run(SLOW)
    assert clockwork.program.seconds_compile == seconds > 0


def test_one_seed_gives_the_same_noise_and_another_gives_other_noise(backend: str) -> None:
    clockwork = Clockwork(backend, noise=0.1)
    first, again, other = (clockwork.run(SLOW, seed=seed) for seed in (1, 1, 2))
    assert_array_equal(first, again)
    assert (first != other).all()


def test_reading_gives_a_copy() -> None:
    clockwork = Clockwork("numpy")
    clockwork.run(SLOW)[:] = 99
    assert clockwork.program.read(clockwork.group.variables["v"]).max() < 1


def test_the_first_values_of_an_array_can_be_written_and_read_alone(backend: str) -> None:
    clockwork = Clockwork(backend)
    clockwork.run(SLOW)
    rate, v = (clockwork.group.variables[name] for name in ("rate", "v"))
    clockwork.program.write(rate, 2 * SLOW[:4], first=True)
    clockwork.program.write(v, np.zeros(N_REPLICAS * N))
    clockwork.program.write(clockwork.block.array("steps"), [0])
    clockwork.program.run(dt=1e-3)
    found = clockwork.program.read(v, first=4)
    assert_allclose(found, 2 * SLOW[:4] * (N_STEPS + 1) / 10, rtol=1e-12)
    with pytest.raises(ValueError, match="expected 6 values for 'rate', got 7"):
        clockwork.program.write(rate, np.zeros(7), first=True)


def test_an_array_of_the_wrong_size_is_refused(backend: str) -> None:
    clockwork = Clockwork(backend)
    with pytest.raises(ValueError, match="expected 6 values for 'rate', got 5"):
        clockwork.program.write(clockwork.group.variables["rate"], np.zeros(5))


@pytest.mark.slow
def test_a_network_operation_in_standalone_is_refused_instead_of_dropped() -> None:
    clockwork = Clockwork("cpp_standalone")

    @network_operation(name="dropped_silently")
    def operation() -> None: ...

    clockwork.network.add(operation)
    with pytest.raises(BackendError, match=r"would silently drop the network_operation 'dropped_silently'"):
        clockwork.run(SLOW)


def test_a_network_operation_runs_on_numpy() -> None:
    clockwork, calls = Clockwork("numpy"), []

    @network_operation(clock=clockwork.group.clock)
    def operation() -> None:
        calls.append(1)

    clockwork.network.add(operation)
    clockwork.run(SLOW)
    assert len(calls) == N_STEPS + 1


def test_a_standalone_network_that_was_displaced_by_another_says_so() -> None:
    first = _standalone_clockwork()
    Clockwork("cpp_standalone")
    with pytest.raises(BackendError, match=r"another network was built for C\+\+ standalone before this one"):
        first.run(SLOW)


def _standalone_clockwork() -> Clockwork:
    try:
        return Clockwork("cpp_standalone")
    except BackendError as error:
        pytest.skip(str(error))


def test_code_that_cython_refuses_is_told_instead_of_left_out(cython: str) -> None:
    broken = Function(lambda v: v, arg_units=[1], return_unit=1)
    broken.implementations.add_implementation(
        "cython", "cdef double broken(double v):\n    return absent(v)\n"
    )
    with activated(cython):
        clock = Clock(1 * ms, name="refused_clock")
        group = NeuronGroup(1, "v : 1", clock=clock, name="refused", namespace={"broken": broken})
        group.run_regularly("v = broken(v)", clock=clock)
        program = Program(Network(group), clock=clock, backend=cython, float_dtype=np.float64)
    with pytest.raises(BackendError, match=r"Cython could not compile the code of 'refused\w*'.*numpy"):
        program.compile()


def test_arrays_live_as_long_as_their_variable() -> None:
    variable = ArrayBlock("kept_alive", {"x": (2, np.float64)}).array("x")
    gc.collect()
    assert variable.owner.name == "kept_alive"


def test_traces_are_labelled_and_follow_the_closed_form(backend: str) -> None:
    clockwork = Clockwork(backend, recorded=True)
    clockwork.run(SLOW)
    traces = clockwork.recorder.dataset(clockwork.program)
    assert dict(traces.sizes) == {"time": N_STEPS + 1, "stimulus": N_REPLICAS, "neuron": N}
    assert traces["v"].dims == ("time", "stimulus", "neuron")
    assert_allclose(traces["time"], np.arange(N_STEPS + 1) * 1e-3, atol=1e-12)
    ramp = np.arange(N_STEPS + 1)[:, np.newaxis] * SLOW / 10
    assert_allclose(traces["v"], ramp.reshape(-1, N_REPLICAS, N), rtol=1e-12, atol=1e-15)
    assert_array_equal(traces["rate"][0].values.ravel(), SLOW)


def test_every_second_step_can_be_kept() -> None:
    clockwork = Clockwork("numpy", recorded=True)
    clockwork.run(SLOW)
    everything = clockwork.recorder.dataset(clockwork.program)
    thinned = clockwork.recorder.dataset(clockwork.program, every=2)
    assert thinned.equals(everything.isel(time=slice(None, None, 2)))


def test_spikes_are_listed_by_time_stimulus_and_neuron(backend: str) -> None:
    clockwork = Clockwork(backend, recorded=True)
    rates = np.zeros((N_REPLICAS, N))
    # A ramp of .3 per step crosses one at its fourth step, one of .4 at its third.
    rates[0, 2], rates[1, 1] = 3.0, 4.0
    clockwork.run(rates)
    spikes = spike_table(clockwork.program, clockwork.spikes, n_replicas=N_REPLICAS)
    found = sorted(
        zip(np.round(spikes["time"] * 1e3).astype(int), spikes["stimulus"], spikes["neuron"], strict=True)
    )
    fast, slow = [(t, 1, 1) for t in (2, 5, 8, 11)], [(t, 0, 2) for t in (3, 7, 11)]
    assert found == sorted(fast + slow)


def test_an_array_of_a_type_c_does_not_share_is_refused() -> None:
    block = ArrayBlock("odd", {"x": (1, np.int64)})
    with pytest.raises(TypeError, match=r"expected an array of type float32, .* got int64 for 'x'"):
        Operation("odd", {"x": block.array("x")}, "return 0;", lambda x: None).definition()
