"""What the page's script is given is what the run's files hold, of every cell, and nothing else."""

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from PIL import Image
from stored_network import MARGIN, N_INHIBITORY, SIDE, with_network

from neurosim.report import write_report
from neurosim.report.explorer import explorer_of
from neurosim.report.explorer.cells import Cells, cut_to_fields
from neurosim.report.explorer.sprite import sprite
from neurosim.results.run_folder import read_run_folder


def explored(folder: Path, *tables: str):
    return explorer_of(read_run_folder(folder, tables=tables))


def fields_in(folder: Path):
    with xr.open_dataset(folder / "network.nc", engine="h5netcdf") as file:
        return file["dictionary"].to_numpy().reshape(-1, SIDE, SIDE)


def tiles_of(found, sheet=0):
    image = np.asarray(
        Image.open(io.BytesIO(base64.b64decode(found.sheets[sheet].split(",")[1]))), dtype=float
    )
    cut = found.data["sheets"][sheet]
    across, down, height, width = (cut[name] for name in ("across", "down", "height", "width"))
    tiles = image.reshape(down, height, across, width).swapaxes(1, 2).reshape(-1, height, width)
    scales = np.array(cut["scales"])
    return (tiles[: len(scales)] - 128) * scales[:, None, None]


def test_a_run_without_its_network_has_nothing_to_explore(run_dir):
    assert explored(run_dir) is None
    assert 'id="explorer"' not in write_report(run_dir).read_text(encoding="utf-8")


def test_the_sprite_holds_every_field_to_one_step_of_grey(run_dir):
    found = explored(with_network(run_dir, 40))
    fields = fields_in(run_dir)
    largest = np.abs(fields).max(axis=(1, 2), keepdims=True)
    # Half a step of 127 by rounding, and scales have three digits.
    assert np.abs(tiles_of(found)[:40] - fields).max() <= (largest * 0.0091).max()
    assert np.abs(tiles_of(found)[:40] - fields[::-1]).max() > 0.3


def test_fields_in_the_image_come_first_with_their_own_fit_and_a_sentence(run_dir):
    found = explored(with_network(run_dir, 40))
    in_image, on_patch = found.data["groups"][0]["views"]
    assert (in_image["words"], on_patch["words"]) == ("field in the image", "weights on the filtered patch")
    assert (in_image["height"], on_patch["height"]) == (SIDE + 2 * MARGIN, SIDE)
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        expected = file["image_field"].to_numpy()
    assert np.abs(tiles_of(found, 1) - expected).max() <= 0.0091 * np.abs(expected).max()
    table = pd.read_csv(run_dir / "fields.csv")
    np.testing.assert_allclose(in_image["fit"]["x0"], table["image_x0"], rtol=6e-3)
    np.testing.assert_allclose(on_patch["fit"]["x0"], table["x0"], rtol=6e-3)
    assert "fields in the image, as planted" in found.words


def test_without_an_image_space_the_weights_stand_alone(run_dir):
    with_network(run_dir, 12)
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        whole = file.load()
    whole.drop_vars("image_field").to_netcdf(run_dir / "network.nc", engine="h5netcdf")
    found = explored(run_dir)
    (view,) = found.data["groups"][0]["views"]
    assert (view["words"], len(found.sheets)) == ("field", 1)
    assert "as learned" in found.words


def test_a_grey_field_stays_grey():
    assert set(np.unique(Image.open(io.BytesIO(sprite(np.zeros((3, 4, 4))).png)))) == {128}


def test_every_cell_has_the_row_of_its_table(run_dir):
    (group,) = explored(with_network(run_dir, 40)).data["groups"]
    table = pd.read_csv(run_dir / "fields.csv")
    np.testing.assert_allclose(group["views"][1]["fit"]["orientation"], table["orientation"], rtol=6e-3)
    facts = {fact["words"]: fact["values"] for fact in group["facts"]}
    np.testing.assert_allclose(facts["n_x, on whitened patches (cycles)"], table["nx"], rtol=6e-3)
    assert group["count"] == 40


def test_a_number_that_is_not_there_is_none_and_no_nan_is_written(run_dir):
    with_network(run_dir, 12)
    table = pd.read_csv(run_dir / "fields.csv")
    table.loc[3, "orientation"] = np.nan
    table.to_csv(run_dir / "fields.csv", index=False)
    found = explored(run_dir)
    assert found.data["groups"][0]["views"][1]["fit"]["orientation"][3] is None
    json.dumps(found.data, allow_nan=False)


def test_stimuli_are_those_that_a_cell_answers_most_with_its_activity(run_dir):
    found = explored(with_network(run_dir, 40))
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        code = file["code"].to_numpy()
    shown = np.array(found.data["images"]["numbers"])
    (group,) = found.data["groups"]
    for number, best in enumerate(group["answers"]):
        activity = code[shown, number]
        np.testing.assert_allclose(
            [value for _, value in best], np.sort(activity)[::-1][: len(best)], rtol=6e-3
        )
        np.testing.assert_allclose(
            activity[[place for place, _ in best]], [value for _, value in best], rtol=6e-3
        )
        assert code[:, number].argmax() in shown


def test_strongest_weights_are_told_once_and_without_the_cell_itself(run_dir):
    (group,) = explored(with_network(run_dir, 40)).data["groups"]
    (weights,) = group["weights"]
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        lateral = file["lateral"].to_numpy()
    for number, strongest in enumerate(weights["strongest"]):
        assert strongest[0][0] == np.abs(lateral[number]).argmax() != number
    assert weights["words"] == (
        "lateral inhibition: what the activity or a spike of the other takes from this one; the same in both directions"
    )


def test_a_weight_among_cells_is_listed_by_whom_it_acts_on(run_dir):
    with_network(run_dir, 12)
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        whole = file.load()
    one_way = np.zeros((12, 12))
    one_way[2, 7] = 5.0  # from 2 to 7: the file's first dimension is where it comes from
    del whole["lateral"]
    whole["lateral"] = (("from_neuron", "neuron"), one_way)
    whole.to_netcdf(run_dir / "network.nc", engine="h5netcdf")
    by, on = (each["strongest"] for each in explored(run_dir).data["groups"][0]["weights"])
    assert (by[7], by[2]) == ([[2, 5.0]], [])
    assert (on[2], on[7]) == ([[7, 5.0]], [])


def test_whom_a_neuron_inhibits_through_inhibitory_cells_is_told(run_dir):
    found = explored(with_network(run_dir, 12, inhibitory=True))
    through = next(each for each in found.data["groups"][0]["weights"] if "through all" in each["words"])
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        product = file["excite"].to_numpy() @ file["inhibit"].to_numpy()
    assert through["to"] == "n"
    assert [strongest[0][0] for strongest in through["strongest"]] == product.argmax(axis=1).tolist()


def test_inhibitory_cells_are_a_group_of_their_own_and_show_what_they_pool(run_dir):
    found = explored(with_network(run_dir, 40, inhibitory=True))
    neurons, inhibitory = found.data["groups"]
    assert (inhibitory["key"], inhibitory["count"]) == ("i", N_INHIBITORY)
    assert [view["first"] for view in inhibitory["views"]] == [40, 40]
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        pooled = np.tensordot(file["excite"].to_numpy().T, fields_in(run_dir), axes=1)
    assert np.abs(tiles_of(found)[40 : 40 + N_INHIBITORY] - pooled).max() < 0.01 * np.abs(pooled).max()
    assert {weights["to"] for weights in neurons["weights"]} == {"n", "i"}
    assert [view["words"] for view in inhibitory["views"]] == [
        "fields it pools, in the image", "the same on the filtered patch",
    ]  # fmt: skip


def test_tuning_curves_are_those_of_the_neurons_not_of_pools(run_dir):
    with_network(run_dir, 12)
    orientation, frequency = explored(run_dir, "tuning_curves").data["groups"][0]["tuning"]
    table = pd.read_csv(run_dir / "tuning_curves.csv")
    own = table[(table["unit"] == 5) & (table["curve"] == "orientation")]
    np.testing.assert_allclose(orientation["rates"][5], own["rate"], atol=6e-3)
    assert len(orientation["rates"]) == 12
    assert frequency["octaves"]


def test_where_fields_were_tiled_no_curve_is_given_to_a_neuron(run_dir):
    with_network(run_dir, 12)
    with (run_dir / "recipe.toml").open("a") as file:
        file.write("[laboratory]\ntile = {stride = 4, size = 16}\n")
    assert "tuning" not in explored(run_dir, "tuning_curves").data["groups"][0]


def test_on_and_off_are_one_field_and_relays_are_added_up(run_dir):
    with_network(run_dir, 12)
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        whole = file.load()
    on, off, on_2, off_2 = np.random.default_rng(0).uniform(size=(4, 12, SIDE * SIDE))
    whole = whole.drop_vars(["dictionary", "held_out"])
    whole["dictionary"] = (("neuron", "channel_pixel"), np.concatenate([on, off, on_2, off_2], axis=1))
    whole.to_netcdf(run_dir / "network.nc", engine="h5netcdf")
    signed = (on - off + on_2 - off_2).reshape(-1, SIDE, SIDE)
    assert np.abs(tiles_of(explored(run_dir))[:12] - signed).max() < 0.01 * np.abs(signed).max()


def test_a_damaged_network_file_is_named(run_dir):
    (run_dir / "network.nc").write_bytes(b"no network")
    with pytest.raises(
        ValueError, match=r"network\.nc cannot be read .*: restore it or run the recipe again"
    ):
        write_report(run_dir)


def test_what_files_say_never_becomes_markup(run_dir):
    with_network(run_dir, 12)
    with xr.open_dataset(run_dir / "network.nc", engine="h5netcdf") as file:
        whole = file.load()
    whole["lateral"].attrs["long_name"] = "</script><script>alert(1)</script>"
    whole.to_netcdf(run_dir / "network.nc", engine="h5netcdf")
    source = write_report(run_dir).read_text(encoding="utf-8")
    assert "<script>alert" not in source
    inside = re.search(r'<script type="application/json" id="cells">(.*?)</script>', source, re.DOTALL)
    assert json.loads(inside[1])["groups"][0]["weights"][0]["words"].startswith(
        "</script><script>alert(1)</script>"
    )


def test_fields_in_a_small_part_of_their_pictures_are_cut_out_and_fits_counted_from_there() -> None:
    fields = np.zeros((3, 40, 40))
    fields[:, 12:20, 25:33] = np.random.default_rng(0).standard_normal((3, 8, 8))
    table = pd.DataFrame({"x0": [28.0] * 3, "y0": [15.0] * 3, "image_x0": [3.0] * 3})
    cut = cut_to_fields(Cells("n", "neuron", "neurons", fields, table))
    assert cut.fields.shape == (3, 10, 10)
    assert (cut.table["x0"][0], cut.table["y0"][0], cut.table["image_x0"][0]) == (4, 4, 3)
    assert table["x0"][0] == 28
