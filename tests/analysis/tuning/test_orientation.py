"""Orientation tuning against closed forms: von Mises and cosine curves; ties, silence and bad input."""

import numpy as np
import pytest
from scipy.special import iv

from neurosim.analysis.tuning.orientation import circular_variance, orientation_properties

ANGLES = np.arange(0, 180, 15.0)
LEVEL = 0.707


def von_mises(preferred, kappa, angles=ANGLES):
    return 40 * np.exp(kappa * (np.cos(2 * np.deg2rad(angles - np.atleast_1d(preferred)[:, None])) - 1))


def cosine(preferred, mean, amplitude, angles=ANGLES):
    return mean + amplitude * np.cos(2 * np.deg2rad(angles - np.atleast_1d(preferred)[:, None]))


@pytest.mark.parametrize("kappa", [0.3, 1.0, 2.0, 4.0])
def test_circular_variance_of_a_von_mises_curve_is_a_ratio_of_bessel_functions(kappa):
    found = circular_variance(von_mises([0, 22, 100], kappa), orientations_deg=ANGLES)
    np.testing.assert_allclose(found, 1 - iv(1, kappa) / iv(0, kappa), rtol=0.02)


@pytest.mark.parametrize("kappa", [0.5, 1.0, 2.0, 4.0])
def test_half_width_of_a_finely_sampled_von_mises_curve_is_its_closed_form(kappa):
    fine = np.arange(0, 180, 3.0)
    table = orientation_properties(von_mises([10.2, 91.0], kappa, fine), orientations_deg=fine)
    closed = np.rad2deg(np.arccos(1 + np.log(LEVEL) / kappa)) / 2
    np.testing.assert_allclose(table["orientation_half_width"], closed, rtol=0.02)
    np.testing.assert_allclose(table["preferred_orientation"], [10.2, 91.0], atol=0.2)


@pytest.mark.parametrize(("mean", "amplitude"), [(10, 10), (10, 5), (10, 3)])
def test_at_15_degrees_smoothing_widens_a_cosine_by_its_closed_form(mean, amplitude):
    flattened = amplitude * (1 + 0.8 * np.cos(np.deg2rad(30))) / 1.8
    cosine_at_level = (LEVEL * (mean + flattened) - mean) / flattened
    table = orientation_properties(cosine([7.0, 60.0], mean, amplitude), orientations_deg=ANGLES)
    np.testing.assert_allclose(
        table["orientation_half_width"], np.rad2deg(np.arccos(cosine_at_level)) / 2, rtol=0.003
    )
    np.testing.assert_allclose(table["preferred_orientation"], [7.0, 60.0], atol=0.3)
    np.testing.assert_allclose(table["circular_variance"], 1 - amplitude / (2 * mean), rtol=1e-9)
    ratio = table["circular_variance"] / table["orientation_half_width"]
    np.testing.assert_allclose(table["circular_variance_to_half_width"], ratio)


def test_orthogonal_to_preferred_and_the_selectivity_index_are_those_of_the_sampled_curve():
    table = orientation_properties(von_mises([30.0, 45.0], 0.7), orientations_deg=ANGLES)
    np.testing.assert_allclose(table["orthogonal_to_preferred"], np.exp(-1.4))
    np.testing.assert_allclose(table["orientation_selectivity_index"], np.tanh(0.7))


def test_a_curve_that_never_falls_to_the_level_is_counted_as_not_selective():
    table = orientation_properties(cosine([20.0, 50.0], 10, [[1.0], [8.0]]), orientations_deg=ANGLES)
    assert table["orientation_selective"].tolist() == [0.0, 1.0]
    assert np.isnan(table["orientation_half_width"]).tolist() == [True, False]
    assert np.isnan(table["circular_variance_to_half_width"][0])


def test_the_best_setting_is_used_and_its_modulation():
    rates = np.stack([cosine(30, 5, 4), cosine(90, 10, 9)], axis=1)
    modulation = np.stack([9 * rates[:, 0], 0.5 * rates[:, 1]], axis=1)
    row = orientation_properties(rates, orientations_deg=ANGLES, modulation=modulation).loc[0]
    assert (row["largest_rate"], row["modulation_ratio"]) == (19.0, 0.5)
    assert row["preferred_orientation"] == pytest.approx(90, abs=0.2)


def test_two_orientations_that_tie_have_no_preference():
    curve = von_mises(0, 3) + von_mises(90, 3)
    row = orientation_properties(curve, orientations_deg=ANGLES).loc[0]
    assert row["tied_orientation"]
    assert np.isnan([row["preferred_orientation"], row["orientation_half_width"]]).all()
    assert row["circular_variance"] == pytest.approx(1, abs=1e-6)
    assert np.isnan(
        orientation_properties(von_mises(0, 3) + von_mises(60, 3), orientations_deg=ANGLES).loc[
            0, "orthogonal_to_preferred"
        ]
    )


def test_a_peak_between_two_orientations_is_no_tie():
    row = orientation_properties(von_mises(37.5, 2), orientations_deg=ANGLES).loc[0]
    assert not row["tied_orientation"]
    assert row["preferred_orientation"] == pytest.approx(37.5, abs=0.2)
    assert row["orthogonal_to_preferred"] > 0


def test_settings_that_tie_are_no_preference_unless_their_curves_are_the_same():
    one, other = von_mises(30, 2)[0], von_mises(75, 2)[0]
    table = orientation_properties([[one, other], [one, one]], orientations_deg=ANGLES)
    assert table["tied_orientation"].tolist() == [True, False]
    properties = [
        "preferred_orientation",
        "circular_variance",
        "orientation_half_width",
        "orthogonal_to_preferred",
    ]
    assert table.loc[0, properties].isna().all()
    assert table.loc[1, properties].notna().all()


def test_units_that_respond_to_everything_alike_or_never_or_were_not_measured_stay_as_rows_of_nan():
    rates = np.stack([np.full(12, 7.0), np.zeros(12), np.full(12, np.nan), von_mises(30, 2)[0]])
    table = orientation_properties(rates, orientations_deg=ANGLES, spontaneous=[0.0, 0.0, 0.0, 36.0])
    assert len(table) == 4
    assert table["circular_variance"].isna().tolist() == [True, True, True, False]
    assert table["orientation_selective"].isna().tolist() == [True, True, True, False]
    assert table["responsive_orientation"].tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("orientations", "message"),
    [
        (np.deg2rad(ANGLES), "looks like radians"),
        (np.arange(0, 360, 30.0), "equal steps over 180"),
        (np.arange(0, 180, 20.0), "even number"),
    ],
)
def test_angles_that_do_not_go_round_are_refused(orientations, message):
    with pytest.raises(ValueError, match=message):
        orientation_properties(np.ones((1, len(orientations))), orientations_deg=orientations)


def test_negative_rates_and_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="12 negative of 12: rectify"):
        orientation_properties(-np.ones((1, 12)), orientations_deg=ANGLES)
    with pytest.raises(ValueError, match=r"\(n_units, n_settings, 12\)"):
        orientation_properties(np.ones((1, 11)), orientations_deg=ANGLES)
    with pytest.raises(ValueError, match=r"`spontaneous` of shape \(1,\)"):
        orientation_properties(np.ones((1, 12)), orientations_deg=ANGLES, spontaneous=[1, 2])
    with pytest.raises(ValueError, match="`modulation` of the shape"):
        orientation_properties(np.ones((1, 2, 12)), orientations_deg=ANGLES, modulation=np.ones((1, 12)))
