"""How well one modality is recalled from another: errors, and the prototype a recall is nearest to."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.codes.labelled_input import checked_labels, finite_matrix

__all__ = ["recall_accuracy", "recall_error"]


def recall_error(recalled: ArrayLike, wanted: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    r"""Compare recalled stimuli with those wanted.

    Parameters
    ----------
    recalled : array_like, shape (n_stimuli, n_pixels)
        What a code found from one modality makes of the other.
    wanted : array_like, shape (n_stimuli, n_pixels)
        What belongs to it, same unit.
    labels : array_like of int, shape (n_stimuli,)
        Class of each stimulus.

    Returns
    -------
    DataFrame
        One row per class, then one of all stimuli together, named ``"all"``: ``n`` (stimuli), ``silent`` (how
        many recalls are all zero), ``relative_error`` (mean of :math:`\|r - w\|^2 / \|w\|^2`: 0 for a perfect
        recall, 1 for none) and ``cosine`` (mean of :math:`r \cdot w / \|r\|\|w\|`, which does not see the
        strength of a recall; 0 for one that is all zero).

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        If shapes do not fit, a value is not finite, or a wanted stimulus is all zero.

    Examples
    --------
    >>> recall_error([[0.5, 0.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 2.0]], [3, 4]).to_numpy().tolist()
    [[1.0, 0.0, 0.25, 1.0], [1.0, 1.0, 1.0, 0.0], [2.0, 1.0, 0.625, 0.5]]
    """
    got, aim = _rows("recalled", recalled), _rows("wanted", wanted)
    if got.shape != aim.shape:
        raise ValueError(f"expected recalled stimuli of shape {aim.shape}, as those wanted, got {got.shape}")
    classes = checked_labels("labels", labels, n=len(got))
    energy = (_with_energy("wanted", aim) ** 2).sum(axis=1)
    cosine = (_unit(got) * _unit(aim)).sum(axis=1)
    return _by_class(
        classes,
        silent=_silent(got),
        measures={"relative_error": ((got - aim) ** 2).sum(axis=1) / energy, "cosine": cosine},
    )


def recall_accuracy(recalled: ArrayLike, prototypes: ArrayLike, labels: ArrayLike) -> pd.DataFrame:
    """Count the recalls whose nearest prototype is of the right class.

    Recalls and prototypes are scaled to unit norm, so it is their pattern that counts.

    Parameters
    ----------
    recalled : array_like, shape (n_stimuli, n_pixels)
        What a code found from one modality makes of the other.
    prototypes : array_like, shape (n_classes, n_pixels)
        One stimulus of that modality per class, row c for class c, for example ten printed digits.
    labels : array_like of int, shape (n_stimuli,)
        Class of each stimulus, from 0 to n_classes - 1.

    Returns
    -------
    DataFrame
        One row per class, then one of all stimuli together, named ``"all"``: ``n`` (stimuli), ``silent`` (how
        many recalls are all zero) and ``accuracy``. A recall that is all zero, or as near to another
        prototype as to the right one, is wrong.

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        If shapes do not fit, a value is not finite, a prototype is all zero, or a label has no prototype.

    Examples
    --------
    >>> recall_accuracy([[0.3, 0.1], [0.3, 0.1], [0.0, 0.0]], np.eye(2), [0, 1, 1]).to_numpy().tolist()
    [[1.0, 0.0, 1.0], [2.0, 1.0, 0.0], [3.0, 1.0, 0.3333333333333333]]
    """
    got, known = _rows("recalled", recalled), _with_energy("prototypes", _rows("prototypes", prototypes))
    if known.shape[1] != got.shape[1]:
        raise ValueError(f"expected prototypes of {got.shape[1]} pixels, as recalled, got {known.shape[1]}")
    classes = checked_labels("labels", labels, n=len(got))
    outside = classes[(classes < 0) | (classes >= len(known))]
    if len(outside):
        raise ValueError(
            f"expected labels from 0 to {len(known) - 1}, one per prototype, got {outside[0]}: row c of the "
            "prototypes is that of class c"
        )
    likeness = _unit(got) @ _unit(known).T
    own = likeness[np.arange(len(got)), classes]
    # Rounding makes the last digit of equal likenesses differ: within it they are a tie.
    rivals = (likeness > own[:, None] - 1e-12).sum(axis=1) - 1
    silent = _silent(got)
    return _by_class(classes, silent=silent, measures={"accuracy": ((rivals == 0) & ~silent).astype(float)})


def _rows(name: str, values: ArrayLike) -> NDArray[np.float64]:
    return finite_matrix(name, values).astype(np.float64)


def _with_energy(name: str, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    n_empty = int(_silent(rows).sum())
    if n_empty:
        raise ValueError(
            f"expected `{name}` with some energy in every row, got {n_empty} all zero: leave them out"
        )
    return rows


def _silent(rows: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(~rows.any(axis=1))


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale rows to unit norm; those that are all zero stay so."""
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, norm, out=np.zeros_like(rows), where=norm > 0))


def _by_class(
    classes: NDArray[np.int64], *, silent: NDArray[np.bool_], measures: dict[str, NDArray[np.float64]]
) -> pd.DataFrame:
    """Average the measures over each class, and over all stimuli in the last row."""
    groups = [(str(label), classes == label) for label in np.unique(classes)]
    rows = {
        name: {"n": int(of.sum()), "silent": int(silent[of].sum())}
        | {measure: float(values[of].mean()) for measure, values in measures.items()}
        for name, of in [*groups, ("all", np.ones(len(classes), dtype=bool))]
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")
