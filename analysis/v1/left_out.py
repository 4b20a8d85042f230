"""Which fields a comparison of shapes leaves out, and why."""

import numpy as np
import pandas as pd

from neurosim.analysis.fields.gabor import LEAST_PARTICIPATION, LEAST_R2

__all__ = ["fields_left_out"]


def fields_left_out(fits: pd.DataFrame) -> dict[str, int]:
    """Count the fields that are not Gabor-like by the first reason that holds.

    Parameters
    ----------
    fits : DataFrame
        From `fit_gabors`: ``r2``, ``participation_ratio``, ``at_bound`` and ``gabor_like`` are used, and ``bound`` if
        it is there.

    Returns
    -------
    dict of str to int
        ``"no_fit"``: constant, or not finite; ``"r2"``: R² of .7 or less; ``"participation"``: a participation
        ratio below 6, so a few pixels; ``"bound"``: a parameter of the fit at its bound, so that the shape is not
        identified. These and the Gabor-like fields add up to all. With the names of the bounds also
        ``"amplitude_bound"``: of those at a bound, the ones at the amplitude's, odd fields with n_x below about
        .23 mostly, so perhaps broadly tuned.

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> fits = pd.DataFrame({"r2": [0.9, 0.9, 0.5], "participation_ratio": 20.0, "at_bound": [False, True, True]})
    >>> fields_left_out(fits.assign(gabor_like=[True, False, False]))
    {'no_fit': 0, 'r2': 1, 'participation': 0, 'bound': 1}
    """
    missing = [name for name in ("r2", "participation_ratio", "at_bound", "gabor_like") if name not in fits]
    if missing:
        raise ValueError(f"expected a table of fit_gabors, got one without {', '.join(missing)}")
    reasons = {
        "no_fit": fits["r2"].isna(),
        "r2": ~(fits["r2"] > LEAST_R2),
        "participation": ~(fits["participation_ratio"] >= LEAST_PARTICIPATION),
        "bound": fits["at_bound"],
    }
    open_, counted = ~fits["gabor_like"].to_numpy(dtype=bool), {}
    for reason, holds in reasons.items():
        here = open_ & holds.to_numpy(dtype=bool)
        counted[reason] = int(here.sum())
        open_ &= ~here
    if "bound" in fits:
        named = fits["bound"].astype(str).str.contains("amplitude").to_numpy(dtype=bool)
        counted["amplitude_bound"] = int(np.sum(here & named))
    return counted
