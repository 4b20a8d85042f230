"""Rows are kept by what any of the files says, and nothing that was asked for is passed over."""

import numpy as np
import pandas as pd
import pytest
from recorded_cells import ANGLES, fields, rates, save_spikes

from neurosim.recordings import read_recording
from neurosim.recordings.columns import kept, parsed_map, parsed_where


@pytest.mark.parametrize("asked", ["True", "true", "1"])
def test_rows_are_kept_by_yes_and_no(asked):
    table = pd.DataFrame({"good": [True, False, True], "rate": [1, 2, 3]})
    assert kept(table, {"good": asked}, file="a.csv")["rate"].tolist() == [1, 3]
    with pytest.raises(ValueError, match=r"no row has good=yes; there are True, False"):
        kept(table, {"good": "yes"}, file="a.csv")


def test_rows_of_a_matrix_are_kept_by_columns_of_its_table(tmp_path):
    np.save(tmp_path / "rates.npy", np.concatenate([rates(), 2 * rates()]))
    shown = pd.DataFrame({"orientation_deg": np.tile(ANGLES, 2), "eye": ["left"] * 12 + ["right"] * 12})
    shown.to_csv(tmp_path / "shown.csv", index=False)
    found = read_recording(tmp_path / "rates.npy", stimuli=tmp_path / "shown.csv", where={"eye": "right"})
    np.testing.assert_allclose(found.responses.means.mean, 2 * rates())
    np.save(tmp_path / "rates.npy", rates())
    with pytest.raises(
        ValueError, match=r"do not match the table of stimuli: expected shape \(24, n_units\)"
    ):
        read_recording(tmp_path / "rates.npy", stimuli=tmp_path / "shown.csv", where={"eye": "right"})


def test_presentations_are_kept_by_their_columns(tmp_path):
    """As the message on presentations that overlap says."""
    file, shown = save_spikes(tmp_path)
    table = pd.read_csv(shown).assign(stimulus="gratings")
    movie = table.assign(stimulus="movie", stop_s=table["stop_s"] + 1)
    pd.concat([table, movie]).to_csv(tmp_path / "both.csv", index=False)
    with pytest.raises(ValueError, match=r"presentations overlap.*--where"):
        read_recording(file, stimuli=tmp_path / "both.csv")
    found = read_recording(file, stimuli=tmp_path / "both.csv", where={"stimulus": "gratings"})
    np.testing.assert_array_equal(found.responses.rate, read_recording(file, stimuli=shown).responses.rate)


def test_rows_that_no_file_can_tell_apart_are_not_all_taken(tmp_path):
    np.save(tmp_path / "fields.npy", fields(5))
    with pytest.raises(ValueError, match=r"--where names 'area'; found no columns"):
        read_recording(tmp_path / "fields.npy", where={"area": "V1"})
    np.save(tmp_path / "rates.npy", rates())
    pd.DataFrame({"orientation_deg": ANGLES}).to_csv(tmp_path / "shown.csv", index=False)
    with pytest.raises(ValueError, match=r"--where names 'area'; found orientation_deg"):
        read_recording(tmp_path / "rates.npy", stimuli=tmp_path / "shown.csv", where={"area": "V1"})


def test_two_values_for_one_column_are_refused_and_not_the_last_one_taken():
    with pytest.raises(ValueError, match=r"--where names 'area' twice, for 'V1' and 'V2'"):
        parsed_where(["area=V1", "area=V2"])
    with pytest.raises(ValueError, match=r"--map names unit twice, as 'cell' and 'id'"):
        parsed_map(["unit=cell", "unit=id"])
