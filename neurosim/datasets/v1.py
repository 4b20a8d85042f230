"""Published distributions of V1 properties, as counts of cells in bins, each with its citation."""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PublishedTable", "published_numbers", "published_table", "published_tables"]


@dataclass(frozen=True, eq=False)
class PublishedTable:
    """Counts of cells in bins.

    Attributes
    ----------
    name : str
        The key of `published_table`.
    quantity : str
        What was measured, with its unit.
    citation : str
        Authors, year, journal, volume and first page, species; the DOI where it is known.
    edges : tuple of ndarray
        One rising array of bin edges for each axis of the counts, in the unit of the quantity.
    counts : ndarray of int
        Cells per bin; for n_x and n_y rows are n_x, columns n_y.
    """

    name: str
    quantity: str
    citation: str
    edges: tuple[NDArray[np.float64], ...]
    counts: NDArray[np.int64]

    @property
    def n_cells(self) -> int:
        """Number of cells in the table."""
        return int(self.counts.sum())


@dataclass(frozen=True)
class _Source:
    """Where in the file a table stands, and what it is."""

    entry: str
    counts: tuple[str, ...]  # keys that lead to the counts
    quantity: str
    citation: str
    edges: tuple[str, ...] = ("bin_edges",)
    logarithmic: bool = False  # the file holds log10 of the edges
    axes: int = 1


_SPATIAL = "Ringach 2002, J Neurophysiol 88:455, doi:10.1152/jn.2002.88.1.455 (macaque V1 simple cells)"
_ORIENTATION = "De Valois, Yund & Hepler 1982, Vision Res 22:531 (macaque)"
_FREQUENCY = (
    "De Valois, Albrecht & Thorell 1982, Vision Res 22:545, doi:10.1016/0042-6989(82)90113-4 (macaque)"
)
_BANDWIDTH = "Schiller, Finlay & Volman 1976, J Neurophysiol 39:1334 (macaque)"
_SIZE = "Cavanaugh, Bair & Movshon 2002, J Neurophysiol 88:2530, doi:10.1152/jn.00692.2001 (macaque)"
_TUNING = (
    "Ringach, Shapley & Hawken 2002, J Neurosci 22:5639, doi:10.1523/JNEUROSCI.22-13-05639.2002 (macaque; "
    "cells whose largest rate exceeds the spontaneous one by 5 spikes/s)"
)


def _tuning(key: str, quantity: str) -> _Source:
    return _Source("Ringach2002_orientation_counts", (key, "counts"), quantity, _TUNING, (key, "bin_edges"))


def _size(key: str, quantity: str) -> _Source:
    return _Source("Cavanaugh2002a_size_tuning", (key, "counts"), quantity, _SIZE, (key, "bin_edges"))


def _frequency(cells: str) -> _Source:
    quantity = f"peak spatial frequency of {cells.replace('_', ', ')} cells (cycles/degree)"
    return _Source("DeValois1982b_peak_sf", (cells,), quantity, _FREQUENCY)


_SOURCES = {
    "nx_ny": _Source(
        "RingachSpatial2002_nx_ny",
        ("joint_counts_rows_nx_cols_ny",),
        "n_x = sigma_x * f, along the wave vector (rows), and n_y = sigma_y * f, along the bars (cycles)",
        _SPATIAL,
        ("bins_log10_edges",),
        logarithmic=True,
        axes=2,
    ),
    "preferred_orientation": _Source(
        "DeValois1982a_preferred_orientation_all",
        ("counts",),
        "preferred orientation of the bars (degrees)",
        _ORIENTATION,
    ),
    "peak_frequency_simple_foveal": _frequency("simple_foveal"),
    "peak_frequency_complex_foveal": _frequency("complex_foveal"),
    "peak_frequency_simple_parafoveal": _frequency("simple_parafoveal"),
    "peak_frequency_complex_parafoveal": _frequency("complex_parafoveal"),
    "frequency_bandwidth_simple": _Source(
        "Schiller1976c_sf_bandwidth",
        ("simple",),
        "100 * lower / upper frequency at .707 of the peak, simple cells (percent)",
        _BANDWIDTH,
    ),
    "frequency_bandwidth_complex": _Source(
        "Schiller1976c_sf_bandwidth",
        ("complex",),
        "100 * lower / upper frequency at .707 of the peak, complex cells (percent)",
        _BANDWIDTH,
    ),
    "frequency_selective": _Source(
        "Schiller1976c_sf_bandwidth",
        ("sf_selective_counts_no_yes",),
        "tuning falls to .707 of the peak on both sides of the peak frequency (0 no, 1 yes)",
        _BANDWIDTH,
        ("sf_selective_edges",),
    ),
    "surround_suppression_index": _size("surround_suppression_index", "surround suppression index (no unit)"),
    "grating_summation_field": _size("grating_summation_field_deg", "grating summation field (degrees)"),
    "surround_diameter": _size("surround_diameter_deg", "surround diameter (degrees)"),
    "surround_to_summation_field": _size(
        "surround_to_gsf_ratio", "surround diameter / grating summation field (no unit)"
    ),
    "circular_variance": _tuning("circular_variance", "circular variance of orientation tuning (no unit)"),
    "orientation_half_width": _tuning(
        "bandwidth_deg_half_width_at_0.707", "half-width of orientation tuning at .707 of the peak (degrees)"
    ),
    "orthogonal_to_preferred": _tuning(
        "orthogonal_to_preferred_ratio", "response at the orthogonal / preferred orientation (no unit)"
    ),
    "orientation_selective": _tuning(
        "orientation_selective_no_yes", "tuning falls to .707 of the peak at some orientation (0 no, 1 yes)"
    ),
    "circular_variance_to_half_width": _tuning(
        "cv_over_half_width_per_deg", "circular variance / half-width of orientation tuning (1/degrees)"
    ),
    "modulation_ratio": _tuning("modulation_ratio_F1_over_F0", "modulation ratio F1/F0 (no unit)"),
    "largest_rate": _tuning("max_rate_sp_s", "largest mean rate (spikes/s)"),
    "spontaneous_rate": _tuning("spontaneous_sp_s", "spontaneous rate (spikes/s)"),
}


def published_tables() -> tuple[str, ...]:
    """Return the names of all tables.

    Examples
    --------
    >>> "nx_ny" in published_tables()
    True
    """
    return tuple(_SOURCES)


def published_table(name: str) -> PublishedTable:
    """Return one published distribution.

    Parameters
    ----------
    name : str
        One of `published_tables`.

    Returns
    -------
    PublishedTable
        Its arrays are read-only.

    Raises
    ------
    KeyError
        If there is no such table.

    Examples
    --------
    >>> table = published_table("nx_ny")
    >>> table.n_cells, table.counts.shape, table.edges[0].round(3).tolist()
    (79, (5, 5), [0.1, 0.174, 0.302, 0.525, 0.912, 1.585])
    >>> table.citation[:42]
    'Ringach 2002, J Neurophysiol 88:455, doi:1'
    """
    source = _SOURCES[_known(name, _SOURCES)]
    entry = _reference()[source.entry]
    edges = np.asarray(_follow(entry, source.edges), dtype=np.float64)
    edges = 10.0**edges if source.logarithmic else edges
    counts = np.asarray(_follow(entry, source.counts), dtype=np.int64)
    for array in (edges, counts):
        array.flags.writeable = False
    return PublishedTable(name, source.quantity, source.citation, (edges,) * source.axes, counts)


def published_numbers(name: str) -> dict[str, Any]:
    """Return one entry of the file that is not a table of counts: definitions, bins, constants, spacings.

    Parameters
    ----------
    name : str
        For example ``"response_constants_macaque_V1"`` (spikes/s), ``"pinwheel_spacing_mm"`` (Vis Neurosci
        2017;34:E007) or ``"Ringach2002_orientation_bins"``.

    Returns
    -------
    dict
        A copy.

    Raises
    ------
    KeyError
        If there is no such entry.

    Examples
    --------
    >>> published_numbers("response_constants_macaque_V1")["median_max_response_sp_s"]
    33.8
    """
    entries = {key: value for key, value in _reference().items() if isinstance(value, dict)}
    copied = json.loads(json.dumps(entries[_known(name, entries)]))
    return dict(copied)


def _known(name: str, names: Any) -> str:
    if name not in names:
        near = get_close_matches(str(name), list(names), n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names)}"
        raise KeyError(f"expected the name of published numbers, got {name!r}; {hint}")
    return name


def _follow(entry: dict[str, Any], keys: tuple[str, ...]) -> Any:
    value: Any = entry
    for key in keys:
        value = value[key]
    return value


@cache
def _reference() -> dict[str, Any]:
    text = (files("neurosim.datasets") / "v1_reference.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
