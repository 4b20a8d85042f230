import statistics
import subprocess
import sys

import pytest

import neurosim

_TIMED = "import time; t = time.perf_counter(); import neurosim; print(time.perf_counter() - t)"


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_importing_neurosim_takes_less_than_three_tenths_of_a_second() -> None:
    assert statistics.median(float(_python(_TIMED)) for _ in range(3)) <= 0.3


@pytest.mark.parametrize("module", ["neurosim", "neurosim.cli", "neurosim.recipes.recipe"])
def test_brian2_is_not_imported_before_it_is_needed(module: str) -> None:
    assert _python(f"import sys, {module}; print('brian2' in sys.modules)").strip() == "False"


@pytest.mark.parametrize("heavy", ["numpy", "pydantic", "matplotlib", "sklearn", "xarray"])
def test_help_imports_nothing_heavy(heavy: str) -> None:
    assert _python(f"import sys, neurosim.cli; print({heavy!r} in sys.modules)").strip() == "False"


@pytest.mark.parametrize("name", neurosim.__all__)
def test_every_public_name_can_be_reached(name: str) -> None:
    assert getattr(neurosim, name) is not None


def test_public_names_are_listed_for_completion() -> None:
    assert set(neurosim.__all__) <= set(dir(neurosim))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'SVAE9'"):
        _ = neurosim.SVAE9
