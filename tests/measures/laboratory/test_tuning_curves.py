"""Tuning curves go through each unit's largest response."""

from dataclasses import replace

import numpy as np

from neurosim.analysis.protocol.grating_sets import PROTOCOL
from neurosim.laboratory.v1_protocol.shown import ProtocolResponses
from neurosim.measures.laboratory.tuning_curves import tuning_curves


def _planted() -> ProtocolResponses:
    """Three units that answer 1 everywhere, and one grating of each set more."""
    sets = [np.ones((3, len(each.conditions), len(each.orientations), 8)) for each in PROTOCOL.sets]
    sets[0][0, 5, 7] = 9.0  # the 8th orientation, in the 6th condition
    sets[1][1, 22 + 4, 2] = 9.0  # the 5th frequency, in the larger disc
    sets[2][2, 12 * 3 + 10, 1] = 9.0  # the 11th diameter, at the 4th frequency
    one, two, three = sets
    return ProtocolResponses(PROTOCOL, (one, two, three), np.zeros(3), n_images=1, n_places=1)


def _peak(unit: int, curve: str) -> tuple[float, float]:
    table = tuning_curves(_planted())
    own = table[(table["unit"] == unit) & (table["curve"] == curve)]
    best = own.loc[own["rate"].idxmax()]
    return float(best["x"]), float(best["rate"] / own["rate"].min())


def test_the_peak_stands_at_the_grating_that_was_answered_most() -> None:
    # Rates have an offset: the quotient is a little less than that of the activities, 9.
    np.testing.assert_allclose(_peak(0, "orientation"), (PROTOCOL.sets[0].orientations[7], 9), rtol=0.03)
    np.testing.assert_allclose(_peak(1, "frequency"), (PROTOCOL.fine[4], 9), rtol=0.03)
    np.testing.assert_allclose(_peak(2, "size"), (PROTOCOL.diameters[10], 9), rtol=0.03)


def test_a_unit_that_answers_all_alike_has_flat_curves() -> None:
    assert _peak(1, "orientation")[1] == 1.0


def test_every_unit_has_every_curve_in_order() -> None:
    table = tuning_curves(_planted())
    assert len(table) == 3 * (12 + 22 + 12)
    assert table.groupby(["unit", "curve"])["x"].apply(lambda x: x.is_monotonic_increasing).all()


def test_negative_activity_is_no_rate() -> None:
    responses = _planted()
    responses.sets[0][1, :, 3] = -5.0
    curve = tuning_curves(replace(responses))
    own = curve[(curve["unit"] == 1) & (curve["curve"] == "orientation")]
    assert own["rate"].min() >= 0
