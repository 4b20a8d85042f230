"""Gratings at each unit's own field: closed forms of Gabor units, and who is shown what."""

import numpy as np
import pytest
from gabor_units import GaborUnits
from numpy.typing import NDArray

from neurosim.laboratory.centred import grating_responses
from neurosim.laboratory.responders import energy_units, feed_forward
from neurosim.laboratory.size import cross_orientation, length_tuning, size_tuning, surround_tuning
from neurosim.laboratory.tuning import (
    contrast_response,
    frequency_tuning,
    orientation_tuning,
    phase_response,
    phases,
    place_map,
)
from neurosim.laboratory.units import snapped
from neurosim.stimuli.laboratory.visual_field import bar_orientation

Floats = NDArray[np.float64]


def first_harmonic(response: Floats) -> Floats:
    """F1 over the last axis."""
    n = response.shape[-1]
    return np.asarray(2 / n * np.abs(response @ np.exp(-1j * phases(n))))


def test_orientation_tuning_of_linear_units_is_the_spectrum_of_their_fields(gabors: GaborUnits) -> None:
    found = orientation_tuning(
        feed_forward(gabors.fields()), gabors.units, field=gabors.field, n_orientations=24
    )
    frequency = gabors.parameters["frequency"].to_numpy()[:, None]
    expected = 0.5 * gabors.drive(frequency, bar_orientation(found.orientation_rad)[None])
    np.testing.assert_allclose(first_harmonic(found.response.values), expected, atol=0.01 * expected.max())
    best = found.orientation_rad.values[expected.argmax(axis=1)]
    turned = np.angle(np.exp(2j * (best - gabors.units["orientation_rad"]))) / 2
    assert np.abs(turned).max() <= np.pi / 48 + 1e-9


def test_frequency_tuning_of_linear_units_is_the_spectrum_of_their_fields(gabors: GaborUnits) -> None:
    frequencies = np.geomspace(0.6, 8, 20)
    found = frequency_tuning(
        feed_forward(gabors.fields()), gabors.units, field=gabors.field, frequencies_cpd=frequencies
    )
    angle = gabors.parameters["orientation"].to_numpy()[:, None]
    expected = 0.5 * gabors.drive(frequencies[None] / 16, angle)
    np.testing.assert_allclose(first_harmonic(found.response.values), expected, atol=0.01 * expected.max())


def test_phase_tells_rectified_units_from_energy_units(gabors: GaborUnits) -> None:
    """F1/F0 is pi/2 for half of a sinusoid and 0 for energy."""
    simple = phase_response(
        feed_forward(gabors.fields(), threshold=0.0), gabors.units, field=gabors.field
    ).response.values
    np.testing.assert_allclose(first_harmonic(simple) / simple.mean(axis=-1), np.pi / 2, rtol=0.01)
    complex_ = phase_response(
        energy_units(gabors.fields(), gabors.fields(1)), gabors.units, field=gabors.field
    ).response.values
    assert (first_harmonic(complex_) / complex_.mean(axis=-1)).max() < 0.02
    np.testing.assert_allclose(
        complex_.mean(axis=-1),
        0.25
        * gabors.drive(gabors.parameters["frequency"].to_numpy(), gabors.parameters["orientation"].to_numpy())
        ** 2,
        rtol=0.02,
    )


def test_responses_of_linear_units_are_in_proportion_to_contrast(gabors: GaborUnits) -> None:
    found = contrast_response(
        feed_forward(gabors.fields()), gabors.units, field=gabors.field, contrasts=[0.1, 0.2, 1.0]
    )
    f1 = first_harmonic(found.response.values)
    np.testing.assert_allclose(f1 / f1[:, -1:], np.tile([0.1, 0.2, 1.0], (6, 1)), rtol=1e-9)


def test_size_tuning_of_a_round_gabor_follows_the_gaussian_and_is_never_suppressed(
    gabors: GaborUnits,
) -> None:
    """At the best phase the drive within a radius is 1 - exp(-R²/2σ²), the second harmonic apart."""
    diameters = np.array([0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0])
    found = size_tuning(
        feed_forward(gabors.fields()), gabors.units, field=gabors.field, diameters_deg=diameters
    )
    f1 = first_harmonic(found.response.values)
    round_one = f1[0] / f1[0, -1]
    expected = 1 - np.exp(-((16 * diameters / 2) ** 2) / (2 * 4.0**2))
    np.testing.assert_allclose(round_one[2:], expected[2:], atol=0.02)
    assert ((f1.max(axis=1) - f1[:, -1]) / f1.max(axis=1)).max() < 0.01


def test_stimuli_centred_on_the_patch_would_miss_the_units_beside_it(gabors: GaborUnits) -> None:
    respond = feed_forward(gabors.fields())
    columns = {"orientation_offset_rad": [0.0], "phase_rad": phases(8)}
    small = gabors.units.assign(diameter_deg=0.5, x_deg=gabors.units["x_deg"] + 1.0)
    beside = grating_responses(respond, small, field=gabors.field, axes=columns)
    centred = grating_responses(
        respond, gabors.units.assign(diameter_deg=0.5), field=gabors.field, axes=columns
    )
    ratio = first_harmonic(beside.response.values) / first_harmonic(centred.response.values)
    assert ratio.max() < 0.1


def test_a_feed_forward_unit_has_no_end_stopping(gabors: GaborUnits) -> None:
    lengths = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 2.5])
    found = length_tuning(
        feed_forward(gabors.fields(), threshold=0.0), gabors.units, field=gabors.field, lengths_deg=lengths
    )
    f1 = first_harmonic(found.response.values)
    assert (f1[:, 2] > 1.2 * f1[:, 0]).all()
    assert ((f1.max(axis=1) - f1[:, -1]) / f1.max(axis=1)).max() < 0.01


def test_a_surround_beyond_the_field_does_nothing_to_a_feed_forward_unit(gabors: GaborUnits) -> None:
    units = gabors.units.assign(diameter_deg=2.0)
    respond = feed_forward(gabors.fields(), threshold=0.0)
    around = surround_tuning(respond, units, field=gabors.field, outer_diameter_deg=3.2)
    alone = grating_responses(respond, units, field=gabors.field, axes={"phase_rad": phases(8)})
    change = around.response / alone.response.max("phase_rad") - alone.response / alone.response.max(
        "phase_rad"
    )
    assert np.abs(change).max() < 0.06


def test_a_mask_across_adds_and_takes_as_much_from_a_linear_unit(gabors: GaborUnits) -> None:
    found = cross_orientation(
        feed_forward(gabors.fields()),
        gabors.units,
        field=gabors.field,
        contrasts=[0.0, 0.5],
        mask_contrasts=[0.0, 0.5],
        n_phases=4,
    )
    assert found.response.dims == ("unit", "contrast", "second_contrast", "phase_rad", "second_phase_rad")
    mean = found.response.mean("second_phase_rad")
    np.testing.assert_allclose(mean.sel(second_contrast=0.5), mean.sel(second_contrast=0.0), atol=1e-9)
    parts = found.response.sel(contrast=0.5, second_contrast=0.0) + found.response.sel(
        contrast=0.0, second_contrast=0.5
    )
    np.testing.assert_allclose(found.response.sel(contrast=0.5, second_contrast=0.5), parts, atol=1e-9)


def test_a_map_of_places_finds_the_field(gabors: GaborUnits) -> None:
    at = np.linspace(-1, 1, 13)
    units = gabors.units[["orientation_rad", "frequency_cpd"]].assign(diameter_deg=0.5).iloc[[1, 4]]
    found = place_map(
        feed_forward(gabors.fields()[[1, 4]]),
        units,
        field=gabors.field,
        places={"y_deg": at, "x_deg": at},
        n_phases=4,
    )
    strength = first_harmonic(found.response.values) ** 2
    total = strength.sum(axis=(1, 2))
    x = (strength * found.x_deg.values[None, None, :]).sum(axis=(1, 2)) / total
    y = (strength * found.y_deg.values[None, :, None]).sum(axis=(1, 2)) / total
    np.testing.assert_allclose(x, gabors.units["x_deg"].iloc[[1, 4]], atol=0.03)
    np.testing.assert_allclose(y, gabors.units["y_deg"].iloc[[1, 4]], atol=0.03)


def test_units_of_one_place_and_frequency_share_their_images(gabors: GaborUnits) -> None:
    respond = feed_forward(gabors.fields())
    units = gabors.units
    each = orientation_tuning(respond, units, field=gabors.field)
    assert (each.attrs["n_groups"], each.attrs["n_images"]) == (5, 5 * 96)
    rounded = snapped(units, x_deg=1.0, y_deg=1.0, frequency_cpd=1.0)
    assert rounded["frequency_cpd"].unique().tolist() == [2.0, 4.0]
    shared = orientation_tuning(respond, rounded, field=gabors.field)
    assert shared.attrs["n_groups"] == 2
    np.testing.assert_array_equal(shared.unit_frequency_cpd, rounded["frequency_cpd"])


def test_grouped_units_answer_as_they_do_one_by_one(gabors: GaborUnits) -> None:
    fields = gabors.fields()
    together = orientation_tuning(feed_forward(fields), gabors.units, field=gabors.field)
    for unit in (1, 4):
        alone = orientation_tuning(
            feed_forward(fields[[unit]]), gabors.units.iloc[[unit]], field=gabors.field
        )
        np.testing.assert_allclose(alone.response[0], together.response[unit], atol=1e-12)


def test_what_cannot_be_shown_is_refused_or_missing_and_units_without_a_place_are_counted(
    gabors: GaborUnits,
) -> None:
    respond = feed_forward(gabors.fields())
    with pytest.raises(ValueError, match=r"at most 8 cycles/degree"):
        frequency_tuning(respond, gabors.units, field=gabors.field, frequencies_cpd=[2, 9])
    with pytest.raises(ValueError, match="within the field of 4 × 4 degrees"):
        size_tuning(respond, gabors.units, field=gabors.field, diameters_deg=[1, 3.9])
    marked = size_tuning(respond, gabors.units, field=gabors.field, diameters_deg=[1, 3.9], impossible="mark")
    assert np.isnan(marked.response.values[3:, 1]).all()
    assert np.isfinite(marked.response.values[:3]).all()
    assert marked.attrs["n_impossible"] == 3 * 8
    lost = gabors.units.copy()
    lost.loc[2, "x_deg"] = np.nan
    found = phase_response(respond, lost, field=gabors.field)
    assert (found.attrs["n_unplaced"], found.attrs["n_silent"]) == (1, 0)
    assert np.isnan(found.response[2]).all()
    assert np.isfinite(found.response[[0, 1, 3, 4, 5]]).all()


def test_silent_units_are_counted(gabors: GaborUnits) -> None:
    silent = phase_response(feed_forward(gabors.fields(), threshold=1e6), gabors.units, field=gabors.field)
    assert silent.attrs["n_silent"] == 6
    assert silent.silent.all()


def test_responses_that_do_not_match_are_refused(gabors: GaborUnits) -> None:
    def show(respond: object) -> None:
        phase_response(respond, gabors.units, field=gabors.field)  # type: ignore[arg-type]

    with pytest.raises(ValueError, match=r"one row for each of 1 images, got shape \(6,\)"):
        show(lambda images: np.zeros(6))
    with pytest.raises(ValueError, match="responses of 6 units, got 4"):
        show(lambda images: np.zeros((len(images), 4)))
    with pytest.raises(ValueError, match="NaN or infinite ones, first of unit 0"):
        show(lambda images: np.full((len(images), 6), np.nan))
    with pytest.raises(ValueError, match="columns x_deg, y_deg, orientation_rad, frequency_cpd"):
        phase_response(feed_forward(gabors.fields()), {"x_deg": [0.0]}, field=gabors.field)
    with pytest.raises(ValueError, match="each column set once, got frequency_cpd, frequency_octaves"):
        grating_responses(
            feed_forward(gabors.fields()),
            gabors.units,
            field=gabors.field,
            axes={"frequency_cpd": [1], "frequency_octaves": [1]},
        )
    orientation_in_degrees = gabors.units.assign(orientation_rad=45.0)
    with pytest.raises(ValueError, match="radians within one turn"):
        phase_response(feed_forward(gabors.fields()), orientation_in_degrees, field=gabors.field)
