"""Draw and save the figures of a run on several modalities."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots import (
    learning_curve,
    plot_block_activity,
    plot_disparity,
    plot_embedding,
    plot_linked_fields,
    plot_recall,
    reconstruction_examples,
    sparsity_overview,
)
from neurosim.analysis.tuning.disparity import DisparityTuning
from neurosim.report.figures import code_unit, saved, spike_figures
from neurosim.report.svae_figures import filter_figures, guesses

__all__ = ["LinkedFields", "write_linked_figures"]

_INPUTS = {"raw": "stimuli themselves", "code": "code"}


class LinkedFields(NamedTuple):
    """The fields of a population."""

    by_modality: Mapping[str, NDArray[np.float64]]
    """Shape (n_neurons, height, width) each."""
    order: NDArray[np.intp]
    """In which the neurons are drawn."""


def write_linked_figures(
    directory: str | Path,
    *,
    fields: LinkedFields,
    code: ArrayLike,
    stimuli: ArrayLike,
    reconstructions: ArrayLike,
    history: pd.DataFrame,
    recall: Mapping[str, Any] | None = None,
    panels: Any = None,
    blocks: pd.DataFrame | None = None,
    tuning: DisparityTuning | None = None,
    dominance: ArrayLike | None = None,
    counts: ArrayLike | None = None,
    spikes: xr.Dataset | None = None,
    filters: pd.DataFrame | None = None,
) -> list[Path]:
    """Draw every figure of a run on modalities and save them as PNG files.

    The arguments are what a run holds, one array or table each; more than the house's six on purpose.

    Parameters
    ----------
    directory : str or Path
        The run's ``figures`` folder; made if it is not there, files of the same name are replaced.
    fields : LinkedFields
        Fields of the same neurons in each modality.
    code : array_like, shape (n_stimuli, n_neurons)
        Held-out code.
    stimuli, reconstructions : array_like, shape (n_stimuli, height, width)
        Held-out stimuli of a modality the code was found from, and what it makes of them.
    history : DataFrame
        What `learning_curve` takes.
    recall : mapping, optional
        What `plot_recall` takes: ``given``, ``recalled``, ``wanted``, ``rebuilt`` and ``labels``.
    panels : optional
        Has ``coordinates``, by figure (``"pca"``, ``"tsne"``) and input, and the ``labels`` of the stimuli.
    blocks : DataFrame, optional
        Mean activity by class and block, from `neurosim.analysis.codes.blocks.block_activity`.
    tuning : DisparityTuning, optional
        Of two-eyed neurons, to random dots.
    dominance : array_like, shape (n_neurons,), optional
        Their ocular dominance.
    counts, spikes : optional
        As for `neurosim.report.figures.write_figures`.
    filters : DataFrame, optional
        What `plot_filters` takes, of a network all of whose neurons answer every stimulus; there is no figure of
        sparsity then.

    Returns
    -------
    list of Path
        The files written: ``linked_fields``, ``learning_curve``, ``recall``, ``reconstructions``, ``blocks``,
        ``pca``, ``tsne``, ``disparity``, ``sparsity``, ``filters``, ``rates`` and ``raster``, each ``.png``; those that
        what was given does not allow are left out.

    Raises
    ------
    ValueError
        If an array or table is not what its entry above says; nothing is written then.
    """
    figures: dict[str, Figure] = {
        "linked_fields": plot_linked_fields(fields.by_modality, neurons=fields.order, scale="neuron"),
        "learning_curve": learning_curve(history),
        **({} if guesses(filters) else {"sparsity": sparsity_overview(code, unit=code_unit(code, counts))}),
        **dict(filter_figures(filters)),
        "reconstructions": reconstruction_examples(stimuli, reconstructions),
        **dict(spike_figures(counts, spikes)),
        **dict(_class_figures(panels, blocks)),
    }
    if recall is not None:
        figures["recall"] = plot_recall(**recall)
    if tuning is not None:
        figures["disparity"] = plot_disparity(tuning, dominance=dominance)
    return [saved(figure, Path(directory) / f"{stem}.png") for stem, figure in figures.items()]


def _class_figures(panels: Any, blocks: pd.DataFrame | None) -> Iterator[tuple[str, Figure]]:
    if panels is not None:
        for stem, coordinates in panels.coordinates.items():
            named = {_INPUTS.get(name, name): points for name, points in coordinates.items()}
            yield stem, plot_embedding(named, panels.labels)
    if blocks is not None:
        yield "blocks", plot_block_activity(blocks)
