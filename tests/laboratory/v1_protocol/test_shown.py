"""The published protocol, shown in pixels, finds what was planted, and agrees with integrals that need no pixels."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.fields.gabor import gabor
from neurosim.analysis.protocol.drawn_gabors import drawn_gabor_properties
from neurosim.laboratory.responders import energy_units, feed_forward
from neurosim.laboratory.units import units_of_fits
from neurosim.laboratory.v1_protocol.shown import ProtocolResponses, show_protocol
from neurosim.stimuli.laboratory.visual_field import VisualField

FIELD = VisualField(height=48, width=48, pixels_per_degree=24)
FITS = pd.DataFrame(
    {
        "x0": [23.5, 23.5, 17.0],
        "y0": [23.5, 23.5, 28.0],
        "orientation": [0.0, 0.9, 2.2],
        "frequency": [0.1, 0.125, 0.15],
        "phase": [0.0, 0.7, 1.2],
        "sigma_x": [4.0, 3.5, 3.0],
        "sigma_y": [4.5, 5.0, 4.0],
        "amplitude": 1.0,
    }
)


def fields(quarter: int = 0) -> np.ndarray:
    drawn = gabor(FITS.assign(phase=FITS["phase"] + quarter * np.pi / 2), height=48, width=48)
    return drawn - drawn.mean(axis=(1, 2), keepdims=True)


@pytest.fixture(scope="module")
def units() -> pd.DataFrame:
    return units_of_fits(FITS, field=FIELD)


@pytest.fixture(scope="module")
def simple(units: pd.DataFrame) -> ProtocolResponses:
    return show_protocol(feed_forward(fields(), threshold=0.0, background=0.5), units, field=FIELD)


def test_planted_orientation_and_frequency_are_found(simple: ProtocolResponses, units: pd.DataFrame) -> None:
    found = simple.properties()
    apart = found["preferred_orientation"] - np.rad2deg(units["orientation_rad"])
    assert (np.abs((apart + 90) % 180 - 90) < 2).all()
    np.testing.assert_allclose(found["peak_frequency"], units["frequency_cpd"], rtol=0.08)


def test_rectified_units_are_simple_and_energy_units_complex(
    simple: ProtocolResponses, units: pd.DataFrame
) -> None:
    energy = energy_units(fields(), fields(1), root=True, background=0.5)
    complex_cells = show_protocol(energy, units, field=FIELD).properties()
    assert (np.abs(simple.properties()["modulation_ratio"] - np.pi / 2) < 0.12).all()
    assert (complex_cells["modulation_ratio"] < 0.3).all()


def test_pixels_agree_with_integrals_over_the_disc(simple: ProtocolResponses, units: pd.DataFrame) -> None:
    found = simple.properties()
    drawn = pd.DataFrame(
        {
            "orientation": np.rad2deg(units["orientation_rad"]),
            "frequency": units["frequency_cpd"],
            "nx": FITS["frequency"] * FITS["sigma_x"],
            "ny": FITS["frequency"] * FITS["sigma_y"],
            "phase": np.rad2deg(FITS["phase"]),
            "is_complex": False,
            "largest_rate": 33.8,
            "spontaneous_rate": 0.82,
            "suppression": 0.0,
            "surround_ratio": 2.0,
        }
    )
    wanted = drawn_gabor_properties(drawn)
    for name, within in (
        ("circular_variance", 0.04),
        ("orientation_half_width", 2.0),
        ("modulation_ratio", 0.1),
    ):
        np.testing.assert_allclose(found[name], wanted[name], atol=within, err_msg=name)


def test_units_of_one_place_share_images_and_discs_that_cover_the_field_are_shown_once(
    simple: ProtocolResponses, units: pd.DataFrame
) -> None:
    alone = show_protocol(lambda images: images[:, :1, 0], units.iloc[:1], field=FIELD)
    assert (alone.n_places, simple.n_places) == (1, 2)
    assert alone.n_images < simple.n_images < 2 * alone.n_images


def test_responses_at_other_gratings_have_no_tuning_left(simple: ProtocolResponses) -> None:
    shuffled = simple.shuffled(0).properties()
    assert (shuffled["circular_variance"] > simple.properties()["circular_variance"] + 0.2).all()


def test_frequencies_above_nyquist_are_left_out_and_counted(simple: ProtocolResponses) -> None:
    assert simple.protocol.n_left_out == 2
    assert simple.protocol.fine.max() <= FIELD.nyquist_cpd


def test_too_few_pixels_per_degree_are_refused(units: pd.DataFrame) -> None:
    coarse = VisualField(height=16, width=16, pixels_per_degree=2)
    with pytest.raises(ValueError, match="state more pixels per degree"):
        show_protocol(lambda images: images[:, :3, 0], units, field=coarse)


def test_a_unit_without_a_place_is_silent_and_stays_in_the_table(units: pd.DataFrame) -> None:
    somewhere = units.assign(x_deg=[0.0, np.nan, 0.0])
    found = show_protocol(feed_forward(fields(), threshold=0.0, background=0.5), somewhere, field=FIELD)
    table = found.properties()
    assert table["responsive_orientation"].tolist() == [True, False, True]
    with pytest.raises(ValueError, match="expected units with a place"):
        show_protocol(lambda images: images[:, :3, 0], units.assign(x_deg=np.nan), field=FIELD)
