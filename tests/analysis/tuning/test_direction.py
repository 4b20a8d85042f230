"""Direction tuning against von Mises closed forms, and the bars that lie in it."""

import numpy as np
import pytest
from scipy.special import iv

from neurosim.analysis.tuning.direction import bars_of_directions, direction_properties
from neurosim.analysis.tuning.orientation import orientation_properties

DIRECTIONS = np.arange(0, 360, 15.0)


def von_mises(preferred, kappa):
    return 20 * np.exp(kappa * (np.cos(np.deg2rad(DIRECTIONS - preferred)) - 1))


def test_a_von_mises_curve_gives_its_closed_forms():
    row = direction_properties([von_mises(60, 1.3)], directions_deg=DIRECTIONS).loc[0]
    assert row["preferred_direction"] == 60
    assert row["direction_selectivity_index"] == pytest.approx(np.tanh(1.3))
    assert row["global_direction_selectivity"] == pytest.approx(iv(1, 1.3) / iv(0, 1.3), rel=0.02)


def test_opposite_directions_that_tie_have_no_preference():
    row = direction_properties([von_mises(0, 2) + von_mises(180, 2)], directions_deg=DIRECTIONS).loc[0]
    assert row["tied_direction"]
    assert np.isnan(row["preferred_direction"])
    assert row["global_direction_selectivity"] == pytest.approx(0, abs=1e-9)


def test_neighbours_that_tie_have_no_preference_either():
    row = direction_properties([von_mises(52.5, 2)], directions_deg=DIRECTIONS).loc[0]
    assert row["tied_direction"]


def test_bars_lie_at_right_angles_to_the_motion():
    rates, orientations = bars_of_directions([von_mises(60, 3)], directions_deg=DIRECTIONS)
    assert rates.shape == (1, 1, 12)
    table = orientation_properties(rates, orientations_deg=orientations)
    assert table.loc[0, "preferred_orientation"] == pytest.approx(150, abs=0.5)


def test_an_odd_number_of_directions_is_refused():
    with pytest.raises(ValueError, match="even number of directions"):
        direction_properties(np.ones((1, 5)), directions_deg=np.arange(0, 360, 72.0))
