"""Labelled arrays and tidy tables: the same numbers, under names, and refused where there are none."""

import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from saving_cases import NEEDS_JAX, PARAMETERS, fitted

from neurosim.exchange import neo_block, to_table, to_xarray, write_csv, write_neo


def test_a_run_opens_in_plain_xarray(run):
    with xr.open_dataset(run / "network.nc") as plain:
        assert plain["code"].dims == ("stimulus", "neuron")
        assert plain["duration"].dtype == float  # "s" is no time difference
        labelled = to_xarray(run)
        np.testing.assert_array_equal(plain["dictionary"], labelled["dictionary"])


def test_a_run_has_its_columns_of_fields_and_can_be_written_again(run, tmp_path):
    labelled = to_xarray(run, stimuli=5)
    fields = pd.read_csv(run / "fields.csv")
    np.testing.assert_array_equal(labelled["orientation"], fields["orientation"])
    assert labelled.sizes["stimulus"] == 5
    assert all({"units", "long_name"} <= set(each.attrs) for each in labelled.data_vars.values())
    labelled.to_netcdf(tmp_path / "again.nc")
    with xr.open_dataset(tmp_path / "again.nc") as again:
        xr.testing.assert_equal(again.load(), labelled)


@pytest.mark.parametrize("name", ["sailnet", "einet", "spiking-lca"])
def test_a_network_has_what_it_learned_and_answers(name, learned, stimuli, tmp_path):
    network = learned[name]
    labelled = to_xarray(network, stimuli=stimuli)
    np.testing.assert_array_equal(labelled["dictionary"], network.dictionary_)
    np.testing.assert_array_equal(labelled["code"], network.transform(stimuli))
    np.testing.assert_array_equal(labelled["counts"], next(iter(network.spike_counts(stimuli).values())))
    labelled.to_netcdf(tmp_path / "net.nc")


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_network_is_labelled_and_can_be_written(name, tmp_path):
    if name in NEEDS_JAX:
        pytest.importorskip("jax")
    network = fitted(name)
    labelled = to_xarray(network)
    assert {variable.dtype.kind for variable in labelled.data_vars.values()} <= set("fiub")
    assert "estimator" not in labelled
    labelled.to_netcdf(tmp_path / "net.nc")
    with xr.open_dataset(tmp_path / "net.nc") as again:
        xr.testing.assert_equal(again.load(), labelled)


def test_a_run_shown_other_stimuli_has_their_code_and_not_the_stored_one(run):
    from neurosim import load

    blank = np.zeros((2, 64), dtype=np.float32)
    blank[:, ::2] = 1.0
    labelled = to_xarray(run, stimuli=blank)
    np.testing.assert_array_equal(labelled["code"], load(run).transform(blank))
    assert "held_out" not in labelled


def test_responses_are_one_row_per_stimulus_and_neuron(graded, stimuli):
    table = to_table(graded, stimuli=stimuli)
    assert list(table.columns) == ["stimulus", "neuron", "response"]
    code = graded.transform(stimuli)
    np.testing.assert_array_equal(table["response"], code[table["stimulus"], table["neuron"]])
    assert not table.duplicated(["stimulus", "neuron"]).any()
    assert len(table) == code.size


def test_counts_and_spikes_agree_population_by_population(learned, stimuli):
    counts, spikes = (
        to_table(learned["einet"], table=name, stimuli=stimuli) for name in ("counts", "spikes")
    )
    keys = ["stimulus", "population", "neuron"]
    found = spikes.groupby(keys).size()
    expected = counts.set_index(keys)["spikes"]
    assert set(counts["population"]) == {"excitatory", "inhibitory"}
    pd.testing.assert_series_equal(found.sort_index(), expected[expected > 0].sort_index(), check_names=False)


@pytest.mark.parametrize("name", ["responses", "counts", "neurons", "learning"])
def test_a_csv_holds_the_table(name, run, tmp_path):
    write_csv(run, tmp_path / "table.csv", table=name, stimuli=5)
    written, table = pd.read_csv(tmp_path / "table.csv"), to_table(run, table=name, stimuli=5)
    assert written.shape == table.shape
    assert len(table) == {"responses": 5 * 12, "counts": 5 * 15, "neurons": 12, "learning": 10}[name]


def test_a_run_keeps_the_code_it_stored(run):
    table = to_table(run, stimuli=7)
    with xr.open_dataset(run / "network.nc") as stored:
        np.testing.assert_array_equal(table["response"], stored["code"][:7].to_numpy().ravel())


def test_of_a_run_of_several_networks_all_are_labelled_and_one_is_tabled_by_name(
    graded, stimuli, run, tmp_path
):
    from neurosim.networks.saving.network_file import write_dataset
    from neurosim.networks.saving.saved_network import estimator_variables

    folder, code = shutil.copytree(run, tmp_path / "arms"), graded.transform(stimuli)
    variables = {"held_out": (("stimulus", "pixel"), stimuli)}
    for name, factor in (("one", 1), ("two", 2)):
        own = {f"code_{name}": xr.Variable(("stimulus", f"neuron_{name}"), factor * code)}
        variables |= own | estimator_variables(graded, own, suffix=f"_{name}")
    write_dataset(xr.Dataset(variables), folder / "network.nc")
    assert {"code_one", "code_two", "held_out"} <= set(to_xarray(folder))
    np.testing.assert_array_equal(to_table(folder, condition="two")["response"], 2 * code.ravel())
    with pytest.raises(ValueError, match="holds the networks one, two; choose one"):
        to_table(folder, table="learning")


def test_what_is_not_there_is_said(graded, learned, stimuli, run, tmp_path):
    with pytest.raises(ValueError, match="tables of spikes need spikes, and LCA has none"):
        to_table(graded, table="spikes", stimuli=stimuli)
    with pytest.raises(
        ValueError, match="table: expected responses, counts, spikes, neurons, learning, got 'units'"
    ):
        to_table(graded, table="units", stimuli=stimuli)
    with pytest.raises(ValueError, match="pass the folder of a run"):
        to_table(graded, table="neurons")
    with pytest.raises(ValueError, match="only a run keeps stimuli"):
        to_table(graded, stimuli=5)
    with pytest.raises(ValueError, match="expected 1 to 60 held-out stimuli"):
        to_table(run, stimuli=61)
    with pytest.raises(TypeError, match=r"expected a fitted network.*got dict"):
        to_table({})
    with pytest.raises(FileNotFoundError, match="found no"):
        to_table(tmp_path / "nothing")


def test_an_unfinished_run_is_refused(run, tmp_path):
    folder = shutil.copytree(run, tmp_path / "killed")
    marker = folder / ".neurosim-run.json"
    marker.write_text(marker.read_text().replace('"whole"', '"unfinished"'))
    with pytest.raises(ValueError, match="did not come to its end"):
        to_xarray(folder)


def test_neo_has_a_train_for_each_neuron_and_reads_its_file_again(learned, stimuli, tmp_path):
    neo = pytest.importorskip("neo", reason="the extra spikes is not installed")
    block = neo_block(learned["einet"], stimuli=stimuli)
    expected = np.hstack(list(learned["einet"].spike_counts(stimuli).values()))
    found = [[len(train) for train in segment.spiketrains] for segment in block.segments]
    np.testing.assert_array_equal(found, expected)
    assert block.segments[0].spiketrains[-1].name == "inhibitory 4"
    write_neo(learned["einet"], tmp_path / "net.mat", stimuli=stimuli)
    again = neo.io.NeoMatlabIO(str(tmp_path / "net.mat")).read_block()
    np.testing.assert_array_equal(
        [[train.size for train in segment.spiketrains] for segment in again.segments], expected
    )


def test_a_missing_extra_names_its_line_for_pip(learned, monkeypatch, tmp_path):
    import sys

    from neurosim.engine.errors import MissingExtraError
    from neurosim.exchange import to_nir, write_nwb

    for name in ("nir", "pynwb", "neo"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r'pip install -e "\.\[nir\]"'):
        to_nir(learned["sailnet"])
    with pytest.raises(MissingExtraError, match=r'pip install -e "\.\[nwb\]"'):
        write_nwb(learned["sailnet"], tmp_path / "net.nwb")
    with pytest.raises(MissingExtraError, match=r'pip install -e "\.\[spikes\]"'):
        neo_block(learned["sailnet"])
