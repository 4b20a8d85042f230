"""Rings and backends of the whole suite: plain `pytest` is the quick ring, `pytest -m slow` the other one."""

import gc
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import settings

# The first example of a property may import Brian2 or build a network, which no deadline should punish.
settings.register_profile("neurosim", deadline=None)
settings.load_profile("neurosim")

# Numpy is not loaded yet. Each worker has a processor to itself: threads of BLAS would wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Bytecode is kept, also where a machine says it should not be: tests start dozens of processes, and each would compile
# the package anew, as each worker would rewrite the asserts of all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Tests of several folders share what stands beside this file.
sys.path.insert(0, str(Path(__file__).parent))
_COMPILED = ("cython", "cpp_standalone")
# The last of several flags counts. Python adds symbols for debugging to every module, half of the time with these.
_FLAGS, _BRIEFLY = "codegen.cpp.extra_compile_args_gcc", ("-O1", "-g0")

# Numbers of modules that were loaded when garbage was last collected for good.
_SET_ASIDE = [0]


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.markexpr:
        config.option.markexpr = "not slow"
    if getattr(config.option, "dist", "") == "load":
        # Neighbouring tests stay in one worker, which has then built their circuits and shared fixtures already.
        config.option.dist = "worksteal"
    if not hasattr(config, "workerinput"):
        # Compiled programs are shared by the workers of this session, and never kept in the user's own folder. What is
        # noted of circuits is new in each session: with backend="auto" they would not be the same twice.
        folder = os.environ["NEUROSIM_CACHE"] = tempfile.mkdtemp(prefix="neurosim-tests-")
        for kind in ("cython", "standalone"):
            Path(folder, kind).symlink_to(_kept(kind), target_is_directory=True)
        # jax keeps what it compiles if it is told where, and by default only what took a second.
        os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_kept("jax")))
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.1")
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def _kept(kind: str) -> Path:
    """Return a folder of compiled code for all sessions: compiling that of the quick ring takes minutes."""
    root = Path(tempfile.gettempdir(), f"neurosim-tests-compiled-{getattr(os, 'getuid', int)()}")
    for folder in (root, root / kind):
        folder.mkdir(mode=0o700, exist_ok=True)
    return root / kind


def pytest_runtest_setup(item: pytest.Item) -> None:
    if len(sys.modules) > _SET_ASIDE[-1] + 100:
        # What was imported is nothing that each collection of garbage has to look through, for a tenth of a second.
        gc.collect()
        gc.freeze()
        _SET_ASIDE.append(len(sys.modules))
    if "brian2" in sys.modules:
        sys.modules["brian2.core.network"].gc = _SPARINGLY
        if item.config.option.markexpr == "not slow":
            _compile_briefly()


class _SparingCollector:
    """Stands for `gc` where Brian2 collects garbage before every run, which takes longer than most runs of tests."""

    def __init__(self) -> None:
        self._last = 0.0

    def collect(self) -> None:
        """Collect after five seconds of work, as often as the engine lets Brian2."""
        if time.process_time() > self._last + 5.0:
            gc.collect()
            self._last = time.process_time()


_SPARINGLY = _SparingCollector()


def _compile_briefly() -> None:
    """Optimise generated C++ little in the quick ring, in a third of the time; the slow one has the flags of a user."""
    prefs = sys.modules["brian2"].prefs
    if _BRIEFLY[0] not in prefs[_FLAGS]:
        prefs[_FLAGS] = [*prefs[_FLAGS], *_BRIEFLY]


def _usable(backend: str) -> str:
    from neurosim.engine.backend import require_backend
    from neurosim.engine.errors import BackendError

    try:
        require_backend(backend)
    except BackendError as error:
        pytest.skip(str(error))
    return backend


@pytest.fixture(params=["numpy", *(pytest.param(b, marks=pytest.mark.slow) for b in _COMPILED)])
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend in turn; the two that compile belong to the slow ring."""
    return _usable(request.param)


@pytest.fixture(params=["numpy", *_COMPILED])
def every_backend(request: pytest.FixtureRequest) -> str:
    """Each backend in turn in the quick ring too: only for the few contracts all of them must keep."""
    return _usable(request.param)


@pytest.fixture(params=_COMPILED)
def compiled_backend(request: pytest.FixtureRequest) -> str:
    """Each backend that compiles, in the quick ring too."""
    return _usable(request.param)
