"""`neurosim analyze`: recordings, measured as networks are."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Quiet, Traceback
from neurosim.commands.printed import print_summary


def analyze(
    file: Annotated[
        Path, typer.Argument(help="A recording: .npy, .npz, .csv, .mat or, with the extra nwb, .nwb.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="The folder.")],
    column_map: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            show_default="nothing",
            help="Our names for the file's, e.g. orientation_deg=ori,unit=cell.",
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(show_default="all rows", help="Rows to keep, e.g. area=V1; may be repeated."),
    ] = None,
    order: Annotated[
        str, typer.Option(help="Of fields: numpy (n, height, width) or matlab (height, width, n).")
    ] = "numpy",
    stimuli: Annotated[
        str | None,
        typer.Option(show_default="none", help="Table of stimuli or presentations: a .csv, in NWB its name."),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", show_default="off", help="Replace what an analysis or a run left in --out."
        ),
    ] = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Analyze a recording as networks are: receptive fields, responses, spikes; write a folder and its page."""
    with explained(traceback=traceback) as words:
        from neurosim.runs.progress import TerminalProgress, silent
        from neurosim.runs.recorded import analyze_file
        from neurosim.runs.terminal_notes import notes_on_terminal

        reading = {"map": column_map or [], "where": where or [], "order": order, "stimuli": stimuli}
        with notes_on_terminal(words, notes=not quiet), TerminalProgress() as terminal:
            progress, command = silent if quiet else terminal, ("neurosim", *sys.argv[1:])
            summary = analyze_file(
                file, out=out, reading=reading, overwrite=overwrite, progress=progress, command=command
            )
        if not quiet:
            print_summary(summary, out.expanduser())
