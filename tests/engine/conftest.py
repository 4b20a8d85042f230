"""Run a network on any backend, for the tests of the engine."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

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
