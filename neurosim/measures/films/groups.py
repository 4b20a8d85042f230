"""The fields of a network on films, and beside them what it would have learned without motion, or nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from neurosim.analysis.films.motion import motion_properties
from neurosim.laboratory.films.drifting import drifting_responses, drifting_selectivity
from neurosim.stimuli.films.whitening import SpaceTimeWhitening
from neurosim.stimuli.kinds.films.film_stimuli import FilmStimuli

__all__ = ["FILM", "STILL", "UNTRAINED", "groups_of"]

FILM, STILL, UNTRAINED = "film", "still", "untrained"


def groups_of(
    network: Any,
    stimuli: FilmStimuli,
    *,
    rng: np.random.Generator,
    say: Callable[[str], None] = lambda step: None,
) -> dict[str, pd.DataFrame]:
    """Return what `motion_properties` says of the fields of each group, with selectivity of responses where measured.

    Fields are taken among whitened pixels. ``film`` is the network itself; ``still`` a network of the same parameters
    that learned from the clips without motion, where the recipe has that control; ``untrained`` random numbers in as
    many fields.
    """
    whitening = stimuli.whitening
    say("responses to drifting gratings")
    groups = {FILM: _measured(network, whitening, network.dictionary_)}
    if stimuli.still is not None:
        say(f"learning from {len(stimuli.still.rows)} clips without motion, as a control")
        control = clone(network).fit(stimuli.still.rows)
        groups[STILL] = _measured(control, stimuli.still.whitening, control.dictionary_)
    noise = rng.standard_normal(network.dictionary_.shape)
    groups[UNTRAINED] = motion_properties(whitening.clips_of(noise))
    return groups


def _measured(network: Any, whitening: SpaceTimeWhitening, fields: NDArray[np.floating]) -> pd.DataFrame:
    table = motion_properties(whitening.clips_of(fields))
    respond = partial(_respond, network=network, whitening=whitening, dtype=fields.dtype)
    rates = drifting_responses(respond, table, shape=whitening.shape_)
    responses = drifting_selectivity(rates)
    return table.assign(
        response_direction_selectivity=responses["direction_selectivity"],
        response_selective=responses["selective"],
    )


def _respond(
    clips: NDArray[np.float64], *, network: Any, whitening: SpaceTimeWhitening, dtype: np.dtype[Any]
) -> NDArray[np.floating]:
    responses: NDArray[np.floating] = network.transform(whitening.apply(clips).astype(dtype))
    return responses
