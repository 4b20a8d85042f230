"""Receptive fields from arrays: one is as good as many, and none is cut into pieces."""

import numpy as np
import pytest
from recorded_cells import fields

from neurosim.recordings import read_recording
from neurosim.recordings.field_arrays import fields_of


def test_the_field_of_a_single_cell_is_read(tmp_path):
    planted = fields(1)
    np.save(tmp_path / "one.npy", planted)
    np.testing.assert_array_equal(read_recording(tmp_path / "one.npy").fields, planted)
    np.savez(tmp_path / "one.npz", rf=planted, depth=np.array([[3.0]]))
    np.testing.assert_array_equal(read_recording(tmp_path / "one.npz").fields, planted)


def test_the_responses_of_a_single_cell_are_read(tmp_path):
    np.save(tmp_path / "one.npy", np.array([[1.0], [3.0]]))
    (tmp_path / "shown.csv").write_text("orientation_deg\n0\n90\n")
    found = read_recording(tmp_path / "one.npy", stimuli=tmp_path / "shown.csv")
    assert found.responses.rate.tolist() == [1.0, 3.0]


@pytest.mark.parametrize("order", ["numpy", "matlab"])
@pytest.mark.parametrize("seed", range(5))
def test_one_field_is_not_cut_into_small_ones(order, seed):
    """16 x 16 pixels without an axis for fields would pass for 16 fields of 4 x 4."""
    picture = fields(1, side=16, seed=seed)[0]
    with pytest.raises(ValueError, match=r"looks like one field of 16 × 16 pixels; .* array\[None\]"):
        fields_of(picture, order=order, file="a.npy")
    rows = fields(144, seed=seed).reshape(144, 144)
    assert fields_of(rows, order="numpy", file="a.npy").shape == (144, 12, 12)
    noise = np.random.default_rng(seed).normal(size=(64, 64))
    assert fields_of(noise, order=order, file="a.npy").shape == (64, 8, 8)
