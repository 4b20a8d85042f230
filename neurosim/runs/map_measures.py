"""What a sheet of neurons shows: the map of orientations, and how similarity falls with distance."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from neurosim.analysis.maps.sheet import Sheet

# Standard deviation, in neurons, of the Gaussian that a map is smoothed with before pinwheels are counted.
_SMOOTHING = 1.0
# Of the neurons, the share that has to have an orientation, or to answer, before a sheet of them says anything.
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
class MapMeasures:
    """What the analysis of a sheet gives.

    Parameters
    ----------
    metrics : dict
        By the names of `summary.json`: ``oriented_neurons`` alone where too few neurons have an orientation.
    drawn : dict
        Arguments of `neurosim.report.sheet_figures.sheet_figures`.
    """

    metrics: dict[str, Any]
    drawn: dict[str, Any]


def map_measures(
    sheet: "Sheet",
    *,
    fits: pd.DataFrame,
    fields: NDArray[np.float64],
    code: NDArray[np.floating],
    rng: np.random.Generator,
) -> MapMeasures:
    """Measure the orientation map of a sheet, and the similarity of its neurons at every distance.

    Parameters
    ----------
    sheet : Sheet
        Where the neurons are.
    fits : DataFrame
        Their Gabor fits. With fewer than half of them good, or fewer than four neurons to a side, there is no map.
    fields : ndarray (n_neurons, height, width)
        The fields that were fitted.
    code : ndarray (n_stimuli, n_neurons)
        Answer to held-out stimuli. Where activity is of both signs, a field and its negative count as alike.
    rng : numpy.random.Generator
        Shuffles and resamples neurons.
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
    return MapMeasures(metrics, drawn)


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
    """Return the table to draw, or None where too few neurons have a field or answer."""
    from neurosim.analysis.maps.sheet_correlation import similarity_with_distance

    known = ~np.isnan(similarity).all(axis=1)
    if min(sheet.height, sheet.width) < _SHORTEST or known.mean() < _LEAST_SHARE:
        return None
    return similarity_with_distance(similarity, sheet, rng=rng)
