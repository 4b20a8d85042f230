"""`neurosim compare`: finished runs side by side."""

from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Traceback
from neurosim.commands.printed import figure


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs, two or more.")],
    *,
    csv: Annotated[
        Path | None, typer.Option(show_default="none", help="Write the table to this file too.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(show_default="none", help="Write a page with fields, numbers and figures to this file."),
    ] = None,
    traceback: Traceback = False,
) -> None:
    """Print the numbers of finished runs side by side, with their units."""
    with explained(traceback=traceback):
        from neurosim.runs.finished.compare import side_by_side

        table = side_by_side(runs)
        if csv is not None:
            table.to_csv(csv)
        if out is not None:
            from neurosim.report.comparison import write_comparison

            write_comparison(runs, table, path=out)
        typer.echo(table.map(figure).to_string())
