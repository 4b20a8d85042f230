from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosim.stimuli.kinds.arrays import ArraySection, arrays
from neurosim.stimuli.kinds.sources import sha256
from neurosim.stimuli.kinds.stimuli import Stimuli, picture_shape


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    stored: dict[str, Any] = {"seen": rng.random((50, 4, 6)), "heard": rng.random((50, 10))}
    np.savez(tmp_path / "own.npz", **stored, labels=np.arange(50) % 3)
    return tmp_path / "own.npz"


def _prepared(path: Path, **values: Any) -> Stimuli:
    section = ArraySection.model_validate({"path": str(path), "n_test": 10, "dtype": "float64"} | values)
    return arrays(section, training_rng=np.random.default_rng(1), held_out_rng=np.random.default_rng(2))


def test_rows_stay_together_and_none_is_on_both_sides(path: Path) -> None:
    stimuli = _prepared(path, normalise="none")
    stored = np.load(path)
    assert stimuli.labels is not None
    parts = [(stimuli.training, stimuli.labels.training), (stimuli.held_out, stimuli.labels.held_out)]
    taken = []
    for shown, labels in parts:
        indices = [int(np.flatnonzero((stored["heard"] == row).all(axis=1))[0]) for row in shown["heard"]]
        np.testing.assert_array_equal(shown["seen"], stored["seen"].reshape(50, -1)[indices])
        np.testing.assert_array_equal(labels, stored["labels"][indices])
        taken += indices
    assert sorted(taken) == list(range(50))
    assert len(stimuli.held_out["seen"]) == 10


def test_samples_have_unit_norm_unless_the_recipe_says_otherwise(path: Path) -> None:
    for rows in _prepared(path).training.values():
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1)
    assert _prepared(path, dtype="float32").held_out["seen"].dtype == np.float32


def test_pictures_keep_the_shape_they_were_stored_with(path: Path) -> None:
    stimuli = _prepared(path)
    shapes = {name: rows.shape[1:] for name, rows in stimuli.pictures(stimuli.held_out).items()}
    assert shapes == {"seen": (4, 6), "heard": (1, 10)}
    assert picture_shape(25) == (5, 5)


def test_the_file_is_recorded_and_labels_may_be_missing(path: Path) -> None:
    assert _prepared(path).sources["files"]["own.npz"]["sha256"] == sha256(path)
    np.savez(path, seen=np.ones((20, 4)), heard=np.ones((20, 3)))
    assert _prepared(path).labels is None


def test_more_held_out_than_there_are_is_refused(path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"stimuli.n_test: expected fewer than the 50 samples there are, got 50"
    ):
        _prepared(path, n_test=50)


def test_a_name_that_cannot_be_a_populations_is_refused(path: Path) -> None:
    np.savez(path, **{"left eye": np.ones((20, 4))})
    with pytest.raises(ValueError, match=r"letters, digits and underscores, got 'left eye'"):
        _prepared(path)
