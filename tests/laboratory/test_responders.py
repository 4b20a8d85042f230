"""Controls and networks behind one contract: images in, responses out."""

import numpy as np
import pytest
from gabor_units import GaborUnits

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.progress import show_progress
from neurosim.front_end import FrontEnd
from neurosim.laboratory.curvature import natural_strength
from neurosim.laboratory.responders import (
    energy_units,
    feed_forward,
    mean_of_trials,
    network_units,
    poisson_counts,
)
from neurosim.laboratory.showing import answers
from neurosim.laboratory.units import snapped, units_of_fits
from neurosim.stimuli.filters.olshausen import OlshausenField
from neurosim.stimuli.laboratory.noise import white_noise
from neurosim.stimuli.laboratory.visual_field import VisualField

RNG = np.random.default_rng(0)
IMAGES = RNG.random((7, 6, 5))
FIELDS = RNG.normal(size=(3, 6, 5))


class Doubling:
    """A network of no consequence."""

    def transform(self, X: np.ndarray) -> np.ndarray:
        return 2 * X


def test_a_feed_forward_unit_weighs_what_the_front_end_gives() -> None:
    front_end = FrontEnd(OlshausenField(), gain=2.0, on_off="split")
    weights = RNG.normal(size=(3, 2, 6, 5))
    drive = front_end.rows(IMAGES) @ weights.reshape(3, -1).T
    np.testing.assert_allclose(feed_forward(weights, front_end=front_end)(IMAGES), drive)
    np.testing.assert_allclose(
        feed_forward(weights, front_end=front_end, threshold=0.3)(IMAGES), np.maximum(drive - 0.3, 0)
    )


def test_a_background_is_taken_away_before_the_front_end() -> None:
    units = feed_forward(FIELDS, background=0.5)
    np.testing.assert_allclose(units(np.full((1, 6, 5), 0.5)), 0, atol=1e-12)
    assert np.abs(feed_forward(FIELDS)(np.full((1, 6, 5), 0.5))).max() > 0.1


def test_energy_is_the_sum_of_squares_or_its_root() -> None:
    parts = [feed_forward(fields)(IMAGES) for fields in (FIELDS, FIELDS[::-1])]
    np.testing.assert_allclose(energy_units(FIELDS, FIELDS[::-1])(IMAGES), parts[0] ** 2 + parts[1] ** 2)
    np.testing.assert_allclose(energy_units(FIELDS, FIELDS[::-1], root=True)(IMAGES), np.hypot(*parts))


def test_a_network_is_shown_what_its_front_end_makes_and_never_divided_by_contrast() -> None:
    front_end = FrontEnd(OlshausenField(), gain=3.0)
    np.testing.assert_array_equal(
        network_units(Doubling(), front_end=front_end)(IMAGES), 2 * front_end.rows(IMAGES)
    )
    with pytest.raises(ValueError, match=r"normalise='patch'.*at_fixed_gain"):
        network_units(Doubling(), front_end=FrontEnd(normalise="patch"))


def test_counts_have_the_mean_and_variance_of_a_poisson_process() -> None:
    units = poisson_counts(
        feed_forward(np.ones((1, 6, 5))), spikes_per_unit=2.0, rng=np.random.default_rng(1)
    )
    counts = units(np.full((4000, 6, 5), 0.1))
    assert counts.mean() == pytest.approx(6.0, abs=4 * np.sqrt(6 / 4000))
    assert counts.var() == pytest.approx(6.0, rel=0.1)
    means = mean_of_trials(units, 25)(np.full((500, 6, 5), 0.1))
    assert means.var() == pytest.approx(6.0 / 25, rel=0.3)
    with pytest.raises(ValueError, match="1 trial or more"):
        mean_of_trials(units, 0)


def test_images_of_another_size_than_the_fields_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"fields' size, \(6, 5\) with 1 channels of the front end, got \(5, 5\)"
    ):
        feed_forward(FIELDS)(np.ones((1, 5, 5)))


def test_long_presentations_tell_how_far_they_are() -> None:
    told: list[dict[str, object]] = []
    noise = white_noise(1200, field=VisualField(6, 5, pixels_per_degree=4), rms=0.1, rng=0)
    with show_progress(lambda event: told.append(dict(event))):
        assert answers(feed_forward(FIELDS), noise).shape == (1200, 3)
    assert told[-1] == {"stage": "analyze", "step": "showing stimuli", "done": 3, "of": 3}


def test_places_and_preferences_of_fits_are_those_that_were_drawn(gabors: GaborUnits) -> None:
    units = units_of_fits(fit_gabors(gabors.fields()[1:2]), field=gabors.field)
    np.testing.assert_allclose(units.iloc[0], gabors.units.iloc[1], rtol=0.01, atol=0.01)
    moved = units_of_fits(gabors.parameters, field=gabors.field, corner=(-16, 16))
    np.testing.assert_allclose(moved["x_deg"] - gabors.units["x_deg"], 1.0)
    np.testing.assert_allclose(moved["y_deg"] - gabors.units["y_deg"], 1.0)


def test_units_snap_to_a_grid_of_places_orientations_and_octaves(gabors: GaborUnits) -> None:
    rounded = snapped(gabors.units, x_deg=0.25, orientation_rad=np.pi / 6, frequency_cpd=0.5)
    assert np.abs(rounded["x_deg"] - gabors.units["x_deg"]).max() <= 0.125
    assert np.abs(np.log2(rounded["frequency_cpd"] / gabors.units["frequency_cpd"])).max() <= 0.25
    turned = (rounded["orientation_rad"] - gabors.units["orientation_rad"] + np.pi / 2) % np.pi - np.pi / 2
    assert turned.abs().max() <= np.pi / 12 + 1e-9
    assert (rounded["orientation_rad"] < np.pi).all()
    with pytest.raises(ValueError, match="steps above 0"):
        snapped(gabors.units, x_deg=0.0)
    with pytest.raises(ValueError, match="x0, y0, orientation and frequency"):
        units_of_fits(gabors.parameters.drop(columns="x0"), field=gabors.field)


def test_the_strength_of_natural_images_is_measured_along_the_fields() -> None:
    images = 0.5 + 0.1 * RNG.normal(size=(4000, 6, 5))
    assert natural_strength(FIELDS, images, times=3.0) == pytest.approx(0.3 / np.sqrt(30), rel=0.05)
    with pytest.raises(ValueError, match="of the fields' size"):
        natural_strength(FIELDS, images[:, :5])
    with pytest.raises(ValueError, match="vary along the fields"):
        natural_strength(FIELDS, np.ones((4, 6, 5)))
