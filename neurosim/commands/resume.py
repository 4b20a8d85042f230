"""`neurosim resume`: a run that was interrupted or killed, from its last checkpoint to its end."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Quiet, Traceback
from neurosim.commands.printed import print_summary


def resume(
    run: Annotated[
        Path, typer.Argument(help="The --out of a run that was interrupted, or its folder DIR.partial….")
    ],
    *,
    quiet: Quiet = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", show_default="off", help="Replace the run that is in its place.")
    ] = False,
    traceback: Traceback = False,
) -> None:
    """Go on with an interrupted or killed run from its last checkpoint, and finish it under its --out."""
    with explained(traceback=traceback) as words:
        from neurosim.results.unfinished import unfinished_run
        from neurosim.runs.progress import TerminalProgress, silent
        from neurosim.runs.terminal_notes import notes_on_terminal

        found = unfinished_run(run)
        from neurosim.runs.execute import recipe_of, resume

        if not found.whole:
            words.recipe = recipe_of(found)
        with notes_on_terminal(words, notes=not quiet), TerminalProgress() as terminal:
            summary = resume(
                run,
                overwrite=overwrite,
                progress=silent if quiet else terminal,
                command=("neurosim", *sys.argv[1:]),
            )
        if not quiet:
            print_summary(summary, found.place)
