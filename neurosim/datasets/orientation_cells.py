"""Orientation tuning of single macaque V1 cells, from the table that their laboratory put on line."""

from pathlib import Path

import numpy as np
import pandas as pd

from neurosim.datasets.own_files import own_file

__all__ = ["orientation_cells"]

_PLACE = Path("ringach2002") / "ringach_2002_orientation.csv"
_COLUMNS = ("orivar", "bw", "po", "maxdc", "maxfirst", "spont")
_UNTUNED = 90.0  # degrees: a curve that never falls to .707 has 180 in the file
_LEAST_RATE = 5.0  # spikes/s above the spontaneous rate


def orientation_cells(path: str | Path | None = None) -> pd.DataFrame:
    """Read the cells whose largest rate exceeds the spontaneous one by more than 5 spikes/s.

    Parameters
    ----------
    path : str or Path, optional
        The file ``ringach_2002_orientation.csv``. Default: ``ringach2002/ringach_2002_orientation.csv`` in the folder
        that the environment variable ``NEUROSIM_DATA`` names.

    Returns
    -------
    DataFrame
        304 cells, one row each, named as `neurosim.analysis.orientation_properties` names them: ``circular_variance``,
        ``orientation_half_width`` (degrees at .707 of the peak, NaN for 6 untuned cells), ``orthogonal_to_preferred``,
        ``modulation_ratio`` (F1/F0), ``largest_rate``, ``spontaneous_rate`` (spikes/s), ``orientation_selective`` (1 or
        0), ``circular_variance_to_half_width`` (1/degrees).

    Raises
    ------
    FileNotFoundError
        If there is no such file, or neither a path nor ``NEUROSIM_DATA`` is given.
    ValueError
        If the file is another one.

    References
    ----------
    Ringach, Shapley & Hawken 2002, J Neurosci 22:5639, doi:10.1523/JNEUROSCI.22-13-05639.2002.

    Examples
    --------
    >>> text = "orivar,bw,po,maxdc,maxfirst,spont\\n.4,23,.1,30,45,1\\n.9,180,.8,20,5,2\\n.5,30,.2,4,1,2\\n"
    >>> _ = Path("cells.csv").write_text(text)
    >>> orientation_cells("cells.csv")[["circular_variance", "orientation_half_width", "modulation_ratio"]].values
    array([[ 0.4 , 23.  ,  1.5 ],
           [ 0.9 ,   nan,  0.25]])
    """
    file = own_file(path, place=_PLACE, what="the table of cells")
    table = pd.read_csv(file)
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        raise ValueError(
            f"expected the columns {', '.join(_COLUMNS)} in {file}; missing: {', '.join(missing)}"
        )
    table = table[table["maxdc"] > table["spont"] + _LEAST_RATE].reset_index(drop=True)
    width = table["bw"].where(table["bw"] <= _UNTUNED)
    return pd.DataFrame(
        {
            "circular_variance": table["orivar"],
            "orientation_half_width": width,
            "orthogonal_to_preferred": table["po"],
            "modulation_ratio": table["maxfirst"] / table["maxdc"],
            "largest_rate": table["maxdc"],
            "spontaneous_rate": table["spont"],
            "orientation_selective": np.isfinite(width).astype(float),
            "circular_variance_to_half_width": table["orivar"] / width,
        }
    )
