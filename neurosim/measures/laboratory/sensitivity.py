"""How far scores depend on the scale and the contrast of the gratings: the protocol shown three times more."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from neurosim.analysis.protocol.grating_sets import PROTOCOL
from neurosim.analysis.v1.scoreboard import Scoreboard, v1_scoreboard
from neurosim.measures.context import Context
from neurosim.measures.laboratory.populations import CONTROL, MAIN, WITHOUT, Shown
from neurosim.measures.laboratory.scores import FEW, Scores, properties_of, suppressed_share

SETTINGS = {
    "pixels per degree × .7": (0.7, 1.0),
    "pixels per degree × 1.4": (1.4, 1.0),
    "contrast × .3": (1.0, 0.3),
}
"""By name, what the pixels per degree and the contrast are multiplied with."""

_SCORES = ("mean_of_14", "mean_of_11_without_size", "suppressed_share", "n_suppressed")


def sensitivity_table(
    context: Context, shown: Shown, found: Scores, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Return a row for the gratings as they were and for each other setting: scores of network and control."""
    control = next((name for name in (CONTROL, WITHOUT) if name in shown.populations.members), None)
    names = [MAIN] if control is None else [MAIN, control]
    rows = [_row("as above", shown.pixels_per_degree, 1.0, _known(found, names))]
    for setting, (factor, contrast) in SETTINGS.items():
        ppd = factor * shown.pixels_per_degree
        context.say(f"gratings again, {setting}")
        try:
            PROTOCOL.below(ppd / 2)
        except ValueError as error:
            rows.append(_row(setting, ppd, contrast, [], why=str(error)))
            continue
        field = shown.populations.subject.field(ppd)
        answers = shown.populations.answers(field, names=names, contrast=contrast)
        scored = [_scored(properties_of(answers[name]), rng) for name in names]
        rows.append(_row(setting, ppd, contrast, scored))
    return pd.DataFrame(rows)


_Scored = tuple[pd.DataFrame, Scoreboard] | None


def _known(found: Scores, names: list[str]) -> list[_Scored]:
    return [(found.properties[name], found.boards[name]) if name in found.boards else None for name in names]


def _scored(properties: pd.DataFrame | None, rng: np.random.Generator) -> _Scored:
    return None if properties is None else (properties, v1_scoreboard(properties, rng=rng, n_bootstrap=FEW))


def _row(
    setting: str, ppd: float, contrast: float, scored: list[_Scored], *, why: str = ""
) -> dict[str, Any]:
    row: dict[str, Any] = {"setting": setting, "pixels_per_degree": ppd, "contrast": contrast}
    for prefix, each in zip(("", "control_"), scored, strict=False):
        row |= {f"{prefix}{name}": value for name, value in zip(_SCORES, _numbers(each), strict=True)}
    silent = [name for name, each in zip((MAIN, "control"), scored, strict=False) if each is None]
    return row | {"left_out_because": why or "; ".join(f"{name}: no unit answers" for name in silent)}


def _numbers(scored: _Scored) -> Iterator[float]:
    if scored is None:
        yield from [float("nan")] * len(_SCORES)
        return
    properties, board = scored
    yield board.mean.ceiled
    yield board.mean_without_size.ceiled
    yield suppressed_share(properties)
    yield float(board.table["n_suppressed"].iloc[0])
