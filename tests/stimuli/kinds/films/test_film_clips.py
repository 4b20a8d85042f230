"""Films in a recipe: what is made and read, what is refused."""

from pathlib import Path

import numpy as np
import pytest
from skimage.io import imsave

from neurosim.analysis import motion_properties
from neurosim.recipes.recipe import RecipeError, load_recipe
from neurosim.stimuli.kinds.films.film_clips import film_clips
from neurosim.stimuli.kinds.films.film_stimuli import FilmStimuli
from neurosim.stimuli.kinds.films.section import FilmSection

SMALL = {"photographs": ["camera", "china"], "patch_size": 6, "n_frames": 4, "n_kept": 30, "n_test": 20}


def prepared(seed: int = 0, **changed: object) -> FilmStimuli:
    section = FilmSection(**{**SMALL, "n_train": 800, **changed})
    return film_clips(
        section, training_rng=np.random.default_rng(seed), held_out_rng=np.random.default_rng(99)
    )


def test_clips_of_a_made_film_are_whitened_rows_with_a_control_that_stands_still() -> None:
    stimuli = prepared()
    rows, still = stimuli.training["clips"], stimuli.still
    assert rows.shape == (800, 30)
    assert rows.dtype == np.float32
    assert np.median(np.linalg.norm(rows, axis=1)) == pytest.approx(1, abs=1e-5)
    assert stimuli.sources["film"].startswith("made from 2 photographs: translating 0.5")
    assert 0 < stimuli.sources["share_aliased"] < 0.25
    assert 0.5 < stimuli.sources["variance_kept"] < 1
    assert still is not None
    moves, rests = (
        motion_properties(whitening.clips_of(each[:200], space="feature"))["separability"].median()
        for each, whitening in ((rows, stimuli.whitening), (still.rows, still.whitening))
    )
    assert rests > 0.97 > moves
    assert prepared(control=False).still is None


def test_pictures_of_clips_have_their_frames_side_by_side() -> None:
    stimuli = prepared()
    pictures = stimuli.pictures(stimuli.held_out)["clips"]
    assert pictures.shape == (20, 6, 24)
    clips = stimuli.whitening.clips_of(stimuli.held_out["clips"])
    np.testing.assert_allclose(pictures[3][:, 6:12], clips[3, 1], rtol=1e-6)


def test_the_seed_decides_and_what_is_held_out_is_never_seen() -> None:
    np.testing.assert_array_equal(prepared().training["clips"], prepared().training["clips"])
    assert (prepared(1).training["clips"] != prepared().training["clips"]).any()


def test_a_folder_of_frames_is_cut_in_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(30):
        imsave(tmp_path / f"{number:03}.png", rng.integers(256, size=(20, 20), dtype=np.uint8))
    given = {name: value for name, value in SMALL.items() if name != "photographs"}
    section = FilmSection(**given, n_train=500, source=str(tmp_path), rate_hz=25.0)
    rngs = {"training_rng": np.random.default_rng(0), "held_out_rng": np.random.default_rng(1)}
    stimuli = film_clips(section, **rngs)
    assert stimuli.training["clips"].shape == (500, 30)
    assert stimuli.sources["film"]["shape"] == [1, 30, 20, 20]
    with pytest.raises(ValueError, match=r"stimuli.rate_hz: expected the frames per second"):
        film_clips(section.model_copy(update={"rate_hz": None}), **rngs)
    with pytest.raises(ValueError, match="2 to 6 frames, as long as a scene at most, got 20 of 8"):
        film_clips(section.model_copy(update={"n_frames": 8}), **rngs)


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("stimuli.n_frames=1", "stimuli.n_frames: expected 2 or more|greater than or equal to 2"),
        ("stimuli.n_kept=1152", r"n_kept: expected less than n_frames \* patch_size\*\*2 = 1152"),
        ("stimuli.rate_hz=25.0", "rate_hz: goes with a folder of frames"),
        ("stimuli.motion=run", "stimuli.motion"),
        ("stimuli.source=street.mp4 stimuli.motion=move", 'goes with source = "made", got source'),
    ],
)
def test_keys_that_do_not_go_together_are_refused(assignment: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        load_recipe("films", assignments=assignment.split())
