"""`neurosim sweep`: one recipe with many settings."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Quiet, Traceback


def sweep(
    file: Annotated[Path, typer.Argument(metavar="SWEEP.toml", help="What is swept (docs/sweeps.md).")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(show_default="sweeps/NAME", help="The sweep's folder; a sweep there goes on."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(show_default="the processors", help="Processes on this machine.")
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            show_default="none, this machine", help="Of a dask cluster that does the runs, tcp://HOST:PORT."
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", show_default="off", help="Check and list the runs, and run nothing.")
    ] = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """Run a recipe with many settings, here or on a cluster; what is done already is not done again."""
    with explained(traceback=traceback) as words:
        from neurosim.sweeps.plan import plan_of

        planned = plan_of(file)
        if plan:
            for run in planned.runs:
                settings = "  ".join(f"{key} = {value}" for key, value in run.settings.items())
                typer.echo(f"{run.key}  {settings}  run.seed = {run.recipe.run.seed}")
            return
        from neurosim.runs.terminal_notes import notes_on_terminal
        from neurosim.sweeps.running import SweepBar
        from neurosim.sweeps.sweeping import default_sweep_folder
        from neurosim.sweeps.sweeping import sweep as carried_out

        folder = default_sweep_folder(planned) if out is None else out
        with notes_on_terminal(words, notes=not quiet), SweepBar(sys.stderr) as bar:
            table = carried_out(
                planned,
                out=folder,
                workers=workers,
                scheduler=scheduler,
                progress=None if quiet else bar,
                command=("neurosim", *sys.argv[1:]),
            )
        counts = table["state"].value_counts().to_dict()
        if not quiet:
            typer.echo(", ".join(f"{number} {state}" for state, number in counts.items()))
            typer.echo(f"\n{folder.expanduser() / 'index.html'}")
        if counts != {"done": len(table)}:
            raise typer.Exit(2)
