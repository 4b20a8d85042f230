"""Counting the multiply-adds of an encoding."""

import numpy as np

from benchmarks.roofline import engine_counts, needed_multiply_adds
from neurosim.networks import LCA


def test_the_engines_counts_are_per_patch() -> None:
    # Two neurons that do not overlap: each sends once per step it moves, for three steps of tau / 2.
    net = LCA.from_dictionary(
        np.eye(2), threshold=0.1, dt="5 ms", presentation="15 ms", epsilon=0, batch_size=3
    )
    steps, sends = engine_counts(net, np.ones((4, 2)))
    assert (steps, sends) == (3, 4)


def test_drive_rows_and_leak_are_counted() -> None:
    assert needed_multiply_adds(10, 4, steps_per_patch=0, sends_per_patch=0) == 40
    assert needed_multiply_adds(10, 4, steps_per_patch=5, sends_per_patch=3) == 40 + 30 + 50
