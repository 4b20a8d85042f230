"""How often the interval of the n_x–n_y distance covers the truth, simulated.

    python verification/interval_coverage.py [--repetitions 2000] [--draws 400]

In every repetition 79 cells are drawn from one population and units from another whose divergence is known. Three 95 %
intervals are made of each such pair: percentiles of bootstrap draws, the reflected interval of draws from the bare
samples, and the one that is reported, reflected with draws from `smoothed_shares`. Cells come from the published
table's shares, or from the table blurred into neighbouring bins (a population whose rare shapes a sample misses).
Models mix those shares with their narrowly tuned part (n_x and n_y above .302: "narrow"), with the four fullest bins
of that ("compact", the hardest for the interval), or with themselves, n_x and n_y exchanged. Then pairs of models,
measured against the same cells. The dated tables are kept beside this file, in
``interval_coverage.csv`` and ``interval_coverage_differences.csv``.
"""

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from neurosim.analysis.v1.divergence import jensen_shannon_bits, row_divergences
from neurosim.analysis.v1.resampled import Resampled, resampled_counts, resampled_divergence
from neurosim.datasets.v1 import published_table

HERE = Path(__file__).parent
TRUTHS, N_UNITS = (0.0, 0.013, 0.05, 0.16), (79, 250, 400)
# Units of the two models, and how far each is from the cells.
PAIRS = (
    ((200, 200), (0.16, 0.16)),
    ((400, 60), (0.16, 0.16)),
    ((400, 60), (0.0, 0.0)),
    ((250, 79), (0.05, 0.16)),
    ((79, 250), (0.05, 0.16)),
)
# Rounding can put a bound of exactly 0 a hair beside it.
_HAIR = 1e-12
_Shares = NDArray[np.float64]


def cell_shares(population: str) -> _Shares:
    """Return the shares of cells in the bins (5, 5): the table's, or blurred."""
    shares = published_table("nx_ny").counts / published_table("nx_ny").n_cells
    if population == "blurred":
        for axis in (0, 1):
            shares = np.apply_along_axis(np.convolve, axis, shares, [0.15, 0.7, 0.15], "same")
    return np.asarray(shares / shares.sum())


def model_shares(cells: _Shares, direction: str, bits: float) -> _Shares:
    """Return shares that differ from the cells' by so many bits, in one direction."""
    if direction == "exchanged":
        far = cells.T
    else:
        far, last = np.zeros_like(cells), 4 if direction == "compact" else 5
        far[2:last, 2:last] = cells[2:last, 2:last]
        far /= far.sum()
    mixed = [(1 - part) * cells + part * far for part in (0.0, 1.0)]
    if not 0 <= bits <= jensen_shannon_bits(cells, mixed[1]):
        raise ValueError(f"expected a divergence that going {direction} reaches, got {bits}")
    part = (
        0.0
        if bits == 0
        else brentq(lambda p: jensen_shannon_bits(cells, p * far + (1 - p) * cells) - bits, 0, 1)
    )
    return np.asarray((1 - part) * cells + part * far)


def sampled(shares: _Shares, number: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the counts of so many cells or units."""
    return rng.multinomial(number, shares.ravel()).reshape(shares.shape)


def bare(
    cells: NDArray[np.int64], units: NDArray[np.int64], n_draws: int, rng: np.random.Generator
) -> Resampled:
    """Return the divergence with draws from the samples as they are."""
    first, second = (
        rng.multinomial(int(counts.sum()), (counts / counts.sum()).ravel(), size=n_draws)
        for counts in (cells, units)
    )
    bits = jensen_shannon_bits(cells, units)
    return Resampled(bits, bits, row_divergences(first, second))


def coverage(
    cells: _Shares, model: _Shares, n_units: int, *, repetitions: int, n_draws: int, rng: np.random.Generator
) -> dict[str, float]:
    """Return bias and coverage of one pair of populations."""
    truth, n_cells = jensen_shannon_bits(cells, model), published_table("nx_ny").n_cells
    found: dict[str, list[float]] = {}
    for _ in range(repetitions):
        seen, units = sampled(cells, n_cells, rng), sampled(model, n_units, rng)
        plain = bare(seen, units, n_draws, rng)
        cell_draws = resampled_counts(seen, n_draws, rng=rng)
        smooth = resampled_divergence(seen, units, cell_draws=cell_draws, rng=rng)
        (corrected_bare, within_bare), (corrected, within) = plain.divergence(), smooth.divergence()
        row = {
            "js_bits": plain.bits,
            "corrected_bare": corrected_bare,
            "corrected": corrected,
            "percentile": _holds(tuple(np.percentile(plain.draws, (2.5, 97.5))), truth),
            "reflected_bare": _holds(within_bare, truth),
            "reflected": _holds(within, truth),
            "truth_below": within[0] > truth + _HAIR,
            "truth_above": within[1] < truth - _HAIR,
            "width": within[1] - within[0],
        }
        for name, value in row.items():
            found.setdefault(name, []).append(float(value))
    return {"n_units": n_units, "true_bits": truth} | {
        name: float(np.mean(all_)) for name, all_ in found.items()
    }


def difference_coverage(
    cells: _Shares, models: Iterable[_Shares], n_units: tuple[int, int], *, repetitions: int, n_draws: int,
    rng: np.random.Generator,
) -> dict[str, float]:  # fmt: skip
    """Return bias and coverage of the difference of two models' divergences from the same cells."""
    pair, n_cells = list(models), published_table("nx_ny").n_cells
    one_truth, other_truth = (jensen_shannon_bits(cells, model) for model in pair)
    truth = round(one_truth - other_truth, 12)
    found = []
    for _ in range(repetitions):
        seen = sampled(cells, n_cells, rng)
        cell_draws = resampled_counts(seen, n_draws, rng=rng)
        one, other = (
            resampled_divergence(seen, sampled(model, number, rng), cell_draws=cell_draws, rng=rng)
            for model, number in zip(pair, n_units, strict=True)
        )
        gap = one - other
        percentile = tuple(np.percentile(gap.draws, (2.5, 97.5)))
        found.append((gap.bits, gap.corrected(), _holds(percentile, truth), _holds(gap.interval(), truth)))
    names = ("difference", "corrected", "percentile", "reflected")
    return {"true_bits": truth} | dict(zip(names, map(float, np.mean(found, axis=0)), strict=True))


def _holds(interval: tuple[float, ...], truth: float) -> bool:
    return bool(interval[0] - _HAIR <= truth <= interval[1] + _HAIR)


def cases() -> list[tuple[str, str, float, int]]:
    """Return population of cells, direction, true divergence and units of every simulated pair."""
    ways = [("table", way) for way in ("narrow", "compact", "exchanged")] + [("blurred", "narrow")]
    return [
        (population, way, bits, n_units)
        for population, way in ways
        # Without a distance there is no direction.
        for bits in (TRUTHS if way == "narrow" else TRUTHS[1:])
        for n_units in (N_UNITS if population == "table" else N_UNITS[:2])
    ]


def distances(repetitions: int, n_draws: int) -> pd.DataFrame:
    """Return the table of single distances."""
    rows = []
    for number, (population, way, bits, n_units) in enumerate(cases()):
        cells = cell_shares(population)
        model, rng = model_shares(cells, way, bits), np.random.default_rng([0, number])
        row = coverage(cells, model, n_units, repetitions=repetitions, n_draws=n_draws, rng=rng)
        rows.append({"cells": population, "model": way if bits else "the cells'"} | row)
        print(
            {key: value if isinstance(value, str) else round(value, 3) for key, value in rows[-1].items()},
            flush=True,
        )
    return pd.DataFrame(rows)


def differences(repetitions: int, n_draws: int) -> pd.DataFrame:
    """Return the table of paired differences."""
    cells, rows = cell_shares("table"), []
    for number, (n_units, bits) in enumerate(PAIRS):
        # Two ways to be as far from the cells.
        models = [
            model_shares(cells, way, each) for way, each in zip(("narrow", "exchanged"), bits, strict=True)
        ]
        rng = np.random.default_rng([1, number])
        row = difference_coverage(cells, models, n_units, repetitions=repetitions, n_draws=n_draws, rng=rng)
        names = ("first_units", "second_units", "first_true_bits", "second_true_bits")
        rows.append(dict(zip(names, (*n_units, *bits), strict=True)) | row)
    return pd.DataFrame(rows)


def main() -> None:
    """Simulate, print and store the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--draws", type=int, default=400)
    options = parser.parse_args()
    for name, simulated in (("_differences", differences), ("", distances)):
        table = simulated(options.repetitions, options.draws)
        table = table.assign(repetitions=options.repetitions, date=datetime.now(UTC).date().isoformat())
        table.to_csv(HERE / f"interval_coverage{name}.csv", index=False, float_format="%.4g")
        print(table.to_string(index=False, float_format="%.3f"))


if __name__ == "__main__":
    main()
