"""Size tuning against a difference of integrals of Gaussians, and its traps."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erf

from neurosim.analysis.tuning.size import size_properties

PROTOCOL = 2 ** np.linspace(-2.25, 3.25, 12)
FINE = np.linspace(0.02, 9.5, 1500)
CENTRE, SURROUND, WEIGHT = 0.6, 2.2, 0.6


def response(diameter, weight=WEIGHT):
    """Sceniak and colleagues' difference of integrals (Nat Neurosci 1999; 2:733)."""
    return 40 * (erf(diameter / CENTRE) - weight * erf(diameter / SURROUND))


def closed_forms():
    peak_at = np.sqrt(np.log(SURROUND / (CENTRE * WEIGHT)) / (1 / CENTRE**2 - 1 / SURROUND**2))
    peak, plateau = response(peak_at), response(9.5)
    field = brentq(lambda d: response(d) - 0.95 * peak, 0.01, peak_at)
    surround = brentq(lambda d: response(d) - 1.05 * plateau, peak_at, 9.5)
    return (peak - plateau) / peak, field, surround


def test_a_difference_of_integrals_gives_its_closed_forms():
    row = size_properties([response(FINE)], diameters_deg=FINE).loc[0]
    index, field, surround = closed_forms()
    assert row["surround_suppression_index"] == pytest.approx(index, rel=0.02)
    assert row["grating_summation_field"] == pytest.approx(field, rel=0.02)
    assert row["surround_diameter"] == pytest.approx(surround, rel=0.02)
    assert row["surround_to_summation_field"] == pytest.approx(surround / field, rel=0.02)
    assert row["suppressed"]


def test_with_the_protocols_diameters_they_are_the_next_larger_ones_shown():
    row = size_properties([response(PROTOCOL)], diameters_deg=PROTOCOL).loc[0]
    index, field, surround = closed_forms()
    assert row["surround_suppression_index"] == pytest.approx(index, rel=0.05)
    assert row["grating_summation_field"] == PROTOCOL[field <= PROTOCOL][0]
    assert row["surround_diameter"] == PROTOCOL[surround <= PROTOCOL][0]


def test_without_a_surround_there_is_an_index_of_0_and_neither_diameter():
    row = size_properties([response(PROTOCOL, weight=0)], diameters_deg=PROTOCOL).loc[0]
    assert row["surround_suppression_index"] == pytest.approx(0, abs=1e-6)
    assert not row["suppressed"]
    assert not row["tied_size"]
    assert np.isnan([row["grating_summation_field"], row["surround_diameter"]]).all()


def test_the_spontaneous_rate_is_taken_off_and_the_larger_component_used():
    curve = response(PROTOCOL)
    raised = size_properties([curve + 10], diameters_deg=PROTOCOL, spontaneous=[10.0]).loc[0]
    assert raised["surround_suppression_index"] == pytest.approx(closed_forms()[0], rel=0.05)
    modulated = size_properties([curve], diameters_deg=PROTOCOL, modulation=[2 * response(PROTOCOL, 0)]).loc[
        0
    ]
    assert not modulated["suppressed"]


def test_two_equal_peaks_apart_from_each_other_and_silent_units_are_nan():
    two = [1.0, 9.0, 2.0, 9.0, 1.0]
    table = size_properties([two, [0.0] * 5], diameters_deg=[1, 2, 3, 4, 5])
    assert table["tied_size"].all()
    assert table[["surround_suppression_index", "grating_summation_field"]].isna().all(axis=None)
    assert table["responsive_size"].tolist() == [True, False]
