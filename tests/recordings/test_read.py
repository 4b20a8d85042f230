"""Files of other groups are read as what they are, or refused with what was found and what to do."""

import json
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from recorded_cells import (
    ANGLES,
    PREFERRED,
    fields,
    long_table,
    presentations,
    rates,
    save_nwb,
    save_spikes,
    spikes,
)
from scipy.io import savemat

from neurosim.recordings import read_recording
from neurosim.recordings.columns import mapped, parsed_map

MAP = {"unit": "cell", "orientation_deg": "ori", "response": "rate"}


def test_the_same_fields_come_from_numpy_and_from_matlab_flat_or_not(tmp_path):
    planted = fields(6)
    planted[0] = np.arange(144.0).reshape(12, 12)  # rows and columns cannot be mistaken
    np.save(tmp_path / "a.npy", planted)
    np.savez(tmp_path / "b.npz", W=planted.reshape(6, -1), seed=np.array(3))
    savemat(tmp_path / "c.mat", {"W": np.moveaxis(planted, 0, -1)})
    savemat(tmp_path / "d.mat", {"W": np.moveaxis(planted, 0, -1).reshape(144, 6, order="F")})
    for name, order in (("a.npy", "numpy"), ("b.npz", "numpy"), ("c.mat", "matlab"), ("d.mat", "matlab")):
        found = read_recording(tmp_path / name, order=order)
        np.testing.assert_array_equal(found.fields, planted, err_msg=name)
        assert len(found.files[name]) == 64


def test_a_matlab_file_of_version_7_3_has_the_same_indices(tmp_path):
    import h5py

    planted = fields(5)
    with h5py.File(tmp_path / "e.mat", "w", userblock_size=512) as file:
        file["W"] = np.moveaxis(planted, 0, -1).T  # as MATLAB's memory lies in HDF5
    with (tmp_path / "e.mat").open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    np.testing.assert_array_equal(read_recording(tmp_path / "e.mat", order="matlab").fields, planted)


@pytest.mark.parametrize("n_fields", [144, 40])
def test_fields_in_the_other_order_are_noticed(tmp_path, n_fields):
    planted = fields(n_fields)
    array = planted.reshape(n_fields, -1) if n_fields == 144 else planted
    np.save(tmp_path / "a.npy", np.moveaxis(array, 0, -1))
    with pytest.raises(ValueError, match=r"pass --order matlab|--order matlab reads"):
        read_recording(tmp_path / "a.npy")
    assert read_recording(tmp_path / "a.npy", order="matlab").fields.shape == (n_fields, 12, 12)


def test_noise_is_read_in_the_order_that_was_said(tmp_path):
    """The check is of neighbouring pixels: where they tell nothing, nothing is refused."""
    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(size=(64, 64)))
    assert read_recording(tmp_path / "a.npy").fields.shape == (64, 8, 8)


def test_long_wide_and_matrix_tables_tell_the_same_responses(tmp_path):
    long_table().to_csv(tmp_path / "long.csv", index=False)
    wide = pd.DataFrame({"ori": ANGLES} | {f"c{cell}": curve for cell, curve in enumerate(rates().T)})
    wide.to_csv(tmp_path / "wide.csv", index=False)
    np.save(tmp_path / "rates.npy", rates())
    pd.DataFrame({"orientation_rad": np.deg2rad(ANGLES)}).to_csv(tmp_path / "shown.csv", index=False)
    found = [
        read_recording(tmp_path / "long.csv", columns=MAP),
        read_recording(tmp_path / "wide.csv", columns={"orientation_deg": "ori"}),
        read_recording(tmp_path / "rates.npy", stimuli=tmp_path / "shown.csv"),
    ]
    for each in found:
        means = each.responses.means
        np.testing.assert_allclose(means.mean, rates(), atol=1e-9)
        np.testing.assert_allclose(means.conditions["orientation_deg"], ANGLES)
    assert [list(each.units["neuron"]) for each in found] == [["c0", "c1", "c2"]] * 2 + [[0, 1, 2]]


def test_a_struct_array_of_units_is_read_trial_by_trial_and_rows_are_chosen(tmp_path):
    cells = [
        {"area": 1, "dx": [-0.2, 0.0], "counts": np.array([[1, 2], [8, 9]]), "duration": 0.5},
        {"area": 2, "dx": [-0.1, 0.1, 0.3], "counts": np.array([[1], [2], [3]]), "duration": 1.0},
    ]
    as_cells = [each | {"counts": _cell(each["counts"])} for each in cells]
    savemat(tmp_path / "a.mat", {"D": as_cells})
    columns = {"disparity_deg": "dx", "count": "counts", "duration_s": "duration"}
    found = read_recording(tmp_path / "a.mat", columns=columns, where={"area": "1"})
    assert found.responses.rate.tolist() == [2.0, 4.0, 16.0, 18.0]
    assert found.units["neuron"].tolist() == [0]
    with pytest.raises(ValueError, match=r"no row has area=3; there are 1, 2"):
        read_recording(tmp_path / "a.mat", columns=columns, where={"area": "3"})


def _cell(rows):
    cell = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows):
        cell[place] = np.asarray(row, dtype=np.uint8)
    return cell


def test_spikes_give_rates_and_the_modulation_at_the_temporal_frequency(tmp_path):
    file, shown = save_spikes(tmp_path)
    means = read_recording(file, stimuli=shown).responses.means
    at = int(np.argmin(np.abs(means.conditions["direction_deg"] - 60.0)))
    assert means.mean[at, :2] == pytest.approx([61, 61], rel=0.25)
    ratio = means.modulation[at, :2] / means.mean[at, :2]
    assert ratio[0] == pytest.approx(1.0, abs=0.25)  # 1 + sin: F1 equals F0
    assert ratio[1] < 0.3
    assert means.spontaneous[:2] == pytest.approx([1, 1], abs=1)
    assert means.mean[:, 2].tolist() == [0.0] * 12


def test_angles_are_brought_into_their_turn():
    table = pd.DataFrame({"orientation_deg": [-90, -15, 75], "direction_deg": [-90, 180, 225]})
    assert mapped(table, {}, file="a.csv").to_numpy().T.tolist() == [[90, 165, 75], [270, 180, 225]]


def test_what_a_blank_does_not_have_may_be_called_null():
    table = pd.DataFrame({"direction_deg": ["null", "90.0"]})
    np.testing.assert_array_equal(mapped(table, {}, file="a.nwb")["direction_deg"], [np.nan, 90.0])
    with pytest.raises(ValueError, match=r"expected numbers in direction_deg \(empty for a blank\)"):
        mapped(table.replace("null", "left"), {}, file="a.nwb")


def test_spikes_in_arrays_are_the_spikes_of_the_table(tmp_path):
    file, shown = save_spikes(tmp_path)
    times, cells = spikes(presentations())
    np.savez(tmp_path / "spikes.npz", t=times, who=cells)
    from_arrays = read_recording(
        tmp_path / "spikes.npz", stimuli=shown, columns={"spike_time_s": "t", "unit": "who"}
    )
    np.testing.assert_array_equal(
        from_arrays.responses.rate, read_recording(file, stimuli=shown).responses.rate
    )


def test_a_table_of_properties_is_taken_as_it_is(tmp_path):
    pd.DataFrame({"id": [7, 8], "angle": [0, 90], "DSI": [0.1, 0.2]}).to_csv(tmp_path / "a.csv")
    columns = {"unit": "id", "preferred_direction": "angle", "direction_selectivity_index": "DSI"}
    found = read_recording(tmp_path / "a.csv", columns=columns)
    assert found.units["neuron"].tolist() == [7, 8]
    assert found.properties["preferred_orientation"].tolist() == [90, 0]  # bars at right angles to the motion


REFUSED = {
    "responses that do not match": (
        lambda: np.ones((5, 3)),
        {"orientation_deg": ANGLES},
        {},
        r"do not match the table of stimuli: expected shape \(12, n_units\).* got \(5, 3\)",
    ),
    "units that never respond": (
        lambda: np.zeros((12, 3)),
        {"orientation_deg": ANGLES},
        {},
        r"none of the 3 units ever responds",
    ),
    "no condition": (
        rates,
        {"ori": ANGLES},
        {},
        r"one of orientation_deg, .*found ori; map them by --map orientation_deg=COLUMN",
    ),
    "radians": (
        rates,
        {"ori": np.deg2rad(ANGLES)},
        {"orientation_deg": "ori"},
        r"orientation_deg from 0 to 2.88 looks like radians; map it as orientation_rad",
    ),
    "directions": (
        rates,
        {"ori": 2 * ANGLES},
        {"orientation_deg": "ori"},
        r"beyond 180°; directions of motion go there: map it as direction_deg",
    ),
    "another name": (
        rates,
        {"ori": ANGLES},
        {"orientation_deg": "orient"},
        r"--map names orient, found",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_go_together_is_refused(tmp_path, name):
    matrix, shown, columns, message = REFUSED[name]
    np.save(tmp_path / "a.npy", matrix())
    pd.DataFrame(shown).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ValueError, match=message):
        read_recording(tmp_path / "a.npy", stimuli=tmp_path / "b.csv", columns=columns)


def test_a_table_without_the_needed_columns_says_what_it_has_and_how_to_map(tmp_path):
    long_table().to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(ValueError, match=r"found cell, ori, trial, rate; map them by --map unit=COLUMN"):
        read_recording(tmp_path / "a.csv")
    with pytest.raises(ValueError, match=r"'orient', which is not there; did you mean 'ori'\?; found cell"):
        read_recording(tmp_path / "a.csv", columns=MAP | {"orientation_deg": "orient"})
    with pytest.raises(ValueError, match=r"does not know 'orientation' \(did you mean orientation_deg\?\)"):
        parsed_map(["orientation=ori"])


def test_spikes_on_another_clock_and_presentations_that_overlap_are_refused(tmp_path):
    file, shown = save_spikes(tmp_path)
    table = pd.read_csv(shown)
    table.assign(start_s=table["start_s"] * 1000 + 1e6, stop_s=table["stop_s"] * 1000 + 1e6).to_csv(shown)
    with pytest.raises(ValueError, match=r"no spike falls into a presentation: .* in seconds on one clock"):
        read_recording(file, stimuli=shown)
    table.assign(stop_s=table["stop_s"] + 1).to_csv(shown)
    with pytest.raises(ValueError, match=r"presentations overlap, the first from 0 to 2 s and from 1.5 s on"):
        read_recording(file, stimuli=shown)


def test_python_objects_in_arrays_are_not_read(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"plain numbers"):
        read_recording(tmp_path / "a.npy")


@pytest.mark.skipif(find_spec("pynwb") is None, reason="needs the extra nwb (pynwb), which is not installed")
def test_nwb_gives_what_spikes_and_table_give(tmp_path):
    """In a process of its own: what pynwb warns of is not ours to repair."""
    script = (
        "import sys, json; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from recorded_cells import save_nwb\n"
        "save_nwb(Path(sys.argv[2]))\n"
        "from neurosim.recordings import read_recording\n"
        "map = {'direction_deg': 'orientation', 'temporal_frequency_hz': 'temporal_frequency'}\n"
        "found = read_recording(sys.argv[2], columns=map)\n"
        "messages = []\n"
        "for wrong in ({}, {'stimuli': 'flashes'}):\n"
        "    try: read_recording(sys.argv[2], **wrong)\n"
        "    except ValueError as error: messages.append(str(error))\n"
        "print(json.dumps([found.units['neuron'].tolist(), found.responses.rate.tolist(), messages]))"
    )
    from pathlib import Path

    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", script, here, str(tmp_path / "a.nwb")],
        capture_output=True,
        text=True,
        check=True,
    )
    names, rate, messages = json.loads(done.stdout.splitlines()[-1])
    file, shown = save_spikes(tmp_path)
    assert names == [100, 101, 102]
    np.testing.assert_allclose(np.sort(rate), np.sort(read_recording(file, stimuli=shown).responses.rate))
    assert "found start_s, stop_s, orientation, temporal_frequency; map them by" in messages[0]
    assert "found drifting_gratings_presentations (start_time, stop_time, orientation" in messages[1]


@pytest.mark.skipif(find_spec("pynwb") is not None, reason="pynwb is installed")
def test_nwb_without_its_extra_names_the_extra(tmp_path):
    (tmp_path / "a.nwb").write_bytes(b"")
    with pytest.raises(ValueError, match=r"needs pynwb.*neurosim-v1\[nwb\]"):
        read_recording(tmp_path / "a.nwb")


def test_what_is_planted_is_what_is_asked_for():
    assert rates()[[2, 5, 8], [0, 1, 2]].tolist() == pytest.approx([20, 20, 20])
    assert [ANGLES[place] for place in rates().argmax(axis=0)] == list(PREFERRED)
    assert callable(save_nwb)


def test_fields_that_cannot_be_fitted_are_told_at_the_door(tmp_path):
    planted = fields(6)
    flat = planted.copy()
    flat[[2, 4]] = 0
    np.save(tmp_path / "flat.npy", flat)
    with pytest.warns(UserWarning, match=r"flat.npy: 2 of 6 fields are constant, the first is number 2"):
        read_recording(tmp_path / "flat.npy")
    np.save(tmp_path / "all_flat.npy", np.zeros((3, 12, 12)))
    with pytest.warns(UserWarning, match=r"all_flat.npy: 3 of 3 fields are constant"):
        read_recording(tmp_path / "all_flat.npy")
    planted[3, 0, 0] = np.nan
    np.save(tmp_path / "nan.npy", planted)
    with pytest.raises(
        ValueError, match=r"nan.npy: 1 of 6 fields have NaN .* number 3 .* leave those fields out"
    ):
        read_recording(tmp_path / "nan.npy")
