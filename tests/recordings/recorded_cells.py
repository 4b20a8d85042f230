"""Made-up recordings: cells of known tuning, as fields, rates, spike times, and in files of several kinds."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis import gabor

ANGLES = np.arange(0.0, 180.0, 15.0)
PREFERRED = (30.0, 75.0, 120.0)
"""Degrees: orientation of bars of each cell's best grating."""


def rates(angles: NDArray[np.float64] = ANGLES) -> NDArray[np.float64]:
    """Return spikes/s (n_angles, 3): cosine curves with a circular variance of one half."""
    return 10 + 10 * np.cos(2 * np.deg2rad(angles[:, None] - np.array(PREFERRED)))


def fields(n_fields: int = 24, *, side: int = 12, seed: int = 0) -> NDArray[np.float64]:
    """Return Gabor fields (n_fields, side, side) with a little noise."""
    rng = np.random.default_rng(seed)
    planted = pd.DataFrame(
        {
            "x0": rng.uniform(4.5, side - 5.5, n_fields),
            "y0": rng.uniform(4.5, side - 5.5, n_fields),
            "orientation": rng.uniform(0, np.pi, n_fields),
            "frequency": rng.uniform(0.12, 0.2, n_fields),
            "phase": rng.uniform(-np.pi, np.pi, n_fields),
            "sigma_x": rng.uniform(1.8, 2.4, n_fields),
            "sigma_y": rng.uniform(1.8, 2.4, n_fields),
            "amplitude": 1.0,
        }
    )
    return gabor(planted, height=side, width=side) + rng.normal(scale=0.02, size=(n_fields, side, side))


def presentations(n_trials: int = 4, *, seed: int = 0) -> pd.DataFrame:
    """Return a table of drifting gratings, 2 Hz, 1 s each and half a second apart, in random order, and blanks."""
    directions = np.repeat(np.append(np.arange(0.0, 360.0, 30.0), np.nan), n_trials)
    directions = np.random.default_rng(seed).permutation(directions)
    start = 1.5 * np.arange(len(directions))
    moving = np.where(np.isfinite(directions), 2.0, np.nan)
    return pd.DataFrame(
        {
            "start_s": start,
            "stop_s": start + 1.0,
            "direction_deg": directions,
            "temporal_frequency_hz": moving,
        }
    )


def spikes(shown: pd.DataFrame, *, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return spike times (s) and cells: one that follows every cycle, one that does not, and one all but silent."""
    rng = np.random.default_rng(seed)
    times, cells = [], []
    for row in shown.itertuples():
        tuning = 0.0 if np.isnan(row.direction_deg) else np.cos(np.deg2rad(row.direction_deg - 60.0) / 2) ** 8
        for cell, depth in enumerate((1.0, 0.0)):
            drawn = np.sort(rng.uniform(0, 1, rng.poisson(2 * (1 + 60 * tuning))))
            kept = rng.uniform(size=len(drawn)) < (1 + depth * np.sin(4 * np.pi * drawn)) / 2
            times.append(row.start_s + drawn[kept])
            cells.append(np.full(kept.sum(), cell))
    times.append(np.array([1.2]))  # between two presentations
    cells.append(np.array([2]))
    return np.concatenate(times), np.concatenate(cells)


def long_table() -> pd.DataFrame:
    """Return one row per cell, orientation and trial, under another laboratory's names."""
    rows = [
        {
            "cell": f"c{cell}",
            "ori": angle,
            "trial": trial,
            "rate": rate + (0.5 if trial else -0.5) * (rate > 0.5),
        }
        for angle, curve in zip(ANGLES, rates(), strict=True)
        for cell, rate in enumerate(curve)
        for trial in range(2)
    ]
    return pd.DataFrame(rows)


def save_spikes(folder: Path) -> tuple[Path, Path]:
    """Write spikes.csv and shown.csv."""
    shown = presentations()
    times, cells = spikes(shown)
    pd.DataFrame({"spike_time_s": times, "unit": cells}).to_csv(folder / "spikes.csv", index=False)
    shown.to_csv(folder / "shown.csv", index=False)
    return folder / "spikes.csv", folder / "shown.csv"


def save_nwb(path: Path) -> None:
    """Write the same spikes and presentations as an NWB file, with pynwb."""
    from datetime import UTC, datetime

    from pynwb import NWBHDF5IO, NWBFile
    from pynwb.epoch import TimeIntervals

    shown = presentations()
    times, cells = spikes(shown)
    file = NWBFile("made up", "recorded_cells", datetime(2026, 1, 1, tzinfo=UTC))
    for cell in range(3):
        file.add_unit(spike_times=np.sort(times[cells == cell]), id=100 + cell)
    table = TimeIntervals(name="drifting_gratings_presentations", description="made up")
    table.add_column("orientation", "direction of motion in degrees")
    table.add_column("temporal_frequency", "Hz")
    for row in shown.itertuples():
        table.add_interval(
            start_time=row.start_s,
            stop_time=row.stop_s,
            orientation=row.direction_deg,
            temporal_frequency=row.temporal_frequency_hz,
        )
    file.add_time_intervals(table)
    with NWBHDF5IO(str(path), "w") as io:
        io.write(file)
