"""Run every quick recipe at a small size with this checkout and another, and say which numbers differ.

    python verification/same_numbers.py path/to/the/other/checkout [--only lca sailnet]

Wall times are left out; tables and figures are compared too. The dated table is kept beside this file, in
``same_numbers.csv``, which holds one row for each recipe and each pair of commits that was compared.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from quick_recipes import RECIPES

HERE = Path(__file__).parent
TABLE = HERE / "same_numbers.csv"


def run(checkout: Path, recipe: str, folder: Path) -> None:
    """Run one recipe with the package of a checkout.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = [sys.executable, "-m", "neurosim", "run", recipe, "--out", str(folder), "--quiet"]
    command += [] if recipe == "svae" else ["--backend", "numpy"]
    for assignment in RECIPES[recipe]:
        command += ["--set", assignment]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    subprocess.run(command, cwd=checkout, env=environment, check=True, stderr=subprocess.DEVNULL)


def different_numbers(before: Path, after: Path) -> list[str]:
    """Return the names of numbers that two runs do not share; NaN is written as null, and equal to itself."""
    old, new = (
        json.loads((folder / "summary.json").read_text(encoding="utf-8")) for folder in (before, after)
    )
    names = [name for name in old | new if not name.startswith("seconds_")]
    return [name for name in names if name not in old or name not in new or old[name] != new[name]]


def different_files(before: Path, after: Path) -> list[str]:
    """Return the tables and figures that two runs do not share, or that differ in content or in their columns."""
    found: list[str] = []
    for path in sorted({*_files(before), *_files(after)}):
        old, new = before / path, after / path
        if not (old.is_file() and new.is_file()) or not _alike(old, new):
            found.append(str(path))
    return found


def _files(folder: Path) -> list[Path]:
    return [path.relative_to(folder) for kind in ("*.csv", "figures/*.png") for path in folder.glob(kind)]


def _alike(old: Path, new: Path) -> bool:
    if old.suffix == ".png":
        return old.read_bytes() == new.read_bytes()
    # How long a classifier took is no result.
    first, second = (pd.read_csv(path).drop(columns="seconds", errors="ignore") for path in (old, new))
    return first.equals(second)


def commit(checkout: Path) -> str:
    """Return the commit of a checkout, with a plus where files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], cwd=checkout, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def compared(other: Path, recipe: str) -> dict[str, Any]:
    """Return one row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        run(other, recipe, before)
        run(HERE.parent, recipe, after)
        numbers = json.loads((after / "summary.json").read_text(encoding="utf-8"))
        return {
            "date": datetime.now(UTC).date().isoformat(),
            "other": commit(other),
            "this": commit(HERE.parent),
            "recipe": recipe,
            "numbers": sum(not name.startswith("seconds_") for name in numbers),
            "different_numbers": " ".join(different_numbers(before, after)),
            "files": len(_files(after)),
            "different_files": " ".join(different_files(before, after)),
        }


def main() -> None:
    """Compare, print and store the table; exit with 1 if a number differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("other", type=Path, help="checkout to compare with")
    parser.add_argument("--only", nargs="+", choices=list(RECIPES), default=list(RECIPES))
    options = parser.parse_args()
    table = pd.DataFrame([compared(options.other.resolve(), recipe) for recipe in options.only])
    print(table.to_string(index=False))
    earlier = [pd.read_csv(TABLE)] if TABLE.is_file() else []
    rows = pd.concat([*earlier, table]).drop_duplicates(["other", "this", "recipe"], keep="last")
    rows.to_csv(TABLE, index=False)
    sys.exit(bool(table["different_numbers"].any()))


if __name__ == "__main__":
    main()
