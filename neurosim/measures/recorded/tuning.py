"""Properties of recorded units, and how far their distributions are from those of macaque V1."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from neurosim.analysis.v1.properties import V1_PROPERTIES
from neurosim.measures.code import CODE
from neurosim.measures.context import Context
from neurosim.measures.laboratory.words import METRICS as SCORES
from neurosim.recordings.recording import Recording
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

_COLUMNS = {
    "preferred_direction": "preferred direction of motion (°)",
    "direction_selectivity_index": "direction selectivity index",
    "orientation_selectivity_index": "orientation selectivity index",
    "frequency_bandwidth_octaves": "frequency bandwidth (octaves)",
}


def _tabled(recording: Recording | None) -> bool:
    return recording is not None and (recording.responses is not None or recording.properties is not None)


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    assert context.recording is not None
    from neurosim.analysis.plots import plot_unit_properties, plot_v1_properties
    from neurosim.analysis.v1.scoreboard import v1_scoreboard

    properties, metrics = recorded_properties(context.recording)
    properties = properties.reset_index(drop=True)
    if properties.empty:
        return Measured(metrics=metrics)
    others = {words: properties[name] for name, words in _COLUMNS.items() if name in properties}
    figures = {"unit_properties": lambda: plot_unit_properties(others)} if others else {}
    names = [each.name for each in V1_PROPERTIES if properties.get(each.name, pd.Series()).notna().any()]
    if not names:
        return Measured(metrics=metrics, columns=properties, figures=figures)
    scored = _with_responsive(properties, names)
    board = v1_scoreboard(scored, rng=rng, names=names)
    scores: dict[str, Any] = {
        f"v1_similarity_{name}": float(score)
        for name, score in zip(board.table["property"], board.table["ceiled"], strict=True)
    }
    if len(names) == len(V1_PROPERTIES):
        scores["v1_similarity_mean"] = board.mean.ceiled
        scores["v1_similarity_interval"] = [board.mean.low, board.mean.high]
    figures["recorded_properties"] = lambda: plot_v1_properties(
        {"recording": scored}, scores=board.table, names=names
    )
    return Measured(
        metrics=metrics | scores, columns=properties, tables={"recorded_scores": board.table}, figures=figures
    )


def recorded_properties(recording: Recording) -> tuple[pd.DataFrame, dict[str, float | int]]:
    """Return one row per unit with what can be measured, and the numbers of `summary.json` beside it.

    Parameters
    ----------
    recording : Recording
        With responses, or with properties that its file holds.
    """
    if recording.responses is None:
        assert recording.properties is not None
        return recording.properties, {"units": len(recording.units)}
    from neurosim.analysis.codes.sparsity import lifetime_sparseness
    from neurosim.recordings.grating_properties import grating_properties, shown_to_all

    means = recording.responses.means
    metrics: dict[str, float | int] = {
        "units": len(recording.units),
        "silent_units": int(recording.responses.silent.sum()),
    }
    properties = grating_properties(means)
    if properties.empty:
        return properties, metrics
    whole = shown_to_all(means)
    sparseness = np.full(len(whole), np.nan)
    if whole.any():
        sparseness[whole] = lifetime_sparseness(means.mean[:, whole])
    properties = properties.assign(lifetime_sparseness=sparseness)
    known = sparseness[np.isfinite(sparseness)]
    mean = {"lifetime_sparseness": float(known.mean())} if known.size else {}
    return properties, metrics | {"units_not_shown_all": int((~whole).sum())} | mean


def _with_responsive(properties: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return properties with the columns that say which units count: by their rates, or all where nobody said it."""
    from neurosim.analysis.tuning.responsive import LEAST_RATE

    wanted = {each.responsive for each in V1_PROPERTIES if each.name in names} - set(properties)
    counts: Any = True
    if {"largest_rate", "spontaneous_rate"} <= set(properties):
        counts = properties["largest_rate"] - properties["spontaneous_rate"] > LEAST_RATE
    return properties.assign(**dict.fromkeys(wanted, counts))


def _sentences(run: RunFolder) -> Iterator[str]:
    if not run.section("recording"):
        return
    if silent := run.number("silent_units"):
        yield f"{silent:.0f} of {run.number('units'):.0f} units never respond; they have no tuning and are not scored."
    if gaps := run.number("units_not_shown_all"):
        yield f"{gaps:.0f} units were not shown every condition."
    scores = {
        each.title: run.number(f"v1_similarity_{each.name}")
        for each in V1_PROPERTIES
        if run.number(f"v1_similarity_{each.name}") is not None
    }
    if scores:
        best, worst = (
            max(scores, key=lambda name: scores[name] or 0),
            min(scores, key=lambda name: scores[name] or 0),
        )
        yield (
            f"Beside macaque V1, where 1 is as alike as the cells are to themselves, {len(scores)} of 14 properties "
            f"can be "
            f"set: {best} is most alike ({scores[best]:.2f})"
            + (f", {worst} least ({scores[worst]:.2f})." if len(scores) > 1 else ".")
        )


RECORDED_TUNING = Measure(
    name="recorded_tuning",
    applies=lambda context: _tabled(context.recording),
    compute=_measured,
    step=lambda context: "tuning, and similarity to macaque V1",
    metrics={
        "units": Metric("count", "Units of the recording."),
        "silent_units": Metric("count", "Units that never responded; every one has a row, without a tuning."),
        "units_not_shown_all": Metric(
            "count", "Units that were not shown every condition, and so have no tuning."
        ),
        "lifetime_sparseness": CODE.metrics["lifetime_sparseness"],
        **{
            name: SCORES[name]
            for name in (
                "v1_similarity_mean",
                "v1_similarity_interval",
                *(f"v1_similarity_{each.name}" for each in V1_PROPERTIES),
            )
        },
    },
    tables={
        "recorded_scores": "Beside the published distributions of macaque V1: units, those that respond (more than 5 "
        "spikes/s above the spontaneous rate; all, where a table of properties does not say), those with a value; "
        "similarity of the histograms, that of the cells with themselves (ceiling), their quotient as published for "
        "other models and without the bias of few units, with its 95 % interval; the cells; and what AlexNet's V1 "
        "layer "
        "reaches (recorded_scores.csv)."
    },
    columns={
        **{each.name: each.title + (f" ({each.unit})" if each.unit else "") for each in V1_PROPERTIES},
        **_COLUMNS,
    },
    figures={
        "recorded_properties": Caption(
            "Properties beside macaque V1",
            "Each property's published histogram (grey) and that of the responsive units (line), in the published "
            "bins; "
            "values beyond them count in the outer ones. Orientation is that of bars, 0° horizontal, "
            "counter-clockwise. The "
            "score is the similarity divided by that of the cells with themselves.",
            "One small histogram for each property: grey bars of macaque cells, a line for the recorded units.",
        ),
        "unit_properties": Caption(
            "Properties that the published tables of macaque V1 do not have",
            "Of all units with a value. Direction selectivity (preferred − opposite)/(preferred + opposite), "
            "orientation "
            "selectivity likewise with orthogonal, unless the file brought them; sparseness after Vinje & Gallant "
            "2000.",
            "One histogram for each property.",
        ),
    },
    sentences=_sentences,
)
