"""What the report needs of a run folder, read and checked."""

import io
import json
import math
import os
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from neurosim.recipes.text_files import text_of

__all__ = ["RunFolder", "read_run_folder"]


_PNG_BEGINS, _PNG_ENDS, _PNG_TAIL = b"\x89PNG\r\n\x1a\n", b"IEND", 64


@dataclass(frozen=True)
class RunFolder:
    """The files of a finished run, as plain values."""

    path: Path
    summary: dict[str, Any]
    """``summary.json``: metrics by name."""
    recipe: dict[str, Any]
    """``recipe.toml`` as tables, or of an analyzed recording ``recording.toml``."""
    recipe_text: str
    """The same file as it stands."""
    provenance: dict[str, Any]
    """``provenance.json``."""
    fields: pd.DataFrame
    """``fields.csv``, one row per neuron."""
    tables: dict[str, pd.DataFrame]
    """Other tables that were asked for, by stem; what the run has of them."""
    figures: dict[str, Path]
    """PNG files of ``figures/`` by stem."""

    def section(self, name: str) -> dict[str, Any]:
        """Return a table of the recipe, empty if it is not there."""
        section = self.recipe.get(name, {})
        return section if isinstance(section, dict) else {}

    def number(self, name: str) -> float | None:
        """Return a metric, or None where the run has none or it could not be measured (null or NaN)."""
        value = self.summary.get(name)
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def read_run_folder(run_dir: str | Path, *, tables: Iterable[str] = ()) -> RunFolder:
    """Read the files of a run folder that its report is made from.

    Parameters
    ----------
    run_dir : str or Path
        A folder that `neurosim run` wrote.
    tables : iterable of str
        Stems of the tables to be read besides ``fields.csv``, those of them that are there.

    Returns
    -------
    RunFolder

    Raises
    ------
    FileNotFoundError
        If the folder or a file is missing; names it.
    ValueError
        If a file cannot be understood; names it and the reason.

    Examples
    --------
    >>> read_run_folder("no-such-run")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no run folder at no-such-run: expected a folder that `neurosim run` wrote
    """
    folder = Path(os.path.expanduser(run_dir))
    if not folder.is_dir():
        raise FileNotFoundError(f"no run folder at {folder}: expected a folder that `neurosim run` wrote")
    figures = {path.stem: _picture(path) for path in sorted((folder / "figures").glob("*.png"))}
    if not figures:
        raise FileNotFoundError(
            f"{folder / 'figures'} holds no PNG file: the run did not finish; run it again"
        )
    recording = folder / "recording.toml"
    described = recording if recording.is_file() else folder / "recipe.toml"
    recipe_text = _text(described)
    return RunFolder(
        path=folder,
        summary=_json(folder / "summary.json"),
        recipe=_parsed(described, lambda: tomllib.loads(recipe_text)),
        recipe_text=recipe_text,
        provenance=_json(folder / "provenance.json"),
        fields=_table(folder / "fields.csv"),
        tables={
            stem: _table(folder / f"{stem}.csv") for stem in tables if (folder / f"{stem}.csv").is_file()
        },
        figures=figures,
    )


def _picture(path: Path) -> Path:
    content = path.read_bytes() if path.is_file() else b""
    if not content.startswith(_PNG_BEGINS) or _PNG_ENDS not in content[-_PNG_TAIL:]:
        raise ValueError(f"{path} is not a whole PNG file: restore it or run the recipe again")
    return path


def _text(path: Path) -> str:
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: the report is made from it. Expected a finished run folder; run the recipe "
            "again"
        )
    try:
        return text_of(path)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read ({error}): restore it or run the recipe again") from error


def _json(path: Path) -> dict[str, Any]:
    text = _text(path)
    values = _parsed(path, lambda: json.loads(text))
    if not isinstance(values, dict):
        raise ValueError(f"{path} must hold a JSON object, got {type(values).__name__}: run the recipe again")
    return values


def _table(path: Path) -> pd.DataFrame:
    text = _text(path)
    table: pd.DataFrame = _parsed(path, lambda: pd.read_csv(io.StringIO(text)))
    return table


def _parsed(path: Path, parse: Callable[[], Any]) -> Any:
    # The parsers of JSON, TOML and CSV all raise a ValueError of their own, and the first two give up deep brackets.
    try:
        return parse()
    except (ValueError, RecursionError, OverflowError) as error:
        raise ValueError(f"{path} cannot be read ({error}): restore it or run the recipe again") from error
