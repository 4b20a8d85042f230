"""Spatial-frequency tuning against a Gaussian over octaves; edges, ties and the two components."""

import numpy as np
import pytest

from neurosim.analysis.tuning.frequency import frequency_properties

PROTOCOL = 2 ** np.linspace(-1.375, 3.875, 22)
FINE = 2 ** np.linspace(-1.375, 3.875, 106)
HALF = np.sqrt(-2 * np.log(0.707))  # of a Gaussian at .707, in standard deviations


def gaussian(frequencies, peak, sigma):
    return 30 * np.exp(-(np.log2(frequencies / peak) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize("sigma", [0.4, 0.7, 1.0])
def test_peak_and_bandwidth_of_a_gaussian_over_octaves_are_its_closed_form(sigma):
    rates = np.stack([gaussian(FINE, peak, sigma) for peak in (1.7, 2.8, 4.1)])
    table = frequency_properties(rates, frequencies_cpd=FINE)
    np.testing.assert_allclose(table["peak_frequency"], [1.7, 2.8, 4.1], rtol=0.02)
    np.testing.assert_allclose(table["frequency_bandwidth_octaves"], 2 * HALF * sigma, rtol=0.02)
    np.testing.assert_allclose(table["frequency_bandwidth"], 100 * 2 ** (-2 * HALF * sigma), rtol=0.02)
    assert (table["frequency_selective"] == 1).all()


@pytest.mark.parametrize("sigma", [0.7, 1.0])
def test_the_protocols_quarter_octaves_are_enough_for_a_bandwidth_of_an_octave(sigma):
    row = frequency_properties([gaussian(PROTOCOL, 3.0, sigma)], frequencies_cpd=PROTOCOL).loc[0]
    assert row["peak_frequency"] == pytest.approx(3.0, rel=0.02)
    assert row["frequency_bandwidth_octaves"] == pytest.approx(2 * HALF * sigma, rel=0.02)


def test_a_curve_that_rises_to_the_last_frequency_has_its_peak_there_and_no_bandwidth():
    row = frequency_properties([gaussian(PROTOCOL, 40.0, 1.0)], frequencies_cpd=PROTOCOL).loc[0]
    assert row["peak_at_edge"]
    assert row["peak_frequency"] == pytest.approx(PROTOCOL[-1])
    assert row["frequency_selective"] == 0
    assert np.isnan([row["frequency_bandwidth"], row["frequency_bandwidth_octaves"]]).all()


def test_a_low_pass_curve_is_not_selective_though_it_falls_on_one_side():
    row = frequency_properties([gaussian(PROTOCOL, PROTOCOL[0], 1.0)], frequencies_cpd=PROTOCOL).loc[0]
    assert row["frequency_selective"] == 0


def test_the_peak_is_that_of_the_larger_component_and_the_bandwidth_that_of_the_mean():
    mean, modulation = gaussian(FINE, 2.0, 0.7), 1.5 * gaussian(FINE, 4.0, 0.4)
    row = frequency_properties([mean], frequencies_cpd=FINE, modulation=[modulation]).loc[0]
    assert row["peak_frequency"] == pytest.approx(4.0, rel=0.02)
    assert row["frequency_bandwidth_octaves"] == pytest.approx(2 * HALF * 0.7, rel=0.02)
    smaller = frequency_properties([mean], frequencies_cpd=FINE, modulation=[modulation / 3]).loc[0]
    assert smaller["peak_frequency"] == pytest.approx(2.0, rel=0.02)


def test_responsive_is_measured_from_the_spontaneous_rate():
    rates = np.stack([gaussian(PROTOCOL, 3.0, 0.7)] * 2)
    table = frequency_properties(
        rates, frequencies_cpd=PROTOCOL, spontaneous=[0.0, 26.0], modulation=0.3 * rates
    )
    assert table["responsive_frequency"].tolist() == [True, True]
    assert table["responsive_frequency_mean"].tolist() == [True, False]


def test_ties_and_silent_units_are_rows_of_nan():
    two = gaussian(PROTOCOL, PROTOCOL[5], 0.3) + gaussian(PROTOCOL, PROTOCOL[15], 0.3)
    two[15] = two[5]
    table = frequency_properties([two, np.zeros(22), np.full(22, np.nan)], frequencies_cpd=PROTOCOL)
    assert table["tied_frequency"].tolist() == [True, True, False]
    assert table[["peak_frequency", "frequency_bandwidth", "frequency_selective"]].isna().all(axis=None)


def test_frequencies_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match="rising `frequencies_cpd` above 0"):
        frequency_properties(np.ones((1, 22)), frequencies_cpd=PROTOCOL[::-1])
