"""Noise has the spectrum and the strength it says, and can be drawn again."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.stimuli.laboratory.dead_leaves import dead_leaves
from neurosim.stimuli.laboratory.image_series import ImageSeries, images_as_stimuli
from neurosim.stimuli.laboratory.noise import pink_noise, sparse_noise, white_noise
from neurosim.stimuli.laboratory.subspace import subspace_noise
from neurosim.stimuli.laboratory.visual_field import VisualField

FIELD = VisualField(height=32, width=32, pixels_per_degree=16)
KINDS: dict[str, Callable[[int], ImageSeries]] = {
    "white": lambda seed: white_noise(20, field=FIELD, rms=0.1, rng=seed),
    "binary": lambda seed: white_noise(20, field=FIELD, rms=0.1, rng=seed, distribution="binary"),
    "pink": lambda seed: pink_noise(20, field=FIELD, rms=0.1, rng=seed),
    "sparse": lambda seed: sparse_noise(20, field=FIELD, spot_pixels=4, rng=seed, n_spots=3),
    "subspace": lambda seed: subspace_noise(20, field=FIELD, highest_cpd=4, rng=seed),
    "leaves": lambda seed: dead_leaves(20, field=FIELD, smallest_deg=0.1, largest_deg=2.0, rng=seed),
}


def spectrum_slope(images: NDArray[np.float64]) -> tuple[float, float]:
    """Slope of log power over log frequency from 2 to 12 cycles per field, and its standard error over images."""
    size = images.shape[-1]
    power = np.abs(np.fft.fft2(images - images.mean(axis=(1, 2), keepdims=True))) ** 2
    frequency = np.hypot(*np.meshgrid(*[np.fft.fftfreq(size) * size] * 2))
    within = (frequency >= 2) & (frequency <= 12)
    parts = power[:, within].reshape(10, -1, within.sum()).mean(axis=1)  # ten groups of images
    slopes = np.polyfit(np.log(frequency[within]), np.log(parts).T, 1)[0]
    return float(slopes.mean()), float(slopes.std(ddof=1) / np.sqrt(len(slopes)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_frames_in_any_chunks_and_another_others(kind: str) -> None:
    images = KINDS[kind](3).images()
    np.testing.assert_array_equal(np.concatenate(list(KINDS[kind](3).chunks(7))), images)
    np.testing.assert_array_equal(KINDS[kind](3).images([11]), images[[11]])
    assert not np.array_equal(KINDS[kind](4).images(), images)
    assert len(np.unique(images.reshape(20, -1), axis=0)) > 10


def test_white_noise_has_its_rms_and_no_correlations() -> None:
    images = white_noise(2000, field=FIELD, rms=0.08, rng=0).images()
    assert images.std() == pytest.approx(0.08, rel=0.01)
    centred = images - 0.5
    beside = (centred[:, :, 1:] * centred[:, :, :-1]).mean() / 0.08**2
    assert abs(beside) < 4 / np.sqrt(2000 * 32 * 31)
    assert set(np.unique(KINDS["binary"](0).images().round(9))) == {0.4, 0.6}


def test_checks_are_squares_of_pixels_that_are_alike() -> None:
    image = white_noise(1, field=FIELD, rms=0.1, rng=0, check_pixels=5).images()[0]
    assert np.ptp(image[:5, :5]) == 0
    assert len(np.unique(image)) == 7 * 7


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_the_power_of_pink_noise_falls_with_the_slope_that_was_asked_for(exponent: float) -> None:
    images = pink_noise(500, field=FIELD, rms=0.1, rng=0, exponent=exponent).images()
    slope, error = spectrum_slope(images)
    assert error < 0.02
    assert slope == pytest.approx(-exponent, abs=max(4 * error, 0.03))
    assert images.std() == pytest.approx(0.1, rel=0.03)
    np.testing.assert_allclose(images.mean(axis=(1, 2)), 0.5, atol=1e-12)


def test_dead_leaves_have_a_natural_spectrum_hard_edges_and_no_holes() -> None:
    images = dead_leaves(80, field=FIELD, smallest_deg=0.1, largest_deg=4.0, rng=0).images()
    slope, error = spectrum_slope(images)
    assert -2.9 < slope < -1.7
    assert error < 0.15
    assert np.isfinite(images).all()
    assert 0 <= images.min() < 0.05
    assert 0.95 < images.max() <= 1
    steps = np.diff(images, axis=2).ravel()
    pink = np.diff(pink_noise(80, field=FIELD, rms=images.std(), rng=0).images(), axis=2).ravel()
    kurtosis = [((s - s.mean()) ** 4).mean() / s.var() ** 2 for s in (steps, pink)]
    assert kurtosis[0] > 4.5
    assert kurtosis[1] == pytest.approx(3, abs=0.1)


def test_sparse_noise_has_as_many_spots_as_were_asked_for_of_both_signs() -> None:
    images = sparse_noise(300, field=FIELD, spot_pixels=4, rng=0, n_spots=3, contrast=0.5).images()
    assert ((images != 0.5).sum(axis=(1, 2)) == 3 * 16).all()
    assert set(np.unique(images)) == {0.25, 0.5, 0.75}
    light = (images > 0.5).sum() / (images != 0.5).sum()
    assert light == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(900))


@pytest.mark.parametrize(("height", "width"), [(8, 8), (8, 12), (7, 9)])
def test_hartley_functions_are_orthogonal_and_all_of_them_span_the_field(height: int, width: int) -> None:
    field = VisualField(height=height, width=width, pixels_per_degree=4)
    shown = subspace_noise(None, field=field, highest_cpd=2.0, rng=0)
    positive = shown.table["sign"].to_numpy() > 0
    functions = shown.images(np.flatnonzero(positive)).reshape(positive.sum(), -1) - 0.5
    overlaps = functions @ functions.T
    scale = np.diag(overlaps)
    np.testing.assert_allclose(overlaps, np.diag(scale), atol=1e-9 * scale.max())
    table = shown.table[positive]
    within = np.hypot(table["kx"] * 4 / width, table["ky"] * 4 / height)
    np.testing.assert_allclose(within, table["frequency_cpd"])
    assert within.max() <= 2.0
    assert shown.images(np.flatnonzero(~positive)).sum() == pytest.approx(
        0.5 * (~positive).sum() * height * width
    )


def test_the_orientation_of_a_hartley_function_is_that_of_its_bars() -> None:
    """A grating with the row's orientation and frequency lies in the plane of its two phases."""
    from neurosim.stimuli.laboratory.gratings import gratings

    shown = subspace_noise(30, field=FIELD, highest_cpd=4.0, rng=0, contrast=0.5)
    for row, image in zip(shown.table.itertuples(), shown.images(), strict=True):
        pair = gratings(
            {
                "orientation_rad": row.orientation_rad,
                "frequency_cpd": row.frequency_cpd,
                "phase_rad": [0, np.pi / 2],
            },
            field=FIELD,
        ).images()
        basis = (pair - 0.5).reshape(2, -1).T
        rest = np.linalg.lstsq(basis, image.ravel() - 0.5, rcond=None)[1]
        assert rest[0] < 1e-20


def test_images_that_are_there_are_stimuli_too() -> None:
    images = np.random.default_rng(0).random((5, 8, 6))
    stimuli = images_as_stimuli(images, pixels_per_degree=8)
    np.testing.assert_array_equal(stimuli.images([4, 0]), images[[4, 0]])
    assert stimuli.field.mean_luminance == pytest.approx(images.mean())
    with pytest.raises(ValueError, match=r"\(n_images, height, width\), got shape \(5, 48\)"):
        images_as_stimuli(images.reshape(5, -1), pixels_per_degree=8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: white_noise(5, field=FIELD, rms=0, rng=0), "rms above 0, got 0"),
        (lambda: white_noise(0, field=FIELD, rms=0.1, rng=0), "1 image or more, got n_images=0"),
        (lambda: white_noise(5, field=FIELD, rms=0.1, rng=0, distribution="grey"), "'gaussian' or 'binary'"),
        (lambda: pink_noise(5, field=FIELD, rms=0.1, rng=0, exponent=-1), "exponent of 0 or more"),
        (lambda: sparse_noise(5, field=FIELD, spot_pixels=5, rng=0), "divides the field's 32 × 32"),
        (lambda: sparse_noise(5, field=FIELD, spot_pixels=16, rng=0, n_spots=5), "1 to 4 spots"),
        (lambda: subspace_noise(5, field=FIELD, highest_cpd=9, rng=0), r"at most 8.*\(aliased\)"),
        (lambda: subspace_noise(5, field=FIELD, highest_cpd=0.1, rng=0), "one cycle per field"),
        (
            lambda: dead_leaves(5, field=FIELD, smallest_deg=0.01, largest_deg=1, rng=0),
            r"0.0625 \(one pixel\)",
        ),
        (lambda: VisualField(height=0, width=4, pixels_per_degree=1), "height to be a whole number"),
        (lambda: VisualField(height=4, width=4, pixels_per_degree=-1), "pixels_per_degree above 0"),
    ],
)
def test_impossible_noise_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_chunk_has_an_image_at_least() -> None:
    with pytest.raises(ValueError, match="at least 1 image"):
        next(KINDS["white"](0).chunks(0))
