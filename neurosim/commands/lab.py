"""`neurosim lab`: the gratings of fourteen V1 properties, shown to what a run left or a file holds."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Control, GainControl, Pools, Ppd, Quiet, Sensitivity, Tile, Traceback
from neurosim.commands.printed import print_summary


def lab(
    run: Annotated[
        Path, typer.Argument(help="The folder of a run on photographs, or a file that net.save wrote.")
    ],
    *,
    ppd: Ppd = None,
    tile: Tile = None,
    control: Control = None,
    pools: Pools = None,
    gain_control: GainControl = None,
    sensitivity: Sensitivity = False,
    out: Annotated[
        Path | None,
        typer.Option(show_default="RUN-laboratory or NAME-laboratory", help="The folder for the results."),
    ] = None,
    quiet: Quiet = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", show_default="off", help="Replace the results that are in --out.")
    ] = False,
    traceback: Traceback = False,
) -> None:
    """Show the gratings of fourteen V1 properties to the network of a run or a file, beside its controls."""
    with explained(traceback=traceback) as words:
        from neurosim.recipes.laboratory_words import in_options, laboratory_assignments
        from neurosim.results.store import require_run

        words.in_options = in_options
        assignments = laboratory_assignments(
            ppd=ppd,
            tile=tile,
            control=control,
            pools=pools,
            gain_control=gain_control,
            sensitivity=sensitivity,
        )
        if not run.expanduser().is_file():
            require_run(run)
        from neurosim.runs.finished.laboratory import laboratory, laboratory_folder
        from neurosim.runs.progress import TerminalProgress, silent
        from neurosim.runs.terminal_notes import notes_on_terminal

        folder = laboratory_folder(run) if out is None else out
        with notes_on_terminal(words, notes=not quiet), TerminalProgress() as terminal:
            summary = laboratory(
                run,
                assignments=assignments,
                out=folder,
                overwrite=overwrite,
                progress=silent if quiet else terminal,
                command=("neurosim", *sys.argv[1:]),
            )
        if not quiet:
            print_summary(summary, folder.expanduser())
