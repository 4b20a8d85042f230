"""Tables of responses, spikes and properties: what a row does not say is not made up."""

import numpy as np
import pandas as pd
import pytest

from neurosim.recordings.tables import long_responses, properties_of, spikes_of


def test_a_spike_that_names_no_unit_is_refused_and_given_to_nobody():
    table = pd.DataFrame({"spike_time_s": [1.1, 2.5, 2.6], "unit": ["a", "b", None]})
    with pytest.raises(ValueError, match="1 rows name no unit; fill them in or remove them"):
        spikes_of(table, file="spikes.csv")
    times, units = spikes_of(table[:2], file="spikes.csv")
    assert times.tolist() == [1.1, 2.5]
    assert units.row.tolist() == [0, 1]


@pytest.mark.parametrize("seconds", [0.0, -0.5])
def test_a_response_that_lasted_no_time_is_refused_and_not_left_out(seconds):
    table = pd.DataFrame(
        {"unit": "a", "orientation_deg": [0, 90], "count": [0, 3], "duration_s": [seconds, 1]}
    )
    with pytest.raises(ValueError, match=r"duration_s above 0 \(seconds\), got 1 of 2 that are not"):
        long_responses(table, file="a.csv")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("preferred_orientation", np.pi),
        ("preferred_direction", 2 * np.pi),
        ("orientation_half_width", np.pi / 4),
    ],
)
def test_measured_angles_in_radians_are_refused_as_conditions_are(name, most):
    angles = np.linspace(0.1, 0.95 * most, 20)
    with pytest.raises(ValueError, match=rf"{name} from 0.1 to .* looks like radians; turn it into degrees"):
        properties_of(pd.DataFrame({name: angles}), file="a.csv")
    properties, _ = properties_of(pd.DataFrame({name: np.rad2deg(angles)}), file="a.csv")
    np.testing.assert_allclose(properties[name], np.rad2deg(angles))
