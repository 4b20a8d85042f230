"""`neurosim export`: runs in the formats of other tools."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from neurosim.commands.explained import explained
from neurosim.commands.options import Traceback


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run, or a file that net.save wrote.")],
    *,
    to: Annotated[
        Literal["nwb", "neo", "nir", "csv"],
        typer.Option(
            help="nwb, neo: spikes of held-out stimuli; nir: the network as a graph; csv: a tidy table."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The file: .nwb, .mat (Neo's own), .nir or .csv.")],
    n_stimuli: Annotated[
        int | None,
        typer.Option(show_default="all", help="How many held-out stimuli, from the first on; not of nir."),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option(
            show_default="responses",
            help="Of csv: responses, counts, spikes, neurons or learning.",
        ),
    ] = None,
    condition: Annotated[
        str | None, typer.Option(show_default="none", help="Of csv: which network of a run of several.")
    ] = None,
    about: Annotated[
        list[str] | None,
        typer.Option(
            show_default="nothing",
            help='Of nwb: what only you know, e.g. experimenter="Last, First"; may be repeated.',
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", show_default="off", help="Replace a file that is there.")
    ] = False,
    traceback: Traceback = False,
) -> None:
    """Write a run in a format that other tools read: NWB, Neo, NIR or a tidy table."""
    with explained(traceback=traceback) as words:
        from neurosim import exchange

        words.in_options = _in_options
        options: dict[str, Any] = {
            "stimuli": n_stimuli, "table": table, "condition": condition,
            "about": None if about is None else _told(about),
        }  # fmt: skip
        write: Any = getattr(exchange, f"write_{to}")
        given = {name: value for name, value in options.items() if value is not None}
        if strange := sorted(set(given) - _TAKES[to]):
            raise ValueError(f"--to {to} takes no {_OPTION[strange[0]]}; leave it out")
        write(run, out, overwrite=overwrite, **given)
        typer.echo(f"wrote {out.expanduser()}")


_TAKES = {
    "nwb": {"stimuli", "about"},
    "neo": {"stimuli"},
    "nir": set[str](),
    "csv": {"stimuli", "table", "condition"},
}
_OPTION = {"stimuli": "--n-stimuli", "table": "--table", "condition": "--condition", "about": "--about"}


def _told(about: list[str]) -> dict[str, Any]:
    """Return what `--about` says by name; names that stand several times add to a list, or are refused."""
    told: dict[str, Any] = {}
    for text in about:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise ValueError(f"about: expected NAME=VALUE, got {text!r}")
        if name in ("experimenter", "keywords", "related_publications"):
            # Names have commas inside, so several are set apart by semicolons.
            told.setdefault(name, []).extend(part.strip() for part in value.split(";"))
        elif told.setdefault(name, value) != value:
            raise ValueError(f"about: expected one {name}, got {told[name]!r} and {value!r}")
    return told


def _in_options(message: str) -> str:
    """Say a message of `neurosim.exchange` in the words of the command line."""
    said = {
        "pass overwrite=True": "replace it with --overwrite",
        "(write_csv) or as labelled arrays (to_xarray)": "(--to csv)",
        "condition=": "--condition ",
        "table:": "--table:",
        "about:": "--about:",
    }
    for ours, theirs in said.items():
        message = message.replace(ours, theirs)
    return message
