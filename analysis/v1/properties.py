"""The fourteen properties of macaque V1 that a population is scored by: what they are called, and where they stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.v1.similarity import binned
from neurosim.datasets.v1 import published_numbers, published_table

__all__ = ["SIZE_SCORES", "V1_PROPERTIES", "V1Property", "v1_property"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class V1Property:
    """One property with its published distribution.

    Attributes
    ----------
    name : str
        Column of the tables of `orientation_properties`, `frequency_properties` and `size_properties`.
    title : str
        In words.
    unit : str
        Empty where there is none.
    tables : tuple of str
        Published tables (`published_table`) with the same edges, whose counts are added up.
    responsive : str
        Column that says which units count.
    logarithmic : bool
        Whether the bins are even on a logarithmic axis.
    period : float
        Of an angle, in its unit; 0 for anything else.
    """

    name: str
    title: str
    unit: str
    tables: tuple[str, ...]
    responsive: str
    logarithmic: bool = False
    period: float = 0.0

    def bins(self, values: ArrayLike) -> NDArray[np.int64]:
        """Return the bin of each value, -1 for NaN; angles are turned into the range of the bins first.

        Examples
        --------
        >>> v1_property("preferred_orientation").bins([0.0, 170.0, 90.0, np.nan])
        array([ 0,  0,  2, -1])
        """
        array, edges = np.asarray(values, dtype=np.float64), self.edges
        turned = edges[0] + (array - edges[0]) % self.period if self.period else array
        return binned(turned, edges)

    @property
    def edges(self) -> Floats:
        """Bin edges, in the property's unit."""
        return published_table(self.tables[0]).edges[0]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Cells in each bin."""
        return np.asarray(np.sum([published_table(name).counts for name in self.tables], axis=0))

    @property
    def citation(self) -> str:
        """Where the cells were published."""
        return published_table(self.tables[0]).citation

    @property
    def published_ceiling(self) -> float:
        """Similarity of the data with themselves, as published."""
        return float(published_numbers("V1_property_benchmarks")["ceiling"][self.name])

    @property
    def alexnet(self) -> float:
        """Ceiled similarity of AlexNet's V1 layer, as published."""
        return float(published_numbers("V1_property_benchmarks")["alexnet_ceiled"][self.name])


def _tuning(name: str, title: str, unit: str = "", *, logarithmic: bool = False) -> V1Property:
    return V1Property(name, title, unit, (name,), "responsive_orientation", logarithmic)


def _size(name: str, title: str, unit: str = "", *, logarithmic: bool = False) -> V1Property:
    return V1Property(name, title, unit, (name,), "responsive_size", logarithmic)


_PEAKS = tuple(f"peak_frequency_{k}_{p}" for p in ("foveal", "parafoveal") for k in ("simple", "complex"))
_WIDTHS = ("frequency_bandwidth_simple", "frequency_bandwidth_complex")
_BY_DRIVE, _BY_MEAN = "responsive_frequency", "responsive_frequency_mean"

V1_PROPERTIES = (
    V1Property(
        "preferred_orientation", "orientation of bars, 0 horizontal", "°", ("preferred_orientation",),
        "responsive_orientation", period=180.0,
    ),
    V1Property("peak_frequency", "peak spatial frequency", "cycles/°", _PEAKS, _BY_DRIVE, logarithmic=True),
    _tuning("circular_variance", "circular variance"),
    _tuning("orientation_half_width", "orientation half-width", "°"),
    _tuning("orthogonal_to_preferred", "orthogonal / preferred"),
    _tuning("orientation_selective", "orientation-selective"),
    _tuning("circular_variance_to_half_width", "circular variance / half-width", "1/°", logarithmic=True),
    _tuning("modulation_ratio", "modulation ratio F1/F0"),
    _tuning("largest_rate", "largest mean rate", "spikes/s", logarithmic=True),
    V1Property("frequency_selective", "frequency-selective", "", ("frequency_selective",), _BY_MEAN),
    V1Property("frequency_bandwidth", "frequency bandwidth, lower / upper", "%", _WIDTHS, _BY_MEAN),
    _size("grating_summation_field", "grating summation field", "°", logarithmic=True),
    _size("surround_diameter", "surround diameter", "°", logarithmic=True),
    _size("surround_suppression_index", "surround suppression index"),
)  # fmt: skip
"""In the order of Marques et al. 2021."""

SIZE_SCORES = ("grating_summation_field", "surround_diameter")
"""Properties that stand on the suppressed units alone."""


def v1_property(name: str) -> V1Property:
    """Return one of the properties.

    Raises
    ------
    KeyError
        If there is none of that name.

    Examples
    --------
    >>> v1_property("circular_variance").counts.sum(), v1_property("peak_frequency").counts.sum()
    (np.int64(304), np.int64(363))
    """
    known = {each.name: each for each in V1_PROPERTIES}
    if name not in known:
        raise KeyError(f"expected one of {', '.join(known)}, got {name!r}")
    return known[name]
