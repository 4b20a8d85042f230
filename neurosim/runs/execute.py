"""Carry out a recipe, or go on with it: stimuli, training, held-out code, analysis, run folder."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from neurosim.analysis.progress import show_progress
from neurosim.networks.estimator.backend_choice import repeatable
from neurosim.networks.estimator.checkpoint import Checkpoint
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.registry.progress import Progress
from neurosim.results.interruption import again
from neurosim.results.leftovers import brian2_files_swept
from neurosim.results.provenance import provenance
from neurosim.results.run_files import CHECKPOINTS, checkpoints_in, write_whole
from neurosim.results.store import new_run_folder, put_in_place, require_free, write_json
from neurosim.results.unfinished import Unfinished, unfinished_run
from neurosim.runs.analyze import analyze
from neurosim.runs.conditions import Conditions, context_of, network_of
from neurosim.runs.measured_files import written_by_measures
from neurosim.runs.needs.memory import require_memory
from neurosim.runs.needs.run_size import folder_size
from neurosim.runs.progress import silent
from neurosim.runs.stimuli import prepared, recorded, training_data
from neurosim.stimuli.kinds.stimuli import Stimuli


@repeatable()
def execute(
    recipe: Recipe,
    *,
    out: str | Path,
    overwrite: bool = False,
    progress: Progress = silent,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Run a recipe and store everything it gives in one folder.

    Parameters
    ----------
    recipe : Recipe
        What to do; `load_recipe` reads one.
    out : str or Path
        The run's folder, made by this call; ``~`` is the home folder, links to folders are followed. It appears when
        the run is whole; until then, and after an interruption that leaves a checkpoint or a trained network, there
        is ``<out>.partial`` or a folder whose name begins so, which `neurosim.resume` goes on with.
    overwrite : bool
        Replace a run that is in `out`.
    progress : callable
        Called with events as `TerminalProgress` takes them.
    command : sequence of str
        The command line, for the record.

    Returns
    -------
    dict
        ``summary.json``. The same recipe gives the same values, all but ``seconds_*``.

    Raises
    ------
    ValueError
        If `out` cannot be used or is written to by another process, the memory or the disc is too small, or the
        stimuli cannot be made as the recipe asks.
    RunInterrupted
        On Ctrl-C (a KeyboardInterrupt); the message says what was kept.

    Examples
    --------
    >>> from neurosim.recipes.recipe import load_recipe
    >>> execute(load_recipe("lca"), out="runs/lca-0")  # doctest: +SKIP
    """
    require_free(out, overwrite=overwrite, writes=written_by_measures)
    room = new_run_folder(
        out, overwrite=overwrite, n_bytes=folder_size(recipe), writes=written_by_measures, resumable=True
    )
    return carried_out(recipe, room, progress=progress, command=command)


@repeatable()
def resume(
    run: str | Path, *, overwrite: bool = False, progress: Progress = silent, command: Sequence[str] = ()
) -> dict[str, Any]:
    """Go on with an unfinished run, and put it where it belongs.

    The network learns on from its last checkpoint, or from the start if there was none yet; what is measured is
    measured anew. Every number is the one that the run would have had without the interruption, to the last bit, on
    the same machine with the same versions.

    Parameters
    ----------
    run : str or Path
        The ``out`` of the run, or its unfinished folder, ``<out>.partial…``.
    overwrite : bool
        Replace a run that is in its place.
    progress : callable
        Called with events as `TerminalProgress` takes them.
    command : sequence of str
        The command line, for the record.

    Returns
    -------
    dict
        ``summary.json``.

    Raises
    ------
    ValueError
        If there is no unfinished run, another process writes to its place, its stimuli are no longer the same, or the
        checkpoint is of other versions.
    RunInterrupted
        On Ctrl-C (a KeyboardInterrupt); the message says what was kept.

    Examples
    --------
    >>> import neurosim
    >>> neurosim.resume("runs/lca-0")  # doctest: +SKIP
    """
    found = unfinished_run(run)
    if found.whole:
        put_in_place(found.folder, out=found.place, overwrite=overwrite, writes=written_by_measures)
        summary: dict[str, Any] = json.loads((found.place / "summary.json").read_text(encoding="utf-8"))
        return summary
    require_free(found.place, overwrite=overwrite, writes=written_by_measures)
    room = new_run_folder(
        found.place, overwrite=overwrite, writes=written_by_measures, resumable=True, going_on=found.folder
    )
    return carried_out(recipe_of(found), room, progress=progress, command=command)


def recipe_of(found: Unfinished) -> Recipe:
    """Return the recipe of an unfinished run."""
    return load_recipe(found.folder / "recipe.toml")


def carried_out(
    recipe: Recipe, room: AbstractContextManager[Path], *, progress: Progress, command: Sequence[str]
) -> dict[str, Any]:
    """Run a recipe in a folder, which may hold checkpoints of it; return ``summary.json``."""
    require_memory(recipe)
    streams = streams_of(recipe.run.seed)
    # Made before anything is computed, because it checks the compiler.
    network = network_of(recipe, random_state=streams.network)
    progress = _interrupting(progress)
    with brian2_files_swept(), room as folder:
        write_whole(folder / "recipe.toml", recipe.to_toml())
        progress({"stage": "stimuli", "step": "loading and preparing"})
        stimuli = prepared(recipe, training_rng=streams.training, held_out_rng=streams.held_out)
        kept = _checkpoint(recipe, folder)
        resumed = {"resumed": True} if checkpoints_in(folder) else {}
        timings = _trained(network, stimuli, recipe=recipe, progress=progress, checkpoint=kept)
        started = time.perf_counter()
        with show_progress(progress):
            context = context_of(network, stimuli, recipe=recipe, progress=progress)
            metrics = analyze(context, seed=streams.analysis, folder=folder)
        timings["seconds_analyze"] = time.perf_counter() - started
        record = provenance(
            seed=recipe.run.seed,
            command=command,
            timings=timings,
            sources=recorded(stimuli, recipe) | resumed,
        )
        write_json(folder / "provenance.json", record)
        summary = metrics | timings
        write_json(folder / "summary.json", summary)
        page(folder)
    return summary


class _Streams(NamedTuple):
    training: np.random.Generator
    held_out: np.random.Generator
    network: int
    analysis: np.random.SeedSequence


def streams_of(seed: int) -> _Streams:
    """Return the random streams of a run: what one does with it later can draw the same stimuli again."""
    # Spawned, not seed + 1: neighbouring seeds share nothing. The order is part of what a seed means.
    training, held_out, network, analysis = np.random.SeedSequence(seed).spawn(4)
    return _Streams(
        training=np.random.default_rng(training),
        held_out=np.random.default_rng(held_out),
        network=int(network.generate_state(1)[0]),
        analysis=analysis,
    )


def _checkpoint(recipe: Recipe, folder: Path) -> Checkpoint | None:
    """Return where the training is kept; each of several networks has a file of its own beside that."""
    if not recipe.run.checkpoint_seconds:
        return None
    (folder / CHECKPOINTS).mkdir(exist_ok=True)
    return Checkpoint(folder / CHECKPOINTS / "network.npz", seconds=recipe.run.checkpoint_seconds)


def _trained(
    network: Any, stimuli: Stimuli, *, recipe: Recipe, progress: Progress, checkpoint: Checkpoint | None
) -> dict[str, float]:
    shown, labels = training_data(stimuli, recipe)
    if not isinstance(network, Conditions):  # of which each has its own
        network.front_end_ = stimuli.front_end
    started = time.perf_counter()
    network.fit(shown, labels, progress=progress, checkpoint=checkpoint)
    elapsed = time.perf_counter() - started
    compiling = float(network.seconds_compile_)
    return {"seconds_compile": compiling, "seconds_train": elapsed - compiling}


def _interrupting(progress: Progress) -> Progress:
    """Return a progress that also looks whether an interruption got lost on its way through other people's code."""

    def told(event: Mapping[str, Any]) -> None:
        again()
        progress(event)

    return told


def page(folder: Path) -> None:
    """Write the page of a run, which takes imports of its own."""
    from neurosim.report.page import write_report

    write_report(folder)
