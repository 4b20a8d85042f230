"""Gratings are what their columns say: frequency, contrast, orientation of the bars, drift, apertures."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from neurosim.stimuli.laboratory.gratings import drifting_gratings, gratings, plaids
from neurosim.stimuli.laboratory.visual_field import VisualField, bar_orientation

FIELD = VisualField(height=48, width=64, pixels_per_degree=16)


def shown(field: VisualField = FIELD, **columns: object) -> NDArray[np.float64]:
    return gratings({"orientation_rad": 0.0, "frequency_cpd": 2.0, **columns}, field=field).images()


def test_bars_of_orientation_zero_are_horizontal_and_angles_turn_counter_clockwise() -> None:
    """In one column of pixels a 45° grating's crest lies higher the further right it is: rows run downwards."""
    field = VisualField(height=9, width=9, pixels_per_degree=1)
    flat = gratings({"orientation_rad": 0.0, "frequency_cpd": 0.1}, field=field).images()[0]
    assert np.ptp(flat, axis=1).max() < 1e-12
    assert flat[4].mean() == pytest.approx(1.0)
    upright = gratings({"orientation_rad": np.pi / 2, "frequency_cpd": 0.1}, field=field).images()[0]
    assert np.ptp(upright, axis=0).max() < 1e-12
    rising = gratings({"orientation_rad": np.pi / 4, "frequency_cpd": 0.1}, field=field).images()[0]
    crest = {(8 - k, k) for k in range(9)}  # from lower left to upper right
    assert {tuple(place) for place in np.argwhere(rising > 1 - 1e-9)} == crest


@pytest.mark.parametrize("degrees", [0, 20, 90, 135, 170])
def test_the_sampled_frequency_and_orientation_are_those_of_the_spectrum(degrees: float) -> None:
    """The strongest frequency of a large Fourier transform, at right angles to the bars."""
    field = VisualField(height=96, width=96, pixels_per_degree=16)
    theta = np.deg2rad(degrees)
    image = gratings({"orientation_rad": theta, "frequency_cpd": 3.0}, field=field).images()[0]
    window = np.hanning(96)[:, None] * np.hanning(96)
    power = np.abs(np.fft.fft2((image - 0.5) * window, s=(1024, 1024)))
    at = np.fft.fftfreq(1024, d=1 / 16)
    row, column = np.unravel_index(power.argmax(), power.shape)
    upwards, right = -at[row], at[column]
    assert np.hypot(upwards, right) == pytest.approx(3.0, abs=0.02)
    assert abs(np.cos(theta) * right + np.sin(theta) * upwards) < 0.03


def test_contrast_is_michelsons_at_crest_and_trough_and_the_mean_is_the_background() -> None:
    image = shown(frequency_cpd=2.0, phase_rad=np.pi * 2 / 16, contrast=0.3)[0]  # a sample on each crest
    assert (image.max() - image.min()) / (image.max() + image.min()) == pytest.approx(0.3)
    assert image.mean() == pytest.approx(FIELD.mean_luminance)


def test_phase_zero_has_its_crest_at_the_place() -> None:
    field = VisualField(height=33, width=33, pixels_per_degree=8)
    images = gratings(
        {
            "orientation_rad": [0.4, 0.4],
            "frequency_cpd": 1.0,
            "x_deg": 0.5,
            "y_deg": 1.0,
            "phase_rad": [0, np.pi],
        },
        field=field,
    ).images()
    row, column = field.pixels(0.5, 1.0)
    assert (row, column) == (8, 20)
    np.testing.assert_allclose(images[:, 8, 20], [1, 0], atol=1e-12)


def test_apertures_cover_the_area_they_say_and_leave_grey_outside() -> None:
    """With a flat grating, frequency 0, light is area; discs sit between pixels too."""
    columns = {"frequency_cpd": 0.0, "x_deg": [0.0, 0.031], "y_deg": [0.0, -0.02]}
    disc = (shown(diameter_deg=1.5, **columns).sum(axis=(1, 2)) / 0.5 - 48 * 64) / 16**2
    np.testing.assert_allclose(disc, np.pi * 0.75**2, rtol=4e-3)
    ring = (shown(diameter_deg=1.5, inner_diameter_deg=0.7, **columns) / 0.5 - 1).sum(axis=(1, 2)) / 16**2
    np.testing.assert_allclose(ring, np.pi * (0.75**2 - 0.35**2), rtol=6e-3)
    turned = shown(length_deg=2.0, width_deg=0.6, orientation_rad=[0.3, 1.2], frequency_cpd=0.0) / 0.5 - 1
    np.testing.assert_allclose(turned.sum(axis=(1, 2)) / 16**2, 1.2, rtol=4e-3)
    assert (shown(diameter_deg=1.0)[0][:, :10] == 0.5).all()


def test_an_edge_is_antialiased() -> None:
    edge = shown(frequency_cpd=0.0, diameter_deg=1.5)[0]
    assert len(np.unique(edge.round(6))) > 5


def test_a_surround_fits_around_its_centre_without_gap_or_overlap() -> None:
    both = shown(
        frequency_cpd=0.0,
        diameter_deg=1.0,
        second_orientation_rad=0.0,
        second_frequency_cpd=0.0,
        second_inner_diameter_deg=1.0,
        second_diameter_deg=2.5,
    )
    np.testing.assert_allclose(both, shown(frequency_cpd=0.0, diameter_deg=2.5), atol=1e-12)


def test_a_drifting_grating_moves_in_its_direction_by_speed_times_time() -> None:
    """A quarter cycle of .5 cycles/degree is half a degree, 8 pixels: to the right for 0, upwards for pi/2."""
    field = VisualField(height=64, width=64, pixels_per_degree=16)
    film = drifting_gratings(
        {
            "direction_rad": [0.0, np.pi / 2, np.pi, 1.5 * np.pi],
            "frequency_cpd": 0.5,
            "temporal_frequency_hz": 2.0,
        },
        field=field,
        n_frames=4,
        frame_rate_hz=8,
    )
    assert film.table["time_s"].tolist()[:4] == [0, 0.125, 0.25, 0.375]
    first, second = film.images([0, 4, 8, 12]), film.images([1, 5, 9, 13])
    moves = [(1, 8), (0, -8), (1, -8), (0, 8)]  # axis and pixels; rows run downwards
    for before, after, (axis, pixels) in zip(first, second, moves, strict=True):
        np.testing.assert_allclose(np.roll(before, pixels, axis=axis), after, atol=1e-12)
        assert not np.allclose(np.roll(before, -pixels, axis=axis), after)
    with pytest.raises(ValueError, match="half the frame rate, got 5"):
        drifting_gratings(
            {"direction_rad": 0.0, "frequency_cpd": 0.5, "temporal_frequency_hz": 5.0},
            field=field,
            n_frames=4,
            frame_rate_hz=8,
        )


def test_a_plaid_is_the_sum_of_its_gratings() -> None:
    table = {"orientation_rad": [0.2, 0.4], "frequency_cpd": 2.0, "contrast": 0.4, "diameter_deg": 2.0}
    plaid = plaids({**table, "second_contrast": 0.3}, field=FIELD).images()
    second = {**table, "orientation_rad": np.array([0.2, 0.4]) + np.pi / 2, "contrast": 0.3}
    apart = gratings(table, field=FIELD).images() + gratings(second, field=FIELD).images() - 0.5
    np.testing.assert_allclose(plaid, apart, atol=1e-12)
    with pytest.raises(ValueError, match="add up to 1 at most where gratings overlap, got 1"):
        plaids({**table, "contrast": 0.6}, field=FIELD)


def test_chunks_are_the_whole_in_parts_and_one_grating_does_not_depend_on_the_others() -> None:
    stimuli = gratings({"orientation_rad": np.linspace(0, 3, 11), "frequency_cpd": 2.0}, field=FIELD)
    whole = stimuli.images()
    np.testing.assert_array_equal(np.concatenate(list(stimuli.chunks(4))), whole)
    np.testing.assert_array_equal(stimuli.images([3, 7]), whole[[3, 7]])


def test_what_pixels_or_field_cannot_show_is_refused_or_marked() -> None:
    with pytest.raises(ValueError, match=r"at most 8 cycles/degree, half of 16.*aliased: 1 of 2"):
        shown(frequency_cpd=[7.9, 8.1])
    with pytest.raises(ValueError, match=r"within the field of 4 × 3 degrees, got 1 of 2 beyond it"):
        shown(diameter_deg=[3.0, 3.2])
    with pytest.raises(ValueError, match=r"first in row 0, which reaches 2.5 degrees"):
        shown(diameter_deg=1.0, x_deg=2.0)
    marked = gratings(
        {"orientation_rad": 0.0, "frequency_cpd": [2.0, 9.0], "diameter_deg": [3.2, np.inf]},
        field=FIELD,
        impossible="mark",
    )
    assert marked.table[["aliased", "beyond_field"]].to_numpy().tolist() == [[False, True], [True, False]]
    again = gratings(marked.table, field=FIELD, impossible="mark")
    pd.testing.assert_frame_equal(again.table, marked.table)
    turned = {"orientation_rad": np.pi / 2, "length_deg": 3.5, "width_deg": 0.5, "frequency_cpd": 2.0}
    gratings({**turned, "orientation_rad": 0.0}, field=FIELD)
    with pytest.raises(ValueError, match=r"1\.75 up or down"):
        gratings(turned, field=FIELD)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"orientation_rad": 45.0}, "radians within one turn.*got 45; if that is in degrees"),
        ({"orientation_deg": 45.0}, r"angles are in radians: orientation_rad=np.deg2rad"),
        ({"contrast": 50.0}, r"contrast in \[0, 1\], got 50.*percent by 100"),
        ({"contrst": 0.5}, "did you mean contrast"),
        ({"frequency_cpp": 0.1}, "did you mean frequency_cpd"),
        ({"phase_rad": np.nan}, "phase_rad: expected finite numbers, got nan in row 0"),
        ({"diameter_deg": -1.0}, "0 or more, got -1"),
        ({"contrast": [0.1, 0.2], "phase_rad": [0.0, 0.1, 0.2]}, "columns of one length"),
    ],
)
def test_tables_with_wrong_columns_or_units_are_refused(columns: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shown(**columns)


def test_a_table_without_what_it_needs_is_refused() -> None:
    with pytest.raises(ValueError, match="expected the columns frequency_cpd, got orientation_rad"):
        gratings({"orientation_rad": 0.0}, field=FIELD)


def test_orientation_of_a_gabor_fit_and_of_its_bars_meet() -> None:
    """The carrier drawn from a wave vector, and the grating of the bars it has, are one picture."""
    from neurosim.analysis.fields.gabor import gabor

    theta = np.array([0.0, 0.3, 1.2, 2.5])
    field = VisualField(height=33, width=33, pixels_per_degree=10)
    wide = {"x0": 16, "y0": 16, "sigma_x": 1e6, "sigma_y": 1e6, "amplitude": 0.5, "phase": 0.0}
    carriers = 0.5 + gabor({**wide, "orientation": theta, "frequency": 0.1}, height=33, width=33)
    bars = gratings({"orientation_rad": bar_orientation(theta), "frequency_cpd": 1.0}, field=field).images()
    np.testing.assert_allclose(bars, carriers, atol=1e-9)
    np.testing.assert_allclose(bar_orientation(bar_orientation(theta)), theta)
