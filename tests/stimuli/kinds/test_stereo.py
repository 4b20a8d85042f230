from typing import Any

import numpy as np
import pytest

from neurosim.analysis.tuning.disparity import disparity_tuning
from neurosim.stimuli.kinds import stereo_patches as module
from neurosim.stimuli.kinds.stereo import StereoSection
from neurosim.stimuli.kinds.stereo_patches import StereoStimuli, stereo
from neurosim.stimuli.stereo.motorcycle import StereoPair, stereo_pair

_SMALL = {"rescale": 0.5, "patch_size": 8, "n_train": 400, "n_test": 100}


def _prepared(**values: Any) -> StereoStimuli:
    section = StereoSection.model_validate(_SMALL | values)
    return stereo(section, training_rng=np.random.default_rng(1), held_out_rng=np.random.default_rng(2))


@pytest.fixture(scope="module")
def pair() -> StereoStimuli:
    return _prepared(dtype="float64")


def _shift(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the shift in whole pixels (right minus left) at which rows of 8 × 8 patches match best."""
    left, right = (rows.reshape(-1, 8, 8) for rows in (left, right))
    shifts = range(-4, 5)
    apart = [left[:, :, max(0, -d) : 8 - max(0, d)] - right[:, :, max(0, d) : 8 - max(0, -d)] for d in shifts]
    errors = [(difference**2).mean(axis=(1, 2)) for difference in apart]
    return np.array(shifts)[np.argmin(errors, axis=0)]


def test_patches_have_the_shape_and_precision_asked_for(pair: StereoStimuli) -> None:
    for rows, n in ((pair.training, 400), (pair.held_out, 100)):
        assert {name: each.shape for name, each in rows.items()} == {"left": (n, 64), "right": (n, 64)}
    assert pair.training["left"].dtype == np.float64
    assert _prepared(n_train=50).training["left"].dtype == np.float32


def test_each_eye_has_zero_mean_and_both_share_one_scale() -> None:
    for how, size in (("std", np.sqrt(128)), ("norm", 1.0)):
        shown = _prepared(normalise=how, dtype="float64", n_train=50).training
        np.testing.assert_allclose(shown["left"].mean(axis=1), 0, atol=1e-12)
        both = np.concatenate([shown["left"], shown["right"]], axis=1)
        np.testing.assert_allclose(np.linalg.norm(both, axis=1), size)
        # The contrast of one eye may differ from the other's.
        assert np.linalg.norm(shown["left"], axis=1).std() > 0.01 * size


def test_planted_disparities_have_the_spread_asked_for() -> None:
    flat: dict[str, Any] = {"source": "embedded", "photographs": ["camera"], "rescale": 1.0}
    flat |= {"variance_floor": 0.3, "normalise": "none"}
    still, moved = (_prepared(disparity_sd=sd, **flat).training for sd in (0.0, 1.5))
    np.testing.assert_allclose(still["left"], still["right"], atol=1e-5)
    assert 1.0 < _shift(**moved).std() < 2.0


@pytest.mark.parametrize("part", ["training", "held_out"])
def test_eyes_fixate_the_scene_but_for_their_error(part: str) -> None:
    """A slanted or hidden surface matches elsewhere, so not every patch matches at 0."""
    shares = []
    for error in (0.0, 3.0):
        options: dict[str, Any] = {"disparity_sd": error, "variance_floor": 0.3, "normalise": "none"}
        shown = getattr(_prepared(n_train=1000, n_test=1000, **options), part)
        shares.append(np.mean(np.abs(_shift(**shown)) <= 1))
    by_chance = np.mean(np.abs(_shift(shown["left"], np.roll(shown["right"], 1, axis=0))) <= 1)
    assert shares[0] > 0.7
    assert shares[0] > shares[1] + 0.2 > by_chance + 0.2


def test_no_held_out_pixel_of_either_eye_reaches_a_training_patch(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _prepared(n_train=60)
    left, right, disparity = (image.copy() for image in stereo_pair(factor=0.5))
    cut = round(left.shape[1] * 0.8)
    noise = np.random.default_rng(0)
    for image in (left, right):
        image[:, cut:] = noise.random(image[:, cut:].shape)
    monkeypatch.setattr(module, "stereo_pair", lambda *, factor: StereoPair(left, right, disparity))
    after = _prepared(n_train=60)
    for eye in ("left", "right"):
        np.testing.assert_array_equal(before.training[eye], after.training[eye])
        assert not np.array_equal(before.held_out[eye], after.held_out[eye])


def test_patches_of_little_contrast_are_drawn_again() -> None:
    shown = _prepared(variance_floor=0.5, normalise="none").training
    assert ((shown["left"].var(axis=1) + shown["right"].var(axis=1)) / 2).min() > 0.5
    with pytest.raises(
        ValueError, match=r"stimuli.variance_floor: expected 400 patches of a variance above 1e\+03"
    ):
        _prepared(variance_floor=1000.0)


def test_zca_whitens_both_eyes_by_one_matrix() -> None:
    shown = _prepared(
        whitening={"kind": "zca", "regularisation": 0.0}, normalise="none", n_train=2000, dtype="float64"
    ).training
    both = np.concatenate([shown["left"], shown["right"]])
    np.testing.assert_allclose(np.cov(both, rowvar=False), np.eye(64), atol=1e-8)


@pytest.mark.parametrize("normalise", ["none", "std"])
def test_dots_are_as_strong_as_the_patches_and_negative_means_near(normalise: str) -> None:
    stimuli = _prepared(normalise=normalise, dtype="float64", whitening={"kind": "none"})
    for disparity in (-2, 0, 3):
        dots = stimuli.dots(disparity, n_stimuli=30, rng=np.random.default_rng(0))
        assert {name: rows.shape for name, rows in dots.items()} == {"left": (30, 64), "right": (30, 64)}
        powers = [np.mean([np.square(rows) for rows in each.values()]) for each in (dots, stimuli.training)]
        assert powers[0] == pytest.approx(powers[1])
        assert np.mean(_shift(**dots) == disparity) > 0.9


def test_a_neuron_with_shifted_fields_prefers_the_disparity_of_the_shift(pair: StereoStimuli) -> None:
    x = np.arange(8)
    fields = [np.tile(np.exp(-((x - at) ** 2) / 2) * np.cos(2 * np.pi * (x - at) / 6), 8) for at in (2, 4)]
    responses, shown = [], []
    for disparity in range(-3, 4):
        dots = pair.dots(disparity, n_stimuli=200, rng=np.random.default_rng(disparity + 9))
        drive = dots["left"] @ fields[0] + dots["right"] @ fields[1]
        responses.append(np.maximum(drive, 0) ** 2)
        shown += [disparity] * 200
    tuning = disparity_tuning(np.concatenate(responses)[:, None], shown)
    assert tuning.disparities[tuning.mean[0].argmax()] == 2


def test_sources_are_recorded_with_checksums(pair: StereoStimuli) -> None:
    files = pair.sources["files"]
    assert set(files) == {"motorcycle_left.png", "motorcycle_right.png", "motorcycle_disp.npz"}
    assert all(record["file"].startswith("skimage/data/") for record in files.values())
    planted = _prepared(source="embedded", photographs=["camera"], rescale=1.0, n_train=20, n_test=20)
    assert list(planted.sources["images"]) == ["camera"]
