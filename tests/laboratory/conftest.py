"""Units whose answers are known in closed form."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from gabor_units import GaborUnits, six_gabors


@pytest.fixture
def gabors() -> GaborUnits:
    return six_gabors()
