"""The LGN's difference of Gaussians."""

import numpy as np
import pytest

from neurosim.stimuli.filters.centre_surround import CentreSurround


def gaussian(size: int, sigma: float) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size // 2
    volume = 2 * np.pi * sigma**2
    return np.asarray(np.exp(-(x**2 + y**2) / (2 * sigma**2)) / volume)


def test_the_kernel_is_the_difference_of_two_gaussians_of_unit_volume() -> None:
    lgn = CentreSurround(centre_sigma=1.5, surround_sigma=4.0, surround_weight=0.6)
    np.testing.assert_allclose(lgn.kernel(41), gaussian(41, 1.5) - 0.6 * gaussian(41, 4.0), atol=1e-6)


def test_an_unbalanced_field_lets_its_share_of_the_mean_through() -> None:
    lgn = CentreSurround(surround_weight=0.55)
    np.testing.assert_allclose(lgn.apply(np.full((12, 14), 2.0)), 0.9, atol=1e-13)


def test_a_bright_spot_excites_its_centre_and_inhibits_the_ring() -> None:
    spot = np.zeros((41, 41))
    spot[20, 20] = 1.0
    response = CentreSurround().apply(spot)
    assert response[20, 20] > 0 > response[20, 24]
    np.testing.assert_allclose(response.sum(), 0, atol=1e-12)


def test_the_balanced_gain_is_zero_at_zero_and_has_one_peak() -> None:
    frequencies = np.linspace(0, 0.5, 400)
    gains = CentreSurround().transfer(0.0, frequencies)
    assert gains[0] == 0
    assert (gains >= 0).all()
    assert np.count_nonzero(np.diff(np.sign(np.diff(gains)))) == 1


def test_the_low_pass_multiplies_the_gain_and_is_there_where_it_is_asked_for() -> None:
    fy, fx = np.meshgrid([0.0, 0.1, 0.3], [0.0, 0.2, 0.5])
    passed = CentreSurround(centre_sigma=0.7, surround_sigma=4.2, cutoff=0.4)
    without = CentreSurround(centre_sigma=0.7, surround_sigma=4.2)
    np.testing.assert_allclose(
        passed.transfer(fy, fx), without.transfer(fy, fx) * np.exp(-((np.hypot(fy, fx) / 0.4) ** 4))
    )
    assert passed.transfer(0.0, 0.5) < 0.1 * without.transfer(0.0, 0.5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"cutoff": 40.0}, "a cutoff in cycles/pixel, above 0 and at most 1, or None, got 40"),
        ({"steepness": 0.0}, "a steepness above 0"),
        ({"centre_sigma": 3.0, "surround_sigma": 1.0}, "0 < centre_sigma < surround_sigma"),
        ({"centre_sigma": 0.0}, "0 < centre_sigma < surround_sigma"),
        ({"surround_weight": 1.2}, r"surround_weight in \[0, 1\], got 1\.2"),
    ],
)
def test_impossible_parameters_are_refused(parameters: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CentreSurround(**parameters)
