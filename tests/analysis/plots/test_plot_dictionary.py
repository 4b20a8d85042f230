"""The mosaic keeps what it shows: order, symmetric scale, dead neurons."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from neurosim.analysis.plots.dictionary import dictionary_mosaic, mosaic_order, spectral_peak
from neurosim.analysis.plots.style import COLOURS


def waves(frequencies, orientations, size=32):
    """Planted full-field waves, one per frequency and orientation."""
    row, column = np.indices((size, size))
    return np.stack(
        [
            np.cos(2 * np.pi * f * (column * np.cos(angle) + row * np.sin(angle)))
            for f, angle in zip(frequencies, orientations, strict=True)
        ]
    )


def test_planted_waves_are_found_by_their_spectrum():
    frequencies, orientations = np.array([0.1, 0.2, 0.3]), np.array([0.3, 1.2, 2.5])
    found_frequency, found_orientation = spectral_peak(waves(frequencies, orientations))
    np.testing.assert_allclose(found_frequency, frequencies, atol=0.02)
    np.testing.assert_allclose(found_orientation, orientations, atol=0.1)


def test_the_mean_of_a_field_is_not_its_frequency():
    found, _ = spectral_peak(waves([0.2], [0.0]) + 100.0)
    assert found[0] == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize(("key", "order"), [("frequency", [2, 0, 1]), ("orientation", [1, 2, 0])])
def test_fields_are_sorted_by_what_was_asked(key, order):
    fields = waves([0.2, 0.3, 0.1], [2.5, 0.3, 1.2])
    assert mosaic_order(fields, sort_by=key).tolist() == order


def test_permuting_the_neurons_does_not_change_the_picture():
    rng = np.random.default_rng(0)
    fields, usage, mixed = rng.normal(size=(12, 6, 6)), rng.permutation(12) / 12, rng.permutation(12)
    first = dictionary_mosaic(fields, usage=usage).axes[0].images[0].get_array()
    second = dictionary_mosaic(fields[mixed], usage=usage[mixed]).axes[0].images[0].get_array()
    np.testing.assert_array_equal(first, second)


def test_each_field_is_scaled_by_its_own_largest_magnitude_about_zero():
    fields = np.stack([np.full((4, 4), 0.001), np.full((4, 4), -1000.0), np.zeros((4, 4))])
    image = dictionary_mosaic(fields, usage=[0.3, 0.2, 0.1]).axes[0].images[0]
    assert image.get_clim() == (-1, 1)
    shown = np.ma.filled(image.get_array(), np.nan)
    assert set(shown[np.isfinite(shown)]) == {-1.0, 0.0, 1.0}


def test_every_pixel_of_every_field_is_in_the_picture():
    fields = np.random.default_rng(0).normal(size=(7, 5, 9))
    shown = np.ma.filled(dictionary_mosaic(fields, sort_by="frequency").axes[0].images[0].get_array(), np.nan)
    assert np.isfinite(shown).sum() == fields.size


def test_dead_neurons_get_a_frame_and_are_counted():
    axes = dictionary_mosaic(np.ones((4, 4, 4)), usage=[0.1, 0.0, 0.2, 0.0]).axes[0]
    frames = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [frame.get_edgecolor() for frame in frames] == [to_rgba(COLOURS["dead"])] * 2
    assert "2 dead" in axes.get_title(loc="left")


def test_a_living_population_has_no_frame():
    axes = dictionary_mosaic(np.ones((4, 4, 4)), usage=[0.1, 0.1, 0.2, 0.1]).axes[0]
    assert not axes.patches
    assert "dead" not in axes.get_title(loc="left")


def test_sorting_by_usage_without_usage_is_refused():
    with pytest.raises(ValueError, match="needs `usage`"):
        dictionary_mosaic(np.ones((4, 4, 4)))


def test_an_unknown_order_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"usage, frequency, orientation.*'size'"):
        dictionary_mosaic(np.ones((4, 4, 4)), sort_by="size")


def test_flat_rows_are_refused():
    with pytest.raises(ValueError, match="3 axes"):
        dictionary_mosaic(np.ones((4, 16)), sort_by="frequency")


def test_a_usage_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="one number per field, 4"):
        dictionary_mosaic(np.ones((4, 4, 4)), usage=[0.1])
