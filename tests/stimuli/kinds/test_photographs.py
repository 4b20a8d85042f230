from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.image_files.picture import UnreadableImageWarning
from neurosim.stimuli.kinds.photograph_patches import image_files, photographs
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.stimuli import PATCHES, Stimuli, only

_SMALL = {"photographs": ["camera", "china"], "patch_size": 8, "n_train": 300, "n_test": 100}


class _Patches:
    """Photographs, which are one modality, without its name."""

    def __init__(self, stimuli: Stimuli) -> None:
        assert stimuli.image_space is not None
        self.stimuli, self.whitener = stimuli, stimuli.image_space.whitener
        self.sources = stimuli.sources
        self.training, self.held_out = only(stimuli.training), only(stimuli.held_out)
        self.image_fields = stimuli.image_space.fields

    def fields(self, rows: NDArray[Any]) -> NDArray[Any]:
        return only(self.stimuli.pictures({PATCHES: rows}))

    def normalised(self, how: str) -> "_Patches":
        return _Patches(self.stimuli.normalised(how))


def _prepared(**values: object) -> _Patches:
    section = PhotographSection.model_validate(_SMALL | values)
    generators = (np.random.default_rng(1), np.random.default_rng(2))
    return _Patches(photographs(section, training_rng=generators[0], held_out_rng=generators[1]))


def test_patches_have_the_shape_and_precision_asked_for() -> None:
    stimuli = _prepared(dtype="float32")
    assert (stimuli.training.shape, stimuli.held_out.shape) == ((300, 64), (100, 64))
    assert stimuli.training.dtype == stimuli.held_out.dtype == np.float32


def test_patches_can_have_zero_mean_and_unit_standard_deviation_each() -> None:
    stimuli = _prepared(normalise="std", dtype="float32")
    for patches in (stimuli.training, stimuli.held_out):
        np.testing.assert_allclose(patches.mean(axis=1), 0, atol=1e-5)
        np.testing.assert_allclose(patches.std(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("on_off", [False, True])
def test_an_arm_can_have_each_patch_in_its_own_unit(on_off: bool) -> None:
    stimuli = _prepared(on_off=on_off)
    for how, measure in (("std", np.std), ("norm", np.linalg.norm)):
        own = stimuli.normalised(how)
        for rows, before in ((own.training, stimuli.training), (own.held_out, stimuli.held_out)):
            signed = own.fields(rows).reshape(len(rows), -1)
            np.testing.assert_allclose(measure(signed, axis=1), 1, rtol=1e-5)
            np.testing.assert_allclose(
                (rows * before).sum(axis=1) ** 2, (rows**2).sum(axis=1) * (before**2).sum(axis=1), rtol=1e-4
            )
            assert rows.dtype == before.dtype
    assert stimuli.stimuli.normalised("none") is stimuli.stimuli


@pytest.mark.parametrize("kind", ["olshausen", "zca"])
def test_single_precision_is_double_precision_rounded_once(kind: str) -> None:
    single, double = (_prepared(dtype=f"float{n}", whitening={"kind": kind}) for n in (32, 64))
    assert double.training.dtype == np.float64
    np.testing.assert_array_equal(single.training, double.training.astype(np.float32))
    np.testing.assert_array_equal(single.held_out, double.held_out.astype(np.float32))


def test_no_held_out_pixel_reaches_a_training_patch(tmp_path: Path) -> None:
    """Change the held-out fifth alone: the training patches must stay as they are, whitening included."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (64, 200), dtype=np.uint8)
    changed = pixels.copy()
    changed[:, 160:] = rng.integers(0, 255, (64, 40), dtype=np.uint8)
    sets = []
    for name, image in (("a.png", pixels), ("b.png", changed)):
        Image.fromarray(image).save(tmp_path / name)
        sets.append(_prepared(photographs=None, source=str(tmp_path / name)))
    np.testing.assert_array_equal(sets[0].training, sets[1].training)
    assert not np.array_equal(sets[0].held_out, sets[1].held_out)


@pytest.mark.parametrize("kind", ["olshausen", "centre_surround", "none"])
def test_a_field_in_the_image_answers_the_image_as_the_row_answers_the_patch(kind: str) -> None:
    """<f, W s> = <Wᵀ f, s>: the margin only cuts the far tail of the filter."""
    stimuli = _prepared(whitening={"kind": kind})
    rng = np.random.default_rng(3)
    fields, image = rng.normal(size=(5, 8, 8)), rng.normal(size=(200, 200))
    wide = stimuli.image_fields(fields, margin=40)
    assert wide.shape == (5, 88, 88)
    whitened = image if stimuli.whitener is None else stimuli.whitener.apply(image)
    responses = np.tensordot(fields, whitened[100:108, 100:108])
    expected = np.tensordot(wide, image[60:148, 60:148])
    np.testing.assert_allclose(responses, expected, atol=0.01 * np.abs(responses).max())


def test_zca_has_its_own_way_back_to_the_image() -> None:
    stimuli = _prepared(whitening={"kind": "zca"})
    assert isinstance(stimuli.whitener, ZCA)
    field = np.zeros((1, 8, 8))
    field[0, 0, 5] = 1
    wide = stimuli.image_fields(field, margin=3)
    np.testing.assert_allclose(wide[0, 3:11, 3:11].ravel(), stimuli.whitener.matrix_[5])


def test_the_contrast_factor_comes_from_the_training_part_alone() -> None:
    stimuli = _prepared(photographs=["camera"], normalise="none", n_train=4000, border=0, patch_size=4)
    assert stimuli.training.std() == pytest.approx(1, abs=0.1)


def test_zca_whitens_training_patches_exactly_and_others_by_the_same_matrix() -> None:
    whitening = {"kind": "zca", "regularisation": 0.0}
    stimuli = _prepared(whitening=whitening, n_train=2000, normalise="none", dtype="float64")
    np.testing.assert_allclose(np.cov(stimuli.training, rowvar=False), np.eye(64), atol=1e-8)
    assert not np.allclose(np.cov(stimuli.held_out, rowvar=False), np.eye(64), atol=1e-2)


def test_on_and_off_are_the_two_halves_of_the_same_patches() -> None:
    signed, split = _prepared(), _prepared(on_off=True)
    assert split.training.shape == (300, 128)
    assert split.training.min() >= 0
    np.testing.assert_array_equal(split.fields(split.training), signed.fields(signed.training))


def test_the_same_generators_give_the_same_patches() -> None:
    np.testing.assert_array_equal(_prepared().training, _prepared().training)


def test_images_can_be_halved_first() -> None:
    assert not np.array_equal(_prepared(rescale=0.5).training, _prepared().training)


def test_a_strip_too_narrow_for_a_patch_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected at least 72 in each"):
        _prepared(patch_size=64, held_out_fraction=0.1)


def test_a_constant_image_is_refused_by_name(tmp_path: Path) -> None:
    Image.fromarray(np.full((64, 200), 7, dtype=np.uint8)).save(tmp_path / "grey.png")
    with pytest.raises(ValueError, match=r"constant.*grey\.png"):
        _prepared(photographs=None, source=str(tmp_path / "grey.png"))


def test_every_image_is_traced_to_its_file(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (64, 200), dtype=np.uint8)
    paths = [tmp_path / "a" / "x.png", tmp_path / "b" / "x.png", tmp_path / "b" / "y.png"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
    (tmp_path / "b" / "notes.txt").write_text("no image")
    for source in ([str(path) for path in paths], str(tmp_path / "b"), str(paths[0])):
        section = PhotographSection.model_validate(_SMALL | {"photographs": None, "source": source})
        files = image_files(section, _prepared(photographs=None, source=source).sources["images"])
        assert all(path in paths for path in files.values())
        assert len(files) == (len(source) if isinstance(source, list) else 2 if "b" in source[-2:] else 1)


def test_the_embedded_photographs_are_traced_into_their_packages() -> None:
    files = image_files(PhotographSection(), {"camera": None})
    assert files["camera"].name == "camera.png"


def test_images_too_small_for_a_patch_are_skipped_if_unreadable_ones_are(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, size in (("good", (40, 200)), ("low", (15, 200)), ("narrow", (40, 75))):
        Image.fromarray(rng.integers(0, 255, size, dtype=np.uint8)).save(tmp_path / f"{name}.png")
    options = {"photographs": None, "source": str(tmp_path), "border": 4}
    with pytest.warns(UnreadableImageWarning, match="left out: .*expected 16 rows and 16 columns") as caught:
        stimuli = _prepared(skip_unreadable=True, **options)
    assert sorted(str(warning.message).split(": ")[1] for warning in caught) == ["low.png", "narrow.png"]
    assert list(stimuli.sources["images"]) == ["good.png"]
    with pytest.raises(ValueError, match=r"(low|narrow)\.png: .*stimuli\.skip_unreadable=true"):
        _prepared(**options)
    (tmp_path / "good.png").unlink()
    with (
        pytest.warns(UnreadableImageWarning),
        pytest.raises(ValueError, match="2 images that are all too small"),
    ):
        _prepared(skip_unreadable=True, **options)
