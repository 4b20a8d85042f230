"""Disparity tuning of neurons of macaque V1 and V2, trial by trial, from a file of Cumming's laboratory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from neurosim.analysis.tuning.disparity import disparity_measures, disparity_tuning
from neurosim.datasets.own_files import own_file

__all__ = ["Area", "CorticalDisparity", "cortical_disparity_tuning"]

Area = Literal["V1", "V2"]

_PLACE = Path("cumming_disparity") / "AllDTData.mat"
_CONTROL = (
    -500.0
)  # degrees: what lies below is the code of a condition without disparity (one eye, uncorrelated)
_FIELDS = ("visualarea", "dx", "counts", "duration", "or")


@dataclass(frozen=True, eq=False)
class CorticalDisparity:
    """Recorded neurons, measured as `disparity_tuning` measures a model.

    Attributes
    ----------
    cells : DataFrame
        One row per cell: ``cell`` (row in the file), the columns of `disparity_measures` (degrees, spikes),
        ``n_disparities``, ``n_trials``, ``duration`` (seconds that spikes were counted in) and ``horizontal``:
        False where the patterns were displaced across the cell's preferred orientation instead, so that the
        sign does not tell near from far.
    tuning : DataFrame
        One row per cell and disparity: ``cell``, ``disparity`` (degrees; negative is crossed, nearer than
        fixation), ``mean_count`` (spikes per trial) and ``n_trials``.
    """

    cells: pd.DataFrame
    tuning: pd.DataFrame


def cortical_disparity_tuning(path: str | Path | None = None, *, area: Area = "V1") -> CorticalDisparity:
    """Read the disparity tuning of recorded neurons.

    The file holds only cells whose tuning to random-dot patterns passed an analysis of variance at p < .01 on
    square roots of counts: choose model neurons by the same rule (``p_value``) before comparing distributions.
    Trials without disparity (one eye, uncorrelated patterns) are left out. Where one disparity stands twice in
    a cell's list, which happens once, its trials are pooled. Where the file says that the axis of disparity was
    reversed (orientation -90), signs are turned.

    Parameters
    ----------
    path : str or Path, optional
        The file ``AllDTData.mat``. Default: ``cumming_disparity/AllDTData.mat`` in the folder that the
        environment variable ``NEUROSIM_DATA`` names.
    area : {"V1", "V2"}
        994 and 581 cells.

    Returns
    -------
    CorticalDisparity

    Raises
    ------
    FileNotFoundError
        If there is no such file, or neither a path nor ``NEUROSIM_DATA`` is given.
    ValueError
        If the file is another one, or the area unknown.

    References
    ----------
    Read & Cumming 2003, J Neurophysiol 90:2795, doi:10.1152/jn.01110.2002 (recording); file published with
    Manning et al., "Transformations of sensory information in the brain suggest changing criteria for
    optimality".

    Examples
    --------
    >>> from scipy.io import savemat
    >>> counts = np.array([[1, 2], [8, 9], [1, 3]], dtype=np.uint8)
    >>> cell = {"visualarea": 1, "dx": [-0.2, 0.0, -1005.0], "counts": counts, "duration": 0.5, "or": np.nan}
    >>> savemat("one_cell.mat", {"DTdata": [cell]})
    >>> cortical_disparity_tuning("one_cell.mat").tuning.to_numpy().tolist()
    [[0.0, -0.2, 1.5, 2.0], [0.0, 0.0, 8.5, 2.0]]
    """
    if area not in get_args(Area):
        raise ValueError(f"expected the area V1 or V2, got {area!r}")
    file = own_file(path, place=_PLACE, what="the disparity tuning of cortical cells")
    cells, curves = [], []
    for row, record in enumerate(_records(file)):
        if int(record.visualarea) != get_args(Area).index(area) + 1:
            continue
        cell, curve = _measured(record)
        cells.append({"cell": row, **cell})
        curves.append(curve.assign(cell=row))
    if not cells:
        raise ValueError(f"expected cells of {area} in {file}, got none")
    tuning = pd.concat(curves, ignore_index=True)
    return CorticalDisparity(pd.DataFrame(cells), tuning[["cell", "disparity", "mean_count", "n_trials"]])


def _records(file: Path) -> list[Any]:
    from scipy.io import loadmat

    content = loadmat(file, squeeze_me=True, struct_as_record=False)
    records = list(np.atleast_1d(content.get("DTdata", np.empty(0, dtype=object))))
    if not records or not all(hasattr(record, name) for record in records for name in _FIELDS):
        raise ValueError(
            f"expected {file} to hold DTdata with the fields {', '.join(_FIELDS)}, got another file"
        )
    return records


def _measured(record: Any) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the measures of one cell, and its mean count at each disparity."""
    given = np.atleast_1d(record.dx).astype(np.float64)
    trials = [np.atleast_1d(counts).astype(np.float64) for counts in record.counts]
    used = np.flatnonzero(given > _CONTROL)
    orientation = float(getattr(record, "or"))
    sign = -1.0 if orientation == -90 else 1.0
    disparities = np.concatenate([np.full(len(trials[i]), sign * given[i] + 0.0) for i in used])
    counts = np.concatenate([trials[i] for i in used])
    tuning = disparity_tuning(counts[:, None], disparities)
    cell = dict(disparity_measures(tuning).iloc[0]) | {
        "n_disparities": len(tuning.disparities),
        "n_trials": len(counts),
        "duration": float(record.duration),
        "horizontal": bool(np.isnan(orientation) or abs(orientation) == 90),
    }
    columns = {"disparity": tuning.disparities, "mean_count": tuning.mean[0], "n_trials": tuning.n_stimuli}
    return cell, pd.DataFrame(columns)
