"""The numbers of a run on photographs: what `summary.json` and `fields.csv` hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.response import Response
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.runs.cluster_measures import neuron_groups
from neurosim.runs.code_measures import code_metrics, neuron_table, reference_of, shape_metrics, silence_of
from neurosim.runs.cortex import bound_sweep, compared, fitted, v1_metrics
from neurosim.runs.firing import firing_metrics
from neurosim.runs.map_measures import MapMeasures, map_measures
from neurosim.runs.progress import Progress
from neurosim.runs.sheets import placed, sheet_of
from neurosim.runs.svae_measures import filter_metrics, filters_of, likelihood_metrics
from neurosim.stimuli.kinds.stimuli import PATCHES, Stimuli, only

if TYPE_CHECKING:
    from neurosim.analysis.v1.field_shape import NxNyComparison

# Which columns of fields.csv belong to which space.
_PREFIX = {"whitened": "", "image": "image_"}


@dataclass(frozen=True)
class Measurement:
    """What the analysis of one run gives.

    Parameters
    ----------
    metrics : dict
        Flat, by the names of `summary.json`.
    fields : DataFrame
        One row per neuron; columns of the image space begin with ``image_``.
    sweep : DataFrame
        Divergence from macaque by space and amplitude bound.
    comparison : dict
        ``js_bits``, ``js_bits_corrected`` and ``interval`` of each space that has Gabor-like fields, the ``sweep`` and
        the ``amplitude_bound`` that was fixed: what `neurosim.report.figures.write_figures` draws.
    pictures : dict of str to ndarray (n_neurons, height, width)
        The fields by space.
    topography : dict
        Arguments of `neurosim.report.sheet_figures.sheet_figures`; empty for a network without a sheet.
    """

    metrics: dict[str, Any]
    fields: pd.DataFrame
    sweep: pd.DataFrame
    comparison: dict[str, Any]
    pictures: dict[str, NDArray[np.float64]]
    topography: dict[str, Any]


def measure(
    network: Any,
    *,
    stimuli: Stimuli,
    answer: Response,
    recipe: Recipe,
    rng: np.random.Generator,
    progress: Progress,
) -> Measurement:
    """Analyse a trained network as a recipe says.

    Parameters
    ----------
    network : estimator
        Fitted.
    stimuli : Stimuli
        What it was fitted on, with the held-out patches.
    answer : Response
        Its answer to the held-out patches.
    recipe : Recipe
        Whose ``[analysis]`` and ``[likelihood]`` hold bounds and numbers of repetitions.
    rng : numpy.random.Generator
        Source of the bootstrap.
    progress : callable
        Told before each step.
    """
    section = recipe.analysis
    assert stimuli.image_space is not None
    held_out = only(stimuli.held_out)
    whitened = only(stimuli.pictures({PATCHES: network.dictionary_}))
    spaces = {"whitened": whitened, "image": stimuli.image_space.fields(whitened, margin=section.margin)}
    progress({"stage": "analyse", "step": f"Gabor fits of {len(whitened)} fields in both spaces"})
    fits = fitted(spaces, section)
    progress({"stage": "analyse", "step": "distance to macaque V1, bootstrap and bound sweep"})
    cortex = compared(fits, section=section, rng=rng)
    sweep = bound_sweep(spaces, own=cortex, section=section, rng=rng)
    of_clusters, of_map, of_likelihood = rng.spawn(3)
    filters = filters_of(network, held_out)
    if filters is not None:
        progress({"stage": "analyse", "step": "likelihood of held-out patches"})
    # Neurons that all answer every stimulus have no groups.
    clusters, labels = neuron_groups(network, answer, rng=of_clusters) if filters is None else ({}, None)
    mapped = _mapped(network, fits["whitened"], fields=whitened, code=answer.code, rng=of_map)
    return Measurement(
        metrics=code_metrics(
            answer.code,
            shown=reference_of(network, held_out),
            rebuilt=network.inverse_transform(answer.code),
            objective=network.objective(held_out, answer.code),
            silence=silence_of(network),
            filters=filters,
        )
        | answer.settling_metrics
        | filter_metrics(filters, fits["whitened"])
        | likelihood_metrics(network, held_out, section=recipe.likelihood, rng=of_likelihood)
        | firing_metrics(network, answer, held_out=held_out)
        | shape_metrics(fits["whitened"])
        | mapped.metrics
        | clusters
        | v1_metrics(fits, cortex),
        fields=_fields_table(network, fits, code=answer.code, clusters=labels, filters=filters),
        sweep=sweep,
        comparison=_comparison(cortex, sweep, section),
        pictures=spaces,
        topography=mapped.drawn,
    )


def _mapped(
    network: Any,
    fits: pd.DataFrame,
    *,
    fields: NDArray[np.float64],
    code: NDArray[np.floating],
    rng: np.random.Generator,
) -> MapMeasures:
    sheet = sheet_of(network)
    if sheet is None:
        return MapMeasures({}, {})
    return map_measures(sheet, fits=fits, fields=fields, code=code, rng=rng)


def _comparison(
    cortex: "Mapping[str, NxNyComparison]", sweep: pd.DataFrame, section: AnalysisSection
) -> dict[str, Any]:
    # A space without a Gabor-like field has no distance, and nothing to draw.
    measured = {
        space: {name: getattr(each, name) for name in ("js_bits", "js_bits_corrected", "interval")}
        for space, each in cortex.items()
        if each.n_units > 0
    }
    known = sweep.dropna(subset=["js_bits"])
    drawn = {"sweep": known} if len(known) else {}
    return {**measured, **drawn, "amplitude_bound": section.amplitude_bound}


def _fields_table(
    network: Any,
    fits: Mapping[str, pd.DataFrame],
    *,
    code: NDArray[np.floating],
    clusters: NDArray[np.int64] | None,
    filters: pd.DataFrame | None,
) -> pd.DataFrame:
    neurons = placed(neuron_table(code, silence=silence_of(network), filters=filters), network)
    if clusters is not None:
        neurons["cluster"] = clusters
    tables = [fits[space].add_prefix(prefix).reset_index(drop=True) for space, prefix in _PREFIX.items()]
    return pd.concat([neurons, *tables], axis=1)
