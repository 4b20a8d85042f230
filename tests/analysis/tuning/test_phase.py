"""F0, F1 and their ratio against closed forms: linear, half-rectified and energy units."""

import numpy as np
import pytest

from neurosim.analysis.tuning.phase import modulation_ratio, phase_components

EIGHT = np.arange(0, 360, 45.0)


def sinusoid(phases, offset):
    return np.cos(np.deg2rad(phases - offset))


@pytest.mark.parametrize("offset", [0.0, 7.0, 11.25])
def test_a_half_rectified_sinusoid_has_a_ratio_of_half_pi(offset):
    phases = np.arange(0, 360, 15.0)
    found = phase_components(np.maximum(sinusoid(phases, offset), 0), phases_deg=phases)
    assert modulation_ratio(*found) == pytest.approx(np.pi / 2, rel=0.02)


@pytest.mark.parametrize(
    ("offset", "mean"), [(0.0, (1 + np.sqrt(2)) / 8), (22.5, np.sqrt(2) * np.cos(np.pi / 8) / 4 * 1.0)]
)
def test_eight_phases_sample_it_coarsely_but_as_their_sum_says(offset, mean):
    # Half of eight cosines is positive: F1 is exactly half the amplitude, F0 depends on where the phases fall.
    found = phase_components(np.maximum(sinusoid(EIGHT, offset), 0), phases_deg=EIGHT)
    assert found.modulation == pytest.approx(0.5)
    assert found.mean == pytest.approx(np.maximum(sinusoid(EIGHT, offset), 0).mean())
    assert found.mean == pytest.approx(mean)
    assert abs(found.modulation / found.mean / (np.pi / 2) - 1) < 0.06


def test_an_energy_unit_has_no_modulation_and_a_single_phase_a_ratio_of_two():
    energy = sinusoid(EIGHT, 10) ** 2 + sinusoid(EIGHT, 100) ** 2
    assert modulation_ratio(*phase_components(energy, phases_deg=EIGHT)) == pytest.approx(0, abs=1e-12)
    assert modulation_ratio(*phase_components(np.eye(8)[3], phases_deg=EIGHT)) == pytest.approx(2)


def test_axes_before_the_phases_stay():
    found = phase_components(np.ones((4, 3, 8)), phases_deg=EIGHT)
    assert found.mean.shape == found.modulation.shape == (4, 3)


def test_bad_input_says_what_was_expected():
    with pytest.raises(ValueError, match="looks like radians"):
        phase_components(np.ones(8), phases_deg=np.deg2rad(EIGHT))
    with pytest.raises(ValueError, match="8 phases as last axis"):
        phase_components(np.ones((8, 2)), phases_deg=EIGHT)
    with pytest.raises(ValueError, match="1 negative"):
        modulation_ratio([-1.0], [1.0])
    with pytest.raises(ValueError, match="equal shapes"):
        modulation_ratio([1.0], [1.0, 2.0])
