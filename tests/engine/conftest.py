"""Run a network on any backend, and let the tests of the engine import what stands beside them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

Stepped = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def stepped(tmp_path_factory: pytest.TempPathFactory) -> Stepped:
    """Build a network inside a backend, run some steps of a millisecond, and return the named arrays.

    The builder returns the network and a mapping of names to Brian2 array variables.
    """
    # Not at the top: pytest loads this file before the filters for Brian2's own warnings are in place.
    from brian2 import ms

    from neurosim.engine.backend import activated, fresh_standalone_device

    def run(
        backend: str, build: Callable[[], Any], *, n_steps: int = 1, float_dtype: Any = np.float64
    ) -> dict[str, Any]:
        with activated(backend, float_dtype=float_dtype):
            device = fresh_standalone_device() if backend == "cpp_standalone" else None
            network, wanted = build()
            network.run(n_steps * ms, namespace={})
            if device is not None:
                folder = tmp_path_factory.mktemp("program")
                device.build(directory=str(folder), run=True, with_output=False)
            return {name: np.array(variable.get_value()) for name, variable in wanted.items()}

    return run


@pytest.fixture
def cython() -> str:
    """The compiled target that runs in this process; in the quick ring it stands for all generated C++."""
    from neurosim.engine.backend import require_backend
    from neurosim.engine.errors import BackendError

    try:
        require_backend("cython")
    except BackendError as error:
        pytest.skip(str(error))
    return "cython"


@pytest.fixture(params=["numpy", "cython"])
def runtime_backend(request: pytest.FixtureRequest) -> str:
    """Numpy, and Cython where there is a compiler."""
    return "numpy" if request.param == "numpy" else str(request.getfixturevalue("cython"))
