"""Let the tests of this folder import the reference implementation beside them, and compile each design once."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def _circuits_kept() -> Iterator[None]:
    """Keep the small circuits of these tests, which share designs, for longer than a user's process would."""
    from neurosim.networks.estimator import backend_choice

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backend_choice, "_KEPT", 40)
        yield
