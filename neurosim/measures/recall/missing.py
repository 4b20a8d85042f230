"""How well each of three modalities or more is recalled while it is missing, from all others and from one alone."""

from collections.abc import Iterator
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.measures.recall.wanted import examples, recall_measures
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEAST = "recall_accuracy_least"


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    missing = {want: [name for name in context.names if name != want] for want in context.names}
    alone = [([shown], want) for shown, want in permutations(context.names, 2)]
    rows, recalls = [], {}
    seed = int(rng.integers(2**32))  # labels shuffled alike in every row
    for shown, want in [*((others, want) for want, others in missing.items()), *alone]:
        context.say(f"recall of {want} from {' and '.join(shown)}")
        given = {name: context.stimuli.held_out[name] for name in shown}
        recalled = context.network.recall(given, want=want)
        found, _ = recall_measures(
            recalled, want=want, stimuli=context.stimuli, rng=np.random.default_rng(seed)
        )
        rows.append(_row(shown, want, found))
        if len(shown) > 1:
            recalls[want] = recalled
    table = pd.DataFrame(rows)
    metrics = {}
    if "accuracy" in table:
        metrics = {_LEAST: float(table["accuracy"][: len(missing)].min())}
    return Measured(
        metrics=metrics, tables={"missing": table}, figures={"missing": lambda: _drawn(context, recalls)}
    )


def _row(shown: list[str], want: str, found: dict[str, Any]) -> dict[str, Any]:
    numbers = {name.removeprefix("recall_"): value for name, value in found.items()}
    return {"shown": " and ".join(shown), "recalled": want} | numbers


def _drawn(context: Context, recalls: dict[str, NDArray[np.floating]]) -> "Figure":
    """Draw, one panel for each modality, the first of the others, what is recalled, and what belongs there."""
    from neurosim.analysis.plots import plot_recall
    from neurosim.analysis.plots.canvas import canvas

    stimuli = context.stimuli
    chosen, labels = examples(context)
    shown = stimuli.pictures({name: rows[chosen] for name, rows in stimuli.held_out.items()})
    made = stimuli.pictures({name: rows[chosen] for name, rows in recalls.items()})
    figure = canvas(width=7.5, height=2.6 * len(recalls))
    for panel, want in zip(figure.subplots(len(recalls)), recalls, strict=True):
        given = next(name for name in context.names if name != want)
        plot_recall(shown[given], made[want], shown[want], labels=labels, ax=panel)
        panel.set_title(f"{want} is missing; given: {given} and the others", loc="left")
    return figure


def _sentences(run: RunFolder) -> Iterator[str]:
    if (least := run.number(_LEAST)) is not None:
        yield (
            "Whichever modality is missing, what the others recall of it is nearest to the right class for "
            f"{least:.1%} of the stimuli or more."
        )


MISSING = Measure(
    name="missing",
    applies=lambda context: context.has("modalities") and len(context.names) > 2,
    compute=_compute,
    step=lambda context: "recall of each modality while it is missing",
    metrics={
        _LEAST: Metric(
            "fraction",
            "Of each modality while it is missing and all others are shown: share of the held-out stimuli whose recall "
            "is nearest (cosine) to the mean training stimulus of the right class; the least of them.",
        )
    },
    tables={
        "missing": "What is recalled of each modality while it is missing, from all others and from one alone "
        "(missing.csv); shuffled: with labels, or stimuli, of others."
    },
    figures={
        "missing": Caption(
            "Recall of each modality while it is missing",
            "Held-out stimuli without one modality: another that is shown, what all those shown recall in the missing "
            "one, and what belongs there. The two rows of one modality share a grey scale.",
            "For each modality three rows of small grey images: given, recalled and wanted.",
        )
    },
    sentences=_sentences,
)
