"""Responses to drifting gratings of units whose direction is known."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis import motion_properties
from neurosim.laboratory.films.drifting import drifting_clips, drifting_responses, drifting_selectivity

SHAPE = (16, 24, 24)
T, Y, X = np.meshgrid(*(np.arange(n) - (n - 1) / 2 for n in SHAPE), indexing="ij")
ENVELOPE = np.exp(-(T**2) / 18 - (Y**2 + X**2) / 50)
FIELDS = np.array(
    [
        ENVELOPE
        * np.cos(2 * np.pi * (0.2 * (X - Y) / np.sqrt(2) - 0.125 * T)),  # to the upper right: rows run down
        ENVELOPE * np.cos(2 * np.pi * 0.2 * X) * np.cos(2 * np.pi * 0.125 * T),
        np.zeros(SHAPE),
    ]
)


def linear(clips: np.ndarray) -> np.ndarray:
    return clips.reshape(len(clips), -1) @ FIELDS.reshape(3, -1).T


def test_linear_units_respond_as_their_spectra_say() -> None:
    units = motion_properties(FIELDS)
    rates = drifting_responses(linear, units, shape=SHAPE, n_phases=8)
    assert rates.shape == (3, 5, 2)
    table = drifting_selectivity(rates)
    np.testing.assert_allclose(table["direction_selectivity"][:2], [1, 0], atol=0.05)
    assert table["selective"].tolist() == [True, False, False]
    assert np.isnan(table["direction_selectivity"][2])
    # The first unit prefers the temporal frequency it was made with, and one of the two ways.
    assert np.unravel_index(rates[0].argmax(), (5, 2))[0] == 2


def test_a_unit_that_prefers_rest_has_no_direction() -> None:
    still = np.exp(-(Y**2 + X**2) / 50) * np.cos(2 * np.pi * 0.2 * X)
    fields = still[None].reshape(1, -1)
    rates = drifting_responses(
        lambda clips: clips.reshape(len(clips), -1) @ fields.T, motion_properties(still[None]), shape=SHAPE
    )
    assert rates[0].argmax() in (0, 1)
    np.testing.assert_allclose(drifting_selectivity(rates)["direction_selectivity"], 0, atol=1e-9)


def test_gratings_that_alias_are_refused() -> None:
    fast = pd.DataFrame({"direction_rad": [0.0], "frequency": [0.1], "temporal_frequency": [0.7]})
    with pytest.raises(ValueError, match=r"at most 0.5 cycles per frame, got 0.7, which aliases"):
        drifting_clips(fast, shape=SHAPE)


def test_responses_of_other_units_are_refused_and_what_pixels_cannot_show_is_left_out() -> None:
    units = motion_properties(FIELDS)
    with pytest.raises(
        ValueError, match=r"responses of shape \(160, 3\), \(n_clips, n_units\), got \(160, 2\)"
    ):
        drifting_responses(lambda clips: linear(clips)[:, :2], units, shape=SHAPE)
    fine = units.assign(spatial_frequency=[0.6, 0.2, np.nan])
    assert np.isnan(drifting_responses(linear, fine, shape=SHAPE)[[0, 2]]).all()
