"""What classifiers tell from codes, and from the stimuli themselves."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.recipes.run_sections import LinkedSection
from neurosim.registry.measure import Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.stimuli import Labels

_CLASSIFIERS = {
    "logistic": "a logistic regression",
    "linear_svm": "a linear support vector machine",
    "rbf_svm": "a support vector machine with a Gaussian kernel",
}


class Points(NamedTuple):
    """Stimuli as a classifier sees them: codes, or what was shown itself."""

    training: NDArray[np.floating]
    """Shape (n_train, n)."""
    held_out: NDArray[np.floating]
    """Shape (n_test, n)."""


def classified(
    points: Mapping[str, Points], *, labels: Labels, section: LinkedSection, rng: np.random.Generator
) -> pd.DataFrame:
    """Return what classifiers get right: the ``input`` and the columns of `classify`, one row for each of both.

    Settings are searched on the same stimuli for all inputs.
    """
    from neurosim.analysis.codes.classification import classify

    seed = int(rng.integers(2**32))
    tables = []
    for name, each in points.items():
        table = classify(
            each.training,
            labels.training,
            each.held_out,
            labels.held_out,
            rng=np.random.default_rng(seed),
            classifiers=section.classifiers,
            style=section.style,
            n_search=section.n_search,
        )
        table.insert(0, "input", name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def accuracies(table: pd.DataFrame) -> dict[str, float]:
    """Return a table of `classified` by the names of `summary.json`."""
    return {
        f"accuracy_{row['classifier']}{'' if row['input'] == 'code' else '_raw'}": float(row["accuracy"])
        for _, row in table.iterrows()
    }


def _applies(context: Context) -> bool:
    section = context.recipe.linked
    return context.network is not None and context.labels is not None and bool(section.classifiers)


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    assert context.labels is not None
    section, stimuli = context.recipe.linked, context.stimuli
    points = {"code": Points(context.training_code, context.code)}
    if section.raw:
        points["raw"] = Points(context.side_by_side(stimuli.training), context.side_by_side(stimuli.held_out))
    table = classified(points, labels=context.labels, section=section, rng=rng)
    return Measured(metrics=accuracies(table), tables={"classification": table})


def _sentences(run: RunFolder) -> Iterator[str]:
    told = [
        f"{words} ({share:.1%})"
        for name, words in _CLASSIFIERS.items()
        if (share := run.number(f"accuracy_{name}")) is not None
    ]
    if told:
        yield f"From the code of a held-out stimulus, its class is told right by {', '.join(told)}."


_OF_CODES = {
    f"accuracy_{name}": Metric(
        "fraction",
        f"Share of the held-out stimuli whose class {words} tells from the code, which is found without labels.",
    )
    for name, words in _CLASSIFIERS.items()
}
_OF_STIMULI = {
    f"accuracy_{name}_raw": Metric(
        "fraction", f"The same for {words} that sees the stimuli themselves in place of their code."
    )
    for name, words in _CLASSIFIERS.items()
}

CLASSIFICATION = Measure(
    name="classification",
    applies=_applies,
    compute=_compute,
    step=lambda context: f"classifying by {', '.join(context.recipe.linked.classifiers)}",
    metrics=_OF_CODES | _OF_STIMULI,
    tables={
        "classification": "What classifiers tell from held-out codes, and from the stimuli themselves (raw); settings "
        "were searched on training stimuli (classification.csv)."
    },
    sentences=_sentences,
)
