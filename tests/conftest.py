"""Rings and backends of the whole suite: plain `pytest` is the quick ring, `pytest -m slow` the other one."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# The first example of a property may import Brian2 or build a network, which no deadline should punish.
settings.register_profile("neurosim", deadline=None)
settings.load_profile("neurosim")

# Tests of several folders share what stands beside this file.
sys.path.insert(0, str(Path(__file__).parent))
_COMPILED = ("cython", "cpp_standalone")


def pytest_configure(config: pytest.Config) -> None:
    if not config.option.markexpr:
        config.option.markexpr = "not slow"
    if not hasattr(config, "workerinput"):
        # Compiled programs are shared by the workers of this session, and never kept in the user's own folder.
        folder = os.environ["NEUROSIM_CACHE"] = tempfile.mkdtemp(prefix="neurosim-tests-")
        Path(folder, "cython").symlink_to(_kept_modules(), target_is_directory=True)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def _kept_modules() -> Path:
    """Return a folder of Cython modules for all sessions: compiling those of the quick ring takes minutes."""
    folder = Path(tempfile.gettempdir(), f"neurosim-tests-modules-{getattr(os, 'getuid', int)()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


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
