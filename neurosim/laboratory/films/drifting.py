"""Responses to gratings that drift either way along each unit's preferred axis."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.stimuli.laboratory.gratings import drifting_gratings
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["TEMPORAL_FREQUENCIES", "drifting_clips", "drifting_responses", "drifting_selectivity"]

Floats = NDArray[np.float64]

TEMPORAL_FREQUENCIES = (0.0, 1 / 16, 1 / 8, 1 / 4, 3 / 8)
"""Cycles per frame. A unit whose best grating stands still has no direction: its selectivity is 0, but for rounding."""

_UNITS = 50  # whose gratings are in memory at once
_NYQUIST = 0.5  # cycles/pixel


def drifting_clips(
    table: pd.DataFrame, *, shape: tuple[int, int, int], mean: float = 0.5
) -> NDArray[np.float64]:
    """Return clips of drifting gratings.

    Parameters
    ----------
    table : DataFrame
        One row per clip: ``direction_rad``, ``frequency`` (cycles/pixel), ``temporal_frequency`` (cycles/frame), and
        as wanted ``phase_rad`` and ``contrast``.
    shape : (n_frames, height, width)
        Of a clip.
    mean : float
        Grey value that the bars lie about.

    Returns
    -------
    ndarray (n_clips, n_frames, height, width)

    Raises
    ------
    ValueError
        If a temporal frequency is above half a cycle per frame: it would seem to drift the other way.

    Examples
    --------
    >>> table = pd.DataFrame({"direction_rad": [0.0], "frequency": 0.25, "temporal_frequency": 0.25})
    >>> clip = drifting_clips(table, shape=(4, 8, 8))[0]
    >>> bool(np.allclose(clip[1, :, 1:], clip[0, :, :-1]))  # one pixel per frame to the right
    True
    """
    n_frames, height, width = shape
    field = VisualField(height=height, width=width, pixels_per_degree=1.0, mean_luminance=mean)
    fast = table["temporal_frequency"].abs() > _NYQUIST
    if fast.any():
        raise ValueError(
            f"temporal_frequency: expected at most {_NYQUIST} cycles per frame, got "
            f"{table['temporal_frequency'][fast].iloc[0]:.6g}, which aliases: it would seem to drift the other way; "
            "show slower gratings, or film at a higher rate"
        )
    renamed = table.rename(
        columns={"frequency": "frequency_cpd", "temporal_frequency": "temporal_frequency_hz"}
    )
    series = drifting_gratings(renamed, field=field, n_frames=n_frames, frame_rate_hz=1.0)
    return series.images().reshape(-1, n_frames, height, width)


def drifting_responses(
    respond: Callable[[Floats], NDArray[np.floating]],
    units: pd.DataFrame,
    *,
    shape: tuple[int, int, int],
    temporal_frequencies: Sequence[float] = TEMPORAL_FREQUENCIES,
    n_phases: int = 8,
) -> Floats:
    """Show each unit gratings of its own bars that drift either way.

    Parameters
    ----------
    respond : callable
        From clips (n_clips, n_frames, height, width) to responses (n_clips, n_units).
    units : DataFrame
        One row per unit, as of `neurosim.analysis.films.motion.motion_properties`: ``orientation_deg`` and
        ``spatial_frequency``.
    shape : (n_frames, height, width)
        Of a clip.
    temporal_frequencies : sequence of float
        Cycles per frame, 0 to .5. Without 0, what prefers gratings at rest is judged by the little it says of others.
    n_phases : int
        Of each grating.

    Returns
    -------
    ndarray (n_units, n_temporal_frequencies, 2)
        Mean over phases of the responses' magnitude: drifting 90 degrees counter-clockwise from the bars, and the other
        way. NaN for a unit whose frequency is NaN or that pixels cannot show.

    Raises
    ------
    ValueError
        If a temporal frequency aliases, or the responses are not those of so many units.
    """
    rates = np.full((len(units), len(temporal_frequencies), 2), np.nan)
    shown = np.flatnonzero((units["spatial_frequency"] <= _NYQUIST).to_numpy())
    for first in range(0, len(shown), _UNITS):
        part = shown[first : first + _UNITS]
        table = _gratings_of(units.iloc[part], temporal_frequencies, n_phases)
        responses = np.asarray(respond(drifting_clips(table, shape=shape)))
        if responses.shape != (len(table), len(units)):
            raise ValueError(
                f"expected responses of shape {(len(table), len(units))}, (n_clips, n_units), got {responses.shape}"
            )
        own = np.abs(responses[np.arange(len(table)), np.repeat(part, len(table) // len(part))])
        rates[part] = own.reshape(len(part), len(temporal_frequencies), 2, n_phases).mean(axis=3)
    return rates


def drifting_selectivity(rates: ArrayLike) -> pd.DataFrame:
    """Return ``direction_selectivity`` of each unit at its best temporal frequency, and whether it is ``selective``.

    Parameters
    ----------
    rates : array_like (n_units, n_temporal_frequencies, 2)
        Of `drifting_responses`.

    Returns
    -------
    DataFrame
        ``direction_selectivity``, 0 to 1, NaN for a unit that did not respond, and ``selective``, whether the opposite
        direction gets less than half of the response, that is, the index is above a third.

    Examples
    --------
    >>> drifting_selectivity([[[1.0, 0.0]], [[1.0, 0.6]]]).to_numpy().tolist()
    [[1.0, True], [0.25, False]]
    """
    ways = np.asarray(rates, dtype=np.float64)
    best = ways[np.arange(len(ways)), np.nan_to_num(ways.max(axis=2)).argmax(axis=1)]
    with np.errstate(invalid="ignore"):
        index = np.abs(best[:, 0] - best[:, 1]) / best.sum(axis=1)
    return pd.DataFrame({"direction_selectivity": index, "selective": index > 1 / 3})


def _gratings_of(units: pd.DataFrame, temporal_frequencies: Sequence[float], n_phases: int) -> pd.DataFrame:
    """Return one row for each unit, temporal frequency, direction and phase, the last varying first."""
    ways = np.deg2rad([90.0, 270.0])
    phases = 2 * np.pi * np.arange(n_phases) / n_phases
    bars, temporal, way, phase = np.meshgrid(
        np.deg2rad(units["orientation_deg"]), temporal_frequencies, ways, phases, indexing="ij"
    )
    per_unit = bars[0].size
    return pd.DataFrame(
        {
            "direction_rad": np.mod(bars + way, 2 * np.pi).ravel(),
            "frequency": np.repeat(units["spatial_frequency"].to_numpy(), per_unit),
            "temporal_frequency": temporal.ravel(),
            "phase_rad": phase.ravel(),
        }
    )
