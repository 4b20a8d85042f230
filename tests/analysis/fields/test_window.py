"""The part of pictures that fields are in."""

import numpy as np

from neurosim.analysis.fields.window import field_window

RNG = np.random.default_rng(0)


def test_fields_of_a_patch_are_seen_whole() -> None:
    fields = RNG.standard_normal((7, 12, 16))
    assert field_window(fields) == (slice(0, 12), slice(0, 16))


def test_a_window_holds_every_field_of_neurons_that_see_a_small_part() -> None:
    fields = np.zeros((3, 40, 50))
    for number, (row, column) in enumerate([(10, 20), (14, 22), (12, 25)]):
        fields[number, row : row + 4, column : column + 4] = 10.0**-number
    rows, columns = field_window(fields)
    assert (rows, columns) == (slice(9, 19), slice(19, 30))
    assert np.count_nonzero(fields[:, rows, columns]) == np.count_nonzero(fields)


def test_what_is_too_faint_to_be_seen_does_not_count_and_silence_has_no_window() -> None:
    fields = np.full((2, 30, 30), 1e-3)
    fields[:, 3:6, 0:4] = 1
    assert field_window(fields) == (slice(2, 7), slice(0, 5))
    assert field_window(np.zeros((2, 9, 9))) == (slice(0, 9), slice(0, 9))
