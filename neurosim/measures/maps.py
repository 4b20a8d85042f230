"""What a sheet of neurons shows: the map of orientations, and how similarity falls with distance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neurosim.analysis.maps.sheet import Sheet

# Standard deviation, in neurons, of the Gaussian that a map is smoothed with before pinwheels are counted.
_SMOOTHING = 1.0
# Of the neurons, the share that has to have an orientation, or to respond, before a sheet of them says anything.
_LEAST_SHARE = 0.5
# Shortest side of a sheet with a wavelength.
_SHORTEST = 4
# Numbers of `pinwheel_summary` by the names of `summary.json`, and those that have an interval.
_MAP_METRICS = {
    "pinwheel_density": "pinwheel_density",
    "shuffled_density": "pinwheel_density_shuffled",
    "noise_pinwheels": "pinwheels_noise",
    "ratio_to_noise": "pinwheels_noise_ratio",
    "map_wavelength": "map_wavelength",
    "map_quality": "map_quality",
    "selectivity": "map_selectivity",
    "shuffled_selectivity": "map_selectivity_shuffled",
}
_INTERVALS = {
    "density": "pinwheel_density_interval",
    "ratio": "pinwheels_noise_ratio_interval",
    "quality": "map_quality_interval",
}


@dataclass(frozen=True)
class Mapped:
    """What a sheet shows."""

    metrics: dict[str, Any]
    """By the names of `summary.json`: ``oriented_neurons`` alone where too few neurons have an orientation."""
    drawn: dict[str, Any]
    """``sheet`` and ``fields``; ``vectors`` and ``pinwheels`` of a map; ``similarity``, tables by what is compared."""


def map_measures(
    sheet: "Sheet",
    *,
    fits: pd.DataFrame,
    fields: NDArray[np.float64],
    code: NDArray[np.floating],
    rng: np.random.Generator,
) -> Mapped:
    """Measure the orientation map of a sheet, and the similarity of its neurons at every distance.

    With fewer than half of the fits good, or fewer than four neurons to a side, there is no map. Where activity is of
    both signs, a field and its negative count as alike.
    """
    from neurosim.analysis.maps.maps import gabor_maps, map_vectors
    from neurosim.analysis.maps.sheet_correlation import activity_similarity, field_similarity

    of_map, of_fields, of_activity = rng.spawn(3)
    maps = gabor_maps(fits, sheet)
    signed = bool((code < 0).any())
    metrics: dict[str, Any] = {"oriented_neurons": int(maps["good"].sum())}
    drawn: dict[str, Any] = {"sheet": sheet, "fields": fields}
    if min(sheet.height, sheet.width) >= _SHORTEST and maps["good"].mean() >= _LEAST_SHARE:
        found, pinwheels = _map(maps, sheet, of_map)
        metrics |= found
        drawn |= {"vectors": map_vectors(maps), "pinwheels": pinwheels}
    alike = {
        "fields": (field_similarity(fields, absolute=signed), of_fields),
        "activity": (activity_similarity(code, absolute=signed), of_activity),
    }
    tables = {name: _with_distance(*each, sheet) for name, each in alike.items()}
    drawn["similarity"] = {name: table for name, table in tables.items() if table is not None}
    return Mapped(metrics, drawn)


def _map(maps: pd.DataFrame, sheet: "Sheet", rng: np.random.Generator) -> tuple[dict[str, Any], pd.DataFrame]:
    from neurosim.analysis.maps.maps import map_vectors, smoothed_vectors
    from neurosim.analysis.maps.pinwheels import find_pinwheels, pinwheel_summary
    from neurosim.analysis.maps.smoothness import map_smoothness

    smoothness = map_smoothness(maps["orientation"].to_numpy(), sheet, rng=rng)
    metrics: dict[str, Any] = {}
    for measure in ("neighbour_difference_deg", "local_homogeneity", "morans_i"):
        name = "neighbour_orientation_difference_deg" if measure == "neighbour_difference_deg" else measure
        metrics[name] = float(smoothness["value"][measure])
        metrics[f"{name}_shuffled"] = float(smoothness["shuffled"][measure])
    vectors = map_vectors(maps)
    summary = pinwheel_summary(vectors, sheet, rng=rng, smoothing=_SMOOTHING)
    metrics |= {ours: float(summary[theirs]) for theirs, ours in _MAP_METRICS.items()}
    for theirs, ours in _INTERVALS.items():
        metrics[ours] = [float(summary[f"{theirs}_{end}"]) for end in ("low", "high")]
    metrics["pinwheels"] = int(summary["pinwheels"])
    if summary["no_ring"]:
        metrics["map_ring_missing"] = str(summary["no_ring"])
    return metrics, find_pinwheels(smoothed_vectors(vectors, sheet, width=_SMOOTHING), sheet)


def _with_distance(
    similarity: NDArray[np.float64], rng: np.random.Generator, sheet: "Sheet"
) -> pd.DataFrame | None:
    """Return the table to draw, or None where too few neurons have a field or respond."""
    from neurosim.analysis.maps.sheet_correlation import similarity_with_distance

    known = ~np.isnan(similarity).all(axis=1)
    if min(sheet.height, sheet.width) < _SHORTEST or known.mean() < _LEAST_SHARE:
        return None
    return similarity_with_distance(similarity, sheet, rng=rng)


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import plot_fields_on_sheet, plot_orientation_map, plot_similarity_distance

    assert context.sheet is not None
    sheet, fields = context.sheet, context.fields["whitened"]
    found = map_measures(sheet, fits=context.fits["whitened"], fields=fields, code=context.code, rng=rng)
    drawn = found.drawn
    figures: dict[str, Callable[[], Figure]] = {}
    if "vectors" in drawn:
        vectors, pinwheels = drawn["vectors"], drawn["pinwheels"]
        figures["orientation_map"] = lambda: plot_orientation_map(vectors, sheet, pinwheels=pinwheels)
    figures["sheet_fields"] = lambda: plot_fields_on_sheet(fields, sheet)
    if drawn["similarity"]:
        figures["sheet_similarity"] = lambda: plot_similarity_distance(drawn["similarity"])
    return Measured(metrics=found.metrics, figures=figures)


def _sentences(run: RunFolder) -> Iterator[str]:
    if {"row", "column"} <= set(run.fields.columns):
        yield _sheet(run)


def _sheet(run: RunFolder) -> str:
    """Say where the neurons sit, and how orderly the map is."""
    height, width = run.fields[["row", "column"]].max() + 1
    kind = "torus" if run.section("network").get("torus") else "sheet"
    text = f"The neurons sit on a {height} × {width} {kind}"
    apart, chance = (run.number(f"neighbour_orientation_difference_deg{s}") for s in ("", "_shuffled"))
    if apart is None or chance is None:
        oriented = run.number("oriented_neurons")
        if oriented is None:
            return f"{text}."
        return (
            f"{text}; {oriented:.0f} of {len(run.fields)} have a Gabor fit good enough for an orientation, too few "
            "for a map."
        )
    text += (
        f", and neighbours' preferred orientations differ by {apart:.1f}° ({chance:.1f}° in shuffled places)"
    )
    return f"{text}.{_pinwheels(run)}"


def _pinwheels(run: RunFolder) -> str:
    """Say how many pinwheels there are, beside noise, and in a square of the wavelength if there is one."""
    if (pinwheels := run.number("pinwheels")) is None:
        return ""
    text = f" Smoothed by one neuron, the map has {pinwheels:.0f} pinwheels"
    if (noise := run.number("pinwheels_noise")) is not None:
        text += f", random maps with its spectrum {noise:.1f} on average{_ratio(run)}"
    if (density := run.number("pinwheel_density")) is not None:
        text += f"; in a square of its wavelength there are {density:.2f}"
        text += _within(run, "pinwheel_density_interval", before=" (", after=")")
    elif reason := run.summary.get("map_ring_missing"):
        text += f"; it has no wavelength and so no density: {reason}"
    return f"{text}."


def _ratio(run: RunFolder) -> str:
    if (ratio := run.number("pinwheels_noise_ratio")) is None:
        return ""
    return f" (ratio {ratio:.2f}{_within(run, 'pinwheels_noise_ratio_interval', before=', ')})"


def _within(run: RunFolder, name: str, *, before: str, after: str = "") -> str:
    """Return an interval in words, or nothing where the run has none."""
    interval = run.summary.get(name)
    if not interval or None in interval:
        return ""
    low, high = interval
    return f"{before}95 % interval {low:.2f} to {high:.2f}{after}"


MAPS = Measure(
    name="maps",
    applies=lambda context: context.sheet is not None and context.stimuli.image_space is not None,
    compute=_measured,
    step=lambda context: "orientation map and similarity on the sheet",
    metrics={
        "oriented_neurons": Metric(
            "count",
            "Neurons on the sheet whose Gabor fit has R² above .7 and so an orientation; with fewer than half of them "
            "there is no map.",
        ),
        "neighbour_orientation_difference_deg": Metric(
            "degrees",
            "Mean difference in preferred orientation between the eight neighbours on the sheet; unrelated ones differ "
            "by 45.",
        ),
        "neighbour_orientation_difference_deg_shuffled": Metric(
            "degrees", "The same with neurons in shuffled places: what chance gives."
        ),
        "local_homogeneity": Metric(
            "ratio",
            "Mean length of the average of the unit vectors of doubled orientation around a neuron, under a Gaussian "
            "of one neuron: 1 for one orientation, 0 at a pinwheel.",
        ),
        "local_homogeneity_shuffled": Metric(
            "ratio", "The same with neurons in shuffled places: what chance gives."
        ),
        "morans_i": Metric(
            "correlation",
            "Moran's I of the map: correlation of neighbours' doubled orientations; 1 for equal neighbours.",
        ),
        "morans_i_shuffled": Metric(
            "correlation", "The same with neurons in shuffled places: what chance gives."
        ),
        "pinwheels": Metric(
            "count", "Points around which all orientations lie, in the map smoothed by one neuron."
        ),
        "pinwheels_noise": Metric(
            "count",
            "Mean number of pinwheels of random maps with the smoothed map's power spectrum, phases drawn anew.",
        ),
        "pinwheels_noise_ratio": Metric(
            "ratio",
            "pinwheels over pinwheels_noise: 1 if the map is no more orderly than noise of its spectrum, below 1 if it "
            "has fewer pinwheels; needs no wavelength.",
        ),
        "pinwheels_noise_ratio_interval": Metric(
            "ratio",
            "95 % interval of pinwheels_noise_ratio: exact Poisson interval of the count, which is wide.",
        ),
        "pinwheel_density": Metric(
            "per wavelength²",
            "Pinwheels in a square of one wavelength, for a map that has one; near π in ferret, tree shrew and galago, "
            "and π or more in noise.",
        ),
        "pinwheel_density_interval": Metric(
            "per wavelength²",
            "95 % interval of pinwheel_density: exact Poisson interval of the count, which is wide.",
        ),
        "pinwheel_density_shuffled": Metric(
            "per wavelength²",
            "Pinwheels of the same neurons in shuffled places, smoothed alike, in a square of the map's own "
            "wavelength.",
        ),
        "map_wavelength": Metric(
            "neurons",
            "Distance over which orientations repeat: one over the mean wave number, where the power spectrum has a "
            "ring; white and low-pass maps have none.",
        ),
        "map_ring_missing": Metric(
            "text", "Why the map has no wavelength, and so no density and no quality."
        ),
        "map_quality": Metric(
            "ratio",
            "How near pinwheel_density is to π, 0 to 1 (Stevens et al. 2013), for 10 pinwheels or more; noise scores "
            "high too: see pinwheels_noise_ratio.",
        ),
        "map_quality_interval": Metric(
            "ratio", "Lowest and highest quality of the densities in pinwheel_density_interval."
        ),
        "map_selectivity": Metric(
            "ratio",
            "Mean length of the smoothed map's orientation vectors: long where neurons are tuned and neighbours agree.",
        ),
        "map_selectivity_shuffled": Metric(
            "ratio", "The same with neurons in shuffled places: what chance gives."
        ),
    },
    figures={
        "orientation_map": Caption(
            "Orientation map",
            "Preferred orientation of every neuron at its place on the sheet, paler where the neuron is less "
            "selective, grey where the Gabor fit is not good enough (R² of .7 or less). Discs are pinwheels, around "
            "which all orientations lie, of the map smoothed with a Gaussian of one neuron: white ones turn the way "
            "one walks around them, black ones against it.",
            "Grid of coloured squares, one per neuron, the colour telling the orientation, with discs at pinwheels.",
        ),
        "sheet_fields": Caption(
            "Fields on the sheet",
            "Receptive fields on whitened patches, each where its neuron sits. Mid-grey is zero; each field has its "
            "own scale.",
            "Grid of small grey images laid out as the neurons are on their sheet.",
        ),
        "sheet_similarity": Caption(
            "Similarity with distance on the sheet",
            "Left, the cosine of two neurons' fields; right, the correlation of their responses to held-out stimuli, "
            "both by magnitude where activity is of both signs. Bars are 95 % intervals over resampled neurons, the "
            "band is what the same neurons give in shuffled places.",
            "Line plots of mean similarity against distance over a band for shuffled places.",
        ),
    },
    sentences=_sentences,
)
