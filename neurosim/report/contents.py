"""What the page of a run says, as plain values: `report.html` gives them their form, and escapes them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pandas.api.types import is_numeric_dtype

from neurosim import measures
from neurosim.registry.measure import Caption
from neurosim.report.circuit import TABLES as OF_CIRCUIT
from neurosim.report.circuit import equations, learning_rules, names_in_rules, parameters
from neurosim.report.explorer import TABLES as OF_CELLS
from neurosim.report.explorer import explorer_of
from neurosim.report.methods import RINGACH, methods, models_of
from neurosim.report.pictures import data_address, frames_in, smaller
from neurosim.results.run_folder import RunFolder

__all__ = ["Column", "Figure", "Table", "figure_inside", "files_of_a_page", "in_words", "page_contents"]


class Column(NamedTuple):
    """A column of a table."""

    head: str
    kind: str = ""
    """Class of its cells in ``report.css``; numbers are ``"number"``."""


class Table(NamedTuple):
    """A table; the first cell of a row is its heading."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    """As many cells each as there are columns."""


class Figure(NamedTuple):
    """A figure that carries its image in itself."""

    title: str
    caption: str
    alternative: str
    """What a reader hears who cannot see it."""
    image: str
    """A ``data:`` address."""
    frames: int = 1
    """As many stand side by side in the image, and are played one after the other."""


def files_of_a_page() -> tuple[str, ...]:
    """Return which tables of a run folder its page is made from, by the stems of their files."""
    return (*measures.tables(), *OF_CELLS, *OF_CIRCUIT)


def page_contents(run: RunFolder) -> dict[str, Any]:
    """Return everything that ``report.html`` names, of a finished run."""
    head = run.recipe.get("run", {})
    recorded = bool(run.section("recording"))
    return {
        "title": f"{_kind(run)} {head.get('name', run.path.name)}",
        "recorded": recorded,
        "alone": "network" in run.provenance,
        "command": head.get("command", "neurosim run recipe.toml"),
        "subtitle": str(head.get("description", "")),
        "summary": list(measures.paragraphs(run)),
        "explorer": explorer_of(run),
        "metrics": _metrics(run.summary, recorded=recorded),
        "figures": list(_figures(run.figures)),
        "tables": list(_tables(run)),
        "fields": _fields(run),
        "equations": equations(run),
        "learning_rules": learning_rules(run),
        "names_in_rules": _names_in_rules(run),
        "parameters": _parameters(run),
        "methods": methods(run),
        "recipe": run.recipe_text,
        "software": _software(run),
        "behind": _behind(run),
        "provenance": Table(
            "What the run was made with (provenance.json).",
            columns=[Column("item"), Column("value")],
            rows=list(_flat(run.provenance)),
        ),
    }


def _kind(run: RunFolder) -> str:
    return "Recording" if run.section("recording") else "Network" if "network" in run.provenance else "Run"


def _metrics(summary: Mapping[str, Any], *, recorded: bool) -> Table:
    ordered = measures.in_order(summary, measures.metrics())
    unknown = ("", "Not documented by this version.")
    return Table(
        "All numbers of summary.json"
        + ("." if recorded else "; on held-out stimuli unless a line says otherwise."),
        columns=[Column("name"), Column("value", "number"), Column("unit", "unit"), Column("meaning")],
        rows=[(name, in_words(summary[name]), *(measures.metric_of(name) or unknown)) for name in ordered],
    )


def in_words(value: object) -> str:
    """Return a number, several, or what stands for none, as pages show it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "not measurable"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(in_words, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _figures(paths: Mapping[str, Path]) -> Iterator[Figure]:
    """Yield the known figures in the order of the page, then those that a user or a later version added."""
    for stem in measures.in_order(paths, measures.captions()):
        title = stem.replace("_", " ").capitalize()
        words = measures.caption_of(stem) or Caption(title, f"figures/{stem}.png", title)
        yield figure_inside(words, paths[stem])


def figure_inside(words: Caption, path: Path) -> Figure:
    """Return a figure with its image in it."""
    png = path.read_bytes()
    return Figure(words.title, words.text, words.alternative, data_address(smaller(png)), frames_in(png))


def _parameters(run: RunFolder) -> Table | None:
    rows = list(parameters(run))
    columns = [Column("name"), Column("value", "unit"), Column("meaning")]
    return Table("Parameters of the network, as the recipe has them.", columns, rows) if rows else None


def _names_in_rules(run: RunFolder) -> Table | None:
    rows = names_in_rules(run)
    return (
        Table("What the names in the rules mean.", [Column("name"), Column("meaning")], rows)
        if rows
        else None
    )


def _tables(run: RunFolder) -> Iterator[Table]:
    captions = measures.tables()
    for stem, caption in captions.items():
        table = run.tables.get(stem)
        if table is None:
            continue
        yield Table(
            caption,
            columns=[
                Column(str(column), "number" if is_numeric_dtype(table[column]) else "") for column in table
            ],
            rows=[[in_words(cell) for cell in row] for row in _with_blanks(table).itertuples(index=False)],
        )


def _with_blanks(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose empty words are empty; a file has no other sign for a number that is missing."""
    words = [
        column
        for column in table
        if not is_numeric_dtype(table[column]) or str(column).endswith("_because")  # may be empty throughout
    ]
    return table.assign(**{str(column): table[column].astype(object).fillna("") for column in words})


def _fields(run: RunFolder) -> Table | None:
    words = measures.columns()
    known = [column for column in words if column in run.fields.columns]
    # Fields of several networks have no quartiles together.
    if not known or "arm" in run.fields.columns:
        return None
    spread = run.fields[known].quantile([0.25, 0.5, 0.75])
    who = "units of the recording" if run.section("recording") else "neurons, Gabor-like or not"
    return Table(
        f"Quartiles over all {len(run.fields)} {who}; fields.csv holds the values of each.",
        columns=[
            Column("quantity"),
            *(Column(head, "number") for head in ("lower quartile", "median", "upper quartile")),
        ],
        rows=[(words[column], *(in_words(float(number)) for number in spread[column])) for column in known],
    )


def _software(run: RunFolder) -> str:
    version = run.provenance.get("neurosim", "")
    commit = run.provenance.get("git_commit")
    return f"neurosim {version}".strip() + (f", commit {commit}" if commit else "")


def _behind(run: RunFolder) -> str:
    papers = "; ".join(dict.fromkeys(model.citation for model in models_of(run)))
    what = "recording" if run.section("recording") else "model"
    model = f"and the paper of the {what} ({papers})" if papers else f"and the paper of the {what}"
    if not any(name.startswith("v1_nxny_js_bits") for name in run.summary):
        return f"{model}."
    return f"{model.removeprefix('and ')}, and the one behind the comparison: {RINGACH}."


def _flat(record: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield the record's leaves with dotted names."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            yield from _flat({str(index): item for index, item in enumerate(value)}, f"{before}{name}.")
        elif value not in (None, [], ""):
            yield f"{before}{name}", in_words(value)
