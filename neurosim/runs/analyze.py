"""Measure what a run trained: every measure that applies, one after the other, and the files they give."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurosim import measures
from neurosim.measures.context import Context
from neurosim.registry.measure import Measured
from neurosim.results.network_file import write_dataset
from neurosim.runs.dataset import network_dataset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The order in which streams were spawned: from the analysis' own; of photographs, and of everything else.
_SPAWNED = {
    True: {"neuron_groups": (0,), "maps": (1,), "likelihood": (2,)},
    False: {"recall": (0,), "binocular": (2,), "neuron_groups": (3,), "likelihood": (4,)}
    | {
        name: (1, place)
        for place, name in enumerate(
            ("classification", "separation", "blocks", "embedding", "stimulus_clusters")
        )
    },
}


def analyze(context: Context, *, seed: np.random.SeedSequence, folder: Path) -> dict[str, Any]:
    """Take every measure that applies to what was trained, and write the run's files.

    Parameters
    ----------
    context : Context
        The trained network, or networks, with the stimuli.
    seed : numpy.random.SeedSequence
        Source of the streams of random numbers, of which every measure has its own.
    folder : Path
        Where to write ``network.nc``, tables and figures.

    Returns
    -------
    dict
        Metrics by the names of `summary.json`.
    """
    write_dataset(network_dataset(context), folder / "network.nc")
    found = []
    for measure in measures.MEASURES:
        if not measure.applies(context):
            continue
        if measure.step is not None:
            context.say(measure.step(context))
        found.append(measure.compute(context, _stream(seed, measure.name, context)))
    _write_tables(context, found, folder=folder)
    context.say("figures and page")
    for each in found:
        for stem, draw in each.figures.items():
            save_figure(draw, folder / "figures" / f"{stem}.png")
    return {name: value for each in found for name, value in each.metrics.items()}


def _stream(seed: np.random.SeedSequence, name: str, context: Context) -> np.random.Generator:
    place = _SPAWNED[context.stimuli.image_space is not None].get(name, ())
    return np.random.default_rng(
        np.random.SeedSequence(entropy=seed.entropy, spawn_key=(*seed.spawn_key, *place))
    )


def _write_tables(context: Context, found: Sequence[Measured], *, folder: Path) -> None:
    neurons = [] if context.conditions else [context.neurons]
    columns = [each.columns for each in found if each.columns is not None]
    pd.concat([*neurons, *columns], axis=1).to_csv(folder / "fields.csv", index=False)
    tables: dict[str, pd.DataFrame] = {stem: table for each in found for stem, table in each.tables.items()}
    for stem, table in tables.items():
        table.to_csv(folder / f"{stem}.csv", index=False)


def save_figure(draw: "Callable[[], Figure]", path: Path) -> None:
    """Draw and save a figure as a PNG file whose bytes depend on nothing but the figure."""
    from neurosim.analysis.plots.canvas import withdraw
    from neurosim.analysis.plots.style import house_style

    path.parent.mkdir(parents=True, exist_ok=True)
    figure = draw()
    # matplotlib would write its version into the file: an upgrade alone should not change the bytes.
    # And ticks are made on drawing, in the style that holds then.
    with house_style():
        figure.savefig(path, format="png", metadata={"Software": None})
    # A run that is made in a notebook does not show its figures there one by one.
    withdraw(figure)
