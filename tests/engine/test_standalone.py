import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from brian2 import Clock, Network, NeuronGroup, ms, prefs
from numpy.testing import assert_allclose

from neurosim.engine import compilation, standalone
from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import activated, fresh_standalone_device
from neurosim.engine.build_cache import build_cache_folder
from neurosim.engine.compilation import PROGRAM, outside_inputs
from neurosim.engine.errors import BackendError
from neurosim.engine.standalone import StandaloneBuild

LEAK = "dv/dt = (rate - v)/(10*ms) : 1\nrate : 1"
N_STEPS = 10


class Leak:
    """Leaky neurons that run for ten steps, in standalone."""

    def __init__(self, equations: str = LEAK, *, size: int = 3, dtype: str = "float64") -> None:
        with activated("cpp_standalone", float_dtype=dtype):
            fresh_standalone_device()
            clock = Clock(1 * ms, name="leak_clock")
            self.settings = ArrayBlock("leak_settings", {"dt": (1, np.float64), "seed": (1, np.int32)})
            self.group = NeuronGroup(
                size, equations, method="euler", clock=clock, name="leak", namespace={"ms": ms}
            )
            self.build = StandaloneBuild(Network(self.group), clock, self.settings, longest=N_STEPS * 1e-3)

    def run(self, rate: float = 2.0) -> Any:
        variables = self.group.variables
        self.build.give(self.settings.array("dt"), np.array([1e-3]))
        rates = np.full(len(self.group), rate, dtype=variables["rate"].dtype)
        self.build.give(variables["rate"], rates)
        self.build.run()
        return self.build.result(variables["v"])


# Forward Euler: each step takes a tenth of the way.
SETTLED = 1 - 0.9**N_STEPS


@pytest.fixture(scope="session")
def program() -> bytes:
    """The program of the default network, compiled in earnest, once."""
    try:
        network = Leak()
    except BackendError as error:
        pytest.skip(str(error))
    return (network.build._folder / PROGRAM).read_bytes()


class Compiler:
    """Stands in for the compiler: counts, and writes a program made before."""

    def __init__(self, program: bytes) -> None:
        self.program, self.calls = program, 0

    def __call__(self, folder: Path, sources: Any) -> None:
        self.calls += 1
        (folder / PROGRAM).write_bytes(self.program)
        (folder / PROGRAM).chmod(0o700)


@pytest.fixture
def compiler(program: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compiler:
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "cache"))
    compiler = Compiler(program)
    monkeypatch.setattr(standalone, "compile_program", compiler)
    return compiler


def test_the_same_network_is_compiled_once_and_gives_the_same_again(compiler: Compiler) -> None:
    for from_cache in (False, True):
        network = Leak()
        assert network.build.from_cache is from_cache
        assert_allclose(network.run(2.0), 2.0 * SETTLED, rtol=1e-12)
        assert_allclose(network.run(-1.0), -1.0 * SETTLED, rtol=1e-12)
    assert compiler.calls == 1


def test_another_equation_size_precision_or_flag_is_another_program(compiler: Compiler) -> None:
    keys = [
        Leak().build._key,
        Leak(LEAK.replace("rate - v", "rate - 2*v")).build._key,
        Leak(size=4).build._key,
        Leak(dtype="float32").build._key,
    ]
    kept = prefs["codegen.cpp.define_macros"]
    try:
        prefs["codegen.cpp.define_macros"] = [("GAIN", "2")]
        keys.append(Leak().build._key)
    finally:
        prefs["codegen.cpp.define_macros"] = kept
    assert len(set(keys)) == len(keys) == compiler.calls


def test_networks_of_the_same_process_that_are_alive_do_not_change_the_key(compiler: Compiler) -> None:
    alive = [Leak() for _ in range(3)]
    assert [network.build.from_cache for network in alive] == [False, True, True]


def test_a_damaged_program_is_compiled_anew(compiler: Compiler) -> None:
    Leak()
    (entry,) = build_cache_folder().iterdir()
    entry.write_bytes(entry.read_bytes()[:-1000])
    assert_allclose(Leak().run(), 2.0 * SETTLED)
    assert compiler.calls == 2
    assert Leak().build.from_cache


@pytest.mark.parametrize(
    "content", ["neither script nor binary", "#!/bin/sh\nexit 127\n", "#!/no/such/thing\n"]
)
def test_a_kept_program_that_cannot_start_any_more_is_compiled_anew(content: str, compiler: Compiler) -> None:
    Leak()
    network = Leak()
    (network.build._folder / PROGRAM).write_text(content)
    assert_allclose(network.run(), 2.0 * SETTLED)
    assert compiler.calls == 2
    assert not network.build.from_cache


def test_a_program_that_was_just_compiled_and_cannot_start_is_not_compiled_for_ever(
    compiler: Compiler,
) -> None:
    compiler.program = b"#!/bin/sh\nexit 127\n"
    with pytest.raises(BackendError, match="failed with exit code 127"):
        Leak().run()
    assert compiler.calls == 1


def test_a_folder_that_cannot_be_written_does_not_keep_the_network_from_running(
    compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path / "file"))
    with pytest.warns(RuntimeWarning, match="set the environment variable NEUROSIM_CACHE"):
        first = Leak()
    # A second warning would be an error here.
    for network in (first, Leak()):
        assert_allclose(network.run(), 2.0 * SETTLED)


def test_each_build_has_a_folder_of_its_own_that_goes_with_it(compiler: Compiler) -> None:
    first, second = Leak(), Leak()
    folders = [first.build._folder, second.build._folder]
    assert folders[0] != folders[1]
    assert_allclose(first.run(1.0), SETTLED)
    assert_allclose(second.run(3.0), 3 * SETTLED)
    assert_allclose(first.build.result(first.group.variables["v"]), SETTLED)
    del first
    assert [folder.exists() for folder in folders] == [False, True]


def test_headers_from_elsewhere_are_told_apart_from_the_programs_own(tmp_path: Path) -> None:
    elsewhere = tmp_path / "with a space.h"
    elsewhere.write_text("")
    name = str(elsewhere).replace(" ", r"\ ")
    (tmp_path / "step.d").write_text(
        f"step.o: code_objects/step.cpp objects.h \\\n {name} \\\n brianlib/clocks.h\n"
    )
    assert list(outside_inputs(tmp_path)) == [str(elsewhere)]


@pytest.mark.slow
def test_brians_own_makefile_is_used_where_the_short_way_fails(
    program: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path))
    monkeypatch.setattr(compilation, "_short_way", lambda folder, sources: ["-f", "missing.mk"])
    network = Leak()
    assert not network.build.from_cache
    assert_allclose(network.run(), 2.0 * SETTLED)


@pytest.mark.slow
def test_code_the_compiler_refuses_is_shown_with_its_complaint(
    program: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEUROSIM_CACHE", str(tmp_path))
    kept = prefs["codegen.cpp.headers"]
    try:
        prefs["codegen.cpp.headers"] = ['"missing_header.h"']
        with pytest.raises(BackendError, match=r"(?s)refused the generated C\+\+ .*missing_header\.h"):
            Leak()
    finally:
        prefs["codegen.cpp.headers"] = kept
    assert not list(tmp_path.rglob("*.program"))


@pytest.fixture
def processes(program: bytes, tmp_path: Path) -> Any:
    """Start processes that share a cache, and a compiler that counts what it compiles."""
    real = shutil.which((os.environ.get("CXX") or "g++").split()[0])
    counting = tmp_path / "counting"
    counting.write_text(
        f'#!/bin/sh\n[ "$1" != -c ] || echo "$*" >> "{tmp_path}/compiled"\nexec "{real}" "$@"\n'
    )
    counting.chmod(0o700)

    def start(hash_seed: int, *, equations: str = LEAK) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "CXX": str(counting),
            "NEUROSIM_CACHE": str(tmp_path / "cache"),
            # Sets of names are walked in another order in each process; that must not show in the code.
            "PYTHONHASHSEED": str(hash_seed),
        }
        command = [sys.executable, __file__, equations]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path)

    return start


@pytest.mark.slow
def test_processes_at_once_share_a_folder_and_later_ones_do_not_compile(
    processes: Any, tmp_path: Path
) -> None:
    at_once = [processes(seed) for seed in (1, 2)]
    first = [_told(process) for process in at_once]
    compiled = (tmp_path / "compiled").read_text()
    later = _told(processes(3))
    assert (tmp_path / "compiled").read_text() == compiled
    assert later["from_cache"]
    for told in (*first, later):
        assert told["key"] == later["key"]
        assert_allclose(told["v"], 2.0 * SETTLED, rtol=1e-12)
    other = _told(processes(3, equations=LEAK.replace("rate - v", "rate - 2*v")))
    assert other["key"] != later["key"]
    assert not other["from_cache"]


def _told(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return dict(json.loads(output.splitlines()[-1]))


if __name__ == "__main__":
    network = Leak(sys.argv[1])
    values = network.run().tolist()
    print(json.dumps({"key": network.build._key, "from_cache": network.build.from_cache, "v": values}))
