"""From spike times and a table of presentations to responses."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.recordings.columns import CONDITIONS, found_and_how_to_map
from neurosim.recordings.recording import Responses

__all__ = ["responses_of_spikes"]

Floats = NDArray[np.float64]


def responses_of_spikes(
    times: Floats, units: NDArray[np.int64], *, n_units: int, presentations: pd.DataFrame, file: str
) -> Responses:
    r"""Count spikes during presentations, and follow the temporal frequency of drifting gratings.

    Where a presentation has a ``temporal_frequency_hz`` and lasts a cycle or more, the response at that frequency is
    :math:`\frac2T \sum_k e^{-2\pi i f t_k}` over its whole cycles, times from its start: the modulus of its mean over
    trials is F1.

    Parameters
    ----------
    times : ndarray, shape (n_spikes,)
        Seconds.
    units : ndarray of int, shape (n_spikes,)
        Row of the unit that fired.
    n_units : int
    presentations : DataFrame
        ``start_s`` and ``stop_s`` (seconds) and conditions; those of a blank are empty.
    file : str
        Of the table, for messages.

    Raises
    ------
    ValueError
        If a column is missing, presentations overlap or do not last, a spike time is not finite, or no spike falls
        into any of them.

    Examples
    --------
    >>> shown = pd.DataFrame({"start_s": [0.0, 2.0], "stop_s": [1.0, 4.0], "orientation_deg": [0.0, 90.0]})
    >>> found = responses_of_spikes(
    ...     np.array([0.5, 1.5, 2.5, 3.0]), np.zeros(4, dtype=int), n_units=1, presentations=shown, file="a.csv"
    ... )
    >>> found.rate.tolist()
    [1.0, 1.0]
    """
    shown = _checked(presentations, file)
    start, stop = shown["start_s"].to_numpy(), shown["stop_s"].to_numpy()
    if not np.isfinite(times).all():
        raise ValueError(f"expected finite spike times, got {(~np.isfinite(times)).sum()} that are not")
    during = np.searchsorted(start, times, side="right") - 1
    inside = (during >= 0) & (times < stop[during])
    if not inside.any():
        seen = f"from {times.min():g} to {times.max():g}" if len(times) else "none at all"
        raise ValueError(
            f"{file}: no spike falls into a presentation: presentations from {start[0]:g} to {stop[-1]:g}, spike times "
            f"{seen}; both have to be in seconds on one clock"
        )
    cell = during[inside] * n_units + units[inside]
    counts = np.bincount(cell, minlength=len(shown) * n_units).reshape(-1, n_units)
    conditions = shown[[name for name in CONDITIONS if name in shown]]
    return Responses(
        stimuli=conditions,
        unit=np.tile(np.arange(n_units), len(shown)),
        stimulus=np.repeat(np.arange(len(shown)), n_units),
        rate=(counts / (stop - start)[:, None]).ravel(),
        n_units=n_units,
        wave=_waves(times[inside] - start[during[inside]], during[inside], cell, shown, n_units),
    )


def _checked(presentations: pd.DataFrame, file: str) -> pd.DataFrame:
    wanted = ("start_s", "stop_s")
    if any(name not in presentations for name in wanted):
        raise ValueError(
            f"{file}: expected start_s and stop_s of each presentation (seconds); "
            + found_and_how_to_map(presentations.columns, wanted)
        )
    if not any(name in presentations for name in CONDITIONS):
        raise ValueError(
            f"{file}: expected a column that says what was shown, one of {', '.join(CONDITIONS)}; "
            + found_and_how_to_map(presentations.columns, ("orientation_deg",))
        )
    shown = presentations.sort_values("start_s", kind="stable", ignore_index=True)
    start, stop = (shown[name].to_numpy(dtype=float) for name in wanted)
    if not (np.isfinite(start) & np.isfinite(stop) & (stop > start)).all():
        raise ValueError(f"{file}: expected presentations that stop after they start, in seconds")
    if (start[1:] < stop[:-1] - 1e-9).any():
        at = int(np.argmax(start[1:] < stop[:-1] - 1e-9))
        raise ValueError(
            f"{file}: presentations overlap, the first from {start[at]:g} to {stop[at]:g} s and from "
            f"{start[at + 1]:g} s "
            "on; leave only one kind of stimuli in the table (--where)"
        )
    return shown


def _waves(
    since: Floats, during: NDArray[np.int64], cell: NDArray[np.int64], shown: pd.DataFrame, n_units: int
) -> NDArray[np.complex128] | None:
    """Return the response at the temporal frequency, shape (n_presentations · n_units,); NaN where there is none."""
    if "temporal_frequency_hz" not in shown:
        return None
    frequency = shown["temporal_frequency_hz"].to_numpy(dtype=float)
    lasts = (shown["stop_s"] - shown["start_s"]).to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = np.floor(lasts * frequency + 1e-6) / frequency
    whole = np.where((frequency > 0) & (whole > 0), whole, np.nan)
    if not np.isfinite(whole).any():
        return None
    used = since < whole[during]
    turned = np.exp(-2j * np.pi * frequency[during[used]] * since[used])
    n_cells = len(shown) * n_units
    total = np.bincount(cell[used], weights=turned.real, minlength=n_cells) + 1j * np.bincount(
        cell[used], weights=turned.imag, minlength=n_cells
    )
    seconds = np.repeat(whole, n_units)
    waves = np.full(n_cells, np.nan, dtype=np.complex128)
    np.divide(2 * total, seconds, out=waves, where=np.isfinite(seconds))
    return waves
