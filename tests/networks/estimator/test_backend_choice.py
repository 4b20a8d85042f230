"""`backend="auto"` takes what is compiled, and compiles once that is the shorter way; codes do not depend on it."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest
from spiking_cases import patches, sailnet, spiking_lca

from neurosim.engine import compiled_before
from neurosim.engine.backend import can_compile
from neurosim.engine.cython_modules import cython_cache_folder
from neurosim.networks import LCA, WLSC
from neurosim.networks.estimator import backend_choice
from neurosim.networks.estimator.backend_choice import Work, chosen_circuit, repeatable

STIMULI = patches(40, seed=3)
needs_compiler = pytest.mark.skipif(not can_compile("cython"), reason="no compiler")


@dataclass(frozen=True)
class Design:
    backend: str
    name: str = "a"
    namespace: dict[str, Any] = field(default_factory=dict)

    def key(self):
        return (self.name, self.backend, *sorted(self.namespace))


class Built:
    """Stands for a circuit; its modules are given, and it compiles in no time."""

    def __init__(self, design, modules=()):
        self.design, self.program, self.backend = design, self, design.backend
        self.modules = compiled_before.LoadedModules([str(path) for path in modules], compiled=True)
        self.seconds_compile = 0.5

    def compile(self):
        pass


@pytest.fixture(autouse=True)
def _fresh(monkeypatch, tmp_path):
    monkeypatch.setattr(backend_choice, "_CIRCUITS", type(backend_choice._CIRCUITS)())
    monkeypatch.setattr(backend_choice, "_SPENT", {})
    monkeypatch.setattr(backend_choice, "can_compile", lambda backend: True)
    # Nothing is noted of any circuit; that modules were compiled before saves time, and decides nothing without a note.
    modules, cache = cython_cache_folder(), tmp_path / "cache"
    cache.mkdir(mode=0o700)
    cache.joinpath("cython").symlink_to(modules, target_is_directory=True)
    monkeypatch.setenv("NEUROSIM_CACHE", str(cache))


def seconds(wanted):
    """Work that takes the numpy target about so many seconds."""
    return Work(n_stimuli=1, n_neurons=1, batch_size=1, n_steps=wanted / 2e-4)


def taken(work, backend="auto", build=Built, **changed):
    design = Design("", **changed)
    return chosen_circuit(backend, lambda b: replace(design, backend=b), build, work=work).design.backend


def test_a_backend_that_is_named_is_the_one():
    for name in ("numpy", "cython", "cpp_standalone"):
        assert taken(seconds(1), name) == name


def test_little_work_is_not_worth_compiling_and_much_is():
    assert taken(seconds(0.1)) == "numpy"
    assert taken(seconds(100), name="b") == "cython"


def test_work_counts_steps_as_well_as_stimuli_and_neurons():
    work = Work(n_stimuli=200, n_neurons=100, batch_size=100, n_steps=50)
    for name in ("n_stimuli", "n_neurons", "n_steps"):
        more = replace(work, **{name: 1000 * getattr(work, name)})
        assert taken(work, name=name) == "numpy"
        assert taken(more, name=name) == "cython"


def test_it_is_compiled_once_the_calls_so_far_would_have_paid_for_that():
    expected = compiled_before.expected_seconds("cython")
    found = [taken(seconds(expected / 3)) for _ in range(5)]
    assert found == ["numpy"] * 3 + ["cython"] * 2 or found == ["numpy"] * 2 + ["cython"] * 3
    assert taken(seconds(expected / 3), name="another") == "numpy"


def test_what_is_compiled_in_this_process_is_taken_for_any_work_and_without_a_compiler(monkeypatch):
    taken(seconds(1), "cython")
    monkeypatch.setattr(backend_choice, "can_compile", lambda backend: False)
    assert taken(seconds(1e-9)) == "cython"
    assert taken(seconds(1e9), name="other") == "numpy"


def test_what_another_process_compiled_is_taken_while_its_modules_exist(tmp_path, monkeypatch):
    module = tmp_path / "module.so"
    module.touch()
    taken(seconds(1), "cython", build=lambda design: Built(design, [module]))
    backend_choice._CIRCUITS.clear()
    assert taken(seconds(1e-9)) == "cython"
    backend_choice._CIRCUITS.clear()
    module.unlink()
    assert taken(seconds(1e-9)) == "numpy"


@pytest.mark.parametrize("name", ["x - xi*sigma", "jitter = sigma*randn() : 1", "rand ()", "xi_own"])
def test_with_random_terms_the_backend_does_not_depend_on_what_ran_before(name):
    taken(seconds(1), "cython", name=name)
    assert [taken(seconds(1), name=name) for _ in range(20)] == ["numpy"] * 20
    assert taken(seconds(100), name=name) == "cython"
    pieces = Work(n_stimuli=1, n_neurons=1, batch_size=1, n_steps=5000, n_before=100)
    assert taken(pieces, name=name) == "cython"


def test_runs_that_are_to_be_repeated_choose_by_size_alone():
    taken(seconds(1), "cython")
    with repeatable():
        assert taken(seconds(1)) == "numpy"
        assert taken(seconds(100)) == "cython"
    assert taken(seconds(1)) == "cython"


def test_a_function_of_the_users_may_draw_random_numbers_and_other_words_do_not():
    for drawn, changed in ((True, {"namespace": {"f": abs}}), (False, {"name": "maxi + taxi_way + brand"})):
        design = Design("cython", **changed)
        assert backend_choice._draws_random_numbers(design, design.key()) is drawn


@needs_compiler
@pytest.mark.parametrize("make", [LCA, sailnet, WLSC], ids=["LCA", "SAILnet", "WLSC"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_population_of_another_size_or_batch_is_known_to_be_compiled(make):
    make(n_neurons=9, batch_size=20, backend="cython").fit(STIMULI)
    (first,) = backend_choice._CIRCUITS.values()
    make(n_neurons=5, batch_size=7, backend="auto").fit(patches(21, seed=1)[:, :3])
    second = list(backend_choice._CIRCUITS.values())[-1]
    assert second is not first
    assert second.design.backend == "cython"
    assert not second.program.modules.compiled
    assert set(second.program.modules.paths) <= set(first.program.modules.paths)


@needs_compiler
@pytest.mark.parametrize(
    "make",
    [
        lambda **k: LCA(n_neurons=9, batch_size=20, random_state=0, **k),
        lambda **k: WLSC(n_neurons=9, batch_size=20, random_state=0, **k),
        sailnet,
        lambda **k: spiking_lca(threshold="auto", charge="auto", **k),
    ],
    ids=["LCA", "WLSC", "SAILnet", "SpikingLCA"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_codes_and_fields_are_the_same_before_and_after_compiling(make):
    before = make(backend="auto").fit(STIMULI)
    codes = before.transform(STIMULI)
    assert {key_backend(circuit) for circuit in backend_choice._CIRCUITS.values()} == {"numpy"}
    make(backend="cython").fit(STIMULI)
    backend_choice._CIRCUITS.popitem(last=False)
    after = make(backend="auto").fit(STIMULI)
    assert {key_backend(circuit) for circuit in backend_choice._CIRCUITS.values()} == {"cython"}
    np.testing.assert_allclose(after.dictionary_, before.dictionary_, atol=1e-6)
    np.testing.assert_allclose(after.transform(STIMULI), codes, atol=1e-6)


def key_backend(circuit):
    return circuit.design.backend
