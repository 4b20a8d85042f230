"""What is measured of a trained network, one file for each measure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from neurosim.measures.binocular import BINOCULAR
from neurosim.measures.circuit import CIRCUIT, WEIGHTS
from neurosim.measures.classes import BLOCKS, CLASSIFICATION, EMBEDDING, SEPARATION, STIMULUS_CLUSTERS
from neurosim.measures.code import CODE
from neurosim.measures.fields import DICTIONARY, GABOR_FITS
from neurosim.measures.films.measure import FILMS
from neurosim.measures.laboratory import LABORATORY
from neurosim.measures.learning import LEARNING, POPULATION, WALL_TIME
from neurosim.measures.likelihood import LIKELIHOOD
from neurosim.measures.mapping.measure import REVERSE_CORRELATION
from neurosim.measures.maps import MAPS
from neurosim.measures.modalities import MODALITIES
from neurosim.measures.model_comparison import MODEL_COMPARISON
from neurosim.measures.neuron_groups import NEURON_GROUPS
from neurosim.measures.recall import MISSING, RECALL
from neurosim.measures.recorded import RECORDED_DISPARITY, RECORDED_TUNING
from neurosim.measures.shape import V1
from neurosim.measures.spikes import SPIKES
from neurosim.networks.models import MODELS
from neurosim.registry.measure import CONDITION, Caption, Measure, Metric, declared_name
from neurosim.registry.model import Model

if TYPE_CHECKING:
    from neurosim.results.run_folder import RunFolder


def _of_model(model: Model, measure: Measure) -> Measure:
    """Return a model's own measure, which is taken of no other network."""
    return replace(measure, applies=lambda context: context.is_of(model.name) and measure.applies(context))


MEASURES: tuple[Measure, ...] = (
    POPULATION,
    DICTIONARY,
    MODALITIES,
    LEARNING,
    CIRCUIT,
    WEIGHTS,
    CODE,
    LIKELIHOOD,
    SPIKES,
    CLASSIFICATION,
    SEPARATION,
    STIMULUS_CLUSTERS,
    RECALL,
    MISSING,
    BLOCKS,
    EMBEDDING,
    NEURON_GROUPS,
    BINOCULAR,
    RECORDED_TUNING,
    RECORDED_DISPARITY,
    GABOR_FITS,
    FILMS,
    MAPS,
    V1,
    REVERSE_CORRELATION,
    LABORATORY,
    MODEL_COMPARISON,
    *(_of_model(model, measure) for model in MODELS for measure in model.measures),
    WALL_TIME,
)
"""In the order of a page."""


def metrics() -> dict[str, Metric]:
    """Return every number a run may have, by its name in ``summary.json``, in the order of a page."""
    return {name: metric for measure in MEASURES for name, metric in measure.metrics.items()}


def metric_of(name: str) -> Metric | None:
    """Return what a number of ``summary.json`` is, a condition's name behind it or not; None if nobody knows it.

    Examples
    --------
    >>> metric_of("active_fraction").unit, metric_of("difference")
    ('fraction', None)
    """
    known = metrics()
    key = declared_name(name, known)
    return None if key is None else known[key]


def captions() -> dict[str, Caption]:
    """Return the words of every figure a run may have, by the stem of its file, in the order of a page."""
    return {stem: caption for measure in MEASURES for stem, caption in measure.figures.items()}


def caption_of(stem: str) -> Caption | None:
    """Return the words that go with a figure, ``dictionary_<condition>`` too; None if nobody knows it."""
    known = captions()
    key = declared_name(stem, known)
    if key is None:
        return None
    condition = stem.removeprefix(key.removesuffix(CONDITION))
    return known[key]._replace(title=known[key].title.replace(CONDITION, condition))


def in_order(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return names of numbers or figures in the order in which they are declared, then those that nobody knows.

    Examples
    --------
    >>> in_order(["mine", "seconds_train", "difference_l1", "objective"], metrics())
    ['objective', 'difference_l1', 'seconds_train', 'mine']
    """
    places = {name: place for place, name in enumerate(known)}
    keys = {name: declared_name(name, places) for name in names}
    return sorted(keys, key=lambda name: places.get(keys[name] or "", len(places)))


def tables() -> dict[str, str]:
    """Return the caption of every table that a page shows, by the stem of its file, in the order of a page."""
    return {stem: caption for measure in MEASURES for stem, caption in measure.tables.items()}


def columns() -> dict[str, str]:
    """Return the words of the columns of ``fields.csv`` whose quartiles a page shows, in its order."""
    return {name: words for measure in MEASURES for name, words in measure.columns.items()}


def writes(path: str) -> bool:
    """Return whether a table or a figure of this name, as a path in a run's folder, is one that measures write.

    Examples
    --------
    >>> writes("bound_sweep.csv"), writes("figures/dictionary.png"), writes("figures/thesis.png")
    (True, True, False)
    """
    folder, _, name = path.rpartition("/")
    if folder == "figures":
        stem, dot, kind = name.rpartition(".")
        return bool(dot) and kind in ("png", "svg", "pdf") and caption_of(stem) is not None
    return not folder and name in {
        f"{stem}.csv" for measure in MEASURES for stem in (*measure.tables, *measure.files)
    }


def paragraphs(run: "RunFolder") -> Iterator[str]:
    """Yield what the page of a finished run says in words, what each measure tells as one paragraph."""
    for measure in MEASURES:
        if told := " ".join(measure.sentences(run)):
            yield told
