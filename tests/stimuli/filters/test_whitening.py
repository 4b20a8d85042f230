"""The Olshausen–Field filter flattens the spectrum of natural scenes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from neurosim.stimuli.filters.olshausen import OlshausenField
from neurosim.stimuli.images.images import embedded_photographs

BAND = (0.03, 0.2)  # cycles/pixel: below the cutoff, above the window's resolution


def noise_with_amplitude_spectrum(exponent: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return 256×256 cut from a larger periodic field, so that its own opposite edges do not fit."""
    frequency = np.hypot(np.fft.fftfreq(512)[:, None], np.fft.rfftfreq(512)[None, :])
    amplitude = np.zeros_like(frequency)
    amplitude[frequency > 0] = frequency[frequency > 0] ** exponent
    noise = np.fft.irfft2(np.fft.rfft2(rng.normal(size=(512, 512))) * amplitude, s=(512, 512))
    return noise[:256, :256]


def slope_of_amplitude(images: list[NDArray[np.float64]]) -> float:
    """Return the exponent of the radial amplitude spectrum within the band."""
    size = images[0].shape[0]
    window = np.hanning(size)[:, None] * np.hanning(size)[None, :]
    power = np.mean([np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2 for image in images], axis=0)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None, :])
    edges = np.geomspace(*BAND, 12)
    bins = np.digitize(frequency.ravel(), edges)
    means = [0.5 * np.log(power.ravel()[bins == k].mean()) for k in range(1, len(edges))]
    return float(np.polyfit(np.log(np.sqrt(edges[1:] * edges[:-1])), means, 1)[0])


@pytest.fixture(scope="module")
def scene_like() -> list[NDArray[np.float64]]:
    return [noise_with_amplitude_spectrum(-1.0, np.random.default_rng(seed)) for seed in range(4)]


def test_noise_with_the_spectrum_of_scenes_becomes_flat_below_the_cutoff(
    scene_like: list[NDArray[np.float64]],
) -> None:
    assert slope_of_amplitude(scene_like) == pytest.approx(-1.0, abs=0.05)
    whitening = OlshausenField(cutoff=0.4)
    assert slope_of_amplitude([whitening.apply(image) for image in scene_like]) == pytest.approx(
        0.0, abs=0.06
    )


def test_the_ramp_exponent_sets_what_is_left_of_the_slope(scene_like: list[NDArray[np.float64]]) -> None:
    whitening = OlshausenField(cutoff=0.4, ramp=0.5)
    assert slope_of_amplitude([whitening.apply(image) for image in scene_like]) == pytest.approx(
        -0.5, abs=0.06
    )


def test_white_noise_does_not_stay_white() -> None:
    white = [noise_with_amplitude_spectrum(0.0, np.random.default_rng(seed)) for seed in range(4)]
    assert slope_of_amplitude([OlshausenField().apply(image) for image in white]) > 0.8


def test_photographs_lose_most_of_their_slope() -> None:
    photographs = [image[:256, :256] for image in embedded_photographs(["camera", "grass", "china"]).values()]
    before = slope_of_amplitude(photographs)
    after = slope_of_amplitude([OlshausenField().apply(image) for image in photographs])
    assert before < -0.8
    assert abs(after) < 0.5 * abs(before)


def test_the_gain_is_the_published_formula_at_the_published_cutoff() -> None:
    whitening = OlshausenField()
    assert whitening.transfer(0.0, 0.0) == 0
    assert whitening.transfer(0.3, 0.0) == pytest.approx(0.3 * np.exp(-((0.3 / 0.4) ** 4)))
    assert whitening.transfer(0.24, 0.32) == pytest.approx(0.4 / np.e)


def test_the_gain_is_isotropic() -> None:
    angles = np.linspace(0, 2 * np.pi, 17)
    gains = OlshausenField().transfer(0.2 * np.sin(angles), 0.2 * np.cos(angles))
    np.testing.assert_allclose(gains, gains[0], rtol=1e-12)


def test_without_a_ramp_the_mean_is_kept() -> None:
    np.testing.assert_allclose(OlshausenField(ramp=0).apply(np.full((9, 9), 0.3)), 0.3, atol=1e-14)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"cutoff": 0.0}, "cutoff above 0 cycles/pixel"),
        ({"cutoff": 200}, "divide cycles/picture by the picture's width"),
        ({"steepness": -1.0}, "steepness above 0"),
        ({"ramp": float("nan")}, "ramp exponent of 0 or more"),
    ],
)
def test_impossible_parameters_are_refused(parameters: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OlshausenField(**parameters)
