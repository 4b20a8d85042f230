"""Hundreds of files, whole and damaged: read as an independent reader reads them, or refused in our own words."""

from types import ModuleType

import pytest


@pytest.mark.parametrize(
    ("kind", "n_files", "least_read"),
    [("png", 250, 80), ("tiff", 350, 150), ("other images", 100, 40), ("idx", 200, 40), ("npz", 150, 40)],
)
def test_files_are_read_right_or_refused(
    image_files: ModuleType, kind: str, n_files: int, least_read: int
) -> None:
    """`make verify-files` does the same with 10,000."""
    (tally,) = image_files.run({kind: n_files}, seed=7)
    assert (tally.files, tally.read + tally.refused) == (n_files, n_files)
    assert tally.read >= least_read
    assert tally.refused >= n_files / 5
    assert (tally.wrong, tally.foreign, tally.slow) == (0, 0, 0), tally.examples


def test_a_reader_that_forgets_what_white_is_would_be_found(
    image_files: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        image_files, "read_grey", lambda path, as_encoded: 1 - image_files.png_grey(path.read_bytes())
    )
    assert image_files.run({"png": 20}, seed=7)[0].wrong > 5
