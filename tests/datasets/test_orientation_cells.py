"""The per-cell table of macaque orientation tuning, and what the shipped counts say of it."""

import os
from pathlib import Path

import numpy as np
import pytest

from neurosim.analysis.v1.properties import v1_property
from neurosim.datasets.orientation_cells import orientation_cells

FILE = Path(os.environ.get("NEUROSIM_DATA", "")) / "ringach2002" / "ringach_2002_orientation.csv"
needs_cells = pytest.mark.skipif(not FILE.is_file(), reason="the per-cell table is not in NEUROSIM_DATA")


@needs_cells
def test_304_cells_have_the_published_medians():
    cells = orientation_cells(FILE)
    assert len(cells) == 304
    assert cells["circular_variance"].median() == pytest.approx(0.60, abs=0.005)
    assert cells["orientation_half_width"].median() == pytest.approx(23.0, abs=0.5)
    assert cells["modulation_ratio"].median() == pytest.approx(0.57, abs=0.005)
    assert (cells["modulation_ratio"] > 1).sum() == 121


@needs_cells
@pytest.mark.parametrize(
    "name",
    ["circular_variance", "orientation_half_width", "orthogonal_to_preferred", "orientation_selective",
     "circular_variance_to_half_width", "modulation_ratio", "largest_rate"],
)  # fmt: skip
def test_the_shipped_counts_are_those_of_the_cells(name):
    each = v1_property(name)
    bins = each.bins(orientation_cells(FILE)[name])
    counts = np.bincount(bins[bins >= 0], minlength=len(each.counts))
    # The shipped edges are rounded to four digits: a cell on an edge may fall beside it.
    assert np.abs(counts - each.counts).max() <= 1
    assert counts.sum() == each.counts.sum()


def test_a_file_that_is_not_there_or_another_one_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv("NEUROSIM_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match="NEUROSIM_DATA naming the folder"):
        orientation_cells()
    with pytest.raises(FileNotFoundError, match="no such file"):
        orientation_cells(tmp_path / "cells.csv")
    (tmp_path / "cells.csv").write_text("orivar,bw\n1,2\n")
    with pytest.raises(ValueError, match="missing: po, maxdc, maxfirst, spont"):
        orientation_cells(tmp_path / "cells.csv")
