"""Place and size of mapped fields against Gaussians."""

import numpy as np
import pytest

from neurosim.analysis.tuning.place import field_places

PLACES = np.linspace(-1.5, 1.5, 21)


def gaussian(x, y, sigma):
    return np.exp(-((PLACES[None, :] - x) ** 2 + (PLACES[:, None] - y) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize("sigma", [0.2, 0.35])
def test_a_gaussian_field_is_found_where_it_lies_with_its_width_at_half_height(sigma):
    table = field_places(5 + 30 * gaussian(0.3, -0.2, sigma)[None], x=PLACES, y=PLACES, spontaneous=[5.0])
    assert table.loc[0, "field_x"] == pytest.approx(0.3, abs=0.02)
    assert table.loc[0, "field_y"] == pytest.approx(-0.2, abs=0.02)
    assert table.loc[0, "field_diameter"] == pytest.approx(2 * np.sqrt(2 * np.log(2)) * sigma, rel=0.02)
    assert not table.loc[0, "field_at_edge"]


def test_silent_units_stay_and_fields_at_the_border_are_marked():
    table = field_places([np.zeros((21, 21)), gaussian(1.5, 0, 0.3)], x=PLACES, y=PLACES)
    assert table["field_diameter"].isna().tolist() == [True, False]
    assert table["field_at_edge"].tolist() == [False, True]


def test_maps_that_do_not_fit_their_places_are_refused():
    with pytest.raises(ValueError, match=r"\(n_units, 21, 21\)"):
        field_places(np.zeros((1, 21, 20)), x=PLACES, y=PLACES)
    with pytest.raises(ValueError, match="x to rise in equal steps"):
        field_places(np.zeros((1, 21, 3)), x=[0, 1, 3], y=PLACES)
