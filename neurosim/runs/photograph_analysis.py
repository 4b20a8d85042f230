"""Everything that is measured, stored and drawn of a run on photographs."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.response import Response, responded
from neurosim.recipes.recipe import Recipe
from neurosim.results.network_file import write_dataset
from neurosim.runs.code_measures import reference_of, silence_of
from neurosim.runs.dataset import network_dataset
from neurosim.runs.measure import Measurement, measure
from neurosim.runs.progress import Progress
from neurosim.stimuli.kinds.stimuli import PATCHES, Stimuli, only


def analyse_photographs(
    network: Any,
    stimuli: Stimuli,
    *,
    recipe: Recipe,
    rng: np.random.Generator,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Encode held-out patches, fit the fields, compare them with cortex, and write the run's files.

    Parameters
    ----------
    network : estimator
        Fitted.
    stimuli : Stimuli
        What it was fitted on.
    recipe : Recipe
        The run's.
    rng : numpy.random.Generator
        Source of the bootstrap.
    folder : Path
        Where to write ``network.nc``, tables and figures.
    progress : callable
        Told before each step.

    Returns
    -------
    dict
        Metrics by the names of `summary.json`.
    """
    held_out = only(stimuli.held_out)
    progress({"stage": "analyse", "step": f"encoding {len(held_out)} held-out patches"})
    answer = responded(network, held_out)
    write_dataset(network_dataset(network, stimuli=stimuli, answer=answer), folder / "network.nc")
    measured = measure(network, stimuli=stimuli, answer=answer, recipe=recipe, rng=rng, progress=progress)
    measured.fields.to_csv(folder / "fields.csv", index=False)
    measured.sweep.to_csv(folder / "bound_sweep.csv", index=False)
    progress({"stage": "analyse", "step": "figures and page"})
    _drawn(measured, network=network, stimuli=stimuli, answer=answer, folder=folder)
    return measured.metrics


def _drawn(measured: Measurement, *, network: Any, stimuli: Stimuli, answer: Response, folder: Path) -> None:
    from neurosim.report.figures import write_figures

    def pictured(rows: NDArray[np.floating]) -> NDArray[np.float64]:
        return only(stimuli.pictures({PATCHES: rows}))

    write_figures(
        folder / "figures",
        dictionary=measured.pictures["whitened"],
        image_fields=measured.pictures["image"],
        code=answer.code,
        stimuli=pictured(reference_of(network, only(stimuli.held_out))),
        reconstructions=pictured(network.inverse_transform(answer.code)),
        history=network.history_,
        fields=measured.fields,
        comparison=measured.comparison,
        counts=answer.own_counts,
        spikes=answer.spikes,
        topography=measured.topography,
        silence=silence_of(network),
    )
