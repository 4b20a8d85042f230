"""`neurosim run`: a recipe, from photographs to the page."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Quiet, Traceback
from neurosim.commands.printed import print_summary


def run(
    recipe: Annotated[str, typer.Argument(help="A shipped name (see `neurosim recipes`) or a TOML file.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/NAME-SEED, and what --set has changed", help="The run's folder."),
    ] = None,
    assign: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            show_default="nothing",
            help="section.key=value, e.g. network.n_neurons=512; may be repeated.",
        ),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(
            show_default="the recipe's", help="numpy, cython, cpp_standalone, or auto for the fastest."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(show_default="the recipe's", help="Root of all randomness, 0 or more.")
    ] = None,
    quiet: Quiet = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", show_default="off", help="Replace the run that is in --out.")
    ] = False,
    traceback: Traceback = False,
) -> None:
    """Run a recipe: train a network, compare it with cortex, write a folder and its page."""
    with explained(traceback=traceback) as words:
        from neurosim.recipes.default_folder import default_folder
        from neurosim.recipes.recipe import load_recipe
        from neurosim.results.target import require_free
        from neurosim.runs.measured_files import written_by_measures
        from neurosim.runs.needs.memory import require_memory
        from neurosim.runs.progress import TerminalProgress, silent
        from neurosim.runs.terminal_notes import notes_on_terminal

        assignments = list(assign or [])
        assignments += [f"network.backend={json.dumps(backend)}"] if backend is not None else []
        assignments += [f"run.seed={seed}"] if seed is not None else []
        chosen = words.recipe = load_recipe(recipe, assignments=assignments)
        # Before `execute`, whose imports take longer.
        require_memory(chosen)
        folder = out if out is not None else default_folder(chosen, assignments)
        require_free(folder, overwrite=overwrite, writes=written_by_measures)
        from neurosim.runs.execute import execute

        with notes_on_terminal(words, notes=not quiet), TerminalProgress() as terminal:
            progress = silent if quiet else terminal
            summary = execute(
                chosen,
                out=folder,
                overwrite=overwrite,
                progress=progress,
                command=("neurosim", *sys.argv[1:]),
            )
        if not quiet:
            print_summary(summary, folder.expanduser())
