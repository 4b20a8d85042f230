"""Finished runs side by side: every number of their summaries with its unit."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from neurosim import measures
from neurosim.results.store import require_run

__all__ = ["side_by_side"]


def side_by_side(folders: Sequence[str | Path]) -> pd.DataFrame:
    """Return the numbers of several runs, one row per number and one column per run.

    Parameters
    ----------
    folders : sequence of str or Path
        Two or more, that `neurosim run` or `neurosim lab` wrote.

    Returns
    -------
    DataFrame
        Indexed by the names of ``summary.json`` in the order of a page: ``unit``, empty for what this version does not
        document, then a column for each run; None where a run has no such number, or it could not be measured.

    Raises
    ------
    ValueError
        If there are fewer than two, a folder holds no run, is named twice, or its summary cannot be read.

    Examples
    --------
    >>> side_by_side(["runs/lca-0"])
    Traceback (most recent call last):
        ...
    ValueError: expected two runs or more to compare, got 1
    """
    if len(folders) < 2:
        raise ValueError(f"expected two runs or more to compare, got {len(folders)}")
    summaries = [_summary(folder) for folder in folders]
    names = list(dict.fromkeys(name for summary in summaries for name in summary))
    ordered = measures.in_order(names, measures.metrics())
    known = [measures.metric_of(name) for name in ordered]
    columns = {
        name: [summary.get(each) for each in ordered]
        for name, summary in zip(_names(folders), summaries, strict=True)
    }
    table = pd.DataFrame(columns, index=pd.Index(ordered, name="number"), dtype=object)
    table.insert(0, "unit", ["" if metric is None else metric.unit for metric in known])
    return table


def _summary(folder: str | Path) -> dict[str, Any]:
    require_run(folder)
    file = Path(folder).expanduser() / "summary.json"
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected JSON in {str(file)!r}: {error}") from error
    if not isinstance(summary, dict):
        raise ValueError(f"expected a table of numbers in {str(file)!r}, got {type(summary).__name__}")
    return summary


def _names(folders: Sequence[str | Path]) -> list[str]:
    """Return the folders' own names, or their paths where two have the same."""
    paths = [Path(folder).expanduser().resolve() for folder in folders]
    if len(set(paths)) < len(paths):
        raise ValueError(f"expected different runs, got one twice among {', '.join(map(str, folders))}")
    names = [path.name for path in paths]
    return names if len(set(names)) == len(names) else [os.fspath(folder) for folder in folders]
