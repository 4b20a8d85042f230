"""Measure what a run trained: every measure that applies, one after the other, and the files they give."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurosim import measures
from neurosim.measures.context import Context
from neurosim.networks.saving.network_file import write_dataset
from neurosim.registry.measure import Measure, Measured, undeclared
from neurosim.runs.dataset import network_dataset
from neurosim.stimuli.randomness import stream_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def analyze(context: Context, *, seed: np.random.SeedSequence, folder: Path) -> dict[str, Any]:
    """Take every measure that applies, write ``network.nc``, tables and figures to a folder, and return the metrics."""
    write_dataset(network_dataset(context), folder / "network.nc")
    return take(measures.MEASURES, context, seed=seed, folder=folder)


def take(
    chosen: Sequence[Measure], context: Context, *, seed: np.random.SeedSequence, folder: Path
) -> dict[str, Any]:
    """Take those of some measures that apply, and write tables and figures: `analyze` without the network's file."""
    found = []
    for measure in chosen:
        if not measure.applies(context):
            continue
        if measure.step is not None:
            context.say(measure.step(context))
        found.append(_measured(measure, context, rng=stream_of(seed, measure.name)))
    _write_tables(context, found, folder=folder)
    context.say("figures and page")
    for each in found:
        for stem, draw in each.figures.items():
            save_figure(draw, folder / "figures" / f"{stem}.png")
    return {name: value for each in found for name, value in each.metrics.items()}


def _measured(measure: Measure, context: Context, *, rng: np.random.Generator) -> Measured:
    given = measure.compute(context, rng)
    if names := undeclared(measure, given):
        raise ValueError(
            f"expected numbers, tables and figures that the measure {measure.name!r} declares, got {', '.join(names)}: "
            "add a Metric, a caption or a file's name to the measure"
        )
    return given


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
