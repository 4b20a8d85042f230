"""Map a run's fields with more and more frames of noise: when does the distance to macaque stop moving?

    python verification/mapped_fields.py [--run FOLDER] [--frames 5000 10000 …]

Without a folder the `lca` recipe learns first. Processor time is that of mapping alone, children included. The dated
table is kept beside this file, in ``mapped_fields.csv``; its last row is of the fields computed from the weights.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.fields import spectral_bandwidths
from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.v1.field_shape import compare_nx_ny
from neurosim.measures.context import Context
from neurosim.networks.saving.loading import load
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute, streams_of
from neurosim.runs.stimuli import prepared

FRAMES = (5_000, 10_000, 20_000, 40_000, 80_000)


def contexts(run: Path, frames: list[int]) -> Iterator[tuple[int, Context]]:
    """Yield the run's network with its stimuli, once for each number of frames."""
    network = load(run)
    for number in frames:
        wanted = ["analysis.fields=both", f"analysis.noise_frames={number}"]
        recipe = load_recipe(run / "recipe.toml", assignments=wanted)
        streams = streams_of(recipe.run.seed)
        stimuli = prepared(recipe, training_rng=streams.training, held_out_rng=streams.held_out)
        yield number, Context(network, stimuli, recipe=recipe)


def shape(fields: NDArray[np.float64]) -> dict[str, float]:
    """Return what the comparison with macaque says of fields, and their spectra."""
    compared = compare_nx_ny(fit_gabors(fields, amplitude_bound=1.5), rng=0).as_row()
    widths = spectral_bandwidths(fields).median()
    names = ("frequency_bandwidth_octaves", "orientation_half_bandwidth_degrees")
    return compared | {name: float(widths[name]) for name in names}


def processor_seconds() -> float:
    """Return seconds of this process and of those it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def rows(run: Path, frames: list[int]) -> Iterator[dict[str, Any]]:
    """Yield the table's rows."""
    for number, context in contexts(run, frames):
        started = processor_seconds()
        found = context.mapped
        assert found is not None
        seconds = processor_seconds() - started
        computed = context.fields["image"]
        alike = [
            np.corrcoef(a.ravel(), b.ravel())[0, 1]
            for a, b in zip(computed, found.fields, strict=True)
            if b.any()
        ]
        yield {
            "fields": "mapped", "frames": number, "processor_seconds": seconds, "silent": int(found.silent.sum()),
            "significant_share": found.significant.mean(), "halves_r2": np.nanmedian(found.halves_r2),
            "correlation_with_computed": np.median(alike), **shape(found.fields),
        }  # fmt: skip
    yield {"fields": "computed", **shape(computed)}


def main() -> None:
    """Map, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--frames", type=int, nargs="+", default=list(FRAMES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or Path(folder) / "lca"
        if options.run is None:
            execute(load_recipe("lca"), out=run)
        table = pd.DataFrame(rows(run, options.frames)).assign(date=datetime.now(UTC).date().isoformat())
    print(table.to_string(index=False, float_format="%.3f"))
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
