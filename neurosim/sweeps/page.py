"""The page of a sweep: how far it is, its figures, its runs with links to their own pages."""

import math
import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from neurosim.sweeps.table import SEED, stored_plan

__all__ = ["write_page"]


def write_page(folder: Path, table: pd.DataFrame, *, metrics: Sequence[str]) -> None:
    """Write ``index.html`` of a sweep's folder, with its figures and the numbers that they show."""
    from jinja2 import Environment, StrictUndefined

    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    text = files("neurosim.sweeps").joinpath("sweep.html").read_text(encoding="utf-8")
    plan = stored_plan(folder)
    content = template.from_string(text).render(
        name=plan["name"],
        recipe=plan["recipe"],
        version=plan["neurosim"],
        counts=table["state"].value_counts().to_dict(),
        n_runs=len(table),
        swept=[*table.attrs["swept"], SEED],
        metrics=metrics,
        rows=[_words(row) for row in table.to_dict("records")],
    )
    aside = folder / f".index.html.{os.getpid()}"
    aside.write_text(content, encoding="utf-8", errors="backslashreplace")
    os.replace(aside, folder / "index.html")


def _words(row: dict[Any, Any]) -> dict[str, str]:
    return {str(name): _word(value) for name, value in row.items()}


def _word(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
