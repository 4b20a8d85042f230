"""The fields of the same neurons in every modality, and what was shown together."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds import shown_in_words
from neurosim.stimuli.kinds.films.film_stimuli import FilmStimuli


def shown_together(run: RunFolder) -> str:
    """Say what was learned from, and how much of it: plain text to stand after "learned from"."""
    stimuli = run.section("stimuli")
    # How many there were where the recipe leaves it to the file, else how many it asked for.
    n_train, n_test = (run.provenance.get(key, stimuli.get(key)) for key in ("n_train", "n_test"))
    text = shown_in_words(stimuli)
    text = f"{n_train:,} {text}" if isinstance(n_train, int) else text
    if isinstance(n_test, int):
        text += f"; every code below is for {n_test:,} it never saw"
    present, modalities = run.provenance.get("present"), run.provenance.get("modalities")
    if isinstance(present, list) and present != modalities:
        text += f", found from {' and '.join(map(str, present))} alone"
    return text


def in_order_of_use(usage: NDArray[np.float64], block_of: NDArray[np.int64] | None) -> NDArray[np.intp]:
    """Return the neurons in falling order of use, within their blocks if they have any, those of no block last."""
    blocks = np.zeros(len(usage), dtype=np.int64) if block_of is None else block_of
    order: NDArray[np.intp] = np.lexsort([-usage, np.where(blocks < 0, blocks.max() + 1, blocks)])
    return order


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import plot_linked_fields

    norms = {f"norm_{name}": np.linalg.norm(rows, axis=1) for name, rows in context.dictionaries.items()}
    pictures = context.stimuli.pictures(context.dictionaries)
    order = in_order_of_use(context.usage, context.block_of)
    return Measured(
        columns=pd.DataFrame(norms),
        figures={"linked_fields": lambda: plot_linked_fields(pictures, neurons=order, scale="neuron")},
    )


MODALITIES = Measure(
    name="modalities",
    # Clips have a time, and figures of their own.
    applies=lambda context: (
        context.network is not None
        and context.stimuli.image_space is None
        and not isinstance(context.stimuli, FilmStimuli)
    ),
    compute=_compute,
    step=lambda context: "fields in every modality",
    metrics={},
    figures={
        "linked_fields": Caption(
            "Fields in every modality",
            "The same neuron in the same place; those that belong to a class stand together, else the most used come "
            "first. Mid-grey is zero; the fields of a neuron share one scale, so that one that lives in a single "
            "modality is grey in the other.",
            "One grid of small grey images per modality: the fields of the same neurons.",
        )
    },
)
