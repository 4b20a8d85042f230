"""MATLAB's structs: one element per unit, or a word on what is in them."""

import numpy as np
import pytest
from scipy.io import savemat

from neurosim.recordings.mat_files import read_mat


def test_a_struct_without_vectors_says_what_it_has_instead(tmp_path):
    savemat(tmp_path / "a.mat", {"data": {"rf": np.ones((8, 8, 3)), "who": np.zeros((2, 2))}})
    with pytest.raises(
        ValueError, match=r"a.mat: .*struct 'data' has no vectors, but rf \(8, 8, 3\), who \(2, 2\)"
    ):
        read_mat(tmp_path / "a.mat")


def test_a_vector_is_a_column_whichever_way_it_lies(tmp_path):
    for name, rates in (("row", [[1.0, 2.0]]), ("column", [[1.0], [2.0]])):
        savemat(tmp_path / "a.mat", {"cells": {"ori": np.array([[0.0, 90.0]]), "rate": np.array(rates)}})
        assert read_mat(tmp_path / "a.mat")["rate"].tolist() == [1.0, 2.0], name
