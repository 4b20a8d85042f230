"""The scoreboard of every recipe on photographs: fourteen V1 properties, all controls, and the time it takes.

    python verification/laboratory_scoreboards.py [--only lca sailnet] [--set "laboratory.tile={stride=8, size=32}"]
        [--set laboratory.pools=learned] [--seed 1] [--runs DIR]

Each recipe is run as it ships, or its run is taken from the folder DIR, where runs are kept as ``lca-0``. What then is
measured is what `neurosim lab` tells of the run, from the same random numbers. A row of the dated table
``laboratory_scoreboards.csv`` holds, for the network and each control: the ceiled mean of 14 properties; the mean of
the 11 that need no grating larger than a field; how many responsive units are suppressed, as below 20 summation field
and surround diameter count 0; medians of three properties over responsive units; and of pools the share with F1/F0 < 1
and circular variance < .5. Time is that from the
finished run to the scores, and without scoring: on the clock, and of the processor in this process and those it
started, with the load of the machine before. Rows with the same recipe, seed and laboratory are replaced.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from neurosim.measures.context import Context
from neurosim.measures.laboratory import LABORATORY
from neurosim.measures.laboratory.populations import MAIN, SIMPLE, Shown, shown_to
from neurosim.measures.laboratory.scores import DRAWN, Scores, invariant_share, scored, suppressed_share
from neurosim.networks.estimator.backend_choice import repeatable
from neurosim.networks.saving.loading import load
from neurosim.recipes import recipe_names
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.runs.analyze import stream_of
from neurosim.runs.execute import execute, streams_of
from neurosim.runs.progress import silent
from neurosim.runs.stimuli import prepared

TABLE = Path(__file__).with_suffix(".csv")
POPULATIONS = (
    MAIN, SIMPLE, "feed_forward", "feed_forward_threshold", "random_fields", "random_pools", "shuffled", "drawn_gabors",
)  # fmt: skip
MEDIANS = ("orientation_half_width", "circular_variance", "modulation_ratio")


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--only", nargs="+", default=[name for name in recipe_names() if fits(load_recipe(name))]
    )
    parser.add_argument("--set", action="append", default=[], dest="assignments")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=Path, help="folder in which trained runs are kept")
    chosen = parser.parse_args()
    for name in chosen.only:
        with folder_of(chosen.runs) as runs:
            run = trained(name, seed=chosen.seed, runs=runs)
            row = scoreboard(run, chosen.assignments)
        print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
        store(row)


def fits(recipe: Recipe) -> bool:
    """Whether a recipe trains one network on photographs."""
    return recipe.stimuli.kind == "photographs" and not recipe.arms


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    """The folder of kept runs, or one that is gone afterwards."""
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def trained(name: str, *, seed: int, runs: Path) -> Path:
    """The run of a recipe and seed, made if it is not there."""
    run = runs / f"{name}-{seed}"
    if not (run / "summary.json").exists():
        execute(load_recipe(name, assignments=[f"run.seed={seed}"]), out=run)
    return run


@repeatable()
def scoreboard(run: Path, assignments: list[str]) -> dict[str, object]:
    """One row: what the laboratory says of a run's network and of its controls."""
    recipe = load_recipe(run / "recipe.toml", assignments=["laboratory.control=all", *assignments])
    assert recipe.laboratory is not None
    load_before, started = os.getloadavg()[0], used()
    streams = streams_of(recipe.run.seed)
    stimuli = prepared(recipe, training_rng=streams.training, held_out_rng=streams.held_out)
    context = Context(load(run), stimuli, recipe=recipe, progress=silent)
    rng = stream_of(streams.analysis, LABORATORY.name)
    shown = shown_to(context, recipe.laboratory, rng)
    after_showing = used() - started
    found = scored(shown, rng=rng, positive_control=recipe.laboratory.control == "all")
    in_all = used() - started
    row = {"recipe": recipe.run.name, "seed": recipe.run.seed, "model": recipe.network.model}
    row |= {"laboratory": " ".join(assignments).replace("laboratory.", "") or "patch"}
    row |= {"n_units": recipe.network.n_neurons, "pixels_per_degree": shown.pixels_per_degree}
    row |= {"unsettled": shown.unsettled} | numbers(shown, found)
    row |= {"shown_wall_s": after_showing[0], "shown_processor_s": after_showing[1]}
    row |= {"wall_s": in_all[0], "processor_s": in_all[1], "load": load_before}
    return row | {"date": datetime.now(UTC).date().isoformat()}


def numbers(shown: Shown, found: Scores) -> dict[str, object]:
    """What is told of the network and of each control; of those that are not there, nothing."""
    board = found.boards[MAIN]
    told: dict[str, object] = {
        **{f"{MAIN}_{end}": getattr(board.mean, end) for end in ("low", "high")},
        **{f"{MAIN}_11_{end}": getattr(board.mean_without_size, end) for end in ("low", "high")},
    }
    for name in POPULATIONS:
        if name not in found.boards:
            continue
        own, properties = found.boards[name], found.properties[name]
        told[f"{name}_mean"] = own.mean.ceiled
        told[f"{name}_11"] = own.mean_without_size.ceiled
        told[f"{name}_suppressed"] = int(own.table["n_suppressed"].iloc[0])
        told[f"{name}_suppressed_share"] = suppressed_share(properties)
        responsive = properties[properties["responsive_orientation"]]
        told |= {f"{name}_median_{each}": responsive[each].median() for each in MEDIANS}
        if name not in (SIMPLE, DRAWN) and shown.is_pool.any():
            told[f"{name}_invariant"] = invariant_share(properties[shown.is_pool])
    each = board.table.set_index("property")
    return told | {f"{MAIN}_{name}": score for name, score in each["ceiled"].items()}


def used() -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Seconds on the clock, and of the processor in this process and those it started."""
    return np.array([time.perf_counter(), sum(os.times()[:4])])


def store(row: dict[str, object]) -> None:
    """Write a row to the table, in place of an earlier one."""
    rows = [row]
    if TABLE.exists():
        kept = pd.read_csv(TABLE)
        same = pd.Series(True, index=kept.index)
        for key in ("recipe", "seed", "laboratory"):
            same &= kept[key] == row[key]
        rows = [*kept[~same].to_dict("records"), row]
    pd.DataFrame(rows).to_csv(TABLE, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
