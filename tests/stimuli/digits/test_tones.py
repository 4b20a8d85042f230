"""Telephone tones: each digit has the two of its key, no two sounds are alike, and they can be told apart."""

import numpy as np
import pytest

from neurosim.stimuli import dialled_digits, unit_norm

# Bands of the keypad's rows and columns: the highest tone stands first.
ROWS, COLUMNS = (7, 6, 5, 4), (2, 1, 0)
KEYPAD = {
    1: (0, 0),
    2: (0, 1),
    3: (0, 2),
    4: (1, 0),
    5: (1, 1),
    6: (1, 2),
    7: (2, 0),
    8: (2, 1),
    9: (2, 2),
    0: (3, 1),
}
DIGITS = np.arange(10)


@pytest.mark.parametrize("digit", DIGITS)
def test_the_two_loudest_bands_are_those_of_the_key(digit):
    loud = dialled_digits(np.full(50, digit), rng=0).mean(axis=(0, 2)).argsort()[-2:]
    row, column = KEYPAD[int(digit)]
    assert sorted(loud) == [COLUMNS[column], ROWS[row]]


def test_no_two_sounds_are_alike_and_a_seed_gives_the_same_ones():
    sounds = dialled_digits([5, 5, 5], rng=3)
    assert sounds.shape == (3, 8, 8)
    assert sounds.dtype == np.float32
    assert sounds.min() >= 0
    assert not np.allclose(sounds[0], sounds[1], rtol=0.1)
    np.testing.assert_array_equal(sounds, dialled_digits([5, 5, 5], rng=np.random.default_rng(3)))
    assert not np.array_equal(sounds, dialled_digits([5, 5, 5], rng=4))


def test_the_nearest_mean_tells_the_digit():
    labels = np.repeat(DIGITS, 40)
    known, heard = (unit_norm(dialled_digits(labels, rng=seed).reshape(-1, 64)) for seed in (1, 2))
    means = np.stack([known[labels == digit].mean(axis=0) for digit in DIGITS])
    told = (heard @ unit_norm(means).T).argmax(axis=1)
    assert (told == labels).mean() > 0.97
    # Digits that share a tone are the likelier taken for each other.
    likeness = unit_norm(means) @ unit_norm(means).T
    assert likeness[1, 2] > likeness[1, 5] + 0.2


def test_many_sounds_are_made_in_parts_of_their_own():
    assert dialled_digits(np.arange(1_500) % 10, rng=0).shape == (1_500, 8, 8)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([10], "expected digits, 0 to 9, got 10"),
        ([1.5], "labels: expected whole numbers"),
        (3, "one per sample"),
    ],
)
def test_what_is_no_digit_is_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        dialled_digits(labels, rng=0)
