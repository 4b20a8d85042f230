"""Files of an interrupted training: whole or refused by message, and never mistaken for another's."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

from neurosim.networks.estimator.checkpoint_file import KeptState, fingerprint, read_state, write_state

LEAVES = [np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32), np.array(7, dtype=np.int32)]
ROWS = pd.DataFrame({"objective": [1.25, 1 / 3], "rate": [3e-300, np.nan]})


def write(path, done=2):
    rng = np.random.default_rng(done)
    state = {
        "leaves": LEAVES,
        "rows": ROWS,
        "place": (done, True),
        "rng": rng.bit_generator.state,
        "no": None,
    }
    write_state(path, KeptState({"network": "mine"}, state))
    return rng


def equal(found):
    assert found.identity == {"network": "mine"}
    for leaf, expected in zip(found.state["leaves"], LEAVES, strict=True):
        assert leaf.dtype == expected.dtype
        np.testing.assert_array_equal(leaf, expected)
    pd.testing.assert_frame_equal(found.state["rows"], ROWS, check_exact=True)
    assert found.state["no"] is None


def test_what_was_written_comes_back_bit_for_bit(tmp_path):
    rng = write(tmp_path / "training.npz")
    found = read_state(tmp_path / "training.npz")
    equal(found)
    assert found.state["place"] == (2, True)
    other = np.random.default_rng()
    other.bit_generator.state = found.state["rng"]
    np.testing.assert_array_equal(other.random(5), rng.random(5))
    assert [path.name for path in tmp_path.iterdir()] == ["training.npz"]


def test_a_file_is_there_whole_or_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "training"
    write(path)

    def full_disc(file, **arrays):
        file.write(b"PK")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full_disc)
    with pytest.raises(OSError, match="no space left"):
        write(path, done=3)
    assert read_state(path).state["place"] == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["training"]


def test_damaged_files_are_refused_by_message(tmp_path):
    path = tmp_path / "training.npz"
    write(path)
    whole = path.read_bytes()
    for k in range(0, len(whole), 17):
        path.write_bytes(whole[:k])
        with pytest.raises(
            ValueError, match=r"checkpoint: expected one of this network, cannot read '.*training"
        ):
            read_state(path)
        path.write_bytes(whole[:k] + bytes([whole[k] ^ 0xFF]) + whole[k + 1 :])
        # Some bytes of a zip file say nothing: then it is refused by message or is as it was.
        with suppress(ValueError):
            equal(read_state(path))
    for content in (np.zeros(3), np.array(["note"])):
        np.save(path.with_suffix(".npy"), content)
        with pytest.raises(ValueError, match="cannot read"):
            read_state(path.with_suffix(".npy"))


def test_fingerprints_differ_by_any_number_shape_type_or_word():
    arrays = {"a": np.arange(6.0), "b": np.ones((2, 2)), "c": "laplace"}
    others = (
        {"b": np.array([[1, 1], [1, 1 + 1e-15]])},
        {"a": np.arange(6.0).reshape(2, 3)},
        {"a": np.arange(6)},
        {"c": "cauchy"},
        {"c": None},
    )
    prints = {fingerprint(arrays | other) for other in ({}, *others)}
    assert len(prints) == 6
    assert fingerprint(arrays) == fingerprint({"a": arrays["a"].copy(), "b": np.ones((2, 2)), "c": "laplace"})
