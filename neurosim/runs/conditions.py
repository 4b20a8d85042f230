"""Several networks that learn from the same patches, one after the other."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from neurosim.measures.context import Context
from neurosim.networks.estimator.checkpoint import Checkpoint
from neurosim.networks.models import built
from neurosim.recipes.recipe import Recipe
from neurosim.registry.progress import Progress
from neurosim.stimuli.kinds.stimuli import Stimuli, only


class Condition(NamedTuple):
    """One of several networks."""

    name: str
    """By which its numbers and files are known."""
    network: Any
    """The estimator."""
    normalise: str
    """What is done to each patch for this network alone."""


class Conditions:
    """Several networks in place of one: they learn together, and are compared with the first of them."""

    def __init__(self, conditions: list[Condition]) -> None:
        self._conditions = conditions
        self.seconds_compile_ = 0.0

    def __iter__(self) -> Iterator[Condition]:
        return iter(self._conditions)

    def fit(
        self,
        stimuli: Stimuli,
        labels: None = None,
        *,
        progress: Progress,
        checkpoint: Checkpoint | None = None,
    ) -> "Conditions":
        """Let each network learn from the same patches, brought to its own unit; labels are of no use to any.

        What a checkpoint keeps of each is in a file of its name beside that of the checkpoint.
        """
        for number, each in enumerate(self._conditions, start=1):
            progress(
                {"stage": "train", "step": f"condition {each.name}, {number} of {len(self._conditions)}"}
            )
            own = stimuli.normalised(each.normalise)
            each.network.front_end_ = own.front_end
            kept = checkpoint and replace(checkpoint, path=checkpoint.file.with_name(f"{each.name}.npz"))
            each.network.fit(only(own.training), labels, progress=progress, checkpoint=kept)
        self.seconds_compile_ = sum(each.network.seconds_compile_ for each in self._conditions)
        return self


def network_of(recipe: Recipe, *, random_state: int) -> Any:
    """Return what a recipe trains, not fitted: its network, or `Conditions`, which all start from the same seed."""
    if not recipe.arms:
        return built(recipe.network, random_state=random_state)
    return Conditions(
        [
            Condition(each.name, built(each.network, random_state=random_state), each.normalise)
            for each in recipe.arms
        ]
    )


def context_of(trained: Any, stimuli: Stimuli, *, recipe: Recipe, progress: Progress) -> Context:
    """Return what is measured: the fitted network, or each of several with the patches in its own unit."""
    if not isinstance(trained, Conditions):
        return Context(trained, stimuli, recipe=recipe, progress=progress)
    conditions = {
        each.name: Context(each.network, stimuli.normalised(each.normalise), recipe=recipe, progress=progress)
        for each in trained
    }
    return Context(None, stimuli, recipe=recipe, conditions=conditions, progress=progress)
