"""The embedded digits, and splitting a labelled set."""

import socket

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosim.stimuli.digits.digits import embedded_digits, split_digits
from neurosim.stimuli.labelled import LabelledImages


def numbered(labels: list[int]) -> LabelledImages:
    """Return images that tell which they are."""
    n = len(labels)
    return LabelledImages((np.arange(n) / n).reshape(n, 1, 1).astype(np.float32), np.array(labels), "a test")


def test_the_digits_come_from_the_wheel_and_use_the_whole_range(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the digits asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    digits = embedded_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert (digits.images.min(), digits.images.max()) == (0, 1)
    np.testing.assert_array_equal(digits.images * 16, np.rint(digits.images * 16))
    # The numbers of each digit in the test set as UCI gives them.
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


@settings(max_examples=50)
@given(
    counts=st.lists(st.integers(2, 30), min_size=1, max_size=6),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_image_is_in_one_part_and_classes_keep_their_shares(
    counts: list[int], share: float, seed: int
) -> None:
    whole = numbered(np.repeat(np.arange(len(counts)), counts).tolist())
    n_test = round(len(counts) + share * (len(whole) - 2 * len(counts)))
    train, test = split_digits(whole, n_test=n_test, rng=np.random.default_rng(seed))
    assert len(test) == n_test
    together = np.concatenate([train.flat, test.flat]).ravel()
    np.testing.assert_array_equal(np.sort(together), whole.flat.ravel())
    for part in (train, test):
        which = np.rint(part.flat.ravel() * len(whole)).astype(int)
        np.testing.assert_array_equal(part.labels, whole.labels[which])
        expected = np.array(counts) * len(part) / len(whole)
        assert np.abs(np.bincount(part.labels, minlength=len(counts)) - expected).max() < 1
        assert part.source == whole.source


def test_a_split_that_ignores_the_classes_would_not_keep_the_shares() -> None:
    rng = np.random.default_rng(0)
    labels = embedded_digits().labels
    expected = np.bincount(labels) * 360 / len(labels)
    free = [np.bincount(rng.permutation(labels)[:360], minlength=10) for _ in range(10)]
    assert all(np.abs(counts - expected).max() > 1 for counts in free)


def test_the_same_rng_gives_the_same_split_and_another_gives_another() -> None:
    digits = embedded_digits()
    first, again, other = (
        split_digits(digits, n_test=360, rng=np.random.default_rng(seed))[1].images for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_one_generator_gives_a_new_split_each_time() -> None:
    digits, rng = embedded_digits(), np.random.default_rng(0)
    first, second = (split_digits(digits, n_test=360, rng=rng)[1].images for _ in range(2))
    assert (first != second).any()


@pytest.mark.parametrize("n_test", [1, 5, 2.0, -1])
def test_impossible_sizes_are_refused_with_those_possible(n_test: int) -> None:
    with pytest.raises(
        ValueError, match=rf"whole number from 2 \(the number of classes\) to 4, got {n_test}"
    ):
        split_digits(numbered([0, 0, 0, 1, 1, 1]), n_test=n_test, rng=np.random.default_rng(0))


def test_a_class_of_one_cannot_be_shared_out() -> None:
    with pytest.raises(ValueError, match="two images or more of every class, got one of class 7"):
        split_digits(numbered([0, 0, 7, 0]), n_test=2, rng=np.random.default_rng(0))


def test_a_seed_does_for_a_generator() -> None:
    digits = numbered([0, 0, 1, 1])
    by_seed, by_rng = (split_digits(digits, n_test=2, rng=rng)[0] for rng in (3, np.random.default_rng(3)))
    np.testing.assert_array_equal(by_seed.images, by_rng.images)
