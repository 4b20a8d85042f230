"""`neurosim report`: the page of a stored run, once more."""

from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Traceback


def report(
    folder: Annotated[Path, typer.Argument(help="The folder of a run.")], traceback: Traceback = False
) -> None:
    """Make the page of a stored run again."""
    with explained(traceback=traceback):
        from neurosim.results.store import require_run

        require_run(folder)
        from neurosim.report.page import write_report
        from neurosim.runs.terminal_notes import notes_on_terminal

        with notes_on_terminal():
            write_report(folder)
        typer.echo(str(folder / "report.html"))
