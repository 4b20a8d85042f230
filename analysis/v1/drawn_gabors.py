"""The positive control of the scoreboard: Gabor units drawn from the published tables, without pixels or a network."""

from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor_gratings import GABOR_PHASES, gabor_rates
from neurosim.analysis.tuning.frequency import frequency_properties
from neurosim.analysis.tuning.orientation import orientation_properties
from neurosim.analysis.tuning.phase import PhaseComponents, phase_components
from neurosim.analysis.tuning.size import size_properties
from neurosim.analysis.v1.properties import v1_property
from neurosim.datasets.v1 import published_table
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["draw_gabors", "drawn_gabor_properties"]


Floats = NDArray[np.float64]


class _GratingSet(NamedTuple):
    """Gratings of one of the protocol's sets."""

    conditions: list[tuple[float, float]]  # frequency (cycles/degree) and diameter (degrees)
    orientations: NDArray[np.floating[Any]]  # degrees


_LOW_TO_HIGH = 2.0 ** np.linspace(-1.375, 3.875, 22)
_SMALL_TO_LARGE = 2.0 ** np.linspace(-2.25, 3.25, 12)
_FOUR = 0.7711 * 2.0 ** np.arange(4)  # cycles/degree
_COARSE, _FINE = np.arange(0.0, 180.0, 30.0), np.arange(0.0, 180.0, 15.0)
_ORIENTATION_SET = _GratingSet([(f, n / f) for n, f in product((2, 3, 4), _FOUR)], _FINE)
_FREQUENCY_SET = _GratingSet([(f, d) for d, f in product((1.5, 4.5), _LOW_TO_HIGH)], _COARSE)
_SIZE_SET = _GratingSet([(f, d) for f, d in product(_FOUR, _SMALL_TO_LARGE)], _COARSE)


def draw_gabors(
    n_units: int, *, complex_share: float = 0.0, surround: bool = False, rng: Randomness
) -> pd.DataFrame:
    """Draw the parameters of units, each from the published distribution, independently of each other.

    Parameters
    ----------
    n_units : int
        1 or more.
    complex_share : float
        Share of energy units, 0 to 1; the others are half-rectified.
    surround : bool
        Whether larger gratings suppress a unit, as far and as much as published. A bare Gabor function has no surround.
    rng : numpy.random.Generator or int

    Returns
    -------
    DataFrame
        One row per unit: ``orientation`` of the bars (degrees), ``frequency`` (cycles/degree; of simple or complex
        cells), ``nx``, ``ny`` (cycles; of simple cells for both kinds), ``phase`` (degrees, even), ``is_complex``,
        ``largest_rate`` and ``spontaneous_rate`` (spikes/s, at least 5 apart); ``suppression`` (0 without a surround, 1
        or less) and ``surround_ratio``, surround diameter over summation field. Within a bin values are spread evenly,
        on a logarithmic axis where the bins are.

    Raises
    ------
    ValueError
        If there are no units or the share is not between 0 and 1.

    Examples
    --------
    >>> units = draw_gabors(200, complex_share=0.6, rng=0)
    >>> int(units["is_complex"].sum()), bool(units["nx"].median() < units["ny"].median())
    (120, True)
    """
    rng = generator(rng)
    if n_units < 1 or not 0 <= complex_share <= 1:
        raise ValueError(
            f"expected 1 unit or more and a share from 0 to 1, got n_units={n_units}, complex_share={complex_share}"
        )
    kind = np.arange(n_units) < round(complex_share * n_units)
    shape = published_table("nx_ny")
    bins = rng.choice(shape.counts.size, size=n_units, p=shape.counts.ravel() / shape.n_cells)
    across, along = (_spread(shape.edges[0], each, rng) for each in np.divmod(bins, shape.counts.shape[1]))
    simple, energy = (
        _drawn(
            published_table(f"peak_frequency_{name}_foveal").edges[0],
            _peak_counts(name),
            n_units,
            rng,
            log=True,
        )
        for name in ("simple", "complex")
    )
    largest, spontaneous = _rates(n_units, rng)
    orientation, ratios = v1_property("preferred_orientation"), published_table("surround_to_summation_field")
    indices = published_table("surround_suppression_index")
    suppression = _drawn(indices.edges[0], indices.counts, n_units, rng)
    ratio = _drawn(ratios.edges[0], ratios.counts, n_units, rng, log=True)
    return pd.DataFrame(
        {
            "orientation": _drawn(orientation.edges, orientation.counts, n_units, rng) % 180.0,
            "frequency": np.where(kind, energy, simple),
            "nx": across,
            "ny": along,
            "phase": rng.uniform(0, 360, n_units),
            "is_complex": kind,
            "largest_rate": largest,
            "spontaneous_rate": spontaneous,
            "suppression": np.minimum(suppression, 1.0) if surround else 0.0,
            "surround_ratio": ratio,
        }
    )


def drawn_gabor_properties(units: pd.DataFrame) -> pd.DataFrame:
    """Put drawn units through the protocol's gratings, and measure them as every population is.

    Parameters
    ----------
    units : DataFrame
        From `draw_gabors`.

    Returns
    -------
    DataFrame
        For `v1_scoreboard` and `joint_structure`: one row per unit.

    Examples
    --------
    >>> table = drawn_gabor_properties(draw_gabors(4, complex_share=0.5, rng=0))
    >>> (table["modulation_ratio"] < 1).tolist()
    [True, True, False, False]
    """
    spontaneous = units["spontaneous_rate"].to_numpy()
    orientation = _components(units, _ORIENTATION_SET)
    tuned = orientation_properties(
        orientation.mean, orientations_deg=_FINE, modulation=orientation.modulation, spontaneous=spontaneous
    )
    frequency = _settings(_components(units, _FREQUENCY_SET), len(_LOW_TO_HIGH))
    peaked = frequency_properties(
        frequency.mean, frequencies_cpd=_LOW_TO_HIGH, modulation=frequency.modulation, spontaneous=spontaneous
    )
    size = _settings(_components(units, _SIZE_SET), len(_SMALL_TO_LARGE))
    sized = size_properties(
        size.mean, diameters_deg=_SMALL_TO_LARGE, modulation=size.modulation, spontaneous=spontaneous
    )
    return pd.concat([tuned, peaked, sized], axis=1)


def _peak_counts(kind: str) -> NDArray[np.int64]:
    places = (published_table(f"peak_frequency_{kind}_{place}").counts for place in ("foveal", "parafoveal"))
    return np.asarray(np.sum(list(places), axis=0))


def _rates(n_units: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw largest and spontaneous rates, pairs that are too close once more: the tables hold no such cell."""
    tables = [published_table(name) for name in ("largest_rate", "spontaneous_rate")]
    largest, spontaneous = (_drawn(each.edges[0], each.counts, n_units, rng, log=True) for each in tables)
    close = largest <= spontaneous + 5
    while close.any():
        for values, each in zip((largest, spontaneous), tables, strict=True):
            values[close] = _drawn(each.edges[0], each.counts, int(close.sum()), rng, log=True)
        close = largest <= spontaneous + 5
    return largest, spontaneous


def _drawn(
    edges: Floats, counts: NDArray[np.integer], number: int, rng: np.random.Generator, *, log: bool = False
) -> Floats:
    bins = rng.choice(len(counts), size=number, p=counts / counts.sum())
    if log:
        return _spread(edges, bins, rng)
    return np.asarray(edges[bins] + np.diff(edges)[bins] * rng.uniform(size=number))


def _spread(edges: Floats, bins: NDArray[np.integer], rng: np.random.Generator) -> Floats:
    """Return a value in each bin, evenly on a logarithmic axis."""
    return np.asarray(edges[bins] * (edges[bins + 1] / edges[bins]) ** rng.uniform(size=len(bins)))


def _components(units: pd.DataFrame, gratings: _GratingSet) -> PhaseComponents:
    """Return mean and modulation, (n_units, n_conditions, n_orientations)."""
    rates = gabor_rates(units, gratings.conditions, orientations_deg=gratings.orientations)
    return phase_components(rates, phases_deg=GABOR_PHASES)


def _settings(components: PhaseComponents, n_values: int) -> PhaseComponents:
    """Return them with the tuned parameter, the fastest of the conditions, last: (n_units, n_settings, n_values)."""
    return PhaseComponents(
        *(
            np.moveaxis(each.reshape(len(each), -1, n_values, each.shape[2]), 2, 3).reshape(
                len(each), -1, n_values
            )
            for each in components
        )
    )
