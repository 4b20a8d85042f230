"""What was recorded, whatever file it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.recordings.columns import CONDITIONS

__all__ = ["ConditionMeans", "Recording", "Responses"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ConditionMeans:
    """Responses averaged over the trials of each condition.

    Attributes
    ----------
    conditions : DataFrame
        One row per condition that differs; blanks are not among them.
    mean : ndarray, shape (n_conditions, n_units)
        NaN where a unit was not shown the condition.
    modulation : ndarray of the same shape, or None
        F1 of responses to drifting gratings, where spike times tell it; NaN where no presentation lasted a cycle.
    spontaneous : ndarray, shape (n_units,), or None
        Mean response to blanks.
    """

    conditions: pd.DataFrame
    mean: Floats
    modulation: Floats | None
    spontaneous: Floats | None


@dataclass(frozen=True, eq=False)
class Responses:
    """Single responses: which unit, to which stimulus, how strong.

    Attributes
    ----------
    stimuli : DataFrame
        One row per stimulus, its columns among `CONDITIONS`; a row with NaN in all that varies is a blank.
    unit, stimulus : ndarray of int, shape (n_responses,)
        Row of the unit and of the stimulus.
    rate : ndarray, shape (n_responses,)
        Spikes/s, or the unit of the file.
    wave : ndarray of complex, shape (n_responses,), optional
        Response at the temporal frequency of a drifting grating; its mean over trials has the modulus F1.
    n_units : int
    """

    stimuli: pd.DataFrame
    unit: NDArray[np.int64]
    stimulus: NDArray[np.int64]
    rate: Floats
    n_units: int
    wave: NDArray[np.complex128] | None = None

    @cached_property
    def means(self) -> ConditionMeans:
        """Responses averaged over the trials of each condition."""
        axes = [name for name in CONDITIONS if name in self.stimuli]
        # What never varies, such as contrast, may be filled in for blanks too.
        varied = [name for name in axes if len(self.stimuli[name].dropna().unique()) > 1] or axes
        blank = self.stimuli[varied].isna().all(axis=1).to_numpy()
        group = self.stimuli.groupby(axes, dropna=False, sort=True).ngroup().to_numpy()
        n_groups = int(group.max()) + 1
        first = pd.Series(np.arange(len(group))).groupby(group).first().to_numpy()
        conditions, is_blank = self.stimuli.iloc[first][axes].reset_index(drop=True), blank[first]
        cell = group[self.stimulus] * self.n_units + self.unit
        n_cells = n_groups * self.n_units

        def averaged(values: Floats, there: NDArray[np.bool_] | slice = slice(None)) -> Floats:
            number = np.bincount(cell[there], minlength=n_cells)
            total = np.bincount(cell[there], weights=values[there], minlength=n_cells)
            return np.where(number > 0, total / np.maximum(number, 1), np.nan).reshape(n_groups, -1)

        mean = averaged(self.rate)
        modulation = None
        if self.wave is not None:
            there = np.isfinite(self.wave)  # presentations shorter than a cycle have none
            waves = averaged(self.wave.real, there) + 1j * averaged(self.wave.imag, there)
            modulation = np.abs(waves)[~is_blank]
        spontaneous = mean[is_blank].mean(axis=0) if is_blank.any() else None
        return ConditionMeans(
            conditions[~is_blank].reset_index(drop=True), mean[~is_blank], modulation, spontaneous
        )

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Units, shape (n_units,), that never responded."""
        return np.asarray(np.bincount(self.unit, weights=np.abs(self.rate), minlength=self.n_units) == 0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Recording:
    """A recording: one of fields, responses or a table of properties.

    Attributes
    ----------
    units : DataFrame
        One row per unit; ``neuron`` is its name in the file, or its number.
    fields : ndarray, shape (n_units, height, width), or None
        Receptive fields in the image, any unit, rows running downwards.
    responses : Responses or None
    properties : DataFrame or None
        One row per unit, columns named as in `neurosim.analysis.tuning`.
    words : str
        What it is, in a sentence.
    files : mapping of str to str
        SHA-256 of every file that was read, by its name.
    """

    units: pd.DataFrame
    words: str
    fields: Floats | None = None
    responses: Responses | None = None
    properties: pd.DataFrame | None = None
    files: Mapping[str, str] = field(default_factory=dict)
