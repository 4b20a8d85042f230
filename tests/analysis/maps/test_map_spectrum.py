"""The wavelength of a map is found on a torus exactly, on a plain sheet nearly; maps without a ring have none."""

import numpy as np
import pytest

from neurosim.analysis.maps.maps import smoothed_vectors
from neurosim.analysis.maps.pinwheels import count_pinwheels
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.spectrum import map_ring, map_wavelength, narrow_band_map, radial_spectrum

TORUS = Sheet(48, 64, torus=True)


def waves(sheet, wavelength):
    row, column = sheet.positions.T * 2 * np.pi / wavelength
    return np.sin(column) + 1j * np.sin(row)


def test_the_wavelength_of_waves_that_fit_the_torus_is_exact():
    assert map_wavelength(waves(TORUS, 16), TORUS) == pytest.approx(16)
    assert map_wavelength(0.7 + waves(TORUS, 8), TORUS) == pytest.approx(8)


@pytest.mark.parametrize("wavelength", [9.0, 13.7, 20.0])
def test_the_wavelength_on_a_plain_sheet_is_near(wavelength):
    sheet = Sheet(80, 64, torus=False)
    assert map_wavelength(waves(sheet, wavelength) + 0.5, sheet) == pytest.approx(wavelength, rel=0.02)


@pytest.mark.parametrize("torus", [True, False])
def test_random_maps_have_the_wavelength_asked_for(torus):
    sheet = Sheet(128, 128, torus=torus)
    maps = [narrow_band_map(sheet, wavelength=12, rng=np.random.default_rng(seed)) for seed in range(5)]
    assert np.mean([map_wavelength(vectors, sheet) for vectors in maps]) == pytest.approx(12, rel=0.02)
    assert np.mean(np.abs(maps) ** 2) == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("torus", [True, False])
@pytest.mark.parametrize("side", [32, 64])
@pytest.mark.parametrize("wavelength", [6.0, 8.0, 10.0, 12.0])
def test_twenty_small_sheets_have_their_wavelength_within_five_percent(wavelength, side, torus):
    """As drawn, smoothed by one neuron as the report does, and under white noise of half the power."""
    sheet, rng = Sheet(side, side, torus=torus), np.random.default_rng(3)
    # On a small torus few waves are possible; a thin ring would miss its own wavelength.
    bandwidth = 0.4 if torus else 0.1
    found = []
    for _ in range(20):
        vectors = narrow_band_map(sheet, wavelength=wavelength, rng=rng, bandwidth=bandwidth)
        noisy = vectors + np.sqrt(0.5) * rng.normal(size=(sheet.n_neurons, 2)) @ (1, 1j)
        shown = (vectors, smoothed_vectors(vectors, sheet, width=1), noisy)
        found.append([map_wavelength(v, sheet) for v in shown])
    drawn, *others = np.transpose(found)
    assert np.mean(drawn) == pytest.approx(wavelength, rel=0.05)
    for values in others:
        # A ring of fewer than three wavelengths, with edges, may be missed once: it then has none, not a wrong one.
        assert np.isnan(values).sum() <= (wavelength == 12 and side == 32 and not torus)
        assert np.nanmean(values) == pytest.approx(wavelength, rel=0.05)


def test_a_smoothed_random_map_of_any_size_has_no_wavelength_and_says_why():
    for side in (32, 64):
        sheet, rng = Sheet(side, side, torus=True), np.random.default_rng(side)
        for _ in range(20):
            noise = rng.normal(size=(sheet.n_neurons, 2)) @ (1, 1j)
            for vectors in (noise, smoothed_vectors(noise, sheet, width=1)):
                ring = map_ring(vectors, sheet)
                assert np.isnan(ring.wavelength)
                assert np.isnan(map_wavelength(vectors, sheet))
                assert "white or low-pass" in ring.reason


def test_per_squared_wavelength_a_broad_ring_has_the_pinwheels_of_the_closed_form():
    """pi <k²>/<k>²: for an even ring from .4 to 1.6 of its radius, weighted by circumference, 1.12 pi."""
    sheet, rng = Sheet(96, 96, torus=True), np.random.default_rng(0)
    k = np.linspace(0.4, 1.6, 10_001)
    expected = np.pi * (k**3).mean() * k.mean() / (k**2).mean() ** 2
    maps = [narrow_band_map(sheet, wavelength=12, rng=rng, bandwidth=1.2) for _ in range(20)]
    densities = [count_pinwheels(v, sheet) * map_wavelength(v, sheet) ** 2 / sheet.n_neurons for v in maps]
    assert expected > 1.08 * np.pi
    assert np.mean(densities) == pytest.approx(expected, rel=0.03)


def test_turning_all_orientations_changes_nothing():
    vectors = narrow_band_map(TORUS, wavelength=10, rng=np.random.default_rng(0))
    one, other = (radial_spectrum(v, TORUS)["power"] for v in (vectors, vectors * np.exp(0.7j)))
    np.testing.assert_allclose(one, other, atol=1e-9 * one.max())
    assert map_wavelength(vectors * np.exp(0.7j), TORUS) == pytest.approx(map_wavelength(vectors, TORUS))


def test_the_spectrum_of_shuffled_neurons_has_no_ring():
    vectors = narrow_band_map(TORUS, wavelength=10, rng=np.random.default_rng(0))
    shuffled = np.random.default_rng(1).permutation(vectors)
    ring, flat = (radial_spectrum(v, TORUS)["power"].to_numpy() for v in (vectors, shuffled))
    assert ring.max() > 8 * ring.mean()
    assert flat.max() < 3 * flat.mean()


def test_a_few_gaps_do_not_move_the_wavelength():
    vectors = narrow_band_map(TORUS, wavelength=10, rng=np.random.default_rng(0))
    gaps = vectors.copy()
    gaps[np.random.default_rng(1).choice(len(gaps), 300, replace=False)] = np.nan
    assert map_wavelength(gaps, TORUS) == pytest.approx(map_wavelength(vectors, TORUS), rel=0.02)


def test_what_has_no_spectrum_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="the same for all"):
        map_wavelength(np.full(48 * 64, 1j), TORUS)
    with pytest.raises(ValueError, match="4 × 4"):
        radial_spectrum(np.arange(9), Sheet(3, 3, torus=True))
    with pytest.raises(ValueError, match="widen the ring"):
        narrow_band_map(Sheet(8, 8, torus=True), wavelength=5.1, rng=rng, bandwidth=0.01)
    with pytest.raises(ValueError, match="2 neurons or more"):
        narrow_band_map(TORUS, wavelength=1, rng=rng)
