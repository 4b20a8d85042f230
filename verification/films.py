"""Fields in space and time: direction selectivity and separability, with controls, on three seeds.

    python verification/films.py [--seeds 0 1 2] [--motions eye move] [--film city.mpg]

For each seed the network of the recipe `films` learns from clips of a made film; the same network learns from the same
clips without motion (``still``: the middle frame, whose contrast wanders); random numbers in as many fields are
``untrained``. Shares are of fields among whitened pixels, ``response_selective`` of settled responses to gratings. How
films are made decides the share of selective fields, so it is compared with its controls, not with cortex. With
``--film`` the clips are of a video. The dated table is kept beside this file, in ``films.csv``; rows of other films
stay.
"""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from neurosim.analysis import motion_shares
from neurosim.measures.films.groups import groups_of
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.stimuli.kinds.films.film_clips import film_clips

TABLE = Path(__file__).with_suffix(".csv")


def main() -> None:
    """Run, print and store the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--motions", nargs="*", default=["eye"], choices=["eye", "move"])
    parser.add_argument("--film", type=Path, help="a video file, as a film that a camera took")
    parser.add_argument("--n-train", type=int, help="clips, where it is not the recipe's number")
    options = parser.parse_args()
    rows = []
    films = {motion: f"stimuli.motion={motion}" for motion in options.motions}
    if options.film:
        films |= {options.film.name: f"stimuli.source={options.film.resolve()}"}
    for name, assignment in films.items():
        for seed in options.seeds:
            rows += of_seed(seed, film=name, assignment=assignment, n_train=options.n_train)
            print(pd.DataFrame(rows).to_string(index=False), flush=True)
    table = pd.DataFrame(rows).assign(date=datetime.now(UTC).date().isoformat())
    if TABLE.exists():
        before = pd.read_csv(TABLE)
        table = pd.concat([before[~before["film"].isin(films)], table], ignore_index=True)
    table.to_csv(TABLE, index=False, float_format="%.4g")


def of_seed(seed: int, *, film: str, assignment: str, n_train: int | None) -> list[dict[str, object]]:
    """Return one row for each group."""
    assignments = [f"run.seed={seed}", assignment]
    recipe = load_recipe(
        "films", assignments=assignments + [f"stimuli.n_train={n_train}"] * (n_train is not None)
    )
    training, held_out, noise = (
        np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(3)
    )
    # Compiled simulations are processes of their own.
    began = sum(os.times()[:4])
    stimuli = film_clips(recipe.stimuli, training_rng=training, held_out_rng=held_out)
    network = built(recipe.network, random_state=seed).fit(stimuli.training["clips"])
    groups = groups_of(network, stimuli, rng=noise)
    return [
        {
            "film": film,
            "seed": seed,
            "learned_from": name,
            "neurons": len(table),
            **motion_shares(table),
            "response_selective": table["response_selective"].mean()
            if "response_selective" in table
            else np.nan,
            "turned_down": stimuli.sources["share_turned_down"],
            "processor_seconds": sum(os.times()[:4]) - began,
        }
        for name, table in groups.items()
    ]


if __name__ == "__main__":
    main()
