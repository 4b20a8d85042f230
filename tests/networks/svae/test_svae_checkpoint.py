"""Files of an interrupted training: whole or refused by message, and never mistaken for another's."""

from contextlib import suppress

import numpy as np
import pytest

from neurosim.networks.svae.checkpoint import checkpoint_file, restored, saved, signature

LEAVES = [np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32), np.array(7, dtype=np.int32)]
ROWS = [[1.25, -0.1, 3e-300, 0.0], [1.0, 2.0, 3.0, 1 / 3]]


def write(path, epoch=2):
    rng = np.random.default_rng(epoch)
    saved(path, LEAVES, rows=ROWS, epoch=epoch, rng=rng, signature="mine")
    return rng


def test_what_was_saved_comes_back_bit_for_bit(tmp_path):
    rng = write(tmp_path / "training.npz")
    found = restored(tmp_path / "training.npz", LEAVES, signature="mine")
    for leaf, expected in zip(found.leaves, LEAVES, strict=True):
        assert leaf.dtype == expected.dtype
        np.testing.assert_array_equal(leaf, expected)
    assert (found.rows, found.epoch) == (ROWS, 2)
    other = np.random.default_rng()
    other.bit_generator.state = found.rng_state
    np.testing.assert_array_equal(other.random(5), rng.random(5))
    assert [path.name for path in tmp_path.iterdir()] == ["training.npz"]


def test_a_file_is_there_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "training"
    write(path)

    def full_disk(file, **arrays):
        file.write(b"PK")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="no space left"):
        write(path, epoch=3)
    assert restored(path, LEAVES, signature="mine").epoch == 2


def test_damaged_files_are_refused_by_message(tmp_path):
    path = tmp_path / "training.npz"
    write(path)
    whole = path.read_bytes()
    for k in range(0, len(whole), 7):
        path.write_bytes(whole[:k])
        with pytest.raises(
            ValueError, match="checkpoint: expected one of this network, cannot read 'training"
        ):
            restored(path, LEAVES, signature="mine")
        path.write_bytes(whole[:k] + bytes([whole[k] ^ 0xFF]) + whole[k + 1 :])
        # Some bytes of a zip file say nothing: then it is refused by message or is as it was.
        with suppress(ValueError):
            found = restored(path, LEAVES, signature="mine")
            assert all(map(np.array_equal, found.leaves, LEAVES))
            assert found.rows == ROWS
    for content in (np.zeros(3), np.array(["note"])):
        np.save(path.with_suffix(".npy"), content)
        with pytest.raises(ValueError, match="cannot read"):
            restored(path.with_suffix(".npy"), LEAVES, signature="mine")


def test_files_of_another_training_are_refused(tmp_path):
    path = tmp_path / "training.npz"
    write(path)
    for own, name in ((LEAVES, "other"), ([LEAVES[0].T, LEAVES[1]], "mine")):
        with pytest.raises(ValueError, match="is of another training"):
            restored(path, own, signature=name)


def test_signatures_differ_by_any_number_shape_or_setting():
    arrays = [np.arange(6.0), np.ones((2, 2))]
    changed = [np.arange(6.0), np.array([[1, 1], [1, 1 + 1e-15]])]
    reshaped = [np.arange(6.0).reshape(2, 3), np.ones((2, 2))]
    signatures = {signature(a, 1, "a") for a in (arrays, changed, reshaped)} | {signature(arrays, 2, "a")}
    assert len(signatures) == 4
    assert signature(arrays, 1, "a") == signature([array.copy() for array in arrays], 1, "a")


def test_a_missing_folder_is_told_before_anything_is_learned(tmp_path):
    assert checkpoint_file(str(tmp_path / "training")) == tmp_path / "training"
    with pytest.raises(
        ValueError, match=r"checkpoint: expected a file in a folder that exists, got '.*nowhere"
    ):
        checkpoint_file(tmp_path / "nowhere" / "training")
