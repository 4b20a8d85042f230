"""Save, load in another process, and compare to the last bit: every estimator and all that it can tell."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from saving_cases import NEEDS_JAX, PARAMETERS, answers, fitted, weights

import neurosim
from neurosim import networks
from neurosim.front_end.front_end import FrontEnd

_HAS_JAX = find_spec("jax") is not None and find_spec("optax") is not None
_NAMES = sorted(set(networks.__all__) - {"hidden_pixel_score"})
_CASES = [(name, "float64") for name in _NAMES]
_CASES += [(name, "float32") for name in ("LCA", "LinkedLCA", "SAILnet")]  # one of each base

# What the other process does: it gets files alone, and one script for all of them.
_SCRIPT = """
import sys
from pathlib import Path
import numpy as np
import neurosim
from saving_cases import answers, weights
for file in sorted(Path(sys.argv[1]).glob("*.nc")):
    name, dtype = file.stem.split("-")
    net = neurosim.load(file)
    print(file.stem, type(net).__name__)
    np.savez(file.with_suffix(".npz"), dictionary=weights(net), **answers(net, name, dtype))
"""


@pytest.fixture(scope="module")
def there_and_here(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """What the other process found, and what this one does, by estimator and precision."""
    folder, here = tmp_path_factory.mktemp("saved"), {}
    for name, dtype in _CASES:
        if name in NEEDS_JAX and not _HAS_JAX:
            continue
        net = fitted(name, dtype)
        net.save(folder / f"{name}-{dtype}.nc")
        here[name, dtype] = {"dictionary": weights(net).copy()} | answers(net, name, dtype)
    beside = Path(__file__).parents[1]
    paths = [str(beside), str(Path(neurosim.__file__).parents[1])]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(folder)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {
        case: (dict(np.load(folder / f"{'-'.join(case)}.npz")), found, done.stdout)
        for case, found in here.items()
    }


@pytest.mark.parametrize(("name", "dtype"), _CASES)
def test_a_loaded_network_says_the_same_to_the_last_bit(
    there_and_here: dict[tuple[str, str], Any], name: str, dtype: str
) -> None:
    if name in NEEDS_JAX and not _HAS_JAX:
        pytest.skip("needs jax to fit")
    there, here, said = there_and_here[name, dtype]
    assert f"{name}-{dtype} {name}\n" in said
    assert set(there) == set(here)
    assert "code" in here
    assert np.any(here["code"])
    for part, values in here.items():
        assert there[part].dtype == values.dtype, part
        assert there[part].tobytes() == np.ascontiguousarray(values).tobytes(), part


def test_the_cases_are_all_public_estimators() -> None:
    assert set(PARAMETERS) == set(_NAMES)


@pytest.mark.parametrize("name", _NAMES)
def test_one_that_has_not_learned_is_loaded_as_it_was_made_with_its_front_end(
    name: str, tmp_path: Path
) -> None:
    net = getattr(networks, name)(7, random_state=1)
    net.front_end_ = FrontEnd(gain=3.0, on_off="split")
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    assert type(again) is type(net)
    assert again.get_params() == net.get_params()
    assert not hasattr(again, "dictionary_")
    image = np.arange(12.0).reshape(1, 3, 4)
    np.testing.assert_array_equal(again.front_end_.rows(image), net.front_end_.rows(image))
