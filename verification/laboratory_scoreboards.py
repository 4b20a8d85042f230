"""The scoreboard of every recipe on photographs, with the time that the laboratory takes.

    python verification/laboratory_scoreboards.py [--only lca sailnet] [--set laboratory.tile={stride=8, size=32}]

Each recipe is run as it ships, then `neurosim lab` is timed on the finished run: wall time, processor time of this
process and of those it started, and the load of the machine before. Rows of the dated table
``laboratory_scoreboards.csv`` with the same recipe and laboratory are replaced, others stay.
"""

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from neurosim.recipes import recipe_names
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.runs.execute import execute
from neurosim.runs.finished.laboratory import laboratory, laboratory_folder

TABLE = Path(__file__).with_suffix(".csv")
NUMBERS = (
    "laboratory_pixels_per_degree", "v1_similarity_mean", "v1_similarity_interval", "v1_similarity_mean_simple",
    "v1_similarity_control", "suppressed_share", "suppressed_share_control", "complex_invariant_share",
)  # fmt: skip


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only", nargs="+", default=[name for name in recipe_names() if fits(load_recipe(name))]
    )
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    chosen = parser.parse_args()
    for name in chosen.only:
        with tempfile.TemporaryDirectory() as folder:
            row = scoreboard(name, chosen.assignments, folder=Path(folder) / "run")
        print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        store(row)


def fits(recipe: Recipe) -> bool:
    """Whether a recipe trains one network on photographs."""
    return recipe.stimuli.kind == "photographs" and not recipe.arms


def scoreboard(name: str, assignments: list[str], *, folder: Path) -> dict[str, object]:
    """Return one row: what the laboratory says of a recipe's network."""
    recipe = load_recipe(name)
    execute(recipe, out=folder)
    load, wall, busy = os.getloadavg()[0], time.perf_counter(), processor_seconds()
    summary = laboratory(folder, assignments=assignments)
    row: dict[str, object] = {"recipe": name, "laboratory": " ".join(assignments) or "patch"}
    row["n_units"] = recipe.network.n_neurons
    row["n_suppressed"] = int(
        pd.read_csv(laboratory_folder(folder) / "scoreboard.csv")["n_suppressed"].iloc[0]
    )
    row |= {each: shortened(summary[each]) for each in NUMBERS if each in summary}
    row |= {
        "wall_s": round(time.perf_counter() - wall, 1),
        "processor_s": round(processor_seconds() - busy, 1),
    }
    return row | {"load": round(load, 1), "date": datetime.now(UTC).date().isoformat()}


def shortened(value: object) -> object:
    """Return a number, or an interval as text, with three digits."""
    if isinstance(value, list):
        return " ".join(f"{end:.3f}" for end in value)
    return round(value, 3) if isinstance(value, float) else value


def processor_seconds() -> float:
    """Return what this process and those it started have used."""
    return sum(os.times()[:4])


def store(row: dict[str, object]) -> None:
    """Write a row to the table, in place of an earlier one."""
    kept = pd.read_csv(TABLE) if TABLE.exists() else pd.DataFrame(columns=["recipe", "laboratory"])
    same = (kept["recipe"] == row["recipe"]) & (kept["laboratory"] == row["laboratory"])
    pd.concat([kept[~same], pd.DataFrame([row])], ignore_index=True).to_csv(TABLE, index=False)


if __name__ == "__main__":
    main()
