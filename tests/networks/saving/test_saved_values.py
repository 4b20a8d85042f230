"""What a parameter or an attribute may hold: kept exactly, or refused by name."""

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from brian2 import Hz, ms, mV
from sklearn.base import clone

import neurosim
from neurosim import LCA
from neurosim.front_end import FrontEnd, ParallelFrontEnd, adapted
from neurosim.laboratory.responders import network_units
from neurosim.networks.saving.kept_values import kept, restored

_RNG = np.random.default_rng(0)


def _there_and_back(value: Any) -> Any:
    arrays: dict[str, Any] = {}

    def add(path: tuple[str, ...], array: Any) -> str:
        arrays["_".join(path)] = array
        return "_".join(path)

    import json

    return restored(json.loads(json.dumps(kept(value, ("value",), add))), arrays)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -0.0, 0.1, float("inf"), "τ", [1, [2.5, "a"]], (1, (2, 3)), {"a": {1: (None,)}},
        np.float64(0.1), np.float32(0.1), np.int16(3), np.bool_(True), np.str_("ab"),
        10 * ms, 3.3 * mV, 0.1 * Hz,
    ],
    ids=repr,
)  # fmt: skip
def test_a_plain_value_comes_back_equal_and_of_its_type(value: Any) -> None:
    again = _there_and_back(value)
    assert type(again) is type(value)
    assert again == value


@pytest.mark.parametrize(
    "array",
    [
        _RNG.standard_normal((3, 4)), np.asfortranarray(_RNG.standard_normal((3, 4))), np.float32([0.1, np.nan]),
        np.float16([0.1]), np.array([True, False]), np.zeros((0, 3), np.float32), np.array(5.0), np.array(["a", "bc"]),
        np.array(["a", None], dtype=object), np.arange(3, dtype=">i4"), np.array([2**63], dtype=np.uint64),
        _RNG.standard_normal((4, 6))[:, ::2],
    ],
    ids=lambda array: f"{array.dtype.str}{array.shape}",
)  # fmt: skip
def test_an_array_comes_back_with_its_bits_and_its_order(array: np.ndarray, tmp_path: Path) -> None:
    net = LCA(3)
    net.given_ = array
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc").given_
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.flags.f_contiguous == (array.flags.f_contiguous or array.ndim < 2 or array.size == 0)
    if array.dtype == object:
        assert again.tolist() == array.tolist()
    else:
        assert again.tobytes() == array.tobytes()


def test_quantities_of_several_values_keep_their_unit() -> None:
    again = _there_and_back([1, 2] * mV)
    assert again.has_same_dimensions(mV)
    np.testing.assert_array_equal(again / mV, [1, 2] * mV / mV)


def test_a_table_comes_back_with_its_columns(tmp_path: Path) -> None:
    table = pd.DataFrame({"batch": [0, 1], "objective": [0.1, np.nan], "duration": [1.0, 2.0]})
    net = LCA(3)
    net.history_ = table
    net.save(tmp_path / "net.nc")
    pd.testing.assert_frame_equal(neurosim.load(tmp_path / "net.nc").history_, table)


@pytest.mark.parametrize("made", [np.random.RandomState, np.random.default_rng])
def test_a_generator_goes_on_where_it_was(made: Any, tmp_path: Path) -> None:
    given = made(4)
    given.standard_normal(3)  # of an odd number: half a pair is left for later
    LCA(3, random_state=given).save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc").random_state
    assert type(again) is type(given)
    np.testing.assert_array_equal(again.standard_normal(5), given.standard_normal(5))


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"f": lambda: 1}, r"namespace\['f'\].*got a function.*equations"),
        ({"f": {"g": object()}}, r"namespace\['f'\]\['g'\].*got an object"),
        ({"c": np.zeros(2, complex)}, r"namespace\['c'\].*ndarray"),
    ],
)
def test_what_no_file_can_hold_is_refused_where_it_stands(value: Any, place: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=place):
        LCA(3, namespace=value).save(tmp_path / "net.nc")
    assert list(tmp_path.iterdir()) == []


def test_a_filter_that_is_no_front_end_is_told_to_be_wrapped(tmp_path: Path) -> None:
    net = LCA(3)
    net.front_end_ = neurosim.stimuli.OlshausenField()
    with pytest.raises(
        TypeError, match=r"front_end_: .*got an OlshausenField; wrap it: .*FrontEnd\(filter\)"
    ):
        net.save(tmp_path / "net.nc")


def test_terms_and_their_units_are_kept(tmp_path: Path) -> None:
    stimuli = _RNG.standard_normal((5, 4))
    net = LCA.from_dictionary(
        np.eye(4),
        tau=12 * ms,
        backend="numpy",
        membrane_terms="- rate*second*u",
        namespace={"rate": 0.3 * Hz},
    )
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    assert again.namespace["rate"] == 0.3 * Hz
    assert again.tau == 12 * ms
    assert again.equations == net.equations
    assert again.transform(stimuli).tobytes() == net.transform(stimuli).tobytes()


def test_given_fields_are_kept_as_they_were_given(tmp_path: Path) -> None:
    given = np.asfortranarray(_RNG.standard_normal((3, 4)))
    LCA(3, initial_dictionary=given).save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc").initial_dictionary
    assert again.flags.f_contiguous
    assert again.tobytes() == given.tobytes()


def test_a_filter_of_the_front_end_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    images = _RNG.standard_normal((2, 16, 16))
    net = LCA.from_dictionary(np.eye(512)[:8], backend="numpy")
    net.front_end_ = FrontEnd(neurosim.stimuli.OlshausenField(), gain=0.7, on_off="split")
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    assert again.front_end_.rows(images).tobytes() == net.front_end_.rows(images).tobytes()
    code = again.transform(again.front_end_.rows(images))
    assert code.tobytes() == net.transform(net.front_end_.rows(images)).tobytes()


def test_front_ends_side_by_side_come_back_to_the_last_bit(tmp_path: Path) -> None:
    images = _RNG.standard_normal((2, 16, 16))
    relays = [adapted(neurosim.stimuli.CentreSurround(), images, floor=floor) for floor in (0.5, None)]
    net = LCA.from_dictionary(np.eye(1024)[:8], backend="numpy")
    net.front_end_ = ParallelFrontEnd(relays, names=["broad", "sharp"])
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc").front_end_
    assert again.channels == {"broad": slice(0, 2), "sharp": slice(2, 4)}
    assert again.rows(images).tobytes() == net.front_end_.rows(images).tobytes()


def test_networks_are_copied_and_pickled_as_before_and_clones_have_no_front_end() -> None:
    net = LCA.from_dictionary(np.eye(4), backend="numpy")
    assert net.front_end_ is None
    net.front_end_ = FrontEnd(neurosim.stimuli.OlshausenField())
    image = np.ones((1, 8, 8))
    for again in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(again.front_end_.apply(image), net.front_end_.apply(image))
        np.testing.assert_array_equal(again.dictionary_, net.dictionary_)
    assert clone(net).front_end_ is None


def test_a_fit_leaves_the_front_end(tmp_path: Path) -> None:
    net = LCA(3, backend="numpy", random_state=0)
    net.front_end_ = given = FrontEnd(gain=2.0)
    assert net.fit(_RNG.standard_normal((120, 4))).front_end_ is given


def test_weights_are_labelled_for_other_readers(tmp_path: Path) -> None:
    net = LCA(3, backend="numpy", random_state=0).fit(_RNG.standard_normal((120, 4)))
    net.save(tmp_path / "net.nc")
    with xr.open_dataset(tmp_path / "net.nc", engine="h5netcdf") as stored:
        assert stored["dictionary"].dims == ("neuron", "pixel")
        assert stored["lateral"].dims == ("neuron", "from_neuron")
        assert stored["objective"].dims == ("batch",)
        assert stored["estimator"].attrs["neurosim"] == neurosim.__version__
        assert {"brian2", "numpy", "python", "written_at"} <= set(stored["estimator"].attrs)
        np.testing.assert_array_equal(stored["dictionary"], net.dictionary_)


def test_names_of_pixels_and_the_form_of_codes_are_kept(tmp_path: Path) -> None:
    table = pd.DataFrame(_RNG.standard_normal((120, 4)), columns=["a", "b", "c", "d"])
    net = LCA(3, backend="numpy", random_state=0).set_output(transform="pandas").fit(table)
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    pd.testing.assert_frame_equal(again.transform(table), net.transform(table), check_exact=True)
    with pytest.raises(ValueError, match="feature names"):
        again.transform(table.rename(columns={"a": "e"}))


def test_the_laboratory_shows_images_to_what_was_loaded(tmp_path: Path) -> None:
    images = _RNG.standard_normal((5, 4, 4))
    net = LCA.from_dictionary(_RNG.standard_normal((6, 32)), backend="numpy")
    net.front_end_ = FrontEnd(gain=0.5, on_off="split", normalise="patch")
    net.save(tmp_path / "net.nc")
    again = neurosim.load(tmp_path / "net.nc")
    there, here = (network_units(each, front_end=each.front_end_.at_fixed_gain()) for each in (again, net))
    assert there(images).any()
    assert there(images).tobytes() == here(images).tobytes()


def test_the_same_network_gives_the_same_file_but_for_its_date(tmp_path: Path) -> None:
    kept_of = []
    for name in ("one", "two"):
        net = LCA(3, backend="numpy", random_state=0).fit(np.random.default_rng(1).standard_normal((120, 4)))
        net.save(tmp_path / name)
        with xr.open_dataset(tmp_path / name, engine="h5netcdf") as stored:
            del stored["estimator"].attrs["written_at"]
            kept_of.append(stored.load())
    xr.testing.assert_identical(*kept_of)
    assert neurosim.load(tmp_path / "one").seconds_compile_ == 0
