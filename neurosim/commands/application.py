"""The program's commands as one application, in the order in which `--help` lists them."""

from typing import Annotated

import typer

from neurosim._version import __version__
from neurosim.commands.analyze import analyze
from neurosim.commands.clear_cache import clear_cache
from neurosim.commands.compare import compare
from neurosim.commands.export import export
from neurosim.commands.info import info
from neurosim.commands.lab import lab
from neurosim.commands.recipes import recipes
from neurosim.commands.report import report
from neurosim.commands.resume import resume
from neurosim.commands.run import run
from neurosim.commands.sweep import sweep

app = typer.Typer(
    name="neurosim",
    help="Sparse coding as populations of membrane neurons in Brian2, compared with primary visual cortex.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (run, resume, sweep, lab, compare, analyze, export, report, recipes, info, clear_cache):
    app.command(command.__name__.replace("_", "-"))(command)


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"neurosim {__version__}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_say_version,
            show_default=False,
            help="Say the version and exit.",
        ),
    ] = False,
) -> None:
    pass
