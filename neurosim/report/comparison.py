"""Runs side by side on one page: their fields, their numbers, and the figures that all of them have."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from neurosim import measures
from neurosim.measures.learning import population_words
from neurosim.report.contents import Column, Figure, Table, figure_inside, in_words
from neurosim.report.explorer.cells import stored_cells
from neurosim.report.explorer.sprite import sprite
from neurosim.report.page import template, written
from neurosim.report.pictures import data_address
from neurosim.results.run_folder import RunFolder, read_run_folder

__all__ = ["write_comparison"]

_SHARED = ("learning_curve", "sparsity", "nx_ny", "orientation_frequency", "v1_properties")


class _Side(NamedTuple):
    name: str
    words: str
    mosaics: list[Figure]


class _Row(NamedTuple):
    title: str
    caption: str
    figures: list[tuple[str, Figure]]


def write_comparison(folders: Sequence[str | Path], table: pd.DataFrame, *, path: str | Path) -> Path:
    """Write a page with several runs side by side.

    Parameters
    ----------
    folders : sequence of str or Path
        Of finished runs.
    table : DataFrame
        Their numbers, from `neurosim.runs.finished.compare.side_by_side`: ``unit``, then one column for each run, in
        the order of the folders.
    path : str or Path
        The page.

    Returns
    -------
    Path
        One file that loads nothing.

    Raises
    ------
    FileNotFoundError, ValueError
        If a folder misses a file or one cannot be understood; an older page is left as it is.
    OSError
        If the page cannot be written.
    """
    runs = dict(zip(table.columns[1:], map(read_run_folder, folders), strict=True))
    contents = {
        "title": f"{len(runs)} runs side by side",
        "sides": [_side(str(name), run) for name, run in runs.items()],
        "rows": list(filter(None, (_row(stem, runs) for stem in _SHARED))),
        "numbers": _numbers(table),
    }
    return written(template("comparison.html").render(contents), Path(path).expanduser())


def _side(name: str, run: RunFolder) -> _Side:
    return _Side(name, f"{population_words(run)}.", list(_mosaics(name, run)))


def _mosaics(name: str, run: RunFolder) -> list[Figure]:
    stored = stored_cells(run)
    found = []
    for group in [] if stored is None else stored.groups:
        fields = group.fields if group.image_fields is None else group.image_fields
        where = "as learned" if group.image_fields is None else "in the image"
        words = f"{len(fields)} {group.many}, {where}"
        caption = "Each field has its own scale; mid-grey is zero."
        png = data_address(sprite(fields).png)
        found.append(Figure(words, caption, f"fields of {name}: {words}", png))
    return found


def _row(stem: str, runs: dict[Any, RunFolder]) -> _Row | None:
    caption = measures.caption_of(stem)
    if caption is None or any(stem not in run.figures for run in runs.values()):
        return None
    figures = [(str(name), figure_inside(caption, run.figures[stem])) for name, run in runs.items()]
    return _Row(caption.title, caption.text, figures)


def _numbers(table: pd.DataFrame) -> Table:
    names = [str(name) for name in table.columns[1:]]
    metrics = [measures.metric_of(str(name)) for name in table.index]
    rows = [
        (
            str(name),
            *("" if value is None else in_words(value) for value in values),
            str(unit),
            "" if metric is None else metric.meaning,
        )
        for metric, (name, unit, *values) in zip(metrics, table.itertuples(), strict=True)
    ]
    heads = [Column(name, "number") for name in names]
    columns = [Column("name"), *heads, Column("unit", "unit"), Column("meaning")]
    return Table("All numbers; an empty cell: this run has no such number.", columns, rows)
