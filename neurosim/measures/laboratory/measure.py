"""What the laboratory tells of a run: fourteen properties beside those of macaque V1, and the controls beside both."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurosim.measures.context import Context
from neurosim.measures.laboratory.words import CAPTION, METRICS, SCOREBOARD, sentences
from neurosim.measures.laboratory.words_of_tables import JOINT_STRUCTURE, SENSITIVITY
from neurosim.registry.measure import Measure, Measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from neurosim.measures.laboratory.populations import Shown
    from neurosim.measures.laboratory.scores import Scores


def _applies(context: Context) -> bool:
    space = context.stimuli.image_space
    return (
        context.network is not None
        and context.recipe.laboratory is not None
        and space is not None
        and len(space.pictures) > 0
    )


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.measures.laboratory.joint import joint_tables
    from neurosim.measures.laboratory.populations import MAIN, shown_to
    from neurosim.measures.laboratory.scores import scored
    from neurosim.measures.laboratory.sensitivity import sensitivity_table
    from neurosim.measures.laboratory.tuning_curves import tuning_curves

    section = context.recipe.laboratory
    assert section is not None
    shown = shown_to(context, section, rng)
    context.say("scores of the fourteen properties")
    found = scored(shown, rng=rng, positive_control=section.control == "all")
    known = {"laboratory_pixels_per_degree": shown.pixels_per_degree}
    if shown.unsettled is not None:
        known["laboratory_unsettled_fraction"] = shown.unsettled
    if MAIN not in found.boards:  # not one unit answers a grating
        return Measured(metrics={**known, "v1_similarity_mean": float("nan")})
    # Streams of their own: whether there is a table of cells moves no other number.
    for_joint, for_sensitivity = rng.spawn(2)
    tables = {"scoreboard": found.table(), "properties": _units(shown, found)}
    control = _control(found)
    if control is not None:
        tables["properties_control"] = control
    tables["tuning_curves"] = tuning_curves(shown.responses[MAIN])
    tables |= joint_tables(context, shown, found.properties, rng=for_joint)
    if section.sensitivity:
        tables["sensitivity"] = sensitivity_table(context, shown, found, rng=for_sensitivity)
    return Measured(
        metrics={**known, **_metrics(shown, found)},
        tables=tables,
        figures={"v1_properties": _figure(found)},
    )


def _metrics(shown: "Shown", found: "Scores") -> dict[str, Any]:
    from neurosim.measures.laboratory.populations import CONTROL, MAIN, SIMPLE, WITHOUT
    from neurosim.measures.laboratory.scores import (
        invariant_share,
        invariant_share_range,
        least_over_phases,
        suppressed_share,
    )

    board, own = found.boards[MAIN], found.properties[MAIN]
    simple = SIMPLE if SIMPLE in found.boards else MAIN
    control = CONTROL if CONTROL in found.boards else WITHOUT
    metrics: dict[str, Any] = {
        "laboratory_rate_scale": shown.responses[MAIN].scale().slope,
        "v1_similarity_mean": board.mean.ceiled,
        "v1_similarity_interval": [board.mean.low, board.mean.high],
        "v1_similarity_mean_simple": found.boards[simple].mean.ceiled,
        "suppressed_share": suppressed_share(found.properties[simple]),
    }
    if control in found.boards:
        metrics["v1_similarity_control"] = found.boards[control].mean.ceiled
        metrics["suppressed_share_control"] = suppressed_share(found.properties[control][~shown.is_pool])
    if shown.is_pool.any():
        least = least_over_phases(shown.responses[MAIN])[shown.is_pool]
        metrics["complex_invariant_share"] = invariant_share(own[shown.is_pool])
        metrics["complex_invariant_share_range"] = invariant_share_range(own[shown.is_pool], least)
    each = board.table.set_index("property")["ceiled"]
    return metrics | {f"v1_similarity_{name}": float(score) for name, score in each.items()}


def _units(shown: "Shown", found: "Scores") -> pd.DataFrame:
    from neurosim.measures.laboratory.populations import MAIN
    from neurosim.measures.laboratory.scores import least_over_phases

    table, least = found.properties[MAIN], least_over_phases(shown.responses[MAIN])
    kind = np.where(shown.is_pool, "pool", "simple")
    units = pd.DataFrame({"unit": np.arange(len(table)), "kind": kind})
    return pd.concat([units, table.assign(least_over_phases=least)], axis=1)


def _control(found: "Scores") -> pd.DataFrame | None:
    """Return the properties of the units without interactions, at the network's threshold where it has one."""
    from neurosim.measures.laboratory.populations import CONTROL, WITHOUT

    name = next((name for name in (CONTROL, WITHOUT) if name in found.properties), None)
    return None if name is None else found.properties[name]


def _figure(found: "Scores") -> "Callable[[], Figure]":
    from neurosim.measures.laboratory.populations import MAIN

    return lambda: _drawn(found.properties[MAIN], _control(found), scores=found.boards[MAIN].table)


def _drawn(units: pd.DataFrame, control: pd.DataFrame | None, *, scores: pd.DataFrame) -> "Figure":
    from neurosim.analysis.plots import plot_v1_properties

    named = {"network": units}
    if control is not None:
        named["same fields, no interactions"] = control
    return plot_v1_properties(named, scores=scores)


def _redrawn(tables: Mapping[str, pd.DataFrame]) -> "dict[str, Callable[[], Figure]]":
    """Draw the figure from the tables; of runs of earlier versions, which kept no units of their control, not."""
    from neurosim.measures.laboratory.populations import CONTROL, WITHOUT

    if not {"scoreboard", "properties"} <= set(tables):
        return {}
    scores, control = tables["scoreboard"], tables.get("properties_control")
    if control is None and {CONTROL, WITHOUT} & set(scores):
        return {}
    scores = scores.assign(zero_because=scores["zero_because"].astype(object).fillna(""))
    return {"v1_properties": lambda: _drawn(tables["properties"], control, scores=scores)}


LABORATORY = Measure(
    name="laboratory",
    applies=_applies,
    compute=_measured,
    step=lambda context: "the gratings of the V1 properties",
    metrics=METRICS,
    tables={"scoreboard": SCOREBOARD, "joint_structure": JOINT_STRUCTURE, "sensitivity": SENSITIVITY},
    files=("properties", "properties_control", "tuning_curves", "joint_structure_controls"),
    redraw=_redrawn,
    figures={"v1_properties": CAPTION},
    sentences=sentences,
)
