"""Bars lie where and how their columns say."""

import numpy as np
import pytest

from neurosim.stimuli.laboratory.bars import bars
from neurosim.stimuli.laboratory.visual_field import VisualField

FIELD = VisualField(height=41, width=41, pixels_per_degree=10)


@pytest.mark.parametrize("degrees", [0, 30, 90, 160])
def test_the_principal_axis_of_a_bar_is_its_orientation(degrees: float) -> None:
    theta = np.deg2rad(degrees)
    image = bars({"orientation_rad": theta, "length_deg": 3, "width_deg": 0.5}, field=FIELD).images()[0] - 0.5
    x, y = FIELD.grid()
    spread = [[(image * a * b).sum() / image.sum() for a in (x, y)] for b in (x, y)]
    axis = np.linalg.eigh(spread)[1][:, 1]
    assert abs(axis @ [np.cos(theta), np.sin(theta)]) > 0.9999


def test_light_is_area_times_contrast_and_the_place_is_the_centre_of_light() -> None:
    image = bars(
        {
            "orientation_rad": 0.7,
            "length_deg": 1.5,
            "width_deg": 0.4,
            "contrast": -0.6,
            "x_deg": 0.4,
            "y_deg": 1,
        },
        field=FIELD,
    ).images()[0]
    dark = 1 - image / 0.5
    assert dark.sum() / 100 == pytest.approx(0.6 * 1.5 * 0.4, rel=0.01)
    assert image.min() == pytest.approx(0.2)
    x, y = FIELD.grid()
    assert ((dark * x).sum() / dark.sum(), (dark * y).sum() / dark.sum()) == pytest.approx(
        (0.4, 1.0), abs=0.01
    )


def test_bars_beyond_the_field_or_thinner_than_a_pixel_are_refused_or_marked() -> None:
    with pytest.raises(ValueError, match="beyond it"):
        bars({"orientation_rad": 0.0, "length_deg": 4.2, "width_deg": 0.2}, field=FIELD)
    with pytest.raises(ValueError, match="aliased"):
        bars({"orientation_rad": 0.0, "length_deg": 1.0, "width_deg": 0.05}, field=FIELD)
    with pytest.raises(ValueError, match="contrast: expected -1"):
        bars({"orientation_rad": 0.0, "length_deg": 1.0, "width_deg": 0.2, "contrast": 80}, field=FIELD)
    marked = bars(
        {"orientation_rad": 0.0, "length_deg": [1.0, 4.2, np.inf], "width_deg": 0.2},
        field=FIELD,
        impossible="mark",
    )
    assert marked.table["beyond_field"].tolist() == [False, True, False]
