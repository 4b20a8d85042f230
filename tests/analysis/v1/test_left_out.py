"""Fields that are not compared are counted once each, by the first reason that holds."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.fields.gabor import fit_gabors, gabor
from neurosim.analysis.v1.left_out import fields_left_out


def fits(rows, **columns):
    table = pd.DataFrame(rows, columns=["r2", "participation_ratio", "at_bound"])
    like = (table["r2"] > 0.7) & (table["participation_ratio"] >= 6) & ~table["at_bound"]
    return table.assign(gabor_like=like, **columns)


ROWS = [
    (0.9, 20.0, False),  # counts
    (0.9, 20.0, True),
    (0.9, 3.0, True),  # a few pixels before a bound
    (0.7, 3.0, True),  # R² before both
    (np.nan, np.nan, False),  # a constant
    (0.95, 6.0, False),  # counts
    (0.8, 20.0, True),
]


def test_every_field_counts_or_has_one_reason():
    counted = fields_left_out(fits(ROWS))
    assert counted == {"no_fit": 1, "r2": 1, "participation": 1, "bound": 2}
    assert sum(counted.values()) + fits(ROWS)["gabor_like"].sum() == len(ROWS)


def test_with_the_names_of_the_bounds_those_of_the_amplitude_are_counted_among_them():
    names = ["none", "amplitude, sigma_y", "amplitude", "amplitude", "none", "none", "frequency"]
    assert fields_left_out(fits(ROWS, bound=names))["amplitude_bound"] == 1


def test_fields_made_for_a_reason_are_left_out_for_it():
    shape = {"x0": [8.0] * 2, "y0": 8, "orientation": 0.4, "frequency": 0.15, "amplitude": 1, "sigma_y": 3}
    # A Gabor, and an odd one with n_x = .15, which no bounded amplitude identifies.
    drawn = gabor(shape | {"phase": [0.3, np.pi / 2], "sigma_x": [3, 1.0]}, height=17, width=17)
    point, noise = np.zeros((17, 17)), np.random.default_rng(0).normal(size=(17, 17))
    point[4, 5] = 1
    counted = fields_left_out(fit_gabors(np.stack([*drawn, point, noise, np.zeros((17, 17))])))
    reasons = {name: counted[name] for name in ("no_fit", "r2", "participation", "bound")}
    assert reasons == {"no_fit": 1, "r2": 1, "participation": 1, "bound": 1}


def test_a_table_of_something_else_is_refused():
    with pytest.raises(ValueError, match="without participation_ratio, at_bound"):
        fields_left_out(fits(ROWS).drop(columns=["participation_ratio", "at_bound"]))
