"""How well one modality is recalled from another."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.stimuli.kinds.stimuli import Stimuli


def recall_measures(
    recalled: NDArray[np.floating], *, want: str, stimuli: Stimuli, rng: np.random.Generator
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Compare what codes recall with what belongs to the stimulus, and with other stimuli as a control.

    Parameters
    ----------
    recalled : ndarray (n_test, n_features)
        What codes found without the wanted modality make of it.
    want : str
        That modality.
    stimuli : Stimuli
        What was shown.
    rng : numpy.random.Generator
        Shuffles stimuli for the control.

    Returns
    -------
    metrics : dict
        By the names of `summary.json`; accuracies where there are classes.
    table : DataFrame
        One row per class, if there are any, and one for all stimuli.
    """
    from neurosim.analysis.codes.recall import recall_error

    wanted = stimuli.held_out[want]
    labels = np.zeros(len(wanted), dtype=np.int64) if stimuli.labels is None else stimuli.labels.held_out
    table = recall_error(recalled, wanted, labels)
    order = rng.permutation(len(wanted))
    metrics = {
        "recall_cosine": float(table["cosine"]["all"]),
        "recall_cosine_shuffled": float(recall_error(recalled, wanted[order], labels)["cosine"]["all"]),
        "recall_relative_error": float(table["relative_error"]["all"]),
    }
    if stimuli.labels is None:
        return metrics, table.loc[["all"]].reset_index()
    right = _accuracy(recalled, want=want, stimuli=stimuli, labels=labels)
    shuffled = _accuracy(recalled, want=want, stimuli=stimuli, labels=labels[order])
    metrics |= {
        "recall_accuracy": float(right["accuracy"]["all"]),
        "recall_accuracy_shuffled": float(shuffled["accuracy"]["all"]),
    }
    return metrics, table.assign(accuracy=right["accuracy"].to_numpy()).reset_index()


def _accuracy(
    recalled: NDArray[np.floating], *, want: str, stimuli: Stimuli, labels: NDArray[np.int64]
) -> pd.DataFrame:
    """Count recalls that are nearest to the mean training stimulus of the right class."""
    from neurosim.analysis.codes.recall import recall_accuracy

    assert stimuli.labels is not None
    known = stimuli.labels.training
    classes = np.unique(known)
    shown = stimuli.training[want].astype(np.float64)
    means = np.stack([shown[known == label].mean(axis=0) for label in classes])
    return recall_accuracy(recalled, means, np.searchsorted(classes, labels))
