"""The figures of a finished run once more, in a format for print."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from neurosim import measures
from neurosim.analysis.progress import show_progress
from neurosim.measures.context import Context
from neurosim.networks.saving.loading import load
from neurosim.recipes.recipe import load_recipe
from neurosim.registry.measure import Measure
from neurosim.registry.progress import Progress
from neurosim.results.store import require_run
from neurosim.runs.analyze import measured, save_figure
from neurosim.runs.execute import streams_of
from neurosim.runs.progress import silent
from neurosim.runs.stimuli import prepared

__all__ = ["FORMATS", "Format", "figures_again"]

Format = Literal["svg", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)


def figures_again(run: str | Path, *, kind: Format, progress: Progress = silent) -> list[Path]:
    """Draw the figures of a finished run as SVG or PDF, beside its PNG files.

    What a run stores does not hold all that its figures show: the stimuli are made again, and what has a figure is
    measured again, with the run's own random numbers. That takes as long as the analysis of the run.

    Parameters
    ----------
    run : str or Path
        A folder that `neurosim run` wrote, of one network.
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
        If there is no run, it is of several networks or of a recording, or its network is not stored whole.

    Examples
    --------
    >>> figures_again("runs/lca-0", kind="svg")  # doctest: +SKIP
    """
    if kind not in FORMATS:
        raise ValueError(f"expected figures as {' or '.join(FORMATS)}, got {kind!r}")
    require_run(run)
    folder = Path(run).expanduser()
    context, seed = _context(folder, progress)
    with show_progress(progress):
        return list(_drawn(context, seed, folder=folder, kind=kind))


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


def _drawn(context: Context, seed: np.random.SeedSequence, *, folder: Path, kind: Format) -> Iterator[Path]:
    def is_drawn(measure: Measure) -> bool:
        return bool(measure.figures)

    for each in measured(filter(is_drawn, measures.MEASURES), context, seed=seed):
        for stem, draw in each.figures.items():
            path = folder / "figures" / f"{stem}.{kind}"
            save_figure(draw, path)
            yield path
