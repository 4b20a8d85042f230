"""A first compilation is announced with the time it takes, and later ones are known to be none."""

import logging
import time
import warnings

import numpy as np
import pytest
from brian2.codegen.runtime.cython_rt.extension_manager import cython_extension_manager
from sklearn.exceptions import ConvergenceWarning

from neurosim.engine import compiled_before as module
from neurosim.engine.compiled_before import (
    compiled_before,
    expected_seconds,
    noted_modules,
    remember_compiled,
)
from neurosim.networks import LCA
from neurosim.networks.estimator import backend_choice


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "cache"))
    return tmp_path


class Loaded:
    def __init__(self, path):
        self.__file__ = path


@pytest.fixture
def manager(monkeypatch, cache):
    """Brian2's manager of modules with the compiler taken out."""
    monkeypatch.setattr(
        cython_extension_manager, "_load_module", lambda path, **_: Loaded(path), raising=False
    )
    monkeypatch.setattr(
        cython_extension_manager,
        "create_extension",
        lambda path: cython_extension_manager._load_module(path),  # noqa: PLW0108 - looked up when it is called
        raising=False,
    )
    return cython_extension_manager


def test_a_module_that_is_missing_is_announced_once_with_the_time_it_takes(manager, cache, caplog):
    with caplog.at_level(logging.WARNING, logger="neurosim"), noted_modules() as noted:
        manager.create_extension(str(cache / "one.so"))
        manager.create_extension(str(cache / "two.so"))
    assert noted.compiled
    assert [record.getMessage() for record in caplog.records] == [
        "compiling a circuit with Cython, which takes about 10 s, once on this machine"
    ]
    assert [path.rsplit("/", 1)[-1] for path in noted.paths] == ["one.so", "two.so"]


def test_a_module_that_is_there_is_not_announced_and_the_manager_is_as_it_was(manager, cache, caplog):
    (cache / "one.so").touch()
    before = manager._load_module, manager.create_extension
    with caplog.at_level(logging.WARNING, logger="neurosim"), noted_modules() as noted:
        manager.create_extension(str(cache / "one.so"))
    assert not noted.compiled
    assert not caplog.records
    assert before == (manager._load_module, manager.create_extension)


@pytest.mark.slow
def test_a_first_fit_says_that_it_compiles_and_a_second_does_not(compiled_backend, caplog):
    stimuli = np.random.default_rng(0).normal(size=(8, 4))
    # A threshold that nobody has: whatever compiled before, this circuit was not among it.
    terms = f"- {time.time_ns() % 10**9}e-15"

    def messages():
        caplog.clear()
        backend_choice._CIRCUITS.clear()
        with caplog.at_level(logging.WARNING, logger="neurosim"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            LCA(3, backend=compiled_backend, batch_size=4, membrane_terms=terms, random_state=0).fit(stimuli)
        return caplog.messages

    (told,) = messages()
    assert told.startswith("compiling a circuit with")
    assert messages() == []


def test_the_standalone_target_is_announced_under_its_name(caplog):
    with caplog.at_level(logging.WARNING, logger="neurosim"):
        module.announce_compilation("cpp_standalone")
    assert caplog.messages == [
        "compiling a circuit with C++ standalone, which takes about 4 s, once on this machine"
    ]


def test_the_time_told_is_the_median_of_what_was_measured_here(cache):
    for k, seconds in enumerate((3.0, 20.0, 5.0, None)):
        remember_compiled(("circuit", k), [__file__], seconds=seconds)
    assert expected_seconds("cython") == 5.0
    # Loading it again does not forget what compiling it took.
    remember_compiled(("circuit", 1), [__file__], seconds=None)
    assert expected_seconds("cython") == 5.0


def test_a_circuit_is_known_by_its_key_while_all_its_modules_exist(cache):
    paths = [cache / "a.so", cache / "b.so"]
    for path in paths:
        path.touch()
    remember_compiled(("a", 1), [str(path) for path in paths], seconds=1.0)
    assert compiled_before(("a", 1))
    assert not compiled_before(("a", 2))
    paths[1].unlink()
    assert not compiled_before(("a", 1))


def test_where_a_function_lies_in_memory_does_not_make_another_circuit():
    remember_compiled((object(), 1), [__file__], seconds=1.0)
    assert compiled_before((object(), 1))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"modules": null}', '{"modules": []}', "\x00"])
def test_a_damaged_note_is_no_knowledge(cache, content):
    remember_compiled("a", [__file__], seconds=1.0)
    (note,) = (cache / "cache" / "circuits").iterdir()
    note.write_text(content)
    assert not compiled_before("a")
    assert expected_seconds("cython") == 10.0


def test_a_folder_that_cannot_be_written_is_left_alone(cache):
    (cache / "cache").write_text("a file where the folder should be")
    remember_compiled("a", [__file__], seconds=1.0)
    assert not compiled_before("a")


def test_only_so_many_notes_are_kept(cache, monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 3)
    for k in range(6):
        remember_compiled(k, [__file__], seconds=1.0)
    assert len(list((cache / "cache" / "circuits").iterdir())) == 3
