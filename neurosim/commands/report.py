"""`neurosim report`: the page of a stored run, once more, or its figures for print."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Traceback


class Printed(StrEnum):
    """Formats for print."""

    svg = "svg"
    pdf = "pdf"


def report(
    folder: Annotated[Path, typer.Argument(help="The folder of a run.")],
    *,
    figures: Annotated[
        Printed | None,
        typer.Option(
            show_default="none",
            help="Draw the figures as svg or pdf too, beside the PNG files; measures again what no table has.",
        ),
    ] = None,
    traceback: Traceback = False,
) -> None:
    """Make the page of a stored run again."""
    with explained(traceback=traceback):
        from neurosim.results.store import require_run

        require_run(folder)
        from neurosim.report.page import write_report
        from neurosim.runs.progress import TerminalProgress
        from neurosim.runs.terminal_notes import notes_on_terminal

        with notes_on_terminal(), TerminalProgress() as terminal:
            write_report(folder)
            if figures is not None:
                from neurosim.runs.finished.figures import figures_again

                for path in figures_again(folder, kind=figures.value, progress=terminal):
                    typer.echo(str(path))
        typer.echo(str(folder / "report.html"))
