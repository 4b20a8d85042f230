"""The positive control: units drawn from the published tables, and their responses in closed form."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.fields.gabor_gratings import GABOR_PHASES, gabor_rates
from neurosim.analysis.protocol.drawn_gabors import draw_gabors, drawn_gabor_properties
from neurosim.analysis.tuning.phase import modulation_ratio, phase_components
from neurosim.analysis.v1.properties import v1_property
from neurosim.analysis.v1.scoreboard import v1_scoreboard


def unit(**changed):
    values = {
        "orientation": 30.0, "frequency": 2.0, "nx": 0.5, "ny": 0.6, "phase": 0.0, "is_complex": False,
        "largest_rate": 50.0, "spontaneous_rate": 0.0, "suppression": 0.0, "surround_ratio": 2.0,
    }  # fmt: skip
    return pd.DataFrame([values | changed])


def components(units, conditions, orientations):
    rates = gabor_rates(units, conditions, orientations_deg=orientations)
    return phase_components(rates, phases_deg=GABOR_PHASES)


def test_frequency_tuning_of_a_wide_disc_is_the_gaussian_of_its_spectrum():
    frequencies = np.linspace(1.5, 2.6, 12)
    found = components(unit(), [(f, 8.0) for f in frequencies], [30.0]).modulation[0, :, 0]
    np.testing.assert_allclose(
        found / found.max(), np.exp(-2 * (np.pi * 0.5 * (frequencies / 2 - 1)) ** 2), rtol=0.02
    )


def test_orientation_tuning_of_a_wide_disc_is_that_of_its_spectrum():
    angles = np.arange(0, 180, 15.0)
    found = components(unit(nx=0.6, ny=0.5), [(2.0, 8.0)], angles).modulation[0, 0]
    turned = np.deg2rad(angles - 30)
    closed = np.exp(-2 * np.pi**2 * ((0.6 * (np.cos(turned) - 1)) ** 2 + (0.5 * np.sin(turned)) ** 2))
    opposite = np.exp(-2 * np.pi**2 * ((0.6 * (np.cos(turned) + 1)) ** 2 + (0.5 * np.sin(turned)) ** 2))
    both = closed + opposite
    np.testing.assert_allclose(found / found.max(), both / both.max(), rtol=0.02, atol=1e-3)


def test_size_tuning_of_a_round_unit_with_a_narrow_band_grows_as_its_envelope_fills():
    sigma, diameters = 2.0 / 8, np.array([0.4, 0.8, 1.2, 2.0, 6.0])
    units = unit(frequency=8.0, nx=2.0, ny=2.0)
    found = components(units, [(8.0, d) for d in diameters], [30.0]).modulation[0, :, 0]
    np.testing.assert_allclose(
        found / found[-1], 1 - np.exp(-((diameters / 2) ** 2) / (2 * sigma**2)), rtol=0.02
    )


def test_simple_units_are_half_rectified_and_complex_ones_invariant():
    units = pd.concat([unit(phase=22.5), unit(is_complex=True, nx=0.9)], ignore_index=True)
    found = components(units, [(2.0, 4.0)], [30.0])
    ratio = modulation_ratio(found.mean, found.modulation)[:, 0, 0]
    assert ratio[0] == pytest.approx(np.pi / 2, rel=0.06)  # eight phases
    assert ratio[1] < 0.02


def test_the_largest_rate_is_reached_with_a_spontaneous_rate_too():
    found = components(unit(spontaneous_rate=12.0), [(2.0, 8.0)], [30.0])
    assert found.mean[0, 0, 0] == pytest.approx(50.0, rel=0.02)


def test_a_surround_takes_its_share():
    table = drawn_gabor_properties(pd.concat([unit(), unit(suppression=0.6)], ignore_index=True))
    assert table["surround_suppression_index"][0] < 0.02
    assert table["surround_suppression_index"][1] == pytest.approx(0.6, abs=0.06)


def test_drawn_parameters_follow_the_published_tables():
    units = draw_gabors(4000, complex_share=0.5, rng=0)
    assert units["nx"].median() == pytest.approx(0.365, abs=0.04)
    assert units["ny"].median() == pytest.approx(0.445, abs=0.04)
    bins = v1_property("largest_rate").bins(units["largest_rate"])
    shares = v1_property("largest_rate").counts / 304
    np.testing.assert_allclose(
        np.bincount(bins, minlength=9) / 4000, shares, atol=0.05
    )  # close pairs drawn again
    assert (units["largest_rate"] > units["spontaneous_rate"] + 5).all()
    assert units["is_complex"].sum() == 2000


def test_numbers_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="share from 0 to 1, got n_units=3, complex_share=60"):
        draw_gabors(3, complex_share=60, rng=0)


@pytest.mark.slow
@pytest.mark.parametrize(("complex_share", "least"), [(0.0, 0.76), (0.6, 0.79)])
def test_gabors_drawn_from_the_tables_score_as_a_positive_control_should(complex_share, least):
    bare = drawn_gabor_properties(draw_gabors(256, complex_share=complex_share, rng=0))
    assert v1_scoreboard(bare, rng=0, least_suppressed=1).mean.ceiled >= least
    whole = drawn_gabor_properties(draw_gabors(256, complex_share=complex_share, surround=True, rng=0))
    assert v1_scoreboard(whole, rng=0).mean.ceiled >= least
