"""How long recipes take from the command to the page, with the load of the machine beside it.

    python verification/recipe_times.py films [lca ...] [--out FOLDER]

Each is run once with `neurosim run` in a process of its own, with the user's own cache of compiled circuits: the first
run on a machine compiles, which is told apart (`seconds_compile` of the run). ``load`` is that of the minute before,
in processes that want a processor: times mean something on a quiet machine only, processor time on any. The dated
table is kept beside this file, in ``recipe_times.csv``; rows of other recipes stay.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

TABLE = Path(__file__).with_suffix(".csv")
HOUSE = Path(__file__).parents[1]


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipes", nargs="+")
    parser.add_argument("--most", type=float, default=120.0, help="seconds that are told to be too many")
    parser.add_argument("--out", type=Path, help="a folder that keeps the runs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        rows = [timed(recipe, (options.out or Path(aside)) / recipe) for recipe in options.recipes]
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    for row in rows:
        if row["seconds"] > options.most:
            print(f"{row['recipe']}: more than {options.most:g} s, at a load of {row['load']}")
    if TABLE.exists():
        before = pd.read_csv(TABLE)
        table = pd.concat([before[~before["recipe"].isin(options.recipes)], table], ignore_index=True)
    table.to_csv(TABLE, index=False, float_format="%.4g")


def timed(recipe: str, run: Path) -> dict[str, object]:
    """Return wall and processor time of one run."""
    load, processor, began = os.getloadavg()[0], _processor(), time.perf_counter()
    command = [sys.executable, "-m", "neurosim", "run", recipe, "--quiet", "--out", os.fspath(run)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": os.fspath(HOUSE)})
    seconds = time.perf_counter() - began
    summary = json.loads((run / "summary.json").read_text())
    return {
        "recipe": recipe,
        "seconds": seconds,
        "processor_seconds": _processor() - processor,
        "seconds_compile": summary.get("seconds_compile"),
        "page_megabytes": (run / "report.html").stat().st_size / 1e6,
        "load": round(load, 2),
        "processors": os.cpu_count(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _processor() -> float:
    """Return the processor time of processes that this one has waited for, and theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
