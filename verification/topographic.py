"""Maps that topographic coding learns from photographs, beside cortex and beside noise.

    python verification/topographic.py [--only 16x16 32x32] [--seeds 0 1 2] [--large-seeds 0 1 2]

The small sheet is the recipe `topographic` as it ships, one wavelength of the map wide; the large one has four times
its neurons and patches of 24×24 pixels. Maps are looked at twice. *Smoothed* is how the report does it, by a Gaussian
of one neuron. *Imaged* is in the manner of optical imaging, which cannot tell slow trends across the field of view nor
fine structure from noise: waves longer than two thirds of the sheet and shorter than two pools are taken off (a Fermi
band-pass), which only a sheet of several wavelengths allows. That band and the large sheet's settings were fixed
before these runs, but after looking at about twenty others, their densities among them.

A band of waves gives noise a density near pi as well. Three controls tell a map from noise: the same neurons in
shuffled places (their selectivity after the same treatment); random maps with the same power spectrum (how many
pinwheels they have); the 45 degrees by which neighbours differ by chance. Intervals of densities are Poisson's for the
count. The table is kept beside this file in ``topographic.csv``, the large map in ``topographic_map.png``.
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

from neurosim.analysis.gabor import fit_gabors
from neurosim.analysis.map_smoothness import map_smoothness
from neurosim.analysis.maps import gabor_maps, map_vectors, smoothed_vectors
from neurosim.analysis.pinwheels import find_pinwheels, pinwheel_summary
from neurosim.analysis.plot_topography import plot_orientation_map
from neurosim.analysis.sheet import Sheet
from neurosim.analysis.sheet_correlation import (
    activity_similarity,
    field_similarity,
    similarity_distance_correlation,
    similarity_with_distance,
)
from neurosim.runs.kinds import prepared
from neurosim.runs.network_sections import estimator
from neurosim.runs.recipe import load_recipe

HERE = Path(__file__).parent
SHEETS = {
    "16x16": (),
    "32x32": (
        "network.n_neurons=1024",
        "network.sheet=[32, 32]",
        "network.softening=0.1",
        "network.learning_rate=15.0",
        "stimuli.patch_size=24",
    ),
}
N_CONTROLS = 20
# Kaschube et al. 2010, Science 330:1113: the three species' densities agree with pi to a few percent.
CORTEX = [{"sheet": "ferret, tree shrew, galago", "measure": "pinwheel_density", "value": np.pi}]

Vectors = NDArray[np.complex128]
Row = dict[str, Any]


def main() -> None:
    """Train, measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SHEETS, default=list(SHEETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--large-seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.only:
        for seed in options.large_seeds if name == "32x32" else options.seeds:
            found = pd.DataFrame(measured(name, seed))
            rows += found.assign(sheet=name, seed=seed).to_dict("records")
            print(f"{name}, seed {seed}\n{found.to_string(index=False, float_format='%.3f')}\n", flush=True)
    rows += [row for name in options.only for row in over_seeds(name, pd.DataFrame(rows))]
    columns = ["sheet", "seed", "measure", "value", "low", "high"]
    table = pd.concat([pd.DataFrame(rows), pd.DataFrame(CORTEX)])[columns]
    dated = table.assign(date=datetime.now(UTC).date().isoformat())
    dated.to_csv(HERE / "topographic.csv", index=False, float_format="%.4g")
    print(table[table["seed"].isna()].to_string(index=False, float_format="%.3f"))


def measured(name: str, seed: int) -> Iterator[Row]:
    """Train one sheet, and yield what it shows; keep the picture of the large one's first seed."""
    recipe = load_recipe("topographic", assignments=SHEETS[name])
    training, held_out, controls = np.random.default_rng(seed).spawn(3)
    stimuli = prepared(recipe, training_rng=training, held_out_rng=held_out)
    started = time.perf_counter()
    net = estimator(recipe.network, random_state=seed).fit(stimuli.training)
    yield {"measure": "seconds_train", "value": time.perf_counter() - started}
    code, fields = net.transform(stimuli.held_out), stimuli.fields(net.dictionary_)
    sheet, fits = (
        Sheet(*(int(side) for side in net.positions_.max(axis=0) + 1), torus=True),
        fit_gabors(fields),
    )
    maps = gabor_maps(fits, sheet)
    active = np.abs(code) > net.softening
    yield {"measure": "active_fraction", "value": active.mean()}
    yield {"measure": "neurons_never_active", "value": (~active.any(axis=0)).sum()}
    yield {"measure": "oriented_fraction", "value": maps["good"].mean()}
    yield {"measure": "gabor_fraction", "value": fits["gabor_like"].mean()}
    smoothness = map_smoothness(maps["orientation"], sheet, rng=controls)
    for measure, each in smoothness.iterrows():
        yield {"measure": measure, "value": each["value"]}
        chance = {"low": each["shuffled_low"], "high": each["shuffled_high"]}
        yield {"measure": f"{measure}_shuffled", "value": each["shuffled"], **chance}
    smooth = smoothed_vectors(map_vectors(maps), sheet, width=1.0)
    yield from pinwheels(map_vectors(maps), sheet, rng=controls)
    if name == "32x32":
        # A neuron without an orientation gets that of the neurons around it.
        whole = np.where(maps["good"], map_vectors(maps), smooth)
        yield from imaged(whole, sheet, rng=controls, shortest=2 * net.pooling)
        if seed == 0:
            figure = plot_orientation_map(smooth, sheet, pinwheels=find_pinwheels(smooth, sheet))
            figure.savefig(HERE / "topographic_map.png", dpi=110)
    yield from similarities(fields, code, sheet, rng=controls)


def pinwheels(vectors: Vectors, sheet: Sheet, *, rng: np.random.Generator) -> Iterator[Row]:
    """Yield what is counted in a smoothed map."""
    found = pinwheel_summary(vectors, sheet, rng=rng, smoothing=1.0, n_shuffles=N_CONTROLS)
    yield from _density("smoothed", found)
    for measure in ("selectivity", "shuffled_selectivity", "shuffled_density"):
        yield {"measure": f"smoothed_{measure}", "value": found[measure]}
    yield from same_spectrum("smoothed", smoothed_vectors(vectors, sheet, width=1.0), sheet, rng=rng)


def imaged(vectors: Vectors, sheet: Sheet, *, rng: np.random.Generator, shortest: float) -> Iterator[Row]:
    """Yield the same of a map without its longest and shortest waves, and of its neurons in shuffled places."""
    band = {"longest": min(sheet.height, sheet.width) / 1.5, "shortest": shortest}
    shown = band_passed(vectors, sheet, **band)
    yield from _density("imaged", pinwheel_summary(shown, sheet, rng=rng, n_shuffles=1))
    yield {"measure": "imaged_selectivity", "value": np.abs(shown).mean()}
    noise = [band_passed(rng.permutation(vectors), sheet, **band) for _ in range(N_CONTROLS)]
    yield {"measure": "imaged_shuffled_selectivity", "value": np.mean(np.abs(noise))}
    counted = [pinwheel_summary(each, sheet, rng=rng, n_shuffles=1)["pinwheel_density"] for each in noise]
    yield {"measure": "imaged_shuffled_density", "value": np.mean(counted)}
    yield from same_spectrum("imaged", shown, sheet, rng=rng)


def band_passed(vectors: Vectors, sheet: Sheet, *, longest: float, shortest: float) -> Vectors:
    """Return a map with the waves between two lengths (neurons), cut off by Fermi functions a tenth as wide."""
    frequency = np.hypot(np.fft.fftfreq(sheet.height)[:, None], np.fft.fftfreq(sheet.width))
    kept = 1 / (1 + np.exp(-10 * (frequency * longest - 1))) / (1 + np.exp(10 * (frequency * shortest - 1)))
    return np.asarray(np.fft.ifft2(kept * np.fft.fft2(sheet.as_map(vectors))).ravel())


def same_spectrum(kind: str, shown: Vectors, sheet: Sheet, *, rng: np.random.Generator) -> Iterator[Row]:
    """Yield how many pinwheels random maps have whose waves are as strong, but in random phase."""
    strength = np.abs(np.fft.fft2(sheet.as_map(shown)))
    turns = np.exp(2j * np.pi * rng.random((N_CONTROLS, *strength.shape)))
    counts = [len(find_pinwheels(np.fft.ifft2(strength * turn).ravel(), sheet)) for turn in turns]
    low, high = np.percentile(counts, [2.5, 97.5])
    yield {"measure": f"{kind}_pinwheels_of_noise", "value": np.mean(counts), "low": low, "high": high}


def similarities(
    fields: NDArray[Any], code: NDArray[Any], sheet: Sheet, *, rng: np.random.Generator
) -> Iterator[Row]:
    """Yield how alike fields and answers are at every distance; of either sign, as activity is."""
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
    """Yield the density of all seeds' pinwheels on all their squared wavelengths."""
    values = rows[rows["sheet"] == name].groupby("measure")["value"]
    for kind in ("smoothed", "imaged"):
        if f"{kind}_pinwheels" in values.groups:
            counts, densities = (
                values.get_group(f"{kind}_{what}").to_numpy() for what in ("pinwheels", "density")
            )
            squares = (counts / densities).sum()
            low, high = poisson_interval(counts.sum()) / squares
            row = {"value": counts.sum() / squares, "low": low, "high": high}
            yield {"sheet": name, "measure": f"{kind}_density_of_all_seeds", **row}


def poisson_interval(count: float) -> NDArray[np.float64]:
    """Return the exact 95 % interval of a count above zero."""
    from scipy import stats

    return np.array([stats.chi2.ppf(0.025, 2 * count), stats.chi2.ppf(0.975, 2 * count + 2)]) / 2


def _density(kind: str, found: "pd.Series[float]") -> Iterator[Row]:
    yield {"measure": f"{kind}_pinwheels", "value": found["pinwheels"]}
    yield {"measure": f"{kind}_wavelength", "value": found["map_wavelength"]}
    ends = {"low": found["density_low"], "high": found["density_high"]}
    yield {"measure": f"{kind}_density", "value": found["pinwheel_density"], **ends}
    yield {"measure": f"{kind}_quality", "value": found["map_quality"]}


if __name__ == "__main__":
    main()
