"""Measure what a run trained: every measure that applies, one after the other, and the files they give."""

from collections.abc import Callable, Iterable, Sequence
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

# What matplotlib would write into files besides the figure.
_NO_DATES: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def analyze(context: Context, *, seed: np.random.SeedSequence, folder: Path) -> dict[str, Any]:
    """Take every measure that applies, write ``network.nc``, tables and figures to a folder, and return the metrics."""
    write_dataset(network_dataset(context), folder / "network.nc")
    return take(measures.MEASURES, context, seed=seed, folder=folder)


def take(
    chosen: Sequence[Measure], context: Context, *, seed: np.random.SeedSequence, folder: Path
) -> dict[str, Any]:
    """Take those of some measures that apply, and write tables and figures: `analyze` without the network's file."""
    found = measured(chosen, context, seed=seed)
    _write_tables(context, found, folder=folder)
    context.say("figures and page")
    for each in found:
        for stem, draw in each.figures.items():
            save_figure(draw, folder / "figures" / f"{stem}.png")
    return {name: value for each in found for name, value in each.metrics.items()}


def measured(chosen: Iterable[Measure], context: Context, *, seed: np.random.SeedSequence) -> list[Measured]:
    """Take those of some measures that apply, each with random numbers of its own, and return what they give."""
    found = []
    for measure in chosen:
        if not measure.applies(context):
            continue
        if measure.step is not None:
            context.say(measure.step(context))
        found.append(_measured(measure, context, rng=stream_of(seed, measure.name)))
    return found


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
    """Draw and save a figure as a file whose bytes depend on nothing but the figure: PNG, SVG or PDF by its name."""
    from matplotlib import rc_context

    from neurosim.analysis.plots.canvas import withdraw
    from neurosim.analysis.plots.style import house_style

    path.parent.mkdir(parents=True, exist_ok=True)
    figure = draw()
    # matplotlib would write its version into the file: an upgrade alone should not change the bytes.
    # And ticks are made on drawing, in the style that holds then.
    kind = path.suffix.removeprefix(".")
    metadata: dict[str, str | None] = {**_NO_DATES[kind]}
    if kind == "png" and (n_frames := getattr(figure, "frames", 1)) > 1:  # the page plays them
        metadata["Frames"] = str(n_frames)
    with house_style(), rc_context({"svg.hashsalt": path.stem}):
        figure.savefig(path, format=kind, metadata=metadata)
    # A run that is made in a notebook does not show its figures there one by one.
    withdraw(figure)
