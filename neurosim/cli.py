"""The command line: `neurosim run | recipes | info | report`.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="neurosim",
    help="Sparse coding as populations of membrane neurons in Brian2, compared with primary visual cortex.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Traceback = Annotated[bool, typer.Option("--traceback", help="Show where in the code an error arose.")]


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help="A shipped name (see `neurosim recipes`) or a TOML file.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="The run's folder.  [default: runs/NAME-SEED, and what --set has changed]"),
    ] = None,
    assign: Annotated[
        list[str] | None, typer.Option("--set", help="section.key=value, e.g. network.n_neurons=512.")
    ] = None,
    backend: Annotated[str | None, typer.Option(help="numpy, cython or cpp_standalone.")] = None,
    seed: Annotated[int | None, typer.Option(help="Root of all randomness.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run that is in --out.")] = False,
    traceback: Traceback = False,
) -> None:
    """Run a recipe: train a network, compare it with cortex, write a folder and its page."""
    with _explained(traceback=traceback):
        from neurosim.runs.default_folder import default_folder
        from neurosim.runs.memory import require_memory
        from neurosim.runs.progress import TerminalProgress, silent
        from neurosim.runs.recipe import load_recipe

        assignments = list(assign or [])
        assignments += [f"network.backend={json.dumps(backend)}"] if backend is not None else []
        assignments += [f"run.seed={seed}"] if seed is not None else []
        chosen = load_recipe(recipe, assignments=assignments)
        # Before `execute`, whose imports take longer.
        require_memory(chosen)
        folder = out if out is not None else default_folder(chosen, assignments)
        from neurosim.runs.execute import execute

        with TerminalProgress() as terminal:
            progress = silent if quiet else terminal
            summary = execute(
                chosen,
                out=folder,
                overwrite=overwrite,
                progress=progress,
                command=("neurosim", *sys.argv[1:]),
            )
        if not quiet:
            _print_summary(summary, folder.expanduser())


@app.command()
def recipes() -> None:
    """List the recipes that ship."""
    from neurosim.recipes import recipe_names
    from neurosim.runs.recipe import load_recipe

    for name in recipe_names():
        about = load_recipe(name).run
        typer.echo(f"{name:<18} {about.description}")
        typer.echo(f"{'':<18} takes {about.expected_time or 'an unstated time'}")


@app.command()
def info(as_json: Annotated[bool, typer.Option("--json", help="As JSON, for a bug report.")] = False) -> None:
    """Say what is installed here: versions, backends, threads, data folder."""
    from neurosim.runs.installation import installation, installation_text

    found = installation()
    typer.echo(json.dumps(found, indent=2) if as_json else installation_text(found))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="The folder of a run.")], traceback: Traceback = False
) -> None:
    """Make the page of a stored run again."""
    with _explained(traceback=traceback):
        from neurosim.runs.store import require_run

        require_run(folder)
        from neurosim.report.page import write_report

        typer.echo(str(write_report(folder)))


def main() -> None:
    """Run the command line; the entry point of the `neurosim` program."""
    from neurosim.__main__ import main as program

    program()


@contextmanager
def _explained(*, traceback: bool) -> Iterator[None]:
    """Turn errors a user can mend into one message and exit code 2, Ctrl-C into 130, SIGTERM into 143."""
    from neurosim.runs.interruption import exit_code

    try:
        yield
    except KeyboardInterrupt as interruption:
        typer.echo(f"interrupted: {str(interruption) or 'nothing was computed yet'}", err=True)
        raise typer.Exit(exit_code()) from None
    except Exception as error:
        if traceback or not _is_mendable(error):
            raise
        typer.echo("\n".join([f"neurosim: {error}", *getattr(error, "__notes__", [])]), err=True)
        raise typer.Exit(2) from None


def _is_mendable(error: Exception) -> bool:
    if isinstance(error, ValueError | OSError):
        return True
    # Imports Brian2: only for what can be one of them.
    from neurosim.engine.errors import BackendError, DivergenceError, MissingExtraError

    return isinstance(error, BackendError | DivergenceError | MissingExtraError)


def _print_summary(summary: dict[str, Any], folder: Path) -> None:
    width = max(map(len, summary), default=0)
    for name, value in summary.items():
        typer.echo(f"{name:<{width}} {_figure(value)}")
    typer.echo(f"\n{folder / 'report.html'}")


def _figure(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_figure, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
