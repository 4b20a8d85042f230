"""Maps that topographic coding learns from photographs, beside noise of the same spectrum and beside cortex.

    python verification/topographic.py [--only 16x16 32x32 48x48] [--seeds 0 1 2]

The small sheet is the recipe `topographic` as it ships. The larger ones have four and nine times its neurons and
patches of 24×24 pixels; their settings are those of the 32×32 sheet, which were chosen after about twenty trainings
whose maps were seen, seed 0 among them; the 48×48 sheet took them over before its first training. Maps are looked at
twice. *Smoothed* is how the report does it, by a Gaussian of one neuron. *Imaged*, on the larger sheets, is in the
manner of optical imaging: waves longer than two thirds of the sheet and shorter than two pools are taken off (a Fermi
band-pass, chosen on the 32×32 sheet after looking).

A wavelength, and with it a density of pinwheels, is given where the spectrum of the smoothed map has a ring; the
column ``reason`` says why there is none. A band-pass gives noise a ring too, so the imaged map has neither. Whether a
map is more than noise is told by the number of its pinwheels over that of random maps with the same power spectrum,
which needs no wavelength, by the same neurons in shuffled places, and by the 45 degrees by which neighbours differ by
chance. Intervals of ratios and densities are Poisson's for the count (``map_measures.py`` shows what they hold).

Rows are added to ``topographic.csv`` as they come and not computed again while a sheet and seed stand there: remove
the file to redo all. The first seed of the largest sheet is drawn in ``topographic_map.png``. About half an hour on
one core, two thirds of it for the 48×48 sheet.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.maps.maps import gabor_maps, map_vectors, smoothed_vectors
from neurosim.analysis.maps.pinwheel_density import count_interval
from neurosim.analysis.maps.pinwheels import find_pinwheels, pinwheel_summary
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.sheet_correlation import (
    activity_similarity,
    field_similarity,
    similarity_distance_correlation,
    similarity_with_distance,
)
from neurosim.analysis.maps.smoothness import map_smoothness
from neurosim.analysis.plots.maps import plot_orientation_map
from neurosim.networks.models import built
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.stimuli import prepared
from neurosim.stimuli.kinds.stimuli import PATCHES, only

HERE = Path(__file__).parent
LARGE = ("network.softening=0.1", "network.learning_rate=15.0", "stimuli.patch_size=24")
SHEETS = {
    "16x16": (),
    "32x32": ("network.n_neurons=1024", "network.sheet=[32, 32]", *LARGE),
    "48x48": ("network.n_neurons=2304", "network.sheet=[48, 48]", *LARGE),
}
DRAWN = ("48x48", 0)
N_CONTROLS = 20
N_NOISE = 200
COLUMNS = ["sheet", "seed", "measure", "value", "low", "high", "reason", "date"]
# Kaschube et al. 2010, Science 330:1113: the three species' densities agree with pi to a few percent.
CORTEX = [{"sheet": "ferret, tree shrew, galago", "measure": "pinwheel_density", "value": np.pi}]

Vectors = NDArray[np.complex128]
Row = dict[str, Any]


def main() -> None:
    """Train and measure what is missing, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=SHEETS, default=list(SHEETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    have = stored()
    for name in options.only:
        for seed in options.seeds:
            if ((have["sheet"] == name) & (have["seed"] == seed)).any():
                continue
            found = pd.DataFrame(measured(name, seed)).assign(sheet=name, seed=seed, date=today())
            have = pd.concat([have, found.reindex(columns=COLUMNS)], ignore_index=True)
            store(have)
            print(f"{name}, seed {seed}\n{found.to_string(index=False, float_format='%.3f')}\n", flush=True)
    together = store(have)
    print(ranges(have).to_string(float_format="%.3f"))
    print(together.to_string(index=False, float_format="%.3f"))


def ranges(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the lowest and highest value over the seeds of each sheet."""
    counted = rows.astype({"value": float}).groupby(["measure", "sheet"], sort=False)["value"]
    return counted.agg(["count", "min", "max"])


def stored() -> pd.DataFrame:
    """Return the rows of single seeds that are there."""
    path = HERE / "topographic.csv"
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    table = pd.read_csv(path)
    return table[table["seed"].notna()].astype({"seed": int})


def store(rows: pd.DataFrame) -> pd.DataFrame:
    """Write the rows of single seeds, and those of all seeds together, which are returned."""
    over = [row for name in SHEETS if name in set(rows["sheet"]) for row in over_seeds(name, rows)]
    together = pd.DataFrame([*over, *CORTEX]).assign(date=today()).reindex(columns=COLUMNS)
    order = rows.assign(order=rows["sheet"].map(list(SHEETS).index)).sort_values(
        ["order", "seed"], kind="stable"
    )
    table = pd.concat([order[COLUMNS].astype(object), together.astype(object)], ignore_index=True)
    table = table.astype({"seed": "Int64", "value": float, "low": float, "high": float})
    table.to_csv(HERE / "topographic.csv", index=False, float_format="%.4g")
    return together


def today() -> str:
    """Return the date of a row."""
    return datetime.now(UTC).date().isoformat()


def measured(name: str, seed: int) -> Iterator[Row]:
    """Train one sheet, and yield what it shows."""
    recipe = load_recipe("topographic", assignments=SHEETS[name])
    training, held_out, controls = np.random.default_rng(seed).spawn(3)
    stimuli = prepared(recipe, training_rng=training, held_out_rng=held_out)
    started = time.perf_counter()
    net = built(recipe.network, random_state=seed).fit(only(stimuli.training))
    yield {"measure": "seconds_train", "value": time.perf_counter() - started}
    code = net.transform(only(stimuli.held_out))
    fields = only(stimuli.pictures({PATCHES: net.dictionary_}))
    active = np.abs(code) > net.softening
    yield {"measure": "active_fraction", "value": active.mean()}
    yield {"measure": "neurons_never_active", "value": (~active.any(axis=0)).sum()}
    height, width = net.positions_.max(axis=0) + 1
    sheet = Sheet(int(height), int(width), torus=bool(net.torus))
    shortest = None if name == "16x16" else 2 * net.pooling
    picture = HERE / "topographic_map.png" if (name, seed) == DRAWN else None
    yield from of_map(fit_gabors(fields), sheet, rng=controls, shortest=shortest, picture=picture)
    yield from similarities(fields, code, sheet, rng=controls)


def of_map(
    fits: pd.DataFrame,
    sheet: Sheet,
    *,
    rng: np.random.Generator,
    shortest: float | None,
    picture: Path | None,
) -> Iterator[Row]:
    """Yield smoothness and pinwheels of a map, and of the map as imaging would show it unless `shortest` is None."""
    maps = gabor_maps(fits, sheet)
    yield {"measure": "oriented_fraction", "value": maps["good"].mean()}
    yield {"measure": "gabor_fraction", "value": fits["gabor_like"].mean()}
    smoothness = map_smoothness(maps["orientation"], sheet, rng=rng)
    for measure, each in smoothness.iterrows():
        yield {"measure": measure, "value": each["value"]}
        chance = {"low": each["shuffled_low"], "high": each["shuffled_high"]}
        yield {"measure": f"{measure}_shuffled", "value": each["shuffled"], **chance}
    vectors = map_vectors(maps)
    found = pinwheel_summary(vectors, sheet, rng=rng, smoothing=1.0, n_shuffles=N_CONTROLS, n_noise=N_NOISE)
    yield from _against_noise("smoothed", found)
    yield {"measure": "smoothed_wavelength", "value": found["map_wavelength"], "reason": found["no_ring"]}
    for kind, measure in (("density", "pinwheel_density"), ("quality", "map_quality")):
        ends = {end: found[f"{kind}_{end}"] for end in ("low", "high")}
        yield {"measure": f"smoothed_{kind}", "value": found[measure], **ends}
    for measure in ("selectivity", "shuffled_selectivity", "shuffled_pinwheels"):
        yield {"measure": f"smoothed_{measure}", "value": found[measure]}
    smooth = smoothed_vectors(vectors, sheet, width=1.0)
    if shortest is not None:
        # A neuron without an orientation gets that of the neurons around it.
        yield from imaged(np.where(maps["good"], vectors, smooth), sheet, rng=rng, shortest=shortest)
    if picture is not None:
        figure = plot_orientation_map(smooth, sheet, pinwheels=find_pinwheels(smooth, sheet))
        figure.savefig(picture, dpi=110)


def imaged(vectors: Vectors, sheet: Sheet, *, rng: np.random.Generator, shortest: float) -> Iterator[Row]:
    """Yield pinwheels of a map without its longest and shortest waves, beside noise; and its selectivity."""
    band = {"longest": min(sheet.height, sheet.width) / 1.5, "shortest": shortest}
    shown = band_passed(vectors, sheet, **band)
    yield from _against_noise(
        "imaged", pinwheel_summary(shown, sheet, rng=rng, n_shuffles=1, n_noise=N_NOISE)
    )
    yield {"measure": "imaged_selectivity", "value": np.abs(shown).mean()}
    mixed = [band_passed(rng.permutation(vectors), sheet, **band) for _ in range(N_CONTROLS)]
    yield {"measure": "imaged_shuffled_selectivity", "value": np.mean(np.abs(mixed))}


def band_passed(vectors: Vectors, sheet: Sheet, *, longest: float, shortest: float) -> Vectors:
    """Return a map with the waves between two lengths (neurons), cut off by Fermi functions a tenth as wide."""
    frequency = np.hypot(np.fft.fftfreq(sheet.height)[:, None], np.fft.fftfreq(sheet.width))
    kept = 1 / (1 + np.exp(-10 * (frequency * longest - 1))) / (1 + np.exp(10 * (frequency * shortest - 1)))
    return np.asarray(np.fft.ifft2(kept * np.fft.fft2(sheet.as_map(vectors))).ravel())


def similarities(
    fields: NDArray[Any], code: NDArray[Any], sheet: Sheet, *, rng: np.random.Generator
) -> Iterator[Row]:
    """Yield how alike fields and responses are at every distance; of either sign, as activity is."""
    alike = {
        "fields": field_similarity(fields, absolute=True),
        "activity": activity_similarity(code, absolute=True),
    }
    for kind, matrix in alike.items():
        whole = similarity_distance_correlation(matrix, sheet, rng=rng, n_shuffles=99)
        chance = {"low": whole["shuffled_low"], "high": whole["shuffled_high"]}
        yield {"measure": f"{kind}_with_distance", "value": whole["correlation"]}
        yield {"measure": f"{kind}_with_distance_shuffled", "value": 0.0, **chance}
        table = similarity_with_distance(matrix, sheet, rng=rng, n_draws=50, max_distance=8)
        for _, each in table.iterrows():
            ends = {"low": each["low"], "high": each["high"]}
            yield {"measure": f"{kind}_at_{each['distance']:.1f}", "value": each["similarity"], **ends}
        ends = {"low": table["shuffled_low"].min(), "high": table["shuffled_high"].max()}
        yield {"measure": f"{kind}_shuffled", "value": table["shuffled"].mean(), **ends}


def over_seeds(name: str, rows: pd.DataFrame) -> Iterator[Row]:
    """Yield all seeds' pinwheels over those of noise, and on all their squared wavelengths if all maps have a ring."""
    seeds = rows[rows["sheet"] == name].pivot_table("value", "seed", "measure", sort=False, dropna=False)
    yield {"sheet": name, "measure": "seeds", "value": len(seeds)}
    for kind in ("smoothed", "imaged"):
        if f"{kind}_pinwheels" in seeds and seeds[f"{kind}_pinwheels"].notna().all():
            counted = seeds[f"{kind}_pinwheels"].sum()
            yield from _pooled(
                f"{kind}_ratio_to_noise", name, counted, seeds[f"{kind}_noise_pinwheels"].sum()
            )
    squares = seeds["smoothed_pinwheels"] / seeds.get("smoothed_density", np.nan)
    if squares.notna().all():
        yield from _pooled("smoothed_density", name, seeds["smoothed_pinwheels"].sum(), squares.sum())


def _pooled(measure: str, name: str, counted: float, expected: float) -> Iterator[Row]:
    low, high = (end / expected for end in count_interval(int(counted)))
    row = {"sheet": name, "measure": f"{measure}_of_all_seeds"}
    yield row | {"value": counted / expected, "low": low, "high": high}


def _against_noise(kind: str, found: "pd.Series[Any]") -> Iterator[Row]:
    yield {"measure": f"{kind}_pinwheels", "value": found["pinwheels"]}
    for measure, ends in (("noise_pinwheels", "noise"), ("ratio_to_noise", "ratio")):
        interval = {end: found[f"{ends}_{end}"] for end in ("low", "high")}
        yield {"measure": f"{kind}_{measure}", "value": found[measure], **interval}


if __name__ == "__main__":
    main()
