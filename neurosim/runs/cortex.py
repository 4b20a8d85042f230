"""Compare the fields of a run with macaque V1."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.runs.sections import AnalysisSection

if TYPE_CHECKING:
    from neurosim.analysis.v1 import NxNyComparison

Spaces = Mapping[str, NDArray[np.float64]]


def fitted(spaces: Spaces, section: AnalysisSection) -> dict[str, pd.DataFrame]:
    """Return the Gabor fits of each space's fields at the bound the recipe fixed.

    Parameters
    ----------
    spaces : mapping of str to ndarray (n_neurons, height, width)
        Fields by space.
    section : AnalysisSection
        Bound and number of starting points.
    """
    from neurosim.analysis.gabor import fit_gabors

    bound, n_starts = section.amplitude_bound, section.n_starts
    return {
        name: fit_gabors(fields, amplitude_bound=bound, n_starts=n_starts) for name, fields in spaces.items()
    }


def compared(
    fits: Mapping[str, pd.DataFrame], *, section: AnalysisSection, rng: np.random.Generator
) -> dict[str, "NxNyComparison"]:
    """Return each space's comparison with macaque simple cells.

    Parameters
    ----------
    fits : mapping of str to DataFrame
        Gabor fits by space.
    section : AnalysisSection
        Number of resamplings.
    rng : numpy.random.Generator
        Source of the resampling.
    """
    from neurosim.analysis.v1 import compare_nx_ny

    return {
        name: compare_nx_ny(table, rng=rng, n_bootstrap=section.n_bootstrap) for name, table in fits.items()
    }


def bound_sweep(
    spaces: Spaces,
    *,
    own: Mapping[str, "NxNyComparison"],
    section: AnalysisSection,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the distance to cortex for every bound of the recipe's sweep and for the one it fixed.

    Parameters
    ----------
    spaces : mapping of str to ndarray (n_neurons, height, width)
        Fields by space.
    own : mapping of str to NxNyComparison
        Comparison at the bound that was fixed: it is not made twice.
    section : AnalysisSection
        The bounds.
    rng : numpy.random.Generator
        Source of the resampling.

    Returns
    -------
    DataFrame
        As `neurosim.analysis.v1.sweep_amplitude_bounds`, sorted by space and bound.
    """
    from neurosim.analysis.v1 import sweep_amplitude_bounds

    rows = pd.DataFrame([_row(space, each, section.amplitude_bound) for space, each in own.items()])
    others = [bound for bound in section.bound_sweep if bound != section.amplitude_bound]
    if others:
        swept = sweep_amplitude_bounds(
            spaces, rng=rng, bounds=others, n_bootstrap=section.n_bootstrap, n_starts=section.n_starts
        )
        rows = pd.concat([rows, swept], ignore_index=True)
    return rows.sort_values(["space", "amplitude_bound"], ignore_index=True)


def _row(space: str, comparison: "NxNyComparison", bound: float) -> dict[str, object]:
    low, high = comparison.interval
    return {
        "space": space,
        "amplitude_bound": bound,
        "js_bits": comparison.js_bits,
        "low": low,
        "high": high,
        "n_units": comparison.n_units,
        "n_fields": comparison.n_fields,
        "nx_median": comparison.nx_median,
        "ny_median": comparison.ny_median,
        "broadly_tuned_share": comparison.broadly_tuned_share,
    }
