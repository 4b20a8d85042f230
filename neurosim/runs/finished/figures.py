"""The figures of a finished run once more, in a format for print."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from neurosim import measures
from neurosim.analysis.progress import show_progress
from neurosim.measures.context import Context
from neurosim.networks.saving.loading import load
from neurosim.recipes.recipe import load_recipe
from neurosim.registry.measure import Measure, declared_name
from neurosim.registry.progress import Progress
from neurosim.results.store import require_run
from neurosim.runs.analyze import measured, save_figure
from neurosim.runs.execute import streams_of
from neurosim.runs.progress import silent
from neurosim.runs.stimuli import prepared

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "Format", "figures_again"]

Draw = Callable[[], "Figure"]
Format = Literal["svg", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)


def figures_again(run: str | Path, *, kind: Format, progress: Progress = silent) -> list[Path]:
    """Draw the figures of a finished run as SVG or PDF, beside its PNG files.

    Figures that the tables of the run are enough for, such as those of the laboratory, are drawn from them. Others show
    what is not stored: the stimuli are made again, and what has such a figure is measured again, with the run's own
    random numbers, which takes as long as that part of the run's analysis. An event says which.

    Parameters
    ----------
    run : str or Path
        A folder that `neurosim run` wrote, of one network, or `neurosim lab`.
    kind : {"svg", "pdf"}
    progress : callable
        Called with events as `TerminalProgress` takes them.

    Returns
    -------
    list of Path
        The files, in the order of a page.

    Raises
    ------
    ValueError
        If there is no run; or if something has to be measured again and the run is of several networks or of a
        recording, or its network is not stored whole.

    Examples
    --------
    >>> figures_again("runs/lca-0", kind="svg")  # doctest: +SKIP
    """
    if kind not in FORMATS:
        raise ValueError(f"expected figures as {' or '.join(FORMATS)}, got {kind!r}")
    require_run(run)
    folder = Path(run).expanduser()
    kept = {path.stem for path in (folder / "figures").glob("*.png")}
    draws: dict[str, Draw] = {}
    again: dict[str, Measure] = {}
    for measure in measures.MEASURES:
        own = [stem for stem in kept if declared_name(stem, measure.figures) is not None]
        found = measure.redraw(_tables(measure, folder)) if own else {}
        draws |= {stem: found[stem] for stem in own if stem in found}
        again |= {stem: measure for stem in own if stem not in found}
    with show_progress(progress):
        draws |= _measured_again(again, folder=folder, progress=progress)
    for stem, draw in draws.items():
        save_figure(draw, folder / "figures" / f"{stem}.{kind}")
    ordered = measures.in_order(draws, measures.captions())
    return [folder / "figures" / f"{stem}.{kind}" for stem in ordered]


def _tables(measure: Measure, folder: Path) -> dict[str, pd.DataFrame]:
    """Return what a run stores of a measure's tables."""
    files = {stem: folder / f"{stem}.csv" for stem in (*measure.tables, *measure.files)}
    return {stem: pd.read_csv(file) for stem, file in files.items() if file.is_file()}


def _measured_again(again: dict[str, Measure], *, folder: Path, progress: Progress) -> dict[str, Draw]:
    """Return figures, by their stems, from measures that have to be taken once more."""
    if not again:
        return {}
    words = ", ".join(measures.in_order(again, measures.captions()))
    progress({"stage": "analyze", "step": f"measuring again what no table has: {words}"})
    context, seed = _context(folder, progress)
    chosen = [each for each in measures.MEASURES if each in again.values()]
    return {
        stem: draw
        for each in measured(chosen, context, seed=seed)
        for stem, draw in each.figures.items()
        if stem in again
    }


def _context(folder: Path, progress: Progress) -> tuple[Context, np.random.SeedSequence]:
    if not (folder / "recipe.toml").is_file():
        raise ValueError(
            f"expected a run of one network, got a recording in {str(folder)!r}: analyze its files again"
        )
    recipe = load_recipe(folder / "recipe.toml")
    if recipe.arms:
        raise ValueError(
            f"expected a run of one network, got several in {str(folder)!r}: run its recipe again and save the figures "
            "from Python"
        )
    network, streams = load(folder), streams_of(recipe.run.seed)
    progress({"stage": "stimuli", "step": "loading and preparing"})
    stimuli = prepared(recipe, training_rng=streams.training, held_out_rng=streams.held_out)
    return Context(network, stimuli, recipe=recipe, progress=progress), streams.analysis
