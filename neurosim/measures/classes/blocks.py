"""How much of the activity is in the block of neurons that belongs to the right class, and by chance."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder


def in_blocks(
    code: NDArray[np.floating],
    *,
    classes: NDArray[np.intp],
    block_of: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return how much activity falls into the right block: numbers of `summary.json`, and a table.

    Of a code (n_test, n_neurons), with the index of each stimulus's class and the class of each neuron, -1 for
    none. The table has a row per class, one for all of them, and one for the mean over shuffles of the labels.
    """
    from neurosim.analysis.codes.blocks import block_purity, shuffled_block_purity

    table = block_purity(code, classes, block_of)
    shuffled = shuffled_block_purity(code, classes, block_of, rng=rng).mean()
    metrics = {
        "block_purity": float(table["purity"]["all"]),
        "block_purity_shuffled": float(shuffled["purity"]),
        "block_accuracy": float(table["block_accuracy"]["all"]),
        "block_accuracy_shuffled": float(shuffled["block_accuracy"]),
    }
    chance = pd.DataFrame(shuffled).T.rename(index={0: "shuffled"}).assign(n=len(code))
    return metrics, pd.concat([table, chance]).rename_axis("class").reset_index()


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.codes.blocks import block_activity
    from neurosim.analysis.plots import plot_block_activity

    assert context.labels is not None
    assert context.block_of is not None
    known = context.network.classes_
    classes = np.searchsorted(known, context.labels.held_out)
    metrics, table = in_blocks(context.code, classes=classes, block_of=context.block_of, rng=rng)
    activity = block_activity(context.code, classes, context.block_of)
    return Measured(
        metrics=metrics,
        # A neuron of no block has the index -1.
        columns=pd.DataFrame({"block": np.append(known, -1)[context.block_of]}),
        tables={"blocks": table},
        figures={"blocks": lambda: plot_block_activity(activity)},
    )


def _sentences(run: RunFolder) -> Iterator[str]:
    inside, chance = run.number("block_purity"), run.number("block_purity_shuffled")
    if inside is not None and chance is not None:
        words = f"{inside:.1%} is in the right ones ({chance:.1%} by chance)"
        yield f"Of the activity in neurons that belong to a class, {words}."


_BY_CHANCE = Metric("fraction", "The same with labels shuffled: what chance gives.")

BLOCKS = Measure(
    name="blocks",
    applies=lambda context: context.has("labels") and context.labels is not None,
    compute=_compute,
    step=lambda context: "activity of the neurons that belong to each class",
    metrics={
        "block_purity": Metric(
            "fraction",
            "Share of the activity in neurons that belong to a class that is in those of the right one, averaged over "
            "held-out stimuli.",
        ),
        "block_purity_shuffled": _BY_CHANCE,
        "block_accuracy": Metric(
            "fraction",
            "Share of the held-out stimuli for which the neurons of the right class are on average the most active.",
        ),
        "block_accuracy_shuffled": _BY_CHANCE,
    },
    tables={
        "blocks": "Activity in the block of the right class (purity) and how often that block is the most active "
        "(accuracy); shuffled: labels dealt out at random (blocks.csv)."
    },
    figures={
        "blocks": Caption(
            "Activity of the neurons that belong to each class",
            "Mean activity of each block of neurons to held-out stimuli of each class, in percent of the row. Labels "
            "reached the network while it learned, as currents into the block of the right class, and never since.",
            "Heat map of classes against blocks of neurons, with percentages.",
        )
    },
    sentences=_sentences,
)
