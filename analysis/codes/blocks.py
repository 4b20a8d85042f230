"""How much of a code falls into the block of neurons that belongs to the stimulus's class."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import checked_labels, finite_matrix
from neurosim.analysis.progress import counted
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["NO_BLOCK", "block_activity", "block_purity", "shuffled_block_purity"]

NO_BLOCK = -1
"""The block of a neuron that belongs to no class."""


def block_purity(code: ArrayLike, labels: ArrayLike, block_of: ArrayLike) -> pd.DataFrame:
    r"""Measure how much activity falls into the right block, and how often that block is the most active.

    With :math:`A_b` the sum of magnitudes over block b, a stimulus of class c has the purity

    .. math:: A_c \Big/ \sum_b A_b .

    Neurons without a block count neither above nor below the line.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit. A signed code counts by its magnitude.
    labels : array_like of int, shape (n_stimuli,)
        Class of each stimulus. They are used here only: a code must not depend on the labels of test stimuli.
    block_of : array_like of int, shape (n_neurons,)
        The class each neuron belongs to, -1 for none.

    Returns
    -------
    DataFrame
        One row per class, then one of all stimuli together, named ``"all"``: ``n`` (stimuli), ``silent`` (how
        many of them leave every block silent), ``purity`` (mean over those that do not; NaN if there are none)
        and ``block_accuracy`` (share of all `n` whose own block has a larger mean activity than any other;
        ties and silent stimuli are wrong).

    Raises
    ------
    TypeError
        If labels or blocks are no integers.
    ValueError
        If shapes do not fit, a value is not finite, a block is below -1, or a class has no block.

    Examples
    --------
    >>> block_purity([[3.0, 0.0, 1.0, 9.0], [0.0, 0.0, 0.0, 9.0]], [0, 1], [0, 0, 1, -1]).to_numpy().tolist()
    [[1.0, 0.0, 0.75, 1.0], [1.0, 1.0, nan, 0.0], [2.0, 1.0, 0.75, 0.5]]
    """
    sums, sizes, classes, right = _block_sums(code, labels, block_of)
    own = sums[np.arange(len(sums)), right]
    total = sums.sum(axis=1)
    purity = np.divide(own, total, out=np.full(len(sums), np.nan), where=total > 0)
    means = sums / sizes
    mean_own = means[np.arange(len(sums)), right]
    beaten = (means < mean_own[:, None]).sum(axis=1) == means.shape[1] - 1
    groups = [(str(label), classes == label) for label in np.unique(classes)]
    rows = {
        name: {
            "n": int(of.sum()),
            "silent": int((total[of] == 0).sum()),
            "purity": float(np.mean(purity[of & (total > 0)])) if total[of].any() else np.nan,
            "block_accuracy": float((beaten & (total > 0))[of].mean()),
        }
        for name, of in [*groups, ("all", np.ones(len(classes), dtype=bool))]
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")


def shuffled_block_purity(
    code: ArrayLike,
    labels: ArrayLike,
    block_of: ArrayLike,
    *,
    rng: Randomness,
    n_shuffles: int = 20,
) -> pd.DataFrame:
    """Measure the same with labels shuffled over the stimuli: what blocks give by chance.

    Parameters
    ----------
    code, labels, block_of
        As in `block_purity`.
    rng : numpy.random.Generator or int
        Shuffles the labels.
    n_shuffles : int
        How often.

    Returns
    -------
    DataFrame
        One row per shuffle, ``purity`` and ``block_accuracy`` of all stimuli. Blocks that are more active
        whatever is shown raise neither above the share of their class.

    Raises
    ------
    TypeError
        If labels or blocks are no integers.
    ValueError
        As `block_purity`, or if `n_shuffles` is below 1.

    Examples
    --------
    >>> labels = np.arange(200) % 2
    >>> code = np.eye(2)[labels]
    >>> control = shuffled_block_purity(code, labels, [0, 1], rng=np.random.default_rng(0))
    >>> round(float(control["purity"].mean()), 1), float(block_purity(code, labels, [0, 1])["purity"]["all"])
    (0.5, 1.0)
    """
    rng = generator(rng)
    if n_shuffles < 1:
        raise ValueError(f"expected one shuffle or more, got n_shuffles={n_shuffles}")
    dealt = np.asarray(labels)
    rows = [
        block_purity(code, rng.permutation(dealt), block_of).loc["all"]
        for _ in counted(range(n_shuffles), "purity of shuffled blocks")
    ]
    return pd.DataFrame(rows)[["purity", "block_accuracy"]].reset_index(drop=True)


def block_activity(code: ArrayLike, labels: ArrayLike, block_of: ArrayLike) -> pd.DataFrame:
    """Return the mean activity of each block of neurons to each class of stimuli.

    Parameters
    ----------
    code, labels, block_of
        As in `block_purity`.

    Returns
    -------
    DataFrame
        Rows are classes, columns blocks, entries the mean magnitude of a neuron of that block in the unit of
        the code; silent stimuli count. `neurosim.analysis.plots.plot_block_activity` draws it.

    Raises
    ------
    TypeError
        If labels or blocks are no integers.
    ValueError
        As `block_purity`.

    Examples
    --------
    >>> block_activity([[3.0, 0.0, 1.0], [0.0, 0.0, 2.0]], [0, 1], [0, 0, 1]).to_numpy().tolist()
    [[1.5, 1.0], [0.0, 2.0]]
    """
    sums, sizes, classes, _ = _block_sums(code, labels, block_of)
    names = np.unique(classes)
    means = np.stack([(sums[classes == label] / sizes).mean(axis=0) for label in names])
    blocks = np.unique(np.asarray(block_of))
    columns = pd.Index(blocks[blocks != NO_BLOCK], name="block")
    return pd.DataFrame(means, index=pd.Index(names, name="class"), columns=columns)


def _block_sums(
    code: ArrayLike, labels: ArrayLike, block_of: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
    """Return activity per stimulus and block, neurons per block, labels, and each stimulus's own column."""
    magnitudes = np.abs(finite_matrix("code", code)).astype(np.float64)
    classes = checked_labels("labels", labels, n=len(magnitudes))
    blocks = checked_labels("block_of", block_of, n=magnitudes.shape[1])
    if (blocks < NO_BLOCK).any():
        raise ValueError(f"expected blocks of 0 or more, or -1 for none, got {blocks.min()}")
    names = np.unique(blocks[blocks != NO_BLOCK])
    homeless = np.setdiff1d(classes, names)
    if len(homeless):
        raise ValueError(
            f"expected a block for every class, got none for {', '.join(map(str, homeless))}: leave the stimuli "
            "of those classes out"
        )
    member = blocks[:, None] == names
    return magnitudes @ member, member.sum(axis=0), classes, np.searchsorted(names, classes)
