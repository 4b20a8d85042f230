"""Several trained models, each with one fit table per seed, compared with macaque V1 side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.v1.divergence import jensen_shannon_bits
from neurosim.analysis.v1.field_shape import broadly_tuned_share, nx_ny_counts, sampling_floor_bits
from neurosim.analysis.v1.resampled import Resampled, resampled_counts, resampled_divergence
from neurosim.datasets.v1 import published_table
from neurosim.stimuli.randomness import Randomness, generator

__all__ = [
    "FitTables",
    "PairedDifference",
    "check_reference",
    "compare_arms",
    "compare_models",
    "gabor_like_shapes",
    "paired_difference",
    "seed_divergences",
]

FitTables = pd.DataFrame | Sequence[pd.DataFrame]  # of `fit_gabors`, one per seed
_Floats = NDArray[np.float64]
_Counts = NDArray[np.int64]


@dataclass(frozen=True)
class PairedDifference:
    """How much further one model is from macaque than another.

    Attributes
    ----------
    difference : float
        Divergence of the first model minus that of the second, in bits, each the mean over its seeds: negative
        when the first is closer.
    difference_corrected : float
        The same without its bias, which is larger for a model of fewer units.
    interval : tuple of float
        Reflected 95 % bootstrap interval of the true difference (`Resampled.interval`).
    n_units : tuple of int
        Gabor-like units of the first and second model, all seeds together.
    first_closer_share : float
        Share of draws, reflected as the interval is, in which the first is closer.

    All but `n_units` are NaN when a seed of either model has no Gabor-like unit.
    """

    difference: float
    difference_corrected: float
    interval: tuple[float, float]
    n_units: tuple[int, int]
    first_closer_share: float


def gabor_like_shapes(fits: FitTables, *, name: str = "fits") -> list[_Floats]:
    """Return n_x and n_y of the Gabor-like units of every seed.

    Parameters
    ----------
    fits : DataFrame or sequence of DataFrame
        From `fit_gabors`, one table per seed: ``nx``, ``ny`` and ``gabor_like`` are used.
    name : str
        What the tables are called in messages.

    Returns
    -------
    list of ndarray, each (n_units, 2)
        Cycles.

    Raises
    ------
    ValueError
        If there is no table, or one has no rows or lacks a column.

    Examples
    --------
    >>> fits = pd.DataFrame({"nx": [0.4, 9.0], "ny": [0.5, 9.0], "gabor_like": [True, False]})
    >>> [shapes.tolist() for shapes in gabor_like_shapes([fits, fits[:1]])]
    [[[0.4, 0.5]], [[0.4, 0.5]]]
    """
    tables = [fits] if isinstance(fits, pd.DataFrame) else list(fits)
    if not tables:
        raise ValueError(f"expected at least one table of fit_gabors for {name!r}, got none")
    for seed, table in enumerate(tables):
        missing = [column for column in ("nx", "ny", "gabor_like") if column not in table]
        if missing or table.empty:
            raise ValueError(
                f"expected tables of fit_gabors for {name!r}, got one (number {seed}) of {len(table)} rows "
                f"without {missing or 'nothing'}"
            )
    return [
        table.loc[table["gabor_like"].to_numpy(dtype=bool), ["nx", "ny"]].to_numpy(dtype=np.float64)
        for table in tables
    ]


def seed_divergences(fits: FitTables, *, name: str = "fits") -> _Floats:
    """Return the joint divergence from macaque (bits) of every seed, NaN for one without Gabor-like units.

    Parameters
    ----------
    fits : DataFrame or sequence of DataFrame
        As in `gabor_like_shapes`.
    name : str
        What the tables are called in messages.

    Returns
    -------
    ndarray, shape (n_seeds,)

    Raises
    ------
    ValueError
        As `gabor_like_shapes`.

    Examples
    --------
    >>> fits = pd.DataFrame({"nx": [0.4, 0.2], "ny": [0.4, 0.2], "gabor_like": True})
    >>> seed_divergences([fits, fits.assign(gabor_like=False)]).round(3)
    array([0.451,   nan])
    """
    return _divergences(_counted_seeds(fits, name))


def paired_difference(
    first: FitTables, second: FitTables, *, rng: Randomness, n_bootstrap: int = 1000
) -> PairedDifference:
    """Compare the distances of two models from macaque, both measured against the same resampled cells.

    In each draw the cells are resampled once and used for every seed of both models, and the units of each seed
    are resampled; a model's divergence is the mean over its seeds. What the few cells leave uncertain about
    both models alike cancels, so the interval is narrower than two separate ones suggest.

    Parameters
    ----------
    first, second : DataFrame or sequence of DataFrame
        As in `gabor_like_shapes`.
    rng : numpy.random.Generator or int
        Draws the bootstrap samples.
    n_bootstrap : int
        Number of samples, 2 or more.

    Returns
    -------
    PairedDifference

    Raises
    ------
    ValueError
        As `gabor_like_shapes`, or if `n_bootstrap` is too small.

    Notes
    -----
    A divergence of few units is biased upward, more for the model of fewer: `difference` favours the larger, and an
    interval of percentiles would do so twice. The reflected one takes the bias off, so models need not be cut to
    equal numbers; ``verification/interval_coverage.csv`` has how often it covers. Seeds are not resampled: the interval
    speaks of these seeds, and their range says what another seed may do.

    Examples
    --------
    >>> near = pd.DataFrame({"nx": [0.2, 0.4, 0.4], "ny": [0.2, 0.4, 0.6], "gabor_like": True})
    >>> far = near.assign(nx=1.2, ny=1.2)
    >>> compared = paired_difference(near, [far, far], rng=np.random.default_rng(0), n_bootstrap=50)
    >>> round(compared.difference, 2), compared.n_units, compared.first_closer_share
    (-0.73, (3, 6), 1.0)
    """
    rng = generator(rng)
    models = [_counted_seeds(first, "first"), _counted_seeds(second, "second")]
    cells = _cell_draws(n_bootstrap, rng)
    one, other = (_resampled(seeds, cells, rng) for seeds in models)
    gap = one - other
    return PairedDifference(
        difference=gap.bits,
        difference_corrected=gap.corrected(),
        interval=gap.interval(),
        n_units=(_total(models[0]), _total(models[1])),
        first_closer_share=float((_turned(gap) < 0).mean()) if np.isfinite(gap.bits) else float("nan"),
    )


def compare_models(
    models: Mapping[str, FitTables], *, reference: str, rng: Randomness, n_bootstrap: int = 1000
) -> pd.DataFrame:
    """Compare several models with macaque, and each with a reference model.

    Every draw of the cells serves all models; see `paired_difference` for the bootstrap and its bias.

    Parameters
    ----------
    models : mapping of str to DataFrame or sequence of DataFrame
        As in `gabor_like_shapes`, by name of the model.
    reference : str
        The model the others are compared with.
    rng : numpy.random.Generator or int
    n_bootstrap : int
        Number of samples, 2 or more.

    Returns
    -------
    DataFrame
        One row per model. ``arm``; ``js_bits``, the mean over seeds, ``js_bits_corrected``, the same without its bias,
        and its reflected interval ``js_low`` and ``js_high``, as of `compare_nx_ny`; ``js_min`` and ``js_max`` over
        seeds, not corrected; ``floor_bits``, what ``js_bits`` would be of the cells' own distribution;
        ``difference`` from the reference model (bits, negative when closer to macaque), ``difference_corrected``,
        and their interval ``difference_low`` and ``difference_high``; ``n_seeds``, ``n_units`` (Gabor-like),
        ``n_fields``, ``gabor_like_share``;
        ``nx_median``, ``ny_median`` (cycles) and ``broadly_tuned_share`` of all units of all seeds. The
        divergences are NaN for a model with a seed that has no Gabor-like unit. ``table.attrs`` has
        ``macaque_n_cells`` and ``macaque_broadly_tuned_share``.

    Raises
    ------
    ValueError
        As `gabor_like_shapes`, or if there are no models or no such reference.

    Examples
    --------
    >>> near = pd.DataFrame({"nx": [0.2, 0.4, 0.4], "ny": [0.2, 0.4, 0.6], "gabor_like": True})
    >>> models = {"near": [near, near], "far": near.assign(nx=1.2, ny=1.2)}
    >>> table = compare_models(models, reference="near", rng=np.random.default_rng(0), n_bootstrap=50)
    >>> table[["arm", "n_seeds", "js_bits", "difference"]].round(2).to_numpy().tolist()
    [['near', 2, 0.27, 0.0], ['far', 1, 1.0, 0.73]]
    """
    rng = generator(rng)
    check_reference(models, reference)
    cells = _cell_draws(n_bootstrap, rng)
    seeds = {model: _counted_seeds(fits, model) for model, fits in models.items()}
    found = {model: _resampled(counts, cells, rng) for model, counts in seeds.items()}
    rows = []
    for model, fits in models.items():
        bits, gap = _divergences(seeds[model]), found[model] - found[reference]
        corrected, (low, high) = found[model].divergence()
        gap_low, gap_high = gap.interval()
        rows.append(
            {
                "arm": model,
                "js_bits": found[model].bits,
                "js_bits_corrected": corrected,
                "js_low": low,
                "js_high": high,
                "js_min": bits.min(),
                "js_max": bits.max(),
                "floor_bits": _floor(seeds[model], rng),
                "difference": gap.bits,
                "difference_corrected": gap.corrected(),
                "difference_low": gap_low,
                "difference_high": gap_high,
                **_described(fits, seeds[model]),
            }
        )
    table = pd.DataFrame(rows)
    published = published_table("nx_ny")
    table.attrs["macaque_n_cells"] = published.n_cells
    table.attrs["macaque_broadly_tuned_share"] = broadly_tuned_share(published.counts)
    return table


compare_arms = compare_models  # the former name


def check_reference(models: Mapping[str, Any], reference: str) -> None:
    """Raise `ValueError` if there are no models or the reference is none of them.

    Examples
    --------
    >>> check_reference({"lca": [], "sailnet": []}, "sailnets")
    Traceback (most recent call last):
    ValueError: expected the name of a model as reference, got 'sailnets'; did you mean 'sailnet'?
    """
    if not models:
        raise ValueError("expected at least one model, got none")
    if reference not in models:
        near = get_close_matches(str(reference), list(models), n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(models)}"
        raise ValueError(f"expected the name of a model as reference, got {reference!r}; {hint}")


def _counted_seeds(fits: FitTables, name: str) -> list[_Counts]:
    return [nx_ny_counts(*shapes.T) for shapes in gabor_like_shapes(fits, name=name)]


def _total(seeds: list[_Counts]) -> int:
    return sum(int(counts.sum()) for counts in seeds)


def _divergences(seeds: list[_Counts]) -> _Floats:
    cells = published_table("nx_ny").counts
    return np.array([jensen_shannon_bits(cells, counts) if counts.any() else np.nan for counts in seeds])


def _cell_draws(n_draws: int, rng: np.random.Generator) -> _Counts:
    if n_draws < 2:
        raise ValueError(f"expected at least 2 bootstrap samples, got {n_draws}")
    return resampled_counts(published_table("nx_ny").counts, n_draws, rng=rng)


def _resampled(seeds: list[_Counts], cell_draws: _Counts, rng: np.random.Generator) -> Resampled:
    """Return the mean divergence over seeds, all with the same draws of the cells; NaN if one has no units."""
    cells = published_table("nx_ny").counts
    found = [resampled_divergence(cells, counts, cell_draws=cell_draws, rng=rng) for counts in seeds]
    return Resampled(
        bits=float(np.mean([each.bits for each in found])),
        centre=float(np.mean([each.centre for each in found])),
        draws=np.mean([each.draws for each in found], axis=0),
    )


def _floor(seeds: list[_Counts], rng: np.random.Generator) -> float:
    """Return the mean over seeds of what as many units of the cells' own distribution would give."""
    numbers = [int(counts.sum()) for counts in seeds]
    return (
        float(np.mean([sampling_floor_bits(n, rng=rng) for n in numbers])) if all(numbers) else float("nan")
    )


def _turned(found: Resampled) -> _Floats:
    """Return the draws as the interval sees them, turned around what they come from."""
    return found.bits + found.centre - found.draws


def _described(fits: FitTables, seeds: list[_Counts]) -> dict[str, float | int]:
    shapes = np.concatenate(gabor_like_shapes(fits))
    n_fields = len(fits) if isinstance(fits, pd.DataFrame) else sum(map(len, fits))
    across, along = np.median(shapes, axis=0) if len(shapes) else (np.nan, np.nan)
    return {
        "n_seeds": len(seeds),
        "n_units": len(shapes),
        "n_fields": n_fields,
        "gabor_like_share": len(shapes) / n_fields,
        "nx_median": float(across),
        "ny_median": float(along),
        "broadly_tuned_share": broadly_tuned_share(np.sum(seeds, axis=0)),
    }
