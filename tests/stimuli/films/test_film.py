"""Films: made of photographs by parts of a pixel, given, read; and clips of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage.io import imsave

from neurosim.stimuli import Film, Motion, stilled

RNG = np.random.default_rng(0)


def grating(side: int = 96, frequency: float = 0.11) -> np.ndarray:
    y, x = np.mgrid[:side, :side]
    return 0.5 + 0.4 * np.cos(2 * np.pi * frequency * (0.8 * x + 0.6 * y))


@pytest.mark.parametrize("speed", [0.1, 0.37, 2.3])
def test_a_grating_that_drifts_by_parts_of_a_pixel_is_the_analytic_one(speed: float) -> None:
    motion = Motion(translating=1.0, speed=(speed, speed))
    film = Film.from_photographs(
        [grating()], shape=(20, 8, 12, 12), motion=motion, rng=np.random.default_rng(1)
    )
    paths = motion.paths(20, 8, rng=np.random.default_rng(1))
    y, x = np.mgrid[:12, :12]
    for scene, offsets in zip(film.frames, paths.offsets, strict=True):
        waves = [np.exp(2j * np.pi * 0.11 * (0.8 * (x + o[1]) + 0.6 * (y + o[0]))) for o in offsets]
        # Where the window starts is drawn: one phase for the whole scene.
        for order, agrees in ((1, True), (-1, False)):
            basis = np.stack([np.real(waves[::order]), np.imag(waves[::order])]).reshape(2, -1)
            mixed, *_ = np.linalg.lstsq(basis.T, scene.reshape(-1) - 0.5, rcond=None)
            worst = np.abs(mixed @ basis - scene.reshape(-1) + 0.5).max()
            assert worst < 2e-3 if agrees else worst > 0.01
            assert not agrees or np.hypot(*mixed) == pytest.approx(0.4, rel=2e-3)


def test_still_films_are_constant_in_time_and_their_contrast_may_wander() -> None:
    picture = RNG.random((40, 40))
    film = Film.from_photographs([picture], shape=(5, 8, 12, 12), motion=Motion(), rng=RNG)
    clips = film.clips(10, frames=4, size=6, rng=RNG)
    assert np.ptp(clips, axis=1).max() == 0
    assert film.made == "made from 1 photograph: nothing moves"
    wandering = Film.from_photographs([picture], shape=(5, 8, 12, 12), motion="still", rng=RNG).frames
    for frames in (
        wandering,
        stilled(Film.from_photographs([picture], shape=(5, 8, 12, 12), rng=RNG).frames, rng=RNG),
    ):
        deviations = frames - frames.mean(axis=(2, 3), keepdims=True)
        energies = np.linalg.svd(deviations.reshape(5, 8, -1), compute_uv=False) ** 2
        np.testing.assert_allclose(energies[:, 0] / energies.sum(axis=1), 1, atol=1e-6)
        assert np.ptp(frames.std(axis=(2, 3)), axis=1).min() > 1e-3


def test_zooming_in_shows_things_larger() -> None:
    film = Film.from_photographs(
        [grating(200, 0.2)], shape=(40, 12, 24, 24), motion=Motion(zoom=0.03), rng=np.random.default_rng(3)
    )
    grown = -np.log(Motion(zoom=0.03).paths(40, 12, rng=np.random.default_rng(3)).size)
    slopes = np.abs(np.diff(film.frames, axis=3)).mean(axis=(2, 3))
    change = np.log(slopes[:, -1] / slopes[:, 0])
    # Things twice as large have slopes half as steep.
    assert np.corrcoef(change, grown[:, -1])[0, 1] < -0.9


def test_the_same_seed_makes_the_same_film() -> None:
    pictures = {"a": RNG.random((60, 60)), "b": RNG.random((60, 70))}
    films = [
        Film.from_photographs(pictures, shape=(4, 8, 8, 8), rng=np.random.default_rng(seed)).frames
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(films[0], films[1])
    assert (films[0] != films[2]).any()


def test_clips_are_pieces_of_scenes() -> None:
    frames = np.arange(2 * 10 * 7 * 9, dtype=float).reshape(2, 10, 7, 9)
    clips = Film.from_array(frames, rate_hz=25).clips(50, frames=4, size=5, rng=RNG)
    assert clips.shape == (50, 4, 5, 5)
    np.testing.assert_array_equal(np.diff(clips, axis=1), 63.0)
    np.testing.assert_array_equal(np.diff(clips, axis=2), 9.0)
    assert set(clips[:, 0, 0, 0] // 630) == {0, 1}


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        (np.zeros((1, 9, 9)), "2 frames or more, got 1: nothing can move"),
        (np.zeros((5, 1, 9, 9)), r"pass frames\[None\]"),
        (np.zeros((9, 9)), r"shape \(n_scenes, n_frames, height, width\), got \(9, 9\)"),
        (np.full((4, 9, 9), np.nan), "finite frames"),
    ],
)
def test_what_is_no_film_is_refused(frames: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Film.from_array(frames, rate_hz=25)


def test_impossible_clips_and_rates_are_refused() -> None:
    film = Film.from_array(np.zeros((6, 9, 12)), rate_hz=25)
    with pytest.raises(ValueError, match="2 to 6 frames, as long as a scene at most, got 1 of 8"):
        film.clips(1, frames=8, size=4, rng=RNG)
    with pytest.raises(ValueError, match="1 to 9 pixels, as large as a frame at most, got 10"):
        film.clips(1, frames=4, size=10, rng=RNG)
    with pytest.raises(ValueError, match="rate_hz: expected frames per second above 0, got 0"):
        Film.from_array(np.zeros((6, 9, 12)), rate_hz=0)
    with pytest.raises(ValueError, match="2 frames or more"):
        Film.from_photographs([grating()], shape=(3, 1, 8, 8), rng=RNG)
    fast = Motion(translating=1.0, speed=(9.0, 9.0))
    with pytest.raises(
        ValueError, match=r"image 'image 0': expected \d+ rows or more for the window and its path"
    ):
        Film.from_photographs([grating(30)], shape=(9, 8, 12, 12), motion=fast, rng=RNG)


def test_numbered_images_are_frames_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (8, 9, 10, 11):
        imsave(
            tmp_path / f"frame-{number}.png", np.full((6, 7), number, dtype=np.uint8), check_contrast=False
        )
    film = Film.from_folder(tmp_path, rate_hz=30)
    np.testing.assert_allclose(film.frames[0, :, 0, 0] * 255, [8, 9, 10, 11])
    (tmp_path / "frame-9.png").unlink()
    with pytest.raises(ValueError, match=r"'frame-8.png' and then 'frame-10.png'; a frame is missing"):
        Film.from_folder(tmp_path, rate_hz=30)
    imsave(tmp_path / "frame-9.png", np.zeros((6, 8), dtype=np.uint8), check_contrast=False)
    with pytest.raises(ValueError, match=r"frames of one size, got \(6, 7\) in 'frame-8.png' and \(6, 8\)"):
        Film.from_folder(tmp_path, rate_hz=30)
    imsave(tmp_path / "last.png", np.zeros((6, 7), dtype=np.uint8), check_contrast=False)
    with pytest.raises(ValueError, match=r"end with a number, which tells their order, got 'last.png'"):
        Film.from_folder(tmp_path, rate_hz=30)


def test_a_video_is_read_in_grey_at_its_own_rate(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "ramp.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 16, 12, "gray"
        for level in (0, 51, 204):
            frame = av.VideoFrame.from_ndarray(np.full((12, 16), level, dtype=np.uint8), format="gray")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    film = Film.from_video(path)
    assert (film.frames.shape, film.rate_hz) == ((1, 3, 12, 16), 30.0)
    np.testing.assert_allclose(film.frames[0, :, 5, 5], [0, 0.2, 0.8], atol=0.01)
    broken = tmp_path / "broken.avi"
    broken.write_bytes(b"no video")
    with pytest.raises(ValueError, match="expected a video file, got"):
        Film.from_video(broken)


@pytest.mark.parametrize("channels", [3, 4])
def test_frames_in_colour_are_not_taken_for_scenes(channels: int) -> None:
    """As videos come from other readers: (n_frames, height, width, channels)."""
    with pytest.raises(ValueError, match=rf"looks like 20 frames of 48 × 64 pixels with {channels} colour"):
        Film.from_array(np.zeros((20, 48, 64, channels), dtype=np.uint8), rate_hz=25.0)
    assert Film.from_array(np.zeros((20, 4, 4)), rate_hz=25.0).frames.shape == (1, 20, 4, 4)
