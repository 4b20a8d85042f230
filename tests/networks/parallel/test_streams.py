"""Which neurons see which values, and what is said of streams that cannot be."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from neurosim.networks import ParallelLCA
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.parallel.model import ParallelLCASection
from neurosim.networks.parallel.streams import blocks_of, checked_streams, outside

TWO = ((4, 2), (3, 1))


def test_streams_share_neurons_and_values_in_their_order() -> None:
    first, second = blocks_of(TWO, n_values=12)
    assert (first.rows, first.columns) == (slice(0, 4), slice(0, 8))
    assert (second.rows, second.columns) == (slice(4, 7), slice(8, 12))
    net = ParallelLCA.from_dictionary(np.zeros((7, 12)), streams=TWO)
    assert net.stream_.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert net.seen_ == (first.columns, second.columns)


def test_channels_counted_in_values_are_the_same_streams() -> None:
    assert blocks_of(((4, 8), (3, 4)), n_values=12) == blocks_of(TWO, n_values=12)


def test_every_weight_is_of_one_stream_or_outside() -> None:
    blocks = blocks_of(TWO, n_values=12)
    assert outside(blocks, (7, 12)).sum() == 7 * 12 - (4 * 8 + 3 * 4)


def test_without_streams_all_neurons_see_everything() -> None:
    assert blocks_of(checked_streams(None, n_neurons=5), n_values=7)[0][1:] == (5, 0, 7)


@pytest.mark.parametrize("streams", [[[4, 2], [3, 1]], [[7, 1]], None, [[1, 1]] * 7])
def test_a_recipe_takes_what_the_network_takes(streams: Any) -> None:
    check_parameters(ParallelLCA(7, streams=streams))
    assert ParallelLCASection(n_neurons=7, streams=streams).streams == streams


@pytest.mark.parametrize(
    "streams",
    [[[4, 2], [2, 1]], [], [[7]], [[7, 1, 1]], [[7, 0]], [[0, 1], [7, 1]], [[3.5, 1], [3.5, 1]], [7, 1], 7,
     "two", [["4", 2], [3, 1]], [[4, True], [3, 1]]],
)  # fmt: skip
def test_other_streams_are_refused_by_network_and_recipe(streams: Any) -> None:
    with pytest.raises(ValueError, match=r"^streams: expected"):
        check_parameters(ParallelLCA(7, streams=streams))
    with pytest.raises(ValueError, match="streams"):
        ParallelLCASection(n_neurons=7, streams=streams)


def test_neurons_that_do_not_add_up_are_told_with_their_sum() -> None:
    message = r"streams: expected neurons that add up to n_neurons=256, got 4 \+ 3 = 7; set n_neurons to 7"
    with pytest.raises(ValueError, match=message):
        ParallelLCA(streams=TWO).fit(np.ones((3, 12)))


def test_values_that_do_not_divide_into_the_channels_are_told_with_their_number() -> None:
    message = r"streams: expected stimuli of 3 channels of equal size side by side, 2 \+ 1, got 13 values"
    with pytest.raises(ValueError, match=message):
        ParallelLCA(7, streams=TWO).fit(np.ones((3, 13)))
    with pytest.raises(ValueError, match=message):
        ParallelLCA.from_dictionary(np.zeros((7, 13)), streams=TWO)


def test_stimuli_of_another_width_than_learned_from_are_refused() -> None:
    net = ParallelLCA.from_dictionary(np.zeros((7, 12)), streams=TWO)
    with pytest.raises(ValueError, match="X has 15 features, but ParallelLCA is expecting 12 features"):
        net.transform(np.ones((2, 15)))


@pytest.mark.parametrize("way", ["from_dictionary", "initial_dictionary"])
def test_a_weight_outside_of_a_neurons_stream_is_refused_with_its_place(way: str) -> None:
    fields = np.ones((7, 12)) * ~outside(blocks_of(TWO, n_values=12), (7, 12))
    fields[5, 2] = 0.25
    learning = ParallelLCA(7, streams=TWO, initial_dictionary=fields, backend="numpy")
    door = partial(ParallelLCA.from_dictionary, fields, streams=TWO)
    if way == "initial_dictionary":
        door = partial(learning.fit, np.eye(12))
    with pytest.raises(
        ValueError, match=r"got 0\.\d+ of neuron 5 on value 2 \(1 such .* sees values 8 to 11"
    ):
        door()
