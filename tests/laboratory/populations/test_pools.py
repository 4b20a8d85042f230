"""Pools of simple units: what they answer, and whether planted ones are found."""

import numpy as np
import pytest

from neurosim.analysis import gabor
from neurosim.laboratory import (
    Pools,
    complex_pools,
    displaced_pairs,
    feed_forward,
    learned_pools,
    matched_pools,
    one_sided,
    orientation_tuning,
    over_phases,
    pooled,
    random_pools,
    sheet_pools,
)
from neurosim.networks import LCA, ComplexCells, TopographicLCA
from neurosim.networks.topographic.neighbours import pooling_neighbours
from neurosim.stimuli import VisualField, pink_noise

SIDE, FIELD = 16, VisualField(16, 16, pixels_per_degree=16)
ORIENTATIONS, PHASES = np.arange(4) * np.pi / 4, np.arange(4) * np.pi / 2


@pytest.fixture(scope="module")
def planted():
    """Sixteen fields: four orientations times four phases in quadrature, and which orientation each has."""
    which = np.repeat(np.arange(4), 4)
    shapes = {
        "x0": np.full(16, 7.5), "y0": np.full(16, 7.5), "orientation": ORIENTATIONS[which],
        "frequency": np.full(16, 0.2), "phase": np.tile(PHASES, 4), "sigma_x": np.full(16, 3.0),
        "sigma_y": np.full(16, 3.0), "amplitude": np.ones(16),
    }  # fmt: skip
    return gabor(shapes, height=SIDE, width=SIDE), which


@pytest.fixture(scope="module")
def pairs(planted):
    field = VisualField(64, 64, pixels_per_degree=16)
    images = next(pink_noise(40, field=field, rms=0.05, rng=0).chunks(40))
    respond = feed_forward(planted[0], threshold=0.0)
    before, after = displaced_pairs(list(images), n_pairs=4000, size=SIDE, shift=3, rng=1)
    return respond(before - 0.5), respond(after - 0.5)


def test_the_trace_rule_finds_planted_quadrature_pools(planted, pairs):
    pools = learned_pools(*pairs, size=4)
    assert pools.n_without == 0
    assert pools.share == 1
    assert np.array_equal(pools.firsts, np.arange(16))
    assert (planted[1][pools.members] == planted[1][:, None]).all()


def test_complex_cells_find_planted_quadrature_pools(planted, pairs):
    pools = complex_pools(ComplexCells(size=4, backend="numpy").fit(np.stack(pairs, axis=1)))
    assert np.array_equal(pools.firsts, np.arange(16))
    assert (planted[1][pools.members] == planted[1][:, None]).all()


def test_shuffled_shifts_do_not_give_the_planted_pools(planted, pairs):
    before, after = pairs
    unrelated = learned_pools(before, np.random.default_rng(0).permutation(after), size=4)
    assert (planted[1][unrelated.members] == planted[1][:, None]).all(axis=1).mean() < 0.3


def test_random_pools_are_not_the_planted_ones(planted):
    pools = random_pools(16, size=4, rng=0)
    assert np.array_equal(pools.firsts, np.arange(16))
    assert (planted[1][pools.members] == planted[1][:, None]).all(axis=1).mean() < 0.2


def test_planted_pools_are_blind_to_phase_and_keep_the_orientation(planted, pairs):
    simple = feed_forward(planted[0], threshold=0.0, background=0.5)
    units = {"x_deg": np.zeros(16), "y_deg": 0.0, "frequency_cpd": 3.2}
    ratios, peaks = {}, {}
    for name, respond in {
        "simple": simple,
        "learned": pooled(simple, learned_pools(*pairs, size=4)),
        "random": pooled(simple, random_pools(16, size=4, rng=0)),
    }.items():
        found = over_phases(orientation_tuning(respond, units, field=FIELD, n_orientations=4))
        best = found["mean"].argmax("orientation_rad")
        ratios[name] = (found.modulation / found["mean"]).isel(orientation_rad=best).values
        peaks[name] = best.values
    assert (ratios["learned"] < 0.1).all()
    assert (ratios["simple"] > 1.4).all()
    assert np.median(ratios["random"]) > 0.5
    assert np.array_equal(peaks["learned"], peaks["simple"])


def test_by_hand_pools_hold_all_phases_of_one_place_and_orientation(planted):
    table = {
        "x_deg": np.zeros(16), "y_deg": 0.0, "orientation_rad": ORIENTATIONS[planted[1]], "frequency_cpd": 3.2
    }  # fmt: skip
    pools = matched_pools(table, size=4)
    assert (planted[1][pools.members] == planted[1][:, None]).all()


def test_orientations_are_alike_across_the_half_turn():
    table = {
        "x_deg": np.zeros(3), "y_deg": 0.0, "orientation_rad": np.deg2rad([2.0, 178.0, 60.0]), "frequency_cpd": 2.0
    }  # fmt: skip
    assert matched_pools(table, size=2).members[:2].tolist() == [[0, 1], [1, 0]]


def test_units_without_a_place_are_in_no_pool_and_counted():
    table = {"x_deg": [0.0, np.nan, 0.1], "y_deg": 0.0, "orientation_rad": 0.0, "frequency_cpd": 2.0}
    pools = matched_pools(table, size=2)
    assert pools.members.tolist() == [[0, 2], [2, 0]]
    assert (pools.n_without, pools.n_units) == (1, 3)


def test_silent_units_are_in_no_learned_pool_and_counted(pairs):
    before, after = (each.copy() for each in pairs)
    before[:, 5] = after[:, 5] = 0
    pools = learned_pools(before, after, size=4)
    assert pools.n_without == 1
    assert 5 not in pools.members
    with pytest.raises(ValueError, match="got 1 others, first 5"):
        pools.around([3, 5])


def test_answers_are_roots_of_sums_of_squares():
    pools = Pools(np.array([[0, 1], [2, 1]]), 3, "by hand")
    assert np.allclose(pools.answers(np.array([[[3.0, 4.0, 0.0]]])), [[[5.0, 4.0]]])


def test_signed_units_are_refused_and_one_sided_makes_two_of_each():
    pools = Pools(np.array([[0, 1]]), 2, "by hand")
    with pytest.raises(ValueError, match="got 1 negative ones"):
        pools.answers([[1.0, -1.0]])
    with pytest.raises(ValueError, match="one_sided"):
        learned_pools([[1.0, -1.0], [0, 0]], [[1.0, 1.0], [0, 0]], size=2)
    halves = one_sided(lambda images: np.array([[1.0, -2.0]]), opposite=True)(np.zeros((1, 2, 2)))
    assert halves.tolist() == [[1.0, 0.0, 0.0, 2.0]]


def test_a_population_of_simple_and_complex_cells_has_the_share_that_was_asked_for():
    pools = random_pools(20, size=3, rng=0).some(0.6, rng=1)
    assert pools.share == 0.6
    mixed = pooled(lambda images: np.ones((len(images), 20)), pools, simple=True)(np.zeros((2, 4, 4)))
    assert mixed.shape == (2, 20)
    assert np.allclose(mixed[0], [1.0] * 8 + [np.sqrt(3)] * 12)


def test_a_member_counts_as_much_as_it_is_strong():
    pools = Pools(np.array([[0, 1], [2, 1]]), 3, "by hand", strengths=np.array([[1.0, 0.25], [4.0, 0.0]]))
    shown = np.array([[3.0, 8.0, 2.0]])
    assert np.allclose(pools.answers(shown), [[5.0, 4.0]])
    assert np.allclose(pools.around([2]).answers(shown), [[4.0]])
    drawn = pools.some(1 / 3, rng=0)
    assert np.allclose(drawn.answers(shown), pools.around(drawn.firsts).answers(shown))


@pytest.mark.parametrize("strengths", [[[1.0]], [[1.0, -1.0]], [[1.0, np.nan]]])
def test_strengths_are_one_of_zero_or_more_for_each_member(strengths):
    with pytest.raises(ValueError, match="expected strengths of 0 or more"):
        Pools(np.array([[0, 1]]), 3, "by hand", strengths=np.array(strengths))


def test_more_pools_than_there_are_cannot_be_drawn():
    with pytest.raises(ValueError, match=r"there are 20 pools of 20 units, got 1\.5"):
        random_pools(20, size=3, rng=0).some(1.5, rng=1)


def test_a_sheets_pools_are_those_it_learned_in():
    net = TopographicLCA.from_dictionary(np.eye(20), threshold=0.5, sheet=(4, 5))
    neighbours, _ = pooling_neighbours(4, 5, torus=True, side=3)
    found = sheet_pools(net)
    assert np.array_equal(np.sort(found.members, axis=1), np.sort(neighbours.reshape(20, -1), axis=1))
    assert np.array_equal(found.firsts, np.arange(20))


def test_a_network_without_a_sheet_has_no_pools_of_its_own():
    with pytest.raises(ValueError, match="got LCA"):
        sheet_pools(LCA.from_dictionary(np.eye(4), threshold=0.5))


@pytest.mark.parametrize(
    ("members", "what"), [([[0, 0]], "twice"), ([[0, 7]], "among 3 units"), ([0, 1], r"\(n_pools, size\)")]
)
def test_members_are_units_and_each_once(members, what):
    with pytest.raises(ValueError, match=what):
        Pools(np.array(members), 3, "by hand")


def test_pairs_are_displaced_by_a_pixel_at_least_and_by_no_more_than_asked():
    rows, columns = np.mgrid[:30, :40]
    before, after = displaced_pairs([100.0 * rows + columns], n_pairs=400, size=6, shift=2, rng=0)
    moved = (after - before)[:, 0, 0]
    steps = {100.0 * y + x for y in range(-2, 3) for x in range(-2, 3)} - {0.0}
    assert set(moved) == steps
    assert np.array_equal(after - before, np.broadcast_to(moved[:, None, None], (400, 6, 6)))


def test_images_too_small_for_a_shift_are_named():
    with pytest.raises(ValueError, match=r"got tiny of \(8, 9\)"):
        displaced_pairs({"tiny": np.zeros((8, 9))}, n_pairs=2, size=6, shift=2, rng=0)
