"""Patches behind relays of several kinds are what the front end makes of images, and their fields have a way back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from neurosim.front_end import ParallelFrontEnd
from neurosim.stimuli.images.images import embedded_photographs
from neurosim.stimuli.images.patches import sample_channels
from neurosim.stimuli.kinds import shown_in_words
from neurosim.stimuli.kinds.image_parts import split
from neurosim.stimuli.kinds.photograph_patches import photographs
from neurosim.stimuli.kinds.photographs import KIND, PhotographSection
from neurosim.stimuli.kinds.stimuli import PATCHES, Stimuli, only

_SIZE, _NAMES = 8, ["camera", "china"]
_RELAYS = [
    {
        "name": "broad",
        "floor": 0.5,
        "filter": {"kind": "centre_surround", "centre_sigma": 0.7, "cutoff": 0.4},
    },
    {"name": "sharp", "floor": "none", "rms": 0.6, "filter": {"kind": "olshausen", "ramp": 1.75}},
]


def _section(**given: Any) -> PhotographSection:
    table = {"photographs": _NAMES, "patch_size": _SIZE, "n_train": 300, "n_test": 50, "relays": _RELAYS}
    return PhotographSection.model_validate(table | given)


def _stimuli(**given: Any) -> Stimuli:
    return photographs(
        _section(**given), training_rng=np.random.default_rng(1), held_out_rng=np.random.default_rng(2)
    )


def _front_end(stimuli: Stimuli) -> ParallelFrontEnd:
    assert isinstance(stimuli.front_end, ParallelFrontEnd)
    return stimuli.front_end


def _contrasts() -> dict[str, NDArray[np.float64]]:
    """Return the parts that are learned from, without the background of all."""
    images = split(embedded_photographs(_NAMES), fraction=0.2, least_width=16)[0]
    background = np.mean([image.mean() for image in images.values()])
    return {name: image - background for name, image in images.items()}


def test_patches_are_cut_from_what_the_front_end_makes_of_whole_images() -> None:
    stimuli = _stimuli(dtype="float64")
    shown = {name: _front_end(stimuli).apply(image[None])[0] for name, image in _contrasts().items()}
    again = sample_channels(shown, n_patches=300, size=_SIZE, rng=np.random.default_rng(1))
    np.testing.assert_allclose(stimuli.training[PATCHES], again, atol=1e-12)
    assert again.shape == (300, 4 * _SIZE**2)


def test_relays_are_adapted_to_the_images_one_gain_for_all() -> None:
    front_end = _front_end(_stimuli())
    shown = [front_end.apply(image[None])[0] for image in _contrasts().values()]
    np.testing.assert_allclose(np.mean([each.mean(axis=(1, 2)) for each in shown], axis=0), 0, atol=1e-12)
    strength = np.sqrt(np.mean([np.mean(each[2] ** 2) for each in shown]))
    assert strength == pytest.approx(0.6)
    assert front_end.front_ends[0].on_off == pytest.approx(0.5)
    assert front_end.normalise is None


def test_broad_relays_stop_at_their_floor_and_sharp_ones_mirror_each_other() -> None:
    stimuli = _stimuli(dtype="float64")
    on, off, push, pull = np.split(stimuli.training[PATCHES], 4, axis=1)
    floor = -0.5 - np.array(_front_end(stimuli).front_ends[0].mean)
    assert (on.min(), off.min()) == (pytest.approx(floor[0]), pytest.approx(floor[1]))
    np.testing.assert_allclose(push, -pull, atol=1e-12)


def test_weights_have_fields_in_the_image_that_are_the_sum_over_relays() -> None:
    """<w, A s> changes with the image as <A' w, s> does, while no relay is at its floor."""
    stimuli, rng = _stimuli(dtype="float64"), np.random.default_rng(3)
    weights, image = rng.normal(size=(5, 4 * _SIZE**2)), 0.01 * rng.normal(size=(1, 88, 88))
    wide = stimuli.image_fields(weights, margin=40)
    front_end = _front_end(stimuli)
    answered = (front_end.apply(image) - front_end.apply(0 * image))[:, :, 40:48, 40:48].reshape(-1)
    np.testing.assert_allclose(weights @ answered, np.tensordot(wide, image[0]), atol=1e-10)


def test_fields_are_added_up_over_relays_and_pictures_of_stimuli_stand_side_by_side() -> None:
    stimuli = _stimuli(dtype="float64")
    rows = stimuli.held_out[PATCHES]
    on, off, push, pull = np.split(rows.reshape(-1, 4 * _SIZE, _SIZE), 4, axis=1)
    pictures, fields = only(stimuli.pictures({PATCHES: rows})), only(stimuli.fields({PATCHES: rows}))
    np.testing.assert_array_equal(pictures, np.concatenate([on - off, push - pull], axis=2))
    np.testing.assert_array_equal(fields, (on - off) + (push - pull))


def test_no_held_out_pixel_reaches_a_training_patch(tmp_path: Path) -> None:
    """Gain, floor, mean rate and background are of the training part alone."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (64, 200), dtype=np.uint8)
    changed = pixels.copy()
    changed[:, 160:] = rng.integers(0, 255, (64, 40), dtype=np.uint8) // 2
    sets = []
    for name, image in (("a.png", pixels), ("b.png", changed)):
        Image.fromarray(image).save(tmp_path / name)
        sets.append(_stimuli(photographs=None, source=str(tmp_path / name)))
    np.testing.assert_array_equal(sets[0].training[PATCHES], sets[1].training[PATCHES])
    assert not np.array_equal(sets[0].held_out[PATCHES], sets[1].held_out[PATCHES])


def test_single_precision_is_double_precision_rounded_once() -> None:
    single, double = (_stimuli(dtype=f"float{bits}").training[PATCHES] for bits in (32, 64))
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_faint_patches_are_drawn_again_where_a_floor_is_set() -> None:
    rows = _stimuli(variance_floor=0.3).training[PATCHES]
    assert rows.var(axis=1).min() > 0.3
    assert _stimuli().training[PATCHES].var(axis=1).min() < 0.3


def test_sizes_count_all_channels_and_hold_the_patches_once() -> None:
    sizes = KIND.sizes(_section())
    assert (sizes.n_features, sizes.copies, sizes.patch_size) == (4 * _SIZE**2, 1, _SIZE)
    assert sizes.n_features == _stimuli().training[PATCHES].shape[1]


@pytest.mark.parametrize("how", ["std", "norm"])
def test_relays_keep_their_gain_in_every_arm(how: str) -> None:
    with pytest.raises(ValueError, match=f"'none' for relays, whose gain is fixed, got '{how}'"):
        _stimuli().normalised(how)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"whitening": {"kind": "zca"}},
            "in place of whitening, on_off and normalise, got whitening too; leave",
        ),
        (
            {"on_off": True, "normalise": "std"},
            r"got on_off and normalise too.*or the relays \(relays = \[\]\)",
        ),
        ({"relays": [_RELAYS[0], _RELAYS[0]]}, "relays of different names"),
        ({"relays": [_RELAYS[0] | {"floor": -1.0}]}, "greater than or equal to 0"),
        ({"relays": [_RELAYS[0] | {"filter": {"kind": "zca"}}]}, "centre_surround"),
        ({"relays": [_RELAYS[0] | {"filter": {"kind": "olshausen", "std": 2.0}}]}, "std"),
    ],
)
def test_what_relays_do_not_go_with_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _section(**given)


def test_a_section_is_written_with_what_counts_alone() -> None:
    written = _section().model_dump(exclude_none=True)
    assert not {"whitening", "on_off", "normalise"} & set(written)
    assert PhotographSection.model_validate(written) == _section()
    assert "relays" not in PhotographSection().model_dump()


def test_the_page_names_the_relays() -> None:
    words = shown_in_words({"kind": "photographs", "source": "embedded", "patch_size": 8, "relays": _RELAYS})
    assert words.endswith(
        "drawn from the embedded photographs as ON and OFF relays answer to them (broad, sharp)"
    )
