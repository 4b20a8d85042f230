"""Compare the fields of a run with macaque V1."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.recipes.run_sections import AnalysisSection

if TYPE_CHECKING:
    from neurosim.analysis.v1.field_shape import NxNyComparison

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
    from neurosim.analysis.fields.gabor import fit_gabors

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
    from neurosim.analysis.v1.field_shape import compare_nx_ny

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
        As `neurosim.analysis.v1.field_shape.sweep_amplitude_bounds`, sorted by space and bound.
    """
    from neurosim.analysis.v1.field_shape import sweep_amplitude_bounds

    rows = pd.DataFrame(
        [
            {"space": space, "amplitude_bound": section.amplitude_bound, **each.as_row()}
            for space, each in own.items()
        ]
    )
    others = [bound for bound in section.bound_sweep if bound != section.amplitude_bound]
    if others:
        swept = sweep_amplitude_bounds(
            spaces, rng=rng, bounds=others, n_bootstrap=section.n_bootstrap, n_starts=section.n_starts
        )
        rows = pd.concat([rows, swept], ignore_index=True)
    return rows.sort_values(["space", "amplitude_bound"], ignore_index=True)


def v1_metrics(fits: Mapping[str, pd.DataFrame], own: Mapping[str, "NxNyComparison"]) -> dict[str, Any]:
    """Return the distance to cortex by the names of `summary.json`: the claim in image space, and beside it.

    Parameters
    ----------
    fits : mapping of str to DataFrame
        Gabor fits by space.
    own : mapping of str to NxNyComparison
        Comparison of these fits, by space.
    """
    from neurosim.analysis.v1.left_out import fields_left_out

    image, whitened = own["image"], own["whitened"]
    left_out = fields_left_out(fits["image"])
    return {
        "v1_nxny_js_bits": image.js_bits,
        "v1_nxny_js_bits_corrected": image.js_bits_corrected,
        "v1_nxny_js_interval": list(image.interval),
        "v1_nxny_floor_bits": image.floor_bits,
        "v1_nxny_js_bits_whitened": whitened.js_bits,
        "v1_nxny_js_bits_corrected_whitened": whitened.js_bits_corrected,
        "v1_nxny_js_interval_whitened": list(whitened.interval),
        "v1_nxny_fields": image.n_units,
        **{f"v1_nxny_left_out_{reason}": number for reason, number in left_out.items()},
        "nx_median_image": image.nx_median,
        "ny_median_image": image.ny_median,
        "broadly_tuned_share": image.broadly_tuned_share,
    }
