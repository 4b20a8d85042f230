"""The command line: `neurosim run | lab | compare | analyze | recipes | info | report | clear-cache`, and `--version`.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from neurosim._options import Control, GainControl, Pools, Ppd, Quiet, Sensitivity, Tile, Traceback
from neurosim._version import __version__

if TYPE_CHECKING:
    from neurosim.recipes.recipe import Recipe

app = typer.Typer(
    name="neurosim",
    help="Sparse coding as populations of membrane neurons in Brian2, compared with primary visual cortex.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


@app.command()
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
    with _explained(traceback=traceback) as words:
        from neurosim.recipes.default_folder import default_folder
        from neurosim.recipes.recipe import load_recipe
        from neurosim.results.target import require_free
        from neurosim.runs.measured_files import written_by_measures
        from neurosim.runs.memory import require_memory
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
            _print_summary(summary, folder.expanduser())


@app.command()
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
    with _explained(traceback=traceback) as words:
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
            _print_summary(summary, folder.expanduser())


@app.command()
def compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs, two or more.")],
    *,
    csv: Annotated[
        Path | None, typer.Option(show_default="none", help="Write the table to this file too.")
    ] = None,
    traceback: Traceback = False,
) -> None:
    """Print the numbers of finished runs side by side, with their units."""
    with _explained(traceback=traceback):
        from neurosim.runs.finished.compare import side_by_side

        table = side_by_side(runs)
        if csv is not None:
            table.to_csv(csv)
        typer.echo(table.map(_figure).to_string())


@app.command()
def recipes() -> None:
    """List the recipes that ship."""
    from neurosim.recipes import recipe_names
    from neurosim.recipes.recipe import load_recipe

    for name in recipe_names():
        about = load_recipe(name).run
        typer.echo(f"{name:<18} {about.description}")
        typer.echo(f"{'':<18} takes {about.expected_time or 'an unstated time'}")


@app.command()
def info(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", show_default="off", help="As JSON, for a bug report.")
    ] = False,
) -> None:
    """Say what is installed here: versions, backends, threads, data folder."""
    from neurosim.runs.installation import installation, installation_text

    found = installation()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    from neurosim.recipes.recipe import Recipe
    from neurosim.runs.command_words import command_words

    typer.echo(command_words(installation_text(found), recipe=Recipe()))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="The folder of a run.")], traceback: Traceback = False
) -> None:
    """Make the page of a stored run again."""
    with _explained(traceback=traceback):
        from neurosim.results.store import require_run

        require_run(folder)
        from neurosim.report.page import write_report
        from neurosim.runs.terminal_notes import notes_on_terminal

        with notes_on_terminal():
            write_report(folder)
        typer.echo(str(folder / "report.html"))


@app.command()
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
    with _explained(traceback=traceback) as words:
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
            _print_summary(summary, out.expanduser())


@app.command("clear-cache")
def clear_cache(traceback: Traceback = False) -> None:
    """Remove the code that was compiled on this machine; what is needed again is compiled again."""
    with _explained(traceback=traceback):
        from neurosim.engine.clearing import clear_caches

        cleared = clear_caches()
        typer.echo(
            f"{cleared.folder}: removed {cleared.n_programs} standalone programs and "
            f"{cleared.n_modules} Cython modules, {cleared.n_bytes / 1e6:.1f} MB"
        )


def main() -> None:
    """Run the command line; the entry point of the `neurosim` program."""
    from neurosim._starting import started

    with started():
        app()


class _Words:
    """Turn a message into command-line words, once it is known which recipe is run, or which options it has."""

    recipe: "Recipe | None" = None
    in_options: Callable[[str], str] | None = None

    def __call__(self, message: str) -> str:
        if self.in_options is not None:
            return self.in_options(message)
        if self.recipe is None:
            return message
        from neurosim.runs.command_words import command_words

        return command_words(message, recipe=self.recipe)


@contextmanager
def _explained(*, traceback: bool) -> Iterator[_Words]:
    """Turn errors a user can mend into one message and exit code 2, Ctrl-C into 130, SIGTERM into 143."""
    from neurosim.results.interruption import exit_code

    words = _Words()
    try:
        yield words
    except KeyboardInterrupt as interruption:
        typer.echo(f"interrupted: {str(interruption) or 'nothing was computed yet'}", err=True)
        raise typer.Exit(exit_code()) from None
    except Exception as error:
        if traceback or not _is_mendable(error):
            raise
        told = "\n".join([f"neurosim: {error}", *getattr(error, "__notes__", [])])
        typer.echo(words(told), err=True)
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
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_figure, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
