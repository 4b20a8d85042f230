"""Fields in space and time: which motion they prefer, and how they compare with those learned without motion."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.films.film_stimuli import FilmStimuli

_STRIPS, _MOVING = 12, 54  # fields that are shown frame by frame, and as a film
_SHARES = {
    "selective": (
        "direction_selective_fraction",
        "Share of the neurons whose field, by its spectrum among whitened pixels, answers to a grating that drifts "
        "opposite to the preferred one with less than half.",
    ),
    "separability": (
        "separability_median",
        "Median over neurons of the share of a field's energy in its best product of a picture and a course in time.",
    ),
    "separable": ("separable_fraction", "Share of the neurons whose separability is above .8."),
    "selective_of_separable": (
        "direction_selective_of_separable",
        "Share of selective neurons among those whose separability is above .8.",
    ),
    "selective_of_inseparable": (
        "direction_selective_of_inseparable",
        "Share of selective neurons among those whose separability is below .65.",
    ),
    "response_selective": (
        "direction_selective_responses_fraction",
        "Share of the neurons that respond with less than half, at their best temporal frequency, to a grating of "
        "their bars that drifts opposite to the preferred direction; settled responses, competition included.",
    ),
}
_GROUPS = {
    "film": "",
    "still": " Of the control that learned from the same clips without motion.",
    "untrained": " Of random numbers in place of fields.",
}
_OF_FILM = {
    "standing": ("standing_fraction", "fraction", "Share of the neurons that prefer a grating at rest."),
    "temporal_frequency": (
        "temporal_frequency_median",
        "cycles/frame",
        "Median preferred temporal frequency of the neurons that prefer a moving grating.",
    ),
    "speed": (
        "speed_median",
        "pixels/frame",
        "Median preferred speed of the neurons that prefer a moving grating: temporal over spatial frequency.",
    ),
    "at_border": (
        "border_fraction",
        "fraction",
        "Share of the neurons whose field has its centre within 2 pixels of the frame's edge, which cuts it off: such "
        "a field seems more separable and less selective than it is.",
    ),
}


def _name(measured: str, group: str) -> str:
    return measured if group == "film" else f"{measured}_{group}"


def _metrics() -> dict[str, Metric]:
    found = {
        _name(name, group): Metric("fraction", meaning + whose)
        for key, (name, meaning) in _SHARES.items()
        for group, whose in _GROUPS.items()
        if not (key == "response_selective" and group == "untrained")
    }
    return found | {name: Metric(unit, meaning) for name, unit, meaning in _OF_FILM.values()}


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.films.drawing import motion_selectivity
    from neurosim.analysis.films.motion import motion_shares
    from neurosim.analysis.films.reel import film_reel
    from neurosim.analysis.films.slices import film_strips, space_time_slices
    from neurosim.analysis.plots import dictionary_mosaic
    from neurosim.measures.films.groups import FILM, groups_of

    stimuli, network = context.stimuli, context.network
    assert isinstance(stimuli, FilmStimuli)
    groups = groups_of(network, stimuli, rng=rng, say=context.say)
    summary = pd.DataFrame({name: _row(motion_shares(table), table) for name, table in groups.items()}).T
    fields, film = stimuli.whitening.clips_of(network.dictionary_), groups[FILM]

    def slices() -> Any:
        pictures = space_time_slices(fields, orientations_deg=film["orientation_deg"])
        return dictionary_mosaic(pictures, usage=context.usage, title="Space–time slices")

    def strips() -> Any:
        used = np.argsort(-context.usage, kind="stable")[:_STRIPS]
        pictures, usage = film_strips(fields[used]), context.usage[used]
        return dictionary_mosaic(pictures, usage=usage, title="Frames of the fields in use most")

    def reel() -> Any:
        return film_reel(fields[np.argsort(-context.usage, kind="stable")[:_MOVING]])

    return Measured(
        metrics=_numbers(summary),
        columns=film,
        tables={"space_time": summary.rename_axis("learned_from").reset_index()},
        figures={
            "space_time_slices": slices,
            "film_strips": strips,
            "film_reel": reel,
            "motion_selectivity": lambda: motion_selectivity(groups),
        },
    )


def _row(shares: Mapping[str, float], table: pd.DataFrame) -> dict[str, float]:
    if "response_selective" not in table:
        return {"neurons": len(table), **shares}
    responding = table.loc[table["response_direction_selectivity"].notna(), "response_selective"]
    return {"neurons": len(table), **shares, "response_selective": float(responding.mean())}


def _numbers(summary: pd.DataFrame) -> dict[str, float]:
    rows = summary.to_dict("index")
    found = {
        _name(name, str(group)): float(row.get(key, np.nan))
        for key, (name, _) in _SHARES.items()
        for group, row in rows.items()
    }
    found |= {name: float(rows["film"][key]) for key, (name, _, _) in _OF_FILM.items()}
    return {name: value for name, value in found.items() if not np.isnan(value)}


def _sentences(run: RunFolder) -> Iterator[str]:
    share = run.number("direction_selective_fraction")
    if share is None:
        return
    text = f"Of the fields in space and time, {share:.0%} are direction-selective"
    beside = [
        f"{value:.0%} {words}"
        for group, words in (
            ("still", "of those learned from the same clips without motion"),
            ("untrained", "of random numbers"),
        )
        if (value := run.number(f"direction_selective_fraction_{group}")) is not None
    ]
    yield f"{text}{', beside ' if beside else ''}{' and '.join(beside)}."
    among = run.number("direction_selective_of_separable"), run.number("direction_selective_of_inseparable")
    if among[0] is not None and among[1] is not None:
        yield f"Of the separable ones, {among[0]:.0%} are selective, of the inseparable ones {among[1]:.0%}."
    film = run.provenance.get("film")
    if isinstance(film, str):
        yield f"No camera took this film: it was {film}. How films are made decides how many fields are selective."
        aliased = run.provenance.get("share_aliased")
        if isinstance(aliased, float):
            yield (
                f"Of its contrast, {aliased:.1%} moves by more than half a cycle per frame and seems to move the other "
                "way."
            )


FILMS = Measure(
    name="films",
    applies=lambda context: context.network is not None and isinstance(context.stimuli, FilmStimuli),
    compute=_compute,
    step=lambda context: "fields in space and time",
    metrics=_metrics(),
    tables={
        "space_time": "Fields in space and time of the network, of one that learned from the same clips without "
        "motion, and of random numbers (space_time.csv). Random numbers are selective too, by chance: read the share "
        "of selective fields beside their separability. Frequencies in cycles per frame, speed in pixels per frame."
    },
    columns={
        "direction_selectivity": "direction selectivity of the field, 0 to 1",
        "response_direction_selectivity": "direction selectivity of responses to gratings, 0 to 1",
        "separability": "separability in space and time, 0 to 1",
        "temporal_frequency": "preferred temporal frequency (cycles/frame)",
        "spatial_frequency": "preferred spatial frequency (cycles/pixel)",
        "speed": "preferred speed (pixels/frame)",
    },
    figures={
        "space_time_slices": Caption(
            "Fields in space and time",
            "Each field averaged along its bars: position across the bars to the right, time downwards, among whitened "
            "pixels, in falling order of use. Oblique stripes move, upright ones stand still, a chequered pattern "
            "changes its sign in place.",
            "Grid of small grey images, one per neuron: position against time.",
        ),
        "film_strips": Caption(
            "Fields, frame by frame",
            "The fields in use most, among whitened pixels: the frames of each from left to right.",
            "Rows of small grey images: the frames of one field side by side.",
        ),
        "film_reel": Caption(
            "Fields in motion",
            f"The {_MOVING} fields in use most, among whitened pixels, frame after frame from left to right; Play "
            "shows the frames one after the other, again and again.",
            "A grid of small grey images, once for each frame: bars drift, or change their sign in place.",
        ),
        "motion_selectivity": Caption(
            "Motion selectivity",
            "Separability and direction selectivity of every field; the distribution of selectivity, of fields and "
            "(dotted) of settled responses to gratings; preferred frequencies; preferred speeds. Beside the network "
            "the control without motion and random numbers.",
            "Four panels: scatter of separability and selectivity, histograms of selectivity and speed, scatter of "
            "frequencies.",
        ),
    },
    sentences=_sentences,
)
