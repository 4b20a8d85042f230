"""How well a modality that was not shown is recalled, and by chance."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.stimuli import Arrays, Stimuli

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Stimuli in the figure: the first of each class, or the first ones.
_EXAMPLES = 10


def recall_measures(
    recalled: NDArray[np.floating], *, want: str, stimuli: Stimuli, rng: np.random.Generator
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Compare what codes recall (n_test, n_features) with what belongs to the stimulus; as a control, with others.

    Returns the numbers of `summary.json`, accuracies where there are classes, and a table: a row per class, if
    there are any, and one for all stimuli.
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


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    assert context.want is not None
    metrics, table = recall_measures(
        context.rebuilt[context.want], want=context.want, stimuli=context.stimuli, rng=rng
    )
    return Measured(metrics=metrics, tables={"recall": table}, figures={"recall": lambda: _drawn(context)})


def _drawn(context: Context) -> "Figure":
    from neurosim.analysis.plots import plot_recall

    stimuli, first, want = context.stimuli, context.present[0], context.want
    assert want is not None
    chosen, labels = examples(context)
    shown = stimuli.pictures(_rows(stimuli.held_out, chosen))
    made = stimuli.pictures(_rows(context.rebuilt, chosen))
    return plot_recall(
        shown[first],
        made[want],
        shown[want],
        rebuilt=made[first],
        labels=labels,
    )


def examples(context: Context) -> tuple[NDArray[np.intp], NDArray[np.int64] | None]:
    """Return which held-out stimuli stand in a figure, and their classes: the first of each, or the first ones."""
    labels = context.labels
    if labels is None:
        return np.arange(len(next(iter(context.stimuli.held_out.values()))))[:_EXAMPLES], None
    chosen = np.unique(labels.held_out, return_index=True)[1][:_EXAMPLES]
    return chosen, labels.held_out[chosen]


def _rows(arrays: Arrays, chosen: NDArray[np.intp]) -> Arrays:
    return {name: rows[chosen] for name, rows in arrays.items()}


def _sentences(run: RunFolder) -> Iterator[str]:
    if (right := run.number("recall_accuracy")) is not None:
        what = run.provenance.get("recalled", "the modality that was not shown")
        yield f"What their codes recall in {what} is nearest to the right class for {right:.1%} of the stimuli."


RECALL = Measure(
    name="recall",
    applies=lambda context: context.network is not None and context.want is not None,
    compute=_compute,
    step=lambda context: f"recall of {context.want}",
    metrics={
        "recall_accuracy": Metric(
            "fraction",
            "Share of the held-out stimuli whose recall in the modality that was not shown is nearest (cosine) to the "
            "mean training stimulus of the right class.",
        ),
        "recall_accuracy_shuffled": Metric("fraction", "The same with labels shuffled: what chance gives."),
        "recall_cosine": Metric(
            "ratio", "Cosine between what is recalled and what belongs there, averaged over held-out stimuli."
        ),
        "recall_cosine_shuffled": Metric(
            "ratio", "The same with what belongs to other stimuli: what chance gives."
        ),
        "recall_relative_error": Metric(
            "ratio",
            "Squared distance between them over the squared norm of what belongs there; 1 for no recall.",
        ),
    },
    tables={"recall": "What is recalled of the modality that was not shown, by class (recall.csv)."},
    figures={
        "recall": Caption(
            "Recall of what was not shown",
            "Held-out stimuli of one modality alone, what their code makes of that modality, what it recalls in the "
            "other one, and what belongs there. The two rows of one modality share a grey scale.",
            "Rows of small grey images: given, rebuilt, recalled and wanted.",
        )
    },
    sentences=_sentences,
)
