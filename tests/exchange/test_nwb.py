"""NWB: written, read again by our own reader, inspected, and refused where it would not be honest."""

import subprocess
import sys

import numpy as np
import pytest
from spiking_cases import sailnet

from neurosim.analysis import spike_counts
from neurosim.exchange import read_nwb, write_nwb

pynwb = pytest.importorskip("pynwb", reason="the extra nwb is not installed")
MODELS = ("sailnet", "einet", "spiking-lca")


@pytest.fixture(scope="module")
def written(learned, stimuli, tmp_path_factory):
    """A file of each spiking network."""
    folder = tmp_path_factory.mktemp("nwb")
    for name in MODELS:
        write_nwb(learned[name], folder / f"{name}.nwb", stimuli=stimuli)
    return folder


def _counts(path):
    """Spikes of each unit in each presentation, through the reader of recordings."""
    found = read_nwb(path)
    shown = found.presentations
    inside = [
        (found.times >= a) & (found.times <= b)
        for a, b in zip(shown["start_s"], shown["stop_s"], strict=True)
    ]
    assert sum(map(np.sum, inside)) == len(found.times)
    return np.array([np.bincount(found.units[each], minlength=len(found.names)) for each in inside])


@pytest.mark.parametrize("name", MODELS)
def test_every_count_comes_back_through_the_reader_of_recordings(name, written, learned, stimuli):
    expected = np.hstack(list(learned[name].spike_counts(stimuli).values()))
    assert expected.sum() > 20
    np.testing.assert_array_equal(_counts(written / f"{name}.nwb"), expected)


def test_the_inspector_finds_nothing_above_a_suggestion_in_any_network_s_file(written):
    pytest.importorskip("nwbinspector", reason="nwbinspector is not installed: pip install nwbinspector")
    # In a process of its own: its imports warn, and set loggers.
    code = (
        "import sys; from nwbinspector import Importance, inspect_nwbfile;"
        "found = [m for path in sys.argv[1:] for m in inspect_nwbfile(nwbfile_path=path)];"
        "[print(m.importance.name, m.check_function_name, m.message) for m in found"
        " if m.importance.value > Importance.BEST_PRACTICE_SUGGESTION.value];"
        "print('inspected')"
    )
    files = [str(written / f"{name}.nwb") for name in MODELS]
    told = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["inspected"]


def test_units_have_their_fields_thresholds_and_populations(written, learned):
    with pynwb.NWBHDF5IO(str(written / "einet.nwb"), mode="r") as io:
        units = io.read().units.to_dataframe()
    network = learned["einet"]
    excitatory = units[units["population"] == "excitatory"]
    np.testing.assert_array_equal(
        np.stack(list(excitatory["receptive_field"])).reshape(len(excitatory), -1),
        network.dictionary_.astype(np.float32),
    )
    np.testing.assert_array_equal(
        units["threshold"], np.concatenate([network.thresholds_, network.inhibitory_thresholds_])
    )
    inhibitory = units[units["population"] == "inhibitory"]
    assert np.isnan(np.stack(list(inhibitory["receptive_field"]))).all()
    assert (inhibitory["field"] == -1).all()


def test_the_second_of_a_pair_has_the_opposite_field(written, learned):
    with pynwb.NWBHDF5IO(str(written / "spiking-lca.nwb"), mode="r") as io:
        units = io.read().units.to_dataframe()
    fields = np.stack(list(units["receptive_field"]))
    n = learned["spiking-lca"].n_neurons
    np.testing.assert_array_equal(fields[:n], -fields[n:])
    assert units["is_opposite"].tolist() == [False] * n + [True] * n


def test_trials_have_gaps_stimuli_their_images_and_the_subject_is_no_animal(written, stimuli):
    with pynwb.NWBHDF5IO(str(written / "sailnet.nwb"), mode="r") as io:
        file = io.read()
        trials = file.trials.to_dataframe()
        gaps = trials["start_time"].to_numpy()[1:] - trials["stop_time"].to_numpy()[:-1]
        np.testing.assert_allclose(gaps, 0.01)
        shown = file.stimulus["stimulus_presentation"]
        third = np.asarray(shown.indexed_images.order_of_images[int(shown.data[2])].data)
        np.testing.assert_array_equal(third.ravel(), stimuli[2].astype(np.float32))
        assert file.units.resolution == 1e-3
        assert (file.subject.species, file.subject.sex) == ("In silico", "U")
        assert "no animal" in file.subject.description
        assert "from rest at each onset" in file.experiment_description


def test_a_run_gives_its_held_out_stimuli_recipe_and_columns_of_fields(run, tmp_path):
    from neurosim.exchange import to_xarray

    write_nwb(run, tmp_path / "run.nwb", stimuli=20, about={"experimenter": "Last, First"})
    stored = to_xarray(run, stimuli=20)
    np.testing.assert_array_equal(
        _counts(tmp_path / "run.nwb"), np.hstack([stored["counts"], stored["counts_inhibitory"]])
    )
    with pynwb.NWBHDF5IO(str(tmp_path / "run.nwb"), mode="r") as io:
        file = io.read()
        assert file.source_script == (run / "recipe.toml").read_text(encoding="utf-8")
        assert tuple(file.experimenter) == ("Last, First",)
        units = file.units.to_dataframe()
    np.testing.assert_allclose(units["orientation"][:12], stored["orientation"])
    assert units["orientation"][12:].isna().all()


def test_with_noise_the_same_state_gives_the_same_trial_and_the_users_generator_stays(stimuli):
    import copy

    from neurosim.exchange.spikes import recorded

    rng = np.random.default_rng(0)
    network = sailnet(12, noise=0.5).fit(np.tile(stimuli, (5, 1))).set_params(random_state=rng)
    before = copy.deepcopy(rng.bit_generator.state)
    first, second = (spike_counts(recorded(network, stimuli).spikes) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert rng.bit_generator.state == before


def test_graded_networks_are_refused_with_what_takes_them(graded, stimuli, tmp_path):
    with pytest.raises(ValueError, match=r"NWB files need spikes, and LCA has none.*write_csv.*to_xarray"):
        write_nwb(graded, tmp_path / "net.nwb", stimuli=stimuli)
    assert not list(tmp_path.iterdir())


def test_a_network_alone_needs_stimuli(learned, tmp_path):
    with pytest.raises(ValueError, match="SAILnet: expected stimuli to show"):
        write_nwb(learned["sailnet"], tmp_path / "net.nwb")
    assert not list(tmp_path.iterdir())


def test_what_stimuli_look_like_has_to_be_said_where_they_are_no_squares(stimuli, tmp_path):
    network = sailnet(8).fit(np.tile(stimuli[:, :12], (5, 1)))
    with pytest.raises(ValueError, match=r"12 pixels; pass shape=\(height, width\)"):
        write_nwb(network, tmp_path / "net.nwb", stimuli=stimuli[:, :12])
    write_nwb(network, tmp_path / "net.nwb", stimuli=stimuli[:, :12], shape=(3, 4))


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(learned, stimuli, tmp_path):
    place = tmp_path / "net.nwb"
    place.write_text("mine")
    with pytest.raises(ValueError, match="there already; name another file, or pass overwrite=True"):
        write_nwb(learned["sailnet"], place, stimuli=stimuli)
    assert place.read_text() == "mine"
    write_nwb(learned["sailnet"], place, stimuli=stimuli, overwrite=True)
    assert len(read_nwb(place).presentations) == len(stimuli)


def test_an_unknown_word_about_the_session_is_answered_with_those_there_are(learned, stimuli, tmp_path):
    with pytest.raises(ValueError, match=r"about: expected experimenter.*, got species"):
        write_nwb(
            learned["sailnet"], tmp_path / "net.nwb", stimuli=stimuli, about={"species": "Macaca mulatta"}
        )


def test_reading_names_what_is_wrong(written, tmp_path):
    (tmp_path / "text.nwb").write_text("no HDF5")
    with pytest.raises(ValueError, match="expected an NWB file"):
        read_nwb(tmp_path / "text.nwb")
    with pytest.raises(ValueError, match=r"no table 'epochs'; found trials \(start_time.*table=NAME"):
        read_nwb(written / "sailnet.nwb", table="epochs")
    with pytest.raises(FileNotFoundError, match="correct the path"):
        read_nwb(tmp_path / "none.nwb")
