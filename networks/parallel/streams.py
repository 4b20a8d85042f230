"""Which neurons see which values of a stimulus, where a population is divided into parallel streams."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.blocks import Block

__all__ = ["blocks_of", "checked_streams", "outside", "stream_of_neurons"]

Streams = tuple[tuple[int, int], ...]


def checked_streams(streams: Any, *, n_neurons: int) -> Streams:
    """Return neurons and channels of every stream; one stream with one channel where none are given.

    Examples
    --------
    >>> checked_streams([[2, 2], [1, 2]], n_neurons=3), checked_streams(None, n_neurons=3)
    (((2, 2), (1, 2)), ((3, 1),))
    """
    if streams is None:
        return ((n_neurons, 1),)
    pairs = [tuple(each) if _is_pair(each) else () for each in streams] if _is_sequence(streams) else []
    if not pairs or not all(pairs):
        raise ValueError(
            "streams: expected one pair of whole numbers above zero for each stream, its neurons and the channels it "
            f"sees, such as [[512, 2], [256, 2]], got {streams!r}"
        )
    counts = [int(neurons) for neurons, _ in pairs]
    if sum(counts) != n_neurons:
        raise ValueError(
            f"streams: expected neurons that add up to n_neurons={n_neurons}, got {' + '.join(map(str, counts))} = "
            f"{sum(counts)}; set n_neurons to {sum(counts)}, or change the streams"
        )
    return tuple((int(neurons), int(channels)) for neurons, channels in pairs)


def blocks_of(streams: Streams, *, n_values: int) -> tuple[Block, ...]:
    """Return the rows and columns of a dictionary that each stream has, for stimuli of so many values.

    Examples
    --------
    >>> blocks_of(((2, 2), (1, 1)), n_values=6)[1]
    Block(row=2, n_rows=1, column=4, n_columns=2)
    """
    n_channels = sum(channels for _, channels in streams)
    if n_values % n_channels:
        told = " + ".join(str(channels) for _, channels in streams)
        raise ValueError(
            f"streams: expected stimuli of {n_channels} channels of equal size side by side, {told}, got {n_values} "
            f"values, which {n_channels} does not divide; change the streams, or the front end whose channels they see"
        )
    size = n_values // n_channels
    blocks: list[Block] = []
    row = column = 0
    for neurons, channels in streams:
        blocks.append(Block(row, neurons, column, channels * size))
        row, column = row + neurons, column + channels * size
    return tuple(blocks)


def stream_of_neurons(streams: Streams) -> NDArray[np.intp]:
    """Return the index of each neuron's stream.

    Examples
    --------
    >>> stream_of_neurons(((2, 2), (1, 2)))
    array([0, 0, 1])
    """
    return np.repeat(np.arange(len(streams)), [neurons for neurons, _ in streams])


def outside(blocks: Sequence[Block], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which weights of a dictionary of this shape are of values that their neuron does not see.

    Examples
    --------
    >>> outside([Block(0, 1, 0, 1), Block(1, 1, 1, 2)], (2, 3))
    array([[False,  True,  True],
           [ True, False, False]])
    """
    unseen = np.ones(shape, dtype=bool)
    for block in blocks:
        unseen[block.rows, block.columns] = False
    return unseen


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)


def _is_pair(value: Any) -> bool:
    return (
        _is_sequence(value)
        and len(value) == 2
        and all(isinstance(n, int | np.integer) and not isinstance(n, bool) and n >= 1 for n in value)
    )
