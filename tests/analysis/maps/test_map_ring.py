"""A ring is found where one was planted, on small sheets too, and not in white or low-pass noise."""

import numpy as np
import pytest

from neurosim.analysis.maps.maps import smoothed_vectors
from neurosim.analysis.maps.ring import ring_band
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.spectrum import map_ring, narrow_band_map

ACROSS = np.fft.fftfreq(32)
FREQUENCY = np.hypot(ACROSS[:, None], ACROSS).ravel()[1:]


def white(sheet, rng):
    return rng.normal(size=(sheet.n_neurons, 2)) @ (1, 1j)


def low_pass(sheet, rng, width):
    """White noise under a Gaussian, cut from a larger torus so that a plain sheet has edges like any other."""
    margin = 0 if sheet.torus else int(4 * width)
    whole = Sheet(sheet.height + margin, sheet.width + margin, torus=True)
    drawn = whole.as_map(smoothed_vectors(white(whole, rng), whole, width=width))
    return drawn[: sheet.height, : sheet.width].ravel()


@pytest.mark.parametrize("torus", [True, False])
@pytest.mark.parametrize("side", [16, 32, 64])
def test_white_and_low_pass_noise_has_no_ring(side, torus):
    """At most one of eighty; ``verification/map_measures.py`` measures how rarely one passes."""
    sheet, rng = Sheet(side, side, torus=torus), np.random.default_rng(side)
    maps = [white(sheet, rng) for _ in range(16)]
    maps += [low_pass(sheet, rng, width) for width in (0.5, 1.0, 3.0, 6.0) for _ in range(16)]
    rings = [map_ring(vectors, sheet) for vectors in maps]
    assert sum(not ring.reason for ring in rings) <= 1
    assert all(np.isnan(ring.wavelength) for ring in rings if ring.reason)
    assert all(
        "low-pass" in ring.reason or "neuron to neuron" in ring.reason for ring in rings if ring.reason
    )


@pytest.mark.parametrize("torus", [True, False])
@pytest.mark.parametrize("side", [32, 64])
@pytest.mark.parametrize("wavelength", [6.0, 8.0, 10.0, 12.0])
def test_a_planted_ring_is_found_also_under_noise_and_smoothing(wavelength, side, torus):
    sheet, rng = Sheet(side, side, torus=torus), np.random.default_rng(side)
    for _ in range(5):
        vectors = narrow_band_map(sheet, wavelength=wavelength, rng=rng, bandwidth=0.3 if torus else 0.1)
        noisy = vectors + 0.5 * white(sheet, rng)  # a third of the power
        for shown in (vectors, noisy, smoothed_vectors(noisy, sheet, width=1)):
            assert map_ring(shown, sheet).reason == ""


def test_the_neurons_of_a_ring_in_shuffled_places_have_none():
    sheet, rng = Sheet(32, 32, torus=True), np.random.default_rng(0)
    vectors = narrow_band_map(sheet, wavelength=8, rng=rng, bandwidth=0.3)
    assert map_ring(vectors, sheet).reason == ""
    assert "white or low-pass" in map_ring(rng.permutation(vectors), sheet).reason


def test_expected_spectra_are_told_apart_by_their_flanks():
    ring = np.exp(-(((FREQUENCY - 0.15) / 0.04) ** 2))
    low, high, reason = ring_band(FREQUENCY, ring + 0.1, step=1 / 32)
    assert 0.09 < low < 0.15 < high < 0.21
    assert reason == ""
    assert ring_band(FREQUENCY, ring + 0.2, step=1 / 32)[2] == ""
    # Less than twice what is around it, however many neurons say so.
    assert ring_band(FREQUENCY, ring + 5, step=1 / 32)[2] != ""
    assert "low-pass" in ring_band(FREQUENCY, np.ones_like(FREQUENCY), step=1 / 32)[2]
    assert "low-pass" in ring_band(FREQUENCY, np.exp(-FREQUENCY / 0.1), step=1 / 32)[2]
    assert "low-pass" in ring_band(FREQUENCY, ring + 20 * (FREQUENCY < 0.07), step=1 / 32)[2]
    assert "neuron to neuron" in ring_band(FREQUENCY, FREQUENCY**2, step=1 / 32)[2]


def test_a_wave_as_long_as_the_sheet_cannot_be_told_from_a_trend():
    sheet = Sheet(24, 24, torus=True)
    row, column = sheet.positions.T * 2 * np.pi / 24
    assert "less than two wavelengths" in map_ring(np.sin(column) + 1j * np.sin(row), sheet).reason
    assert map_ring(np.sin(3 * column) + 1j * np.sin(3 * row), sheet).wavelength == pytest.approx(8)
