"""Networks in threads and in forked processes: the serial result, and nothing of the process is left changed."""

import contextlib
import ctypes
import importlib.util
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import joblib
import numpy as np
import pytest
from forks import in_a_fork
from sklearn.model_selection import GridSearchCV
from spiking_cases import patches, sailnet, spiking_lca

from neurosim import networks
from neurosim.engine.errors import BackendError
from neurosim.engine.program import Program
from neurosim.networks import LCA

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")

SCRIPT = Path(__file__).parents[2] / "verification" / "threads.py"
SEEDS = range(4)


def _script():
    spec = importlib.util.spec_from_file_location("threads_script", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLE = _script()


def lca(seed=0, **changed):
    options = {"threshold": 0.5, "presentation": "30 ms", "batch_size": 12, "random_state": seed}
    return LCA(20, **{**options, "backend": "numpy", **changed})


STIMULI = {seed: patches(60, seed=seed) for seed in SEEDS}


def at_once(*functions):
    """What functions return when four threads begin them together, or what they raise."""
    together = threading.Barrier(len(functions))

    def begin(function):
        together.wait()
        return function()

    with ThreadPoolExecutor(len(functions)) as pool:
        begun = [pool.submit(begin, function) for function in functions]
        return [each.exception(100) or each.result() for each in begun]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=[] if name in ("LCA", "SAILnet", "WLSC", "UnrolledWLSC") else pytest.mark.slow
        )
        for name in (*TABLE.CIRCUITS, *TABLE.LEARNED_BY_JAX)
    ],
)
def test_four_threads_that_learn_get_the_serial_result_and_leave_the_process_as_it_was(name):
    if name in TABLE.LEARNED_BY_JAX:
        pytest.importorskip("jax")
    keys = [(name, "numpy" if name in TABLE.CIRCUITS else TABLE.NO_BACKEND, seed) for seed in TABLE.SEEDS]
    expected = {key: TABLE.answer(*key) for key in keys}
    before = TABLE.process_wide()
    assert TABLE._in_threads(keys, expected) == ["same"] * 4
    assert TABLE.changed(before) == ""


@pytest.mark.parametrize("make", [lca, sailnet, spiking_lca])
def test_four_networks_with_one_circuit_encode_at_the_same_time(make):
    nets = [make(random_state=seed).fit(STIMULI[seed]) for seed in SEEDS]
    expected = [net.transform(STIMULI[seed]) for seed, net in enumerate(nets)]
    assert all((expected[0] != other).any() for other in expected[1:])
    for _ in range(3):
        work = [lambda n=net, x=STIMULI[seed]: n.transform(x) for seed, net in enumerate(nets)]
        for found, code in zip(at_once(*work), expected, strict=True):
            np.testing.assert_array_equal(found, code)


def test_traces_that_are_recorded_while_another_network_learns_are_the_serial_ones():
    net = lca().fit(STIMULI[0])
    expected = net.simulate(STIMULI[0][:3])
    found, _ = at_once(lambda: net.simulate(STIMULI[0][:3]), lambda: lca(1).fit(STIMULI[1]))
    assert found.equals(expected)


def test_codes_of_a_network_that_learns_in_another_thread_are_those_before_or_after():
    net = lca().fit(STIMULI[0])
    before = net.transform(STIMULI[2])
    code, _ = at_once(lambda: net.transform(STIMULI[2]), lambda: net.fit(STIMULI[1]))
    after = net.transform(STIMULI[2])
    assert (before != after).any()
    assert (code == before).all() or (code == after).all()


def _takes_turns(method):
    """Whether a method is decorated by a context manager; scikit-learn wraps some of them once more."""
    while method is not None:
        if method.__code__.co_filename == contextlib.__file__:
            return True
        method = getattr(method, "__wrapped__", None)
    return False


# What needs nothing that learning changes, or one array of it.
FREE = {
    "decoder", "field_at", "fit_transform", "from_dictionary", "get_feature_names_out", "get_metadata_routing",
    "get_params", "inverse_transform", "middle", "reconstruct", "standardised",
}  # fmt: skip
# These do nothing but call one that waits.
CALLING = {"SVAE.transform", "SVAE.objective", "WLSC.fit", "WLSC.partial_fit"}


@pytest.mark.parametrize("name", [*TABLE.CIRCUITS, *TABLE.LEARNED_BY_JAX])
def test_every_method_of_a_network_waits_for_its_turn(name):
    kind = getattr(networks, name)
    methods = {
        each for each in dir(kind) if not each.startswith(("_", "set_")) and callable(getattr(kind, each))
    }
    eager = {f"{name}.{each}" for each in methods - FREE if not _takes_turns(getattr(kind, each))}
    assert eager == {call for call in CALLING if call.startswith(f"{name}.")}


class StoppedError(Exception):
    """What a user's progress function raises."""


def _stop(told):
    if told["stage"] == "train":
        raise StoppedError


@pytest.mark.parametrize("make", [lca, sailnet])
def test_a_fit_that_fails_in_one_thread_leaves_the_others_their_results(make):
    expected = make(random_state=1).fit(STIMULI[1])
    before = TABLE.process_wide()
    failed, *others = at_once(
        lambda: make().fit(STIMULI[0], progress=_stop),
        *[lambda: make(random_state=1).fit(STIMULI[1]) for _ in range(3)],
    )
    assert isinstance(failed, StoppedError)
    for other in others:
        np.testing.assert_array_equal(other.dictionary_, expected.dictionary_)
    assert TABLE.changed(before) == ""


def test_an_interruption_in_the_middle_of_a_run_leaves_other_threads_their_results():
    net = lca(1).fit(STIMULI[1])
    expected = net.transform(STIMULI[1])
    begun = []

    def long():
        begun.append(threading.get_ident())
        lca(n_epochs=1000).fit(STIMULI[0])

    with ThreadPoolExecutor(2) as pool:
        interrupted = pool.submit(long)
        time.sleep(0.3)
        waiting = pool.submit(net.transform, STIMULI[1])
        time.sleep(0.1)
        assert not waiting.done()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(begun[0]), ctypes.py_object(KeyboardInterrupt)
        )
        assert isinstance(interrupted.exception(60), KeyboardInterrupt)
        np.testing.assert_array_equal(waiting.result(60), expected)


@pytest.mark.parametrize("make", [lca, sailnet])
def test_a_progress_function_may_use_the_network_that_learns_and_others(make):
    other = make(random_state=1).fit(STIMULI[1])
    expected, code = make().fit(STIMULI[0]).dictionary_, other.transform(STIMULI[1])
    net, seen = make(), []

    def look(told):
        seen.append(other.transform(STIMULI[1]))
        if told["stage"] == "train":
            net.transform(STIMULI[0])

    np.testing.assert_array_equal(net.fit(STIMULI[0], progress=look).dictionary_, expected)
    assert len(seen) > 1
    for found in seen:
        np.testing.assert_array_equal(found, code)


def test_numpys_generator_is_not_wound_back_under_a_thread_that_draws_from_it_meanwhile():
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.random(100)  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    drawn, run = [], Program._step_until_stopped

    def meanwhile(program):
        # Stands for another thread, at a moment that no test could hit.
        drawn.append(np.random.random())  # noqa: NPY002
        run(program)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Program, "_step_until_stopped", meanwhile)
        lca(n_epochs=4).fit(STIMULI[0])
    assert len(drawn) > 1
    np.testing.assert_array_equal(drawn, expected[: len(drawn)])


def test_noise_in_threads_is_that_of_the_seed():
    def noisy(seed):
        return sailnet(noise=0.1, random_state=seed).fit(STIMULI[seed]).dictionary_

    expected = [noisy(seed) for seed in SEEDS]
    found = at_once(*[lambda s=seed: noisy(s) for seed in SEEDS])
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("make", [lca, sailnet])
def test_a_grid_search_in_threads_scores_as_a_serial_one(make):
    def scores(n_jobs):
        search = GridSearchCV(make(), {"learning_rate": [0.0, 0.1, 0.5]}, cv=2, n_jobs=n_jobs)
        return search.fit(STIMULI[0]).cv_results_["mean_test_score"]

    expected = scores(1)
    assert np.isfinite(expected).all()
    with joblib.parallel_config("threading"):
        np.testing.assert_array_equal(scores(4), expected)


@needs_fork
def test_a_forked_process_gets_the_serial_result():
    net = lca().fit(STIMULI[0])
    expected = net.transform(STIMULI[1])
    np.testing.assert_array_equal(in_a_fork(lambda: net.transform(STIMULI[1])), expected)


@needs_fork
def test_a_process_that_a_progress_function_forks_is_refused_and_the_fit_goes_on():
    net, other, answers = lca(), lca(1).fit(STIMULI[1]), []
    expected = lca().fit(STIMULI[0]).dictionary_
    net.fit(STIMULI[0], progress=lambda told: answers.append(in_a_fork(lambda: other.transform(STIMULI[1]))))
    assert {type(answer) for answer in answers} == {BackendError}
    np.testing.assert_array_equal(net.dictionary_, expected)


@pytest.mark.slow
@needs_fork
def test_openmp_does_not_hang_in_a_forked_process(compiled_backend):
    stimuli = patches(200, n_pixels=64)
    net = LCA(100, batch_size=50, presentation="30 ms", random_state=0, backend=compiled_backend).fit(stimuli)
    expected = net.transform(stimuli)
    np.testing.assert_array_equal(in_a_fork(lambda: net.transform(stimuli), patience=120), expected)


@pytest.mark.slow
@needs_fork
def test_forked_processes_leave_their_parents_standalone_programs_alone():
    net = lca(backend="cpp_standalone").fit(STIMULI[0])
    circuit = net.assemble(n_replicas=2)
    expected, code = net.show(circuit, STIMULI[1][:2]), net.transform(STIMULI[1])
    refused = in_a_fork(lambda: net.show(circuit, STIMULI[1][:2]), patience=300)
    assert isinstance(refused, BackendError)
    assert "before this process was forked" in str(refused)
    np.testing.assert_array_equal(in_a_fork(lambda: net.transform(STIMULI[1]), patience=300), code)
    np.testing.assert_array_equal(net.show(circuit, STIMULI[1][:2]), expected)


@pytest.mark.slow
def test_the_whole_table_of_threads_and_pools_is_serial_or_refused():
    command = [sys.executable, str(SCRIPT), "--repetitions", "2", "--print-only"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "way", ["fork", *(pytest.param(way, marks=pytest.mark.slow) for way in ("spawn", "loky"))]
)
def test_a_pool_of_processes_gets_the_serial_result(way):
    command = [sys.executable, str(SCRIPT), "--networks", "LCA", "--backends", "numpy", "--print-only"]
    done = subprocess.run(
        [*command, "--ways", way, "--repetitions", "1"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("'same': 4, 'refused': 0, 'wrong': 0") == 1
