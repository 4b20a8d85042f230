"""Draw and save the figures of a run that compares several networks."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from neurosim.analysis.plots import arms_over_macaque, arms_sweep, dictionary_mosaic
from neurosim.report.figures import saved

__all__ = ["write_arm_figures"]


def write_arm_figures(
    directory: str | Path,
    *,
    dictionaries: Mapping[str, ArrayLike],
    usage: Mapping[str, ArrayLike],
    fits: Mapping[str, pd.DataFrame],
    comparison: pd.DataFrame,
    sweep: pd.DataFrame,
    bound: float,
) -> list[Path]:
    """Draw every figure of a run of several arms and save them as PNG files.

    Parameters
    ----------
    directory : str or Path
        The run's ``figures`` folder; made if it is not there, files of the same name are replaced.
    dictionaries : mapping of str to array_like, shape (n_neurons, height, width)
        Fields as learned, by arm.
    usage : mapping of str to array_like, shape (n_neurons,)
        Share of held-out stimuli each neuron answers, by arm.
    fits : mapping of str to DataFrame
        Gabor fits in image space, by arm.
    comparison : DataFrame
        From `neurosim.analysis.v1.model_comparison.compare_arms` of these fits.
    sweep : DataFrame
        From `neurosim.analysis.v1.model_fields.sweep_arms`; arms without a Gabor-like field are not drawn.
    bound : float
        The amplitude bound fixed beforehand.

    Returns
    -------
    list of Path
        The files written: ``arms``, ``arms_sweep`` unless no arm has a distance, and ``dictionary_<arm>``, each
        ``.png``.

    Raises
    ------
    ValueError
        If an array or table is not what its entry above says; nothing is written then.
    """
    figures: dict[str, Figure] = {"arms": arms_over_macaque(fits, comparison=comparison)}
    known = sweep.dropna(subset=["js_bits"])
    if len(known):
        figures["arms_sweep"] = arms_sweep(known, chosen_bound=bound)
    for arm, fields in dictionaries.items():
        figures[f"dictionary_{arm}"] = dictionary_mosaic(
            fields, usage=usage[arm], title=f"{arm}: fields on whitened patches"
        )
    return [saved(figure, Path(directory) / f"{stem}.png") for stem, figure in figures.items()]
