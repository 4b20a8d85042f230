"""Tuning of recorded units: planted, and found by the functions that measure models."""

import numpy as np
import pandas as pd
import pytest
from recorded_cells import ANGLES, PREFERRED, rates

from neurosim.recordings.grating_properties import grating_properties
from neurosim.recordings.recording import ConditionMeans, Responses


def test_orientation_tuning_of_cosine_curves_is_that_of_their_formula():
    found = grating_properties(ConditionMeans(pd.DataFrame({"orientation_deg": ANGLES}), rates(), None, None))
    np.testing.assert_allclose(found["preferred_orientation"], PREFERRED, atol=0.2)
    np.testing.assert_allclose(found["circular_variance"], 0.5, atol=1e-9)
    np.testing.assert_allclose(found["orthogonal_to_preferred"], 0.0, atol=1e-9)


def test_phases_become_f1_over_f0_and_other_conditions_settings():
    """A linear unit, half-rectified, at two frequencies of which the second drives it; pi/2 but for the sampling."""
    shown = pd.DataFrame(
        [
            (angle, frequency, phase)
            for angle in ANGLES
            for frequency in (1.0, 2.0)
            for phase in np.arange(0, 360, 45)
        ],
        columns=["orientation_deg", "frequency_cpd", "phase_deg"],
    )
    drive = np.cos(np.deg2rad(shown["phase_deg"])) * np.maximum(
        np.cos(2 * np.deg2rad(shown["orientation_deg"] - 45)), 0
    )
    response = (shown["frequency_cpd"] * 20 * np.maximum(drive, 0)).to_numpy()[:, None]
    found = grating_properties(ConditionMeans(shown, response, None, np.zeros(1)))
    assert found["modulation_ratio"].item() == pytest.approx(np.pi / 2, abs=0.1)
    assert found["largest_rate"].item() == pytest.approx(response.reshape(12, 2, 8).mean(axis=2).max())


def test_frequencies_and_three_diameters_are_measured():
    shown = pd.DataFrame(
        [(f, d) for f in 2.0 ** np.arange(-3, 4) for d in (0.5, 1.0, 2.0)],
        columns=["frequency_cpd", "diameter_deg"],
    )
    octaves = np.exp(-(np.log2(shown["frequency_cpd"]) ** 2) / 2)
    response = 30 * octaves * shown["diameter_deg"].map({0.5: 0.5, 1.0: 1.0, 2.0: 0.6})
    found = grating_properties(ConditionMeans(shown, response.to_numpy()[:, None], None, None))
    assert found["peak_frequency"].item() == pytest.approx(1.0, rel=0.02)
    assert found["surround_suppression_index"].item() == pytest.approx(0.4)
    assert "circular_variance" not in found


def test_a_grid_with_gaps_and_negative_responses_are_refused():
    shown = pd.DataFrame({"orientation_deg": ANGLES, "contrast": [1.0] * 11 + [0.5]})
    with pytest.raises(ValueError, match="every combination of orientation_deg, contrast"):
        grating_properties(ConditionMeans(shown, rates(), None, None))
    with pytest.raises(ValueError, match=r"responses of 0 or more, such as spikes/s, got 3 negative"):
        grating_properties(ConditionMeans(shown[["orientation_deg"]], rates() - 0.5, None, None))


def test_trials_are_averaged_blanks_set_apart_and_units_without_a_condition_have_none():
    stimuli = pd.DataFrame({"orientation_deg": [0.0, 90.0, np.nan]})
    responses = Responses(
        stimuli,
        unit=np.array([0, 0, 0, 0, 1, 1]),
        stimulus=np.array([0, 0, 1, 2, 0, 2]),
        rate=np.array([1.0, 3.0, 5.0, 0.5, 7.0, 0.0]),
        n_units=3,
    )
    np.testing.assert_array_equal(responses.means.mean, [[2.0, 7.0, np.nan], [5.0, np.nan, np.nan]])
    np.testing.assert_array_equal(responses.means.spontaneous, [0.5, 0.0, np.nan])
    assert responses.silent.tolist() == [False, False, True]
    filled_in = Responses(
        stimuli.assign(contrast=0.8), responses.unit, responses.stimulus, responses.rate, n_units=3
    )
    np.testing.assert_array_equal(filled_in.means.spontaneous, responses.means.spontaneous)
    np.testing.assert_array_equal(filled_in.means.mean, responses.means.mean)


def test_a_trial_too_short_for_a_cycle_leaves_the_modulation_of_the_others():
    waves = np.array([2.0 + 0j, np.nan, 4.0 + 0j, np.nan])
    responses = Responses(
        pd.DataFrame({"orientation_deg": [0.0, 0.0, 0.0, 90.0]}),
        unit=np.zeros(4, dtype=int),
        stimulus=np.arange(4),
        rate=np.ones(4),
        n_units=1,
        wave=waves,
    )
    np.testing.assert_array_equal(responses.means.modulation, [[3.0], [np.nan]])


@pytest.mark.parametrize("unknown", [1.0, 4.0])
def test_where_no_modulation_is_known_the_mean_rate_decides_alone(unknown):
    """Gratings too slow for a cycle, or at rest, beside others: frequencies and sizes were lost for all units."""
    shown = pd.DataFrame(
        [(f, d, t) for f in 2.0 ** np.arange(-3, 4) for d in (0.5, 1.0, 2.0) for t in (1.0, 4.0)],
        columns=["frequency_cpd", "diameter_deg", "temporal_frequency_hz"],
    )
    octaves = np.exp(-(np.log2(shown["frequency_cpd"]) ** 2) / 2)
    rate = 30 * octaves * shown["diameter_deg"].map({0.5: 0.5, 1.0: 1.0, 2.0: 0.6})
    rate = (rate * (1 + (shown["temporal_frequency_hz"] == 4.0))).to_numpy()[:, None]
    slow = shown["temporal_frequency_hz"].to_numpy()[:, None] == unknown
    found = grating_properties(ConditionMeans(shown, rate, np.where(slow, np.nan, rate / 2), None))
    wanted = grating_properties(ConditionMeans(shown, rate, None, None))
    for name in ("peak_frequency", "surround_suppression_index", "grating_summation_field"):
        assert found[name].item() == pytest.approx(wanted[name].item()), name


def test_gratings_that_drift_from_several_phases_are_modulated_in_time():
    """The phase they begin at says nothing of F1: rates over it are flat, which would be a complex cell's."""
    shown = pd.DataFrame(
        [(angle, phase) for angle in ANGLES for phase in (0.0, 90.0, 180.0, 270.0)],
        columns=["orientation_deg", "phase_deg"],
    ).assign(temporal_frequency_hz=2.0)
    curve = (10 + 10 * np.cos(2 * np.deg2rad(shown["orientation_deg"] - 30.0))).to_numpy()[:, None]
    found = grating_properties(ConditionMeans(shown, curve, 1.5 * curve, None))
    assert found["modulation_ratio"].item() == pytest.approx(1.5)
    assert found["circular_variance"].item() == pytest.approx(0.5)
