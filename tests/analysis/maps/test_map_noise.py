"""Random maps with a map's spectrum keep its power and its number of pinwheels, if it was random itself."""

import numpy as np
import pytest

from neurosim.analysis.maps.noise import same_spectrum_maps
from neurosim.analysis.maps.pinwheels import count_pinwheels
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.spectrum import narrow_band_map

TORUS = Sheet(24, 32, torus=True)
PLAIN = Sheet(24, 32, torus=False)


def test_on_a_torus_every_wave_keeps_its_strength_and_the_mean_stays():
    vectors = 0.3 + narrow_band_map(TORUS, wavelength=8, rng=np.random.default_rng(0), bandwidth=0.3)
    for noise in same_spectrum_maps(vectors, TORUS, rng=np.random.default_rng(1), n_maps=3):
        before, after = (np.fft.fft2(TORUS.as_map(v)) for v in (vectors, noise))
        np.testing.assert_allclose(np.abs(after), np.abs(before), atol=1e-9)
        assert after[0, 0] == pytest.approx(before[0, 0])
        assert np.abs(noise - vectors).max() > 0.1


def test_on_a_plain_sheet_power_and_slope_stay_on_average():
    vectors = narrow_band_map(PLAIN, wavelength=8, rng=np.random.default_rng(0), bandwidth=0.3)
    drawn = np.array(list(same_spectrum_maps(vectors, PLAIN, rng=np.random.default_rng(1), n_maps=400)))
    assert np.mean(np.abs(drawn) ** 2) == pytest.approx(np.mean(np.abs(vectors) ** 2), rel=0.05)

    def slope(v):
        # The mirrored sheet repeats its edge: a step of zero there, once in as many steps as neurons.
        laid_out = v.reshape(-1, 24, 32)
        return sum(
            np.mean(np.abs(np.diff(laid_out, axis=a)) ** 2) * (1 - 1 / laid_out.shape[a]) for a in (1, 2)
        )

    def stationary_slope(v):
        laid_out = v.reshape(-1, 24, 32)
        return sum(np.mean(np.abs(np.diff(laid_out, axis=a)) ** 2) for a in (1, 2))

    assert stationary_slope(drawn) == pytest.approx(slope(vectors), rel=0.05)


@pytest.mark.parametrize("sheet", [TORUS, PLAIN], ids=["torus", "plain"])
def test_a_random_map_has_as_many_pinwheels_as_noise_of_its_spectrum(sheet):
    rng, counts, noise = np.random.default_rng(4), [], []
    for _ in range(40):
        vectors = narrow_band_map(sheet, wavelength=7, rng=rng, bandwidth=0.4)
        counts.append(count_pinwheels(vectors, sheet))
        noise += [count_pinwheels(v, sheet) for v in same_spectrum_maps(vectors, sheet, rng=rng, n_maps=10)]
    assert np.mean(counts) == pytest.approx(np.mean(noise), rel=0.06)


def test_gaps_stay_and_no_maps_are_refused():
    vectors = narrow_band_map(TORUS, wavelength=8, rng=np.random.default_rng(0), bandwidth=0.3)
    vectors[5] = np.nan
    (noise,) = same_spectrum_maps(vectors, TORUS, rng=np.random.default_rng(1), n_maps=1)
    assert np.flatnonzero(np.isnan(noise)).tolist() == [5]
    with pytest.raises(ValueError, match="n_maps=0"):
        list(same_spectrum_maps(vectors, TORUS, rng=np.random.default_rng(1), n_maps=0))
