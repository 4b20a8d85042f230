"""Files that hold no network, a damaged one, or one of another version: a message, and nothing half."""

import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import neurosim
from neurosim import LCA
from neurosim.networks.saving.network_file import write_dataset
from neurosim.networks.saving.saved_network import digest


class OwnLCA(LCA):
    """A network of somebody else's."""


@pytest.fixture
def net() -> LCA:
    return LCA.from_dictionary(np.eye(6), threshold=0.3, backend="numpy")


@pytest.fixture
def file(net: LCA, tmp_path: Path) -> Path:
    net.save(tmp_path / "net.nc")
    return tmp_path / "net.nc"


def _edited(file: Path, change: Any) -> Path:
    """Write the file again with another content, whose checksum fits."""
    with xr.open_dataset(file, engine="h5netcdf", decode_cf=False) as stored:
        dataset = stored.load()
    note = dataset["estimator"]
    content = json.loads(str(note.to_numpy()[()]))
    change(content, note.attrs)
    text = json.dumps(content)
    arrays = {name: dataset[name].to_numpy() for name in dataset.variables if name != "estimator"}
    dataset["estimator"] = ((), text, note.attrs | {"digest": digest(text, arrays)})
    write_dataset(dataset, file)
    return file


def test_a_file_written_again_by_the_helper_of_these_tests_loads(file: Path, net: LCA) -> None:
    again = neurosim.load(_edited(file, lambda content, attrs: None))
    np.testing.assert_array_equal(again.dictionary_, net.dictionary_)


def test_nothing_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected a file written by net\.save.*found no"):
        neurosim.load(tmp_path / "none.nc")


def test_a_folder_without_a_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"run folder with network\.nc"):
        neurosim.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"text", pickle.dumps([1])])
def test_a_foreign_file_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "net.nc").write_bytes(content)
    with pytest.raises(ValueError, match="which is no netCDF file or a cut one"):
        neurosim.load(tmp_path / "net.nc")


def test_netcdf_of_something_else_is_told(tmp_path: Path) -> None:
    write_dataset(xr.Dataset({"rain": (("day",), [1.0])}), tmp_path / "net.nc")
    with pytest.raises(ValueError, match="which holds none"):
        neurosim.load(tmp_path / "net.nc")


def test_a_run_of_before_is_told(tmp_path: Path) -> None:
    write_dataset(xr.Dataset({"dictionary": (("neuron", "pixel"), np.eye(2))}), tmp_path / "network.nc")
    with pytest.raises(ValueError, match=r"before neurosim kept whole networks.*recipe\.toml"):
        neurosim.load(tmp_path)


def test_every_cut_and_every_flipped_byte_is_refused_in_one_message_or_changes_nothing(
    file: Path, net: LCA
) -> None:
    content, rng = file.read_bytes(), np.random.default_rng(2)
    refused = same = 0
    flipped = [bytearray(content) for _ in range(60)]
    for damaged, place in zip(flipped, rng.integers(0, len(content), size=60), strict=True):
        damaged[place] ^= 0x55
    cut = [content[: int(share * len(content))] for share in (0.1, 0.5, 0.9)]
    for damaged in (*flipped, *cut):
        file.write_bytes(damaged)
        try:
            again = neurosim.load(file)
        except ValueError as error:
            refused += "net.nc" in str(error)
        else:
            assert again.get_params() == net.get_params()
            assert again.dictionary_.tobytes() == net.dictionary_.tobytes()
            same += 1
    assert refused >= 2
    assert refused + same == 63


def test_an_edited_array_is_refused(file: Path) -> None:
    with xr.open_dataset(file, engine="h5netcdf", decode_cf=False) as stored:
        dataset = stored.load()
    dataset["dictionary"][0, 0] = 2
    write_dataset(dataset, file)
    with pytest.raises(ValueError, match="damaged, or was changed after"):
        neurosim.load(file)


def test_a_newer_format_says_what_wrote_it(file: Path) -> None:
    _edited(file, lambda content, attrs: attrs.update(format=2, neurosim="9.1"))
    with pytest.raises(
        ValueError, match=r"written by neurosim 9\.1 in format 2.*up to 1: install neurosim 9\.1"
    ):
        neurosim.load(file)


def test_a_parameter_of_another_version_says_what_wrote_it(file: Path) -> None:
    _edited(
        file, lambda content, attrs: (content["parameters"].update(zeal=1), attrs.update(neurosim="0.0.3"))
    )
    with pytest.raises(ValueError, match=r"written by neurosim 0\.0\.3, whose LCA had the parameter 'zeal'"):
        neurosim.load(file)


def test_a_parameter_that_is_new_has_its_default_with_a_warning(file: Path) -> None:
    _edited(file, lambda content, attrs: content["parameters"].pop("carry_over"))
    with pytest.warns(UserWarning, match="did not have carry_over"):
        again = neurosim.load(file)
    assert again.carry_over is False


def test_no_module_is_imported_because_a_file_says_so(file: Path) -> None:
    _edited(file, lambda content, attrs: content.update({"class": "antigravity:Fly"}))
    with pytest.raises(
        ValueError, match=r"none of neurosim's: import it, and pass load\(path, estimator=Fly\)"
    ):
        neurosim.load(file)
    assert "antigravity" not in sys.modules


def test_a_network_of_ones_own_is_loaded_by_its_class(tmp_path: Path) -> None:
    OwnLCA.from_dictionary(np.eye(3), backend="numpy").save(tmp_path / "own.nc")
    assert type(neurosim.load(tmp_path / "own.nc", estimator=OwnLCA)) is OwnLCA
    with pytest.raises(ValueError, match=r"OwnLCA, got estimator=LCA"):
        neurosim.load(tmp_path / "own.nc", estimator=LCA)


def test_one_network_has_no_condition(file: Path) -> None:
    with pytest.raises(ValueError, match="holds one network; leave out condition='l1'"):
        neurosim.load(file, condition="l1")


def test_places_that_cannot_be_written_are_told(net: LCA, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"got the folder .*add a name"):
        net.save(tmp_path)
    with pytest.raises(ValueError, match="make the folder first"):
        net.save(tmp_path / "none" / "net.nc")


def test_an_earlier_file_stays_until_the_new_one_is_whole(net: LCA, file: Path) -> None:
    before = file.read_bytes()
    net.namespace = {"f": print}
    with pytest.raises(TypeError, match="namespace"):
        net.save(file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["net.nc"]
