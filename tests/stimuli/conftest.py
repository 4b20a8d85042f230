"""Encoders and the damage of the verification ring, for the quick one."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

_FOLDER = Path(__file__).parents[2] / "verification"


def _script(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def encoders() -> ModuleType:
    """Writers of PNG, TIFF and IDX files by the book."""
    return _script("image_encoders")


@pytest.fixture(scope="session")
def image_files(encoders: ModuleType) -> ModuleType:
    """Mutated files and what independent readers make of them."""
    for name in ("image_readers", "image_bases"):
        _script(name)
    return _script("image_files")
