"""Streams give the same numbers on every backend, learned in blocks of the weights."""

import functools
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.networks import ParallelLCA

# Three streams whose sizes are no multiples of what is multiplied at once.
STREAMS = ((37, 3), (5, 1), (26, 2))
STIMULI = np.random.default_rng(4).laplace(size=(200, 6 * 11))


@functools.cache
def trained(backend: str, **changed: Any) -> ParallelLCA:
    net = ParallelLCA(68, streams=STREAMS, threshold=1.0, backend=backend, random_state=0, **changed)
    return net.fit(STIMULI)


def check_same(backend: str, **changed: Any) -> None:
    plain, net = trained("numpy", **changed), trained(backend, **changed)
    assert_allclose(net.dictionary_, plain.dictionary_, atol=1e-6)
    assert_allclose(net.lateral_, plain.lateral_, atol=1e-6)
    assert_allclose(net.history_, plain.history_, atol=1e-6)
    assert_allclose(net.transform(STIMULI), plain.transform(STIMULI), atol=1e-6)
    between = net.stream_[:, np.newaxis] != net.stream_
    assert_array_equal(net.lateral_[between], 0)
    for stream, seen in enumerate(net.seen_):
        outside = net.dictionary_[net.stream_ == stream].copy()
        outside[:, seen] = 0
        assert_array_equal(outside, 0)


def test_batches_of_learning_whose_overlaps_follow_agree(compiled_backend: str) -> None:
    check_same(compiled_backend, batch_size=10)


def test_the_last_batch_may_be_smaller(compiled_backend: str) -> None:
    plain, net = (
        ParallelLCA(68, streams=STREAMS, threshold=1.0, backend=each, batch_size=10, random_state=0).fit(
            STIMULI[:47]
        )
        for each in ("numpy", compiled_backend)
    )
    assert_allclose(net.dictionary_, plain.dictionary_, atol=1e-6)


@pytest.mark.slow
def test_large_batches_of_learning_agree(compiled_backend: str) -> None:
    check_same(compiled_backend, batch_size=40)


@pytest.mark.slow
def test_batches_of_learning_agree_in_the_residual_form(compiled_backend: str) -> None:
    check_same(compiled_backend, batch_size=10, form="residual")


@pytest.mark.slow
def test_a_threshold_that_jumps_agrees(compiled_backend: str) -> None:
    check_same(compiled_backend, batch_size=10, threshold_kind="hard")


def test_streams_of_other_sizes_need_no_other_compiled_code() -> None:
    from neurosim.networks.estimator.backend_choice import _without_sizes

    def key(streams: Any, n_neurons: int) -> str:
        net = ParallelLCA(n_neurons, streams=streams, batch_size=10)
        shown = net._shown(STIMULI, reset=True)
        return _without_sizes(net._design(shown, backend="cython", n_replicas=10, capacity=2).key())

    assert key(((3, 1), (4, 1)), 7) == key(((5, 2), (5, 1)), 10)
    assert key(((3, 1), (4, 1)), 7) != key(None, 7)
