"""A bounded part of ``verification/gaussian_machine.py``: machines fitted chunk by chunk are scikit-learn's."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sklearn.svm import SVC

_SCRIPT = Path(__file__).parents[3] / "verification" / "gaussian_machine.py"


@pytest.fixture(scope="module")
def machine() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verification_gaussian_machine", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_machine_that_takes_in_what_it_gets_wrong_is_that_of_all(
    machine: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "N_FIRST", 10)
    rng = np.random.default_rng(0)
    labels = rng.choice([2, 3, 5, 7], size=600)
    codes = np.maximum(rng.normal(size=(600, 12)) + 0.9 * np.eye(12)[labels], 0).astype(np.float32)
    own, asked = np.split(codes, [400])
    answers = machine.predicted(own, labels[:400], asked, gamma=0.7, costs=[0.3, 10.0])
    for cost, answer in zip([0.3, 10.0], answers, strict=True):
        svc = SVC(C=cost, gamma=0.7 / (own.var() * 12)).fit(own, labels[:400])
        assert (answer == svc.predict(asked)).mean() > 0.99
    assert (answers[0] != answers[1]).any()  # the cost counts, and neither is at chance
    assert (answers[1] == labels[400:]).mean() > 0.4
