"""Streams in one network are what as many networks of their own are, and weights outside of them stay zero."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from sklearn.utils.estimator_checks import check_estimator

from neurosim.networks import LCA, ParallelLCA
from neurosim.networks.parallel.streams import blocks_of, outside

COUNTS, SIZES = (14, 9), (16, 8)
STREAMS = ((14, 2), (9, 1))
RNG = np.random.default_rng(3)
# The second channel is fainter, as that of one relay may be.
STIMULI = np.hstack([RNG.laplace(size=(120, 16)), 0.6 * RNG.laplace(size=(120, 8))])
PARTS = (STIMULI[:, :16], STIMULI[:, 16:])
EXACT = {"epsilon": 0, "tolerance": 1e-9, "presentation": "2 s"}
OPTIONS: dict[str, Any] = {"threshold": 0.8, "batch_size": 20, "backend": "numpy", "random_state": 0}


def fields() -> list[NDArray[Any]]:
    drawn = [
        np.random.default_rng(k).standard_normal(shape)
        for k, shape in enumerate(zip(COUNTS, SIZES, strict=True))
    ]
    return [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in drawn]


def side_by_side(parts: list[NDArray[Any]]) -> NDArray[Any]:
    both = np.zeros((sum(COUNTS), sum(SIZES)))
    both[: COUNTS[0], : SIZES[0]], both[COUNTS[0] :, SIZES[0] :] = parts
    return both


def parallel(**changed: Any) -> ParallelLCA:
    return ParallelLCA(sum(COUNTS), streams=STREAMS, **OPTIONS | changed)


def unseen() -> NDArray[np.bool_]:
    return outside(blocks_of(STREAMS, n_values=sum(SIZES)), (sum(COUNTS), sum(SIZES)))


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_code_is_that_of_a_network_for_each_stream(form: str, nonnegative: bool) -> None:
    given = OPTIONS | EXACT | {"form": form, "nonnegative": nonnegative}
    net = ParallelLCA.from_dictionary(side_by_side(fields()), streams=STREAMS, **given)
    own = [
        LCA.from_dictionary(rows, **given).transform(part) for rows, part in zip(fields(), PARTS, strict=True)
    ]
    assert_allclose(net.transform(STIMULI), np.hstack(own), atol=1e-7)
    assert all((code > 0.1).any() for code in own)


@pytest.mark.filterwarnings("ignore:learning made the population worse:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("batch_size", [20, 4])  # with few, overlaps follow the update; else all are compared
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_fields_learned_are_those_of_a_network_for_each_stream(form: str, batch_size: int) -> None:
    given = OPTIONS | EXACT | {"form": form, "batch_size": batch_size, "nonnegative": True}
    net = parallel(initial_dictionary=side_by_side(fields()), **EXACT, form=form, batch_size=batch_size)
    net.partial_fit(STIMULI)
    learned = []
    for rows, part in zip(fields(), PARTS, strict=True):
        # Rates are divided by the mean square of what each network is shown.
        rate = net.learning_rate * np.mean(part**2) / net.mean_square_
        own = LCA(len(rows), initial_dictionary=rows, learning_rate=rate, **given)
        learned.append(own.partial_fit(part).dictionary_)
    assert_allclose(net.dictionary_, side_by_side(learned), atol=1e-7)
    assert np.abs(net.dictionary_ - side_by_side(fields())).max() > 0.1


def test_without_streams_it_is_a_non_negative_lca_to_the_last_bit() -> None:
    given = OPTIONS | {"reseed_dead": True, "n_epochs": 2, "initial_dictionary": "stimuli"}
    one, other = ParallelLCA(20, **given).fit(STIMULI), LCA(20, nonnegative=True, **given).fit(STIMULI)
    assert_array_equal(one.dictionary_, other.dictionary_)
    assert_array_equal(one.transform(STIMULI), other.transform(STIMULI))
    assert one.stream_.tolist() == [0] * 20


@pytest.mark.filterwarnings("ignore:.* stayed silent:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("start", ["noise", "stimuli"])
@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_weights_outside_of_the_streams_are_exactly_zero_always(form: str, start: str) -> None:
    # So high a threshold that some are silent in the first epoch.
    net = parallel(threshold=2.5, n_epochs=4, reseed_dead=True, initial_dictionary=start, form=form)
    net.fit(STIMULI).partial_fit(STIMULI)
    assert not net.dictionary_[unseen()].any()
    assert_allclose(np.linalg.norm(net.dictionary_, axis=1), 1)
    between = net.stream_[:, np.newaxis] != net.stream_
    assert not net.lateral_[between].any()
    assert net.lateral_[~between].any()


def test_dead_neurons_are_pointed_at_what_their_own_stream_leaves() -> None:
    net = ParallelLCA.from_dictionary(side_by_side(fields()), streams=STREAMS, **OPTIONS)
    residual = np.zeros((10, 24))
    residual[0, :16], residual[1, 16:] = 100.0, -3.0
    dead = np.array([2, 15])
    revived = net._learning().revived(
        net.dictionary_,
        dead,
        residual,
        weights=net._shown(STIMULI, reset=False).weights,
        rng=np.random.default_rng(0),
    )
    assert_allclose(revived[2], [0.25] * 16 + [0] * 8)
    # The worst of the second stream, though another stimulus is worse in the first one.
    assert_allclose(revived[15], [0] * 16 + [-(8**-0.5)] * 8)
    alive = np.setdiff1d(np.arange(23), dead)
    assert_array_equal(revived[alive], net.dictionary_[alive])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")  # fields of one stream are alike
@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_channel_without_contrast_gives_fields_to_start_from_all_the_same(value: float) -> None:
    flat = STIMULI.copy()
    flat[:, 16:] = value
    net = parallel(initial_dictionary="stimuli", reseed_dead=True, n_epochs=2, presentation="20 ms").fit(flat)
    assert np.isfinite(net.dictionary_).all()
    assert_allclose(np.linalg.norm(net.dictionary_, axis=1), 1)
    assert (set(net.dead_neurons_) >= set(range(14, 23))) == (value == 0)


def test_a_stream_starts_from_its_own_part_of_stimuli() -> None:
    net = parallel(initial_dictionary="stimuli", learning=False, n_epochs=1).fit(STIMULI)
    for rows, part in ((net.dictionary_[:14, :16], PARTS[0]), (net.dictionary_[14:, 16:], PARTS[1])):
        cosines = rows @ (part / np.linalg.norm(part, axis=1, keepdims=True)).T
        assert (cosines.max(axis=1) > 0.99).all()


def test_activity_reconstructs_each_channel_from_its_own_stream() -> None:
    net = parallel().fit(STIMULI)
    code = net.transform(STIMULI[:5])
    code[:, :14] = 0
    assert not net.inverse_transform(code)[:, :16].any()
    assert net.inverse_transform(code)[:, 16:].any()


def test_recorded_membranes_of_one_stream_do_not_hear_of_the_other() -> None:
    net = ParallelLCA.from_dictionary(side_by_side(fields()), streams=STREAMS, **OPTIONS)
    alone = np.hstack([PARTS[0][:3], np.zeros((3, 8))])
    both = net.simulate(STIMULI[:3], record=("u",))["u"].to_numpy()
    one = net.simulate(alone, record=("u",))["u"].to_numpy()
    n = min(both.shape[0], one.shape[0])
    assert_allclose(both[:n, :, :14], one[:n, :, :14], atol=1e-12)
    assert not one[:, :, 14:].any()


# Some of its stimuli have two or three pixels, which keep no ten neurons busy.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:\\d+ of 10 neurons stayed silent:sklearn.exceptions.ConvergenceWarning")
def test_scikit_learn_accepts_the_estimator() -> None:
    results = check_estimator(ParallelLCA(n_neurons=10, batch_size=20), on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
