"""Blocks of neurons: shares in closed form, ties and silence, and chance for shuffled labels."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.codes.blocks import block_activity, block_purity, shuffled_block_purity
from neurosim.analysis.plots import plot_block_activity

BLOCKS = np.append(np.repeat([0, 1, 2], 4), [-1, -1])


def planted(share=0.8, n=300, seed=0):
    """Return codes of which the given share falls into the right block, exactly, and noise outside of blocks."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    weight = np.where(labels[:, None] == BLOCKS, share, (1 - share) / 2) * (BLOCKS >= 0)
    within = rng.random((n, len(BLOCKS)))
    for block in range(3):
        within[:, block == BLOCKS] /= within[:, block == BLOCKS].sum(axis=1, keepdims=True)
    strength = rng.uniform(0.1, 9, (n, 1))
    return strength * weight * within + (BLOCKS < 0) * rng.random((n, len(BLOCKS))), labels


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_planted_share_is_found_for_every_class(share):
    code, labels = planted(share)
    table = block_purity(code, labels, BLOCKS)
    assert table.index.tolist() == ["0", "1", "2", "all"]
    np.testing.assert_allclose(table["purity"], share)
    assert (table["block_accuracy"] == (share > 1 / 3)).all()
    np.testing.assert_array_equal(table["n"], [*np.bincount(labels), 300])


def test_signs_do_not_count():
    code, labels = planted()
    signs = np.random.default_rng(1).choice([-1, 1], code.shape)
    pd.testing.assert_frame_equal(
        block_purity(signs * code, labels, BLOCKS), block_purity(code, labels, BLOCKS)
    )


def test_neurons_without_a_block_count_neither_above_nor_below():
    code, labels = planted()
    louder = code * np.where(BLOCKS < 0, 100, 1)
    pd.testing.assert_frame_equal(block_purity(louder, labels, BLOCKS), block_purity(code, labels, BLOCKS))


def test_silent_stimuli_are_counted_left_out_of_purity_and_wrong():
    code, labels = planted()
    quiet = code.copy()
    quiet[:30, BLOCKS >= 0] = 0
    before, after = (block_purity(values, labels, BLOCKS).loc["all"] for values in (code, quiet))
    assert (before["silent"], after["silent"]) == (0, 30)
    assert after["purity"] == pytest.approx(before["purity"])
    assert after["block_accuracy"] == pytest.approx(0.9)


def test_all_silent_has_no_purity():
    table = block_purity(np.zeros((4, 3)), [0, 1, 0, 1], [0, 1, -1])
    assert table["purity"].isna().all()
    assert (table["block_accuracy"] == 0).all()


def test_the_most_active_block_is_that_of_the_largest_mean_not_sum():
    table = block_purity([[3.0, 2.0, 2.0, 2.0]], [0], [0, 1, 1, 1])
    assert table.loc["0", "block_accuracy"] == 1
    assert table.loc["0", "purity"] == pytest.approx(1 / 3)


def test_a_tie_is_wrong_whichever_block_comes_first():
    assert (block_purity([[1.0, 1.0], [1.0, 1.0]], [0, 1], [0, 1])["block_accuracy"] == 0).all()


def test_shuffled_labels_leave_chance_even_where_one_block_is_always_loud():
    code, labels = planted()
    control = shuffled_block_purity(code, labels, BLOCKS, rng=np.random.default_rng(0), n_shuffles=10)
    assert len(control) == 10
    np.testing.assert_allclose(control.mean(), 1 / 3, atol=0.05)
    loud = np.tile((BLOCKS == 1).astype(float), (300, 1))
    dealt = shuffled_block_purity(loud, labels, BLOCKS, rng=np.random.default_rng(0))
    np.testing.assert_allclose(dealt, (labels == 1).mean())


def test_block_activity_is_the_mean_over_stimuli_and_neurons():
    code, labels = planted()
    activity = block_activity(code, labels, BLOCKS)
    assert activity.shape == (3, 3)
    assert activity.loc[2, 1] == pytest.approx(code[labels == 2][:, BLOCKS == 1].mean())


def test_the_heat_map_writes_shares_of_a_class():
    activity = pd.DataFrame([[3.0, 1.0], [0.0, 0.0]], index=[4, 7], columns=[4, 7])
    axes = plot_block_activity(activity).axes[0]
    assert [text.get_text() for text in axes.texts] == ["75", "25", "0", "0"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["4", "7 (silent)"]
    with pytest.raises(ValueError, match="negative"):
        plot_block_activity(-activity)


def test_bad_blocks_are_refused():
    code, labels = planted(n=9)
    with pytest.raises(ValueError, match="none for 2"):
        block_purity(code, np.arange(9) % 3, np.where(BLOCKS == 2, -1, BLOCKS))
    with pytest.raises(ValueError, match="got -3"):
        block_purity(code, labels, np.where(BLOCKS == -1, -3, BLOCKS))
    with pytest.raises(ValueError, match="`block_of` of shape"):
        block_purity(code, labels, BLOCKS[:-1])
    with pytest.raises(ValueError, match="one shuffle"):
        shuffled_block_purity(code, labels, BLOCKS, rng=np.random.default_rng(0), n_shuffles=0)
