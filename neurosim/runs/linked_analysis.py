"""Everything that is measured, stored and drawn of a run on modalities."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.response import responded
from neurosim.measures.seen import dictionaries, rebuilt, shown_to, side_by_side
from neurosim.networks.models import declared
from neurosim.recipes.compatibility import present_modalities, wanted_modality
from neurosim.recipes.recipe import Recipe
from neurosim.results.network_file import write_dataset
from neurosim.runs.class_measures import Points, classified, embedded, in_blocks, separated
from neurosim.runs.cluster_measures import clustered_stimuli, neuron_groups
from neurosim.runs.code_measures import code_metrics, neuron_table, silence_of, usage_of
from neurosim.runs.dataset import linked_dataset
from neurosim.runs.eye_measures import eye_measures
from neurosim.runs.firing import firing_metrics
from neurosim.runs.progress import Progress
from neurosim.runs.recall_measures import recall_measures
from neurosim.runs.sheets import placed
from neurosim.runs.svae_measures import filter_metrics, filters_of, likelihood_metrics
from neurosim.stimuli.kinds.stereo_patches import StereoStimuli
from neurosim.stimuli.kinds.stimuli import Arrays, Stimuli

# Stimuli in the figure of recalls: the first of each class, or the first ones.
_EXAMPLES = 10


def analyse_linked(
    network: Any,
    stimuli: Stimuli,
    *,
    recipe: Recipe,
    rng: np.random.Generator,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Find codes from the modalities the recipe presents, measure them, and write the run's files.

    Parameters
    ----------
    network : estimator
        Fitted.
    stimuli : Stimuli
        What it was fitted on. Labels of held-out stimuli are used to count what comes out.
    recipe : Recipe
        The run's.
    rng : numpy.random.Generator
        Source of all randomness of the measures, each of which has a stream of its own.
    folder : Path
        Where to write ``network.nc``, tables and figures.
    progress : callable
        Told before each step.

    Returns
    -------
    dict
        Metrics by the names of `summary.json`.
    """
    analysis = _Analysis(network, stimuli, recipe=recipe, progress=progress)
    write_dataset(linked_dataset(network, stimuli=stimuli, answer=analysis.answer), folder / "network.nc")
    of_recall, of_classes, of_eyes, of_clusters, of_likelihood = rng.spawn(5)
    analysis.measure_codes()
    analysis.measure_likelihood(of_likelihood)
    analysis.measure_clusters(of_clusters)
    if analysis.want is not None:
        analysis.measure_recall(analysis.want, of_recall)
    if stimuli.labels is not None:
        analysis.measure_classes(of_classes)
    if isinstance(stimuli, StereoStimuli):
        analysis.measure_eyes(stimuli, of_eyes)
    progress({"stage": "analyse", "step": "figures and page"})
    analysis.write(folder)
    return analysis.metrics


class _Analysis:
    """A network's codes of what the recipe presents, and what measures have found in them so far."""

    def __init__(self, network: Any, stimuli: Stimuli, *, recipe: Recipe, progress: Progress) -> None:
        self.network, self.stimuli, self.recipe, self.progress = network, stimuli, recipe, progress
        self.names = list(stimuli.training)
        self.present = present_modalities(recipe.linked, self.names)
        self.want = wanted_modality(recipe.linked, self.names)
        self._say(f"encoding held-out stimuli from {' and '.join(self.present)}")
        self.answer = responded(network, self._shown(stimuli.held_out))
        self.silence = silence_of(network)
        self.filters = filters_of(network, self._shown(stimuli.held_out))
        self.rebuilt = rebuilt(network, self.answer.code, self.names)
        self.metrics: dict[str, Any] = {}
        self.fields = self._neurons()
        self.tables: dict[str, pd.DataFrame] = {}
        # Arguments of `neurosim.report.linked_figures.write_linked_figures`.
        self.drawn: dict[str, Any] = {}

    def measure_codes(self) -> None:
        """Measure cost, reconstruction and sparseness, and firing if there is any."""
        shown, first = self._shown(self.stimuli.held_out), self.present[0]
        code = self.answer.code
        self.metrics |= code_metrics(
            code,
            shown=side_by_side(self.stimuli.held_out, self.present),
            rebuilt=side_by_side(self.rebuilt, self.present),
            objective=self.network.objective(shown, code),
            silence=self.silence,
            filters=self.filters,
        )
        self.metrics |= self.answer.settling_metrics
        self.metrics |= firing_metrics(self.network, self.answer, held_out=shown)
        self.drawn |= {
            "fields": self._pictured_fields(),
            "code": code,
            "history": self.network.history_,
            "stimuli": self.stimuli.pictures(self.stimuli.held_out)[first],
            "reconstructions": self.stimuli.pictures(self.rebuilt)[first],
            "counts": self.answer.own_counts,
            "spikes": self.answer.spikes,
            "filters": self.filters,
        }

    def measure_likelihood(self, rng: np.random.Generator) -> None:
        """Count filters in use and bound the likelihood, of a network that is a model of it."""
        if self.filters is None:
            return
        self._say("likelihood of held-out stimuli")
        shown, section = self._shown(self.stimuli.held_out), self.recipe.likelihood
        self.metrics |= filter_metrics(self.filters)
        self.metrics |= likelihood_metrics(self.network, shown, section=section, rng=rng)

    def measure_clusters(self, rng: np.random.Generator) -> None:
        """Group neurons by whom they are active with, unless all answer every stimulus."""
        if self.filters is not None:
            return
        metrics, labels = neuron_groups(self.network, self.answer, rng=rng)
        self.metrics |= metrics
        if labels is not None:
            self.fields["cluster"] = labels

    def measure_recall(self, want: str, rng: np.random.Generator) -> None:
        """Compare what the codes make of the modality they were not found from with what belongs there."""
        stimuli, first = self.stimuli, self.present[0]
        metrics, self.tables["recall"] = recall_measures(
            self.rebuilt[want], want=want, stimuli=stimuli, rng=rng
        )
        self.metrics |= metrics
        labels = None if stimuli.labels is None else stimuli.labels.held_out
        every = np.arange(len(self.answer.code))
        chosen = (every if labels is None else np.unique(labels, return_index=True)[1])[:_EXAMPLES]
        shown = stimuli.pictures(_rows(stimuli.held_out, chosen))
        made = stimuli.pictures(_rows(self.rebuilt, chosen))
        self.drawn["recall"] = {
            "given": shown[first],
            "rebuilt": made[first],
            "recalled": made[want],
            "wanted": shown[want],
            "labels": None if labels is None else labels[chosen],
        }

    def measure_classes(self, rng: np.random.Generator) -> None:
        """Measure how well codes, and the stimuli themselves, tell classes apart."""
        stimuli, section = self.stimuli, self.recipe.linked
        assert stimuli.labels is not None
        labels, streams = stimuli.labels, rng.spawn(5)
        self._say(f"encoding {stimuli.n_train} training stimuli from {' and '.join(self.present)}")
        code = Points(self.network.transform(self._shown(stimuli.training)), self.answer.code)
        raw = Points(*(side_by_side(each, self.present) for each in (stimuli.training, stimuli.held_out)))
        if section.classifiers:
            self._say(f"classifying by {', '.join(section.classifiers)}")
            metrics, self.tables["classification"] = classified(
                {"code": code} | ({"raw": raw} if section.raw else {}),
                labels=labels,
                section=section,
                rng=streams[0],
            )
            self.metrics |= metrics
        self._say("separation of classes")
        points = {"raw": raw, "code": code}
        self.metrics |= separated(points, labels=labels, rng=streams[1], silence=self.silence)
        if self.filters is not None:
            del self.metrics["silent_stimuli"]
        if section.clustering:
            self._say("clustering stimuli through the neurons that answer them")
            self.metrics |= clustered_stimuli(code, labels=labels, rng=streams[4])
        if declared(self.network).has("labels"):
            self._measure_blocks(np.searchsorted(self.network.classes_, labels.held_out), streams[2])
        self.drawn["panels"] = embedded(points, labels=labels, n_points=section.n_embedding, rng=streams[3])

    def measure_eyes(self, stimuli: StereoStimuli, rng: np.random.Generator) -> None:
        """Measure ocular dominance, both eyes' fields and disparity tuning."""
        self._say("Gabor fits of both eyes' fields, disparity tuning")
        recipe = self.recipe
        eyes = eye_measures(
            self.network, stimuli, analysis=recipe.analysis, disparity=recipe.disparity, rng=rng
        )
        self.metrics |= eyes.metrics
        self.fields = pd.concat([self.fields, eyes.fits], axis=1)
        self.tables["disparity"] = eyes.table
        self.drawn |= {"tuning": eyes.tuning, "dominance": eyes.dominance}

    def write(self, folder: Path) -> None:
        """Write tables and figures."""
        from neurosim.report.linked_figures import write_linked_figures

        self.fields.to_csv(folder / "fields.csv", index=False)
        for stem, table in self.tables.items():
            table.to_csv(folder / f"{stem}.csv", index=False)
        write_linked_figures(folder / "figures", **self.drawn)

    def _measure_blocks(self, classes: NDArray[np.intp], rng: np.random.Generator) -> None:
        from neurosim.analysis.codes.blocks import block_activity

        code, block_of = self.answer.code, np.asarray(self.network.block_of_, dtype=np.int64)
        metrics, self.tables["blocks"] = in_blocks(code, classes=classes, block_of=block_of, rng=rng)
        self.metrics |= metrics
        self.drawn["blocks"] = block_activity(code, classes, block_of)

    def _shown(self, arrays: Arrays) -> Any:
        return shown_to(self.network, {name: arrays[name] for name in self.present})

    def _neurons(self) -> pd.DataFrame:
        """Return one row per neuron: its activity, the norm of its field in each modality, its block."""
        neurons = neuron_table(self.answer.code, silence=self.silence, filters=self.filters)
        table = placed(neurons, self.network)
        for name, fields in dictionaries(self.network, self.names).items():
            table[f"norm_{name}"] = np.linalg.norm(fields, axis=1)
        if declared(self.network).has("labels"):
            # A neuron of no block has the index -1.
            table["block"] = np.append(self.network.classes_, -1)[self.network.block_of_]
        return table

    def _pictured_fields(self) -> Any:
        """Return the fields, and the neurons in falling order of use, within their blocks if they have any."""
        from neurosim.report.linked_figures import LinkedFields

        usage = usage_of(self.fields)
        blocks = (
            np.asarray(self.network.block_of_)
            if declared(self.network).has("labels")
            else np.zeros(len(usage), dtype=np.int64)
        )
        order = np.lexsort([-usage, np.where(blocks < 0, blocks.max() + 1, blocks)])
        return LinkedFields(self.stimuli.pictures(dictionaries(self.network, self.names)), order)

    def _say(self, step: str) -> None:
        self.progress({"stage": "analyse", "step": step})


def _rows(arrays: Arrays, chosen: Sequence[int] | NDArray[np.intp]) -> Arrays:
    return {name: rows[chosen] for name, rows in arrays.items()}
