"""What a run does with stimuli: makes them, shows them to a network, and keeps a record."""

from typing import Any

import numpy as np

from neurosim.networks.models import model_of
from neurosim.recipes.compatibility import present_modalities, wanted_modality
from neurosim.recipes.loaded_stimuli import require_loaded
from neurosim.recipes.recipe import Recipe
from neurosim.stimuli.kinds import kind_of
from neurosim.stimuli.kinds.stimuli import Stimuli, only


def prepared(
    recipe: Recipe, *, training_rng: np.random.Generator, held_out_rng: np.random.Generator
) -> Stimuli:
    """Return the stimuli that a recipe asks for; raises where they cannot be made or do not go with its network."""
    prepare = kind_of(recipe.stimuli).preparation()
    stimuli: Stimuli = prepare(recipe.stimuli, training_rng=training_rng, held_out_rng=held_out_rng)
    if stimuli.image_space is None:
        require_loaded(stimuli, section=recipe.stimuli, network=recipe.network, linked=recipe.linked)
    return stimuli


def training_data(stimuli: Stimuli, recipe: Recipe) -> tuple[Any, Any]:
    """Return what a network is fitted on: stimuli, and labels for the only network that learns from them.

    Several conditions get the stimuli as a whole, since each has a unit of its own.
    """
    if recipe.arms:
        return stimuli, None
    model = model_of(recipe.network)
    if not model.has("modalities"):
        return only(stimuli.training), None
    if model.has("labels") and stimuli.labels is not None:
        return stimuli.training, stimuli.labels.training
    return stimuli.training, None


def recorded(stimuli: Stimuli, recipe: Recipe) -> dict[str, Any]:
    """Return what provenance holds of the stimuli: their sources, and what codes were found from."""
    if stimuli.image_space is not None:
        return stimuli.sources
    names = stimuli.names
    present, want = present_modalities(recipe.linked, names), wanted_modality(recipe.linked, names)
    return stimuli.sources | {"modalities": names, "present": list(present), "recalled": want}
