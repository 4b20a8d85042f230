"""The shape of receptive fields, n_x and n_y, compared with macaque simple cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.gabor import fit_gabors
from neurosim.analysis.progress import counted
from neurosim.analysis.v1.divergence import row_divergences
from neurosim.analysis.v1.resampled import resampled_counts, resampled_divergence
from neurosim.datasets.v1 import published_table
from neurosim.stimuli.randomness import Randomness, generator

__all__ = [
    "NxNyComparison",
    "broadly_tuned_share",
    "compare_nx_ny",
    "nx_ny_counts",
    "sampling_floor_bits",
    "sweep_amplitude_bounds",
]

_BROAD_BIN = 2  # the table's edge .302: cells below it in both n_x and n_y are called broadly tuned


@dataclass(frozen=True)
class NxNyComparison:
    """Fields against the published cells.

    Attributes
    ----------
    js_bits : float
        Joint Jensen–Shannon divergence of the binned (n_x, n_y), in bits: 0 for equal shares, 1 for disjoint
        ones. So few cells and units put it too high: read it beside `floor_bits`.
    js_bits_corrected : float
        The same without its bias, as far as resampling the cells and the units shows it; 0 or more.
    interval : tuple of float
        Reflected 95 % bootstrap interval of the true divergence (`Resampled.interval`); 0 or more. It may lie
        below `js_bits`. ``verification/interval_coverage.csv`` has how often it covers.
    floor_bits : float
        What `js_bits` would be on average for as many units of the cells' own distribution
        (`sampling_floor_bits`).
    n_units, n_fields : int
        Gabor-like units compared, of all fields that were fitted.
    nx_median, ny_median : float
        Of the units compared, in cycles (macaque: .365, .445).
    broadly_tuned_share : float
        Share of those units with n_x and n_y below .302 (macaque: 19 of 79).

    All but the two numbers are NaN when no unit is Gabor-like.
    """

    js_bits: float
    js_bits_corrected: float
    interval: tuple[float, float]
    floor_bits: float
    n_units: int
    n_fields: int
    nx_median: float
    ny_median: float
    broadly_tuned_share: float

    def as_row(self) -> dict[str, float | int]:
        """Return the attributes as columns of a table, the interval as ``low`` and ``high``."""
        row: dict[str, float | int] = {"js_bits": self.js_bits, "js_bits_corrected": self.js_bits_corrected}
        row |= {"low": self.interval[0], "high": self.interval[1], "floor_bits": self.floor_bits}
        others = ("n_units", "n_fields", "nx_median", "ny_median", "broadly_tuned_share")
        return row | {name: getattr(self, name) for name in others}


def nx_ny_counts(nx: ArrayLike, ny: ArrayLike) -> NDArray[np.int64]:
    """Count units in the bins of the published table.

    Parameters
    ----------
    nx, ny : array_like, shape (n_units,)
        Cycles, 0 or more. Values outside the table's edges count in the outer bins.

    Returns
    -------
    ndarray of int, shape (n_bins, n_bins)
        Rows n_x, columns n_y.

    Raises
    ------
    ValueError
        If the lengths differ or a value is negative or not finite.

    Examples
    --------
    >>> counts = nx_ny_counts([0.01, 0.4], [0.4, 99.0])
    >>> [tuple(map(int, where)) for where in np.argwhere(counts)]
    [(0, 2), (2, 4)]
    """
    edges = published_table("nx_ny").edges
    across, along = np.asarray(nx, dtype=np.float64), np.asarray(ny, dtype=np.float64)
    if across.ndim != 1 or across.shape != along.shape:
        raise ValueError(
            f"expected n_x and n_y of equally many units, got shapes {across.shape} and {along.shape}"
        )
    if not all(np.isfinite(values).all() and (values >= 0).all() for values in (across, along)):
        raise ValueError("expected finite n_x and n_y of 0 or more; leave out fields that have no fit")
    # Inner edges only: what lies beyond the outer ones belongs to the outer bins.
    row, column = np.digitize(across, edges[0][1:-1]), np.digitize(along, edges[1][1:-1])
    counts = np.zeros((len(edges[0]) - 1, len(edges[1]) - 1), dtype=np.int64)
    np.add.at(counts, (row, column), 1)
    return counts


def compare_nx_ny(
    fits: pd.DataFrame,
    *,
    rng: Randomness,
    n_bootstrap: int = 1000,
) -> NxNyComparison:
    """Compare fitted fields with the published cells.

    The units compared are the Gabor-like ones: r2 > .7, participation ratio ≥ 6, no parameter at its bound.
    So odd fields with n_x below about .23, whose shape no fit identifies, are left out of the comparison, and
    with them some broadly tuned units: report ``n_units`` and the sweep over amplitude bounds beside the
    number.

    Parameters
    ----------
    fits : DataFrame
        From `fit_gabors`: ``nx``, ``ny`` and ``gabor_like`` are used.
    rng : numpy.random.Generator or int
        Draws the bootstrap samples.
    n_bootstrap : int
        Number of samples.

    Returns
    -------
    NxNyComparison

    Raises
    ------
    ValueError
        If a column is missing or `n_bootstrap` is below 2.

    References
    ----------
    Ringach 2002, J Neurophysiol 88:455, doi:10.1152/jn.2002.88.1.455. Of the resampling: see `Resampled` and
    `smoothed_shares`.

    Examples
    --------
    >>> fits = pd.DataFrame({"nx": [0.4, 0.2, 9.0], "ny": [0.4, 0.2, 9.0], "gabor_like": [True, True, False]})
    >>> comparison = compare_nx_ny(fits, rng=np.random.default_rng(0), n_bootstrap=50)
    >>> comparison.n_units, round(comparison.js_bits, 3), comparison.broadly_tuned_share
    (2, 0.451, 0.5)
    """
    rng = generator(rng)
    missing = [name for name in ("nx", "ny", "gabor_like") if name not in fits]
    if missing or n_bootstrap < 2:
        raise ValueError(
            "expected a table of fit_gabors and at least 2 bootstrap samples, got a table without "
            f"{missing or 'nothing'} and {n_bootstrap} samples"
        )
    published = published_table("nx_ny")
    units = fits.loc[fits["gabor_like"].to_numpy(dtype=bool), ["nx", "ny"]]
    counts = nx_ny_counts(units["nx"], units["ny"])
    cell_draws = resampled_counts(published.counts, n_bootstrap, rng=rng)
    found = resampled_divergence(published.counts, counts, cell_draws=cell_draws, rng=rng)
    corrected, interval = found.divergence()
    return NxNyComparison(
        js_bits=found.bits,
        js_bits_corrected=corrected,
        interval=interval,
        floor_bits=sampling_floor_bits(len(units), rng=rng) if len(units) else np.nan,
        n_units=len(units),
        n_fields=len(fits),
        nx_median=float(units["nx"].median()),
        ny_median=float(units["ny"].median()),
        broadly_tuned_share=broadly_tuned_share(counts),
    )


def sampling_floor_bits(n_units: int, *, rng: Randomness, n_draws: int = 1000) -> float:
    """Return the mean divergence of a model that equals the population the published cells came from.

    Both its units and as many cells as were published are drawn from the table's shares: another 79 cells of the
    same cortex lie this far away, and no model can be expected to come closer.

    Parameters
    ----------
    n_units : int
        Units per draw.
    rng : numpy.random.Generator or int
    n_draws : int
        Draws that are averaged.

    Returns
    -------
    float
        Bits.

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> round(sampling_floor_bits(400, rng=np.random.default_rng(0)), 2)
    0.04
    """
    rng = generator(rng)
    if n_units < 1 or n_draws < 1:
        raise ValueError(f"expected at least one unit and one draw, got {n_units} and {n_draws}")
    published = published_table("nx_ny")
    shares = (published.counts / published.n_cells).ravel()
    cells, units = (rng.multinomial(number, shares, size=n_draws) for number in (published.n_cells, n_units))
    return float(row_divergences(cells, units).mean())


def sweep_amplitude_bounds(
    spaces: Mapping[str, ArrayLike],
    *,
    rng: Randomness,
    bounds: Sequence[float] = (1.1, 1.5, 2.0, 3.0),
    n_bootstrap: int = 1000,
    n_starts: int = 12,
) -> pd.DataFrame:
    """Repeat the comparison for several bounds on the Gabor amplitude, in every space.

    The bound moves the divergence about as much as models differ: 1.5 is the one that counts, the others say
    how much hangs on it.

    Parameters
    ----------
    spaces : mapping of str to array_like, shape (n_fields, height, width)
        From `fields_in_both_spaces`.
    rng : numpy.random.Generator or int
    bounds : sequence of float
        Multiples of a field's largest magnitude.
    n_bootstrap, n_starts : int
        As in `compare_nx_ny` and `fit_gabors`.

    Returns
    -------
    DataFrame
        One row per space and bound: ``space``, ``amplitude_bound``, ``js_bits``, ``js_bits_corrected``, ``low``
        and ``high`` (the interval), ``floor_bits``, ``n_units``, ``n_fields``, ``nx_median``, ``ny_median``,
        ``broadly_tuned_share``.

    Raises
    ------
    ValueError
        As `fit_gabors`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> spaces = {"image": rng.normal(size=(2, 8, 8))}
    >>> sweep = sweep_amplitude_bounds(spaces, rng=rng, bounds=(1.5, 2), n_starts=2)
    >>> sweep[["space", "amplitude_bound", "n_fields"]].to_numpy().tolist()
    [['image', 1.5, 2], ['image', 2.0, 2]]
    """
    rng = generator(rng)
    rows = []
    pairs = [(space, bound) for space in spaces for bound in bounds]
    for space, bound in counted(pairs, "fits and distances with other amplitude bounds"):
        fits = fit_gabors(spaces[space], amplitude_bound=bound, n_starts=n_starts)
        compared = compare_nx_ny(fits, rng=rng, n_bootstrap=n_bootstrap)
        rows.append({"space": space, "amplitude_bound": float(bound), **compared.as_row()})
    return pd.DataFrame(rows)


def broadly_tuned_share(counts: NDArray[np.int64]) -> float:
    """Return the share of units with n_x and n_y below .302, of counts from `nx_ny_counts`; NaN of none.

    Examples
    --------
    >>> round(broadly_tuned_share(published_table("nx_ny").counts), 4)  # 19 of 79
    0.2405
    """
    total = int(counts.sum())
    return float(counts[:_BROAD_BIN, :_BROAD_BIN].sum() / total) if total else float("nan")
