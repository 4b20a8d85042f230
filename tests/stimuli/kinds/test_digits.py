import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neurosim.stimuli.digits.digits import embedded_digits
from neurosim.stimuli.digits.fonts import find_font
from neurosim.stimuli.digits.mnist import load_mnist
from neurosim.stimuli.digits.printed import printed_digits
from neurosim.stimuli.kinds.digit_images import digits
from neurosim.stimuli.kinds.digits import KIND, DigitSection
from neurosim.stimuli.kinds.stimuli import Stimuli
from neurosim.stimuli.modalities import unit_norm


def _prepared(seeds: tuple[int, int] = (1, 2), **values: Any) -> Stimuli:
    section = DigitSection.model_validate({"font": "DejaVu Sans"} | values)
    training, held_out = (np.random.default_rng(seed) for seed in seeds)
    return digits(section, training_rng=training, held_out_rng=held_out)


@pytest.fixture(scope="module")
def whole() -> Stimuli:
    return _prepared()


def test_every_embedded_digit_is_learned_from_or_held_out_once(whole: Stimuli) -> None:
    rows = np.concatenate([whole.training["handwriting"], whole.held_out["handwriting"]])
    every = unit_norm(embedded_digits().flat)
    assert (len(whole.training["printed"]), len(whole.held_out["printed"])) == (1438, 359)
    order = [np.lexsort(np.round(each, 6).T) for each in (rows, every)]
    np.testing.assert_allclose(rows[order[0]], every[order[1]], atol=1e-6)


def test_every_image_has_unit_norm_in_the_precision_asked_for(whole: Stimuli) -> None:
    for stimuli, dtype in ((whole, np.float32), (_prepared(n_train=20, dtype="float64"), np.float64)):
        for rows in (*stimuli.training.values(), *stimuli.held_out.values()):
            assert rows.dtype == dtype
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)


def test_the_print_beside_a_digit_is_that_of_its_class(whole: Stimuli) -> None:
    prints = unit_norm(printed_digits(8, font=find_font("DejaVu Sans"), fraction=1.0).flat)
    assert whole.labels is not None
    np.testing.assert_allclose(whole.training["printed"], prints[whole.labels.training], atol=1e-6)
    np.testing.assert_allclose(whole.held_out["printed"], prints[whole.labels.held_out], atol=1e-6)
    assert sorted(set(whole.labels.held_out)) == list(range(10))


def test_the_sound_beside_a_digit_is_its_own_and_of_its_class() -> None:
    three = ["handwriting", "printed", "sound"]
    stimuli = _prepared(n_train=200, n_test=60, modalities=three)
    assert list(stimuli.training) == list(stimuli.held_out) == list(stimuli.shapes) == three
    assert stimuli.shapes["sound"] == (8, 8)
    assert stimuli.labels is not None
    for rows, labels in zip(
        (stimuli.training["sound"], stimuli.held_out["sound"]), stimuli.labels, strict=True
    ):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-5)
        assert len(np.unique(rows, axis=0)) == len(rows)
        likeness = rows @ rows.T
        same = labels[:, None] == labels
        others = ~np.eye(len(rows), dtype=bool)
        assert likeness[same & others].mean() > likeness[~same].mean() + 0.2
    # Nothing else moves.
    both = _prepared(n_train=200, n_test=60)
    for name in both.training:
        np.testing.assert_array_equal(both.training[name], stimuli.training[name])


def test_a_sound_has_its_own_size_beside_larger_digits() -> None:
    section = DigitSection(source="mnist", modalities=["handwriting", "sound"])
    assert KIND.sizes(section).n_features == 28 * 28 + 64
    assert KIND.words is not None
    words = KIND.words({"source": "mnist", "modalities": ["handwriting", "printed", "sound"]})
    assert words == "digits of MNIST, shown in handwriting, print and the tones of a telephone"


def test_centred_prints_are_told_apart_by_what_differs() -> None:
    plain, centred = _prepared(n_train=300), _prepared(n_train=300, centre=True)
    np.testing.assert_array_equal(plain.training["handwriting"], centred.training["handwriting"])
    prints = [np.unique(each.training["printed"], axis=0) for each in (plain, centred)]
    assert [len(rows) for rows in prints] == [10, 10]
    likeness = [(rows @ rows.T)[~np.eye(10, dtype=bool)].mean() for rows in prints]
    assert likeness[0] > 0.5
    assert abs(likeness[1]) < 0.2


def test_fewer_can_be_asked_for_and_the_order_of_modalities_is_the_recipes() -> None:
    stimuli = _prepared(n_train=30, n_test=40, modalities=["printed", "handwriting"])
    assert list(stimuli.training) == list(stimuli.held_out) == ["printed", "handwriting"]
    assert [len(each["printed"]) for each in (stimuli.training, stimuli.held_out)] == [30, 40]
    assert stimuli.pictures(stimuli.held_out)["printed"].shape == (40, 8, 8)


def test_the_same_generators_give_the_same_digits_and_others_do_not() -> None:
    first, same, other = (_prepared(seeds, n_train=50) for seeds in ((1, 2), (1, 2), (3, 2)))
    np.testing.assert_array_equal(first.training["handwriting"], same.training["handwriting"])
    np.testing.assert_array_equal(first.held_out["handwriting"], other.held_out["handwriting"])
    assert not np.array_equal(first.training["handwriting"], other.training["handwriting"])


def test_some_digits_alone_can_be_shown() -> None:
    stimuli = _prepared(classes=[0, 3, 7], n_test=60)
    every = embedded_digits().labels
    assert stimuli.labels is not None
    for part in stimuli.labels:
        assert set(part) == {0, 3, 7}
    assert sum(map(len, stimuli.labels)) == np.isin(every, [0, 3, 7]).sum()
    assert len(np.unique(stimuli.training["printed"], axis=0)) == 3
    for wrong in ([3], [3, 3], [3, 10]):
        with pytest.raises(ValueError, match="classes"):
            _prepared(classes=wrong)


def test_pixels_can_stay_as_they_are() -> None:
    plain, scaled = (
        _prepared(n_train=50, normalise=how, modalities=["handwriting"]) for how in ("none", "norm")
    )
    rows = plain.training["handwriting"]
    assert rows.min() == 0
    assert rows.max() == 1
    np.testing.assert_allclose(unit_norm(rows), scaled.training["handwriting"], atol=1e-6)


def test_too_many_are_refused_by_the_key() -> None:
    with pytest.raises(
        ValueError, match=r"stimuli.n_train: expected at most the 1438 digits there are, got 5000"
    ):
        _prepared(n_train=5000)


def test_font_and_file_are_recorded_with_checksums(whole: Stimuli) -> None:
    assert whole.sources["font"]["family"] == "DejaVu Sans"
    assert whole.sources["font"]["sha256"] == find_font("DejaVu Sans").sha256
    assert whole.sources["files"]["digits.csv.gz"]["file"] == "sklearn/datasets/data/digits.csv.gz"
    assert (whole.sources["n_train"], whole.sources["n_test"]) == (1438, 359)
    assert "font" not in _prepared(modalities=["handwriting"]).sources


def test_without_mnist_the_recipe_says_where_it_may_be(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        _prepared(source=str(tmp_path))
    assert "stimuli.download = true" in caught.value.__notes__[0]


@pytest.mark.slow
def test_mnist_is_shown_whole_from_any_folder(tmp_path: Path) -> None:
    import os

    named = os.environ.get("NEUROSIM_DATA")
    if not named or not (Path(named) / "mnist").is_dir():
        pytest.skip("MNIST is not in $NEUROSIM_DATA/mnist")
    shutil.copytree(Path(named) / "mnist", tmp_path / "elsewhere")
    stimuli = _prepared(source=str(tmp_path / "elsewhere"), n_test=500)
    assert stimuli.training["handwriting"].shape == (60_000, 784)
    assert stimuli.held_out["printed"].shape == (500, 784)
    assert stimuli.labels is not None
    np.testing.assert_array_equal(stimuli.labels.training, load_mnist("train").labels)
    assert all("sha256_of_content" in record for record in stimuli.sources["files"].values())
