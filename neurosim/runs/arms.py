"""Several networks that learn from the same patches, one after the other."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from neurosim.measures.context import Context
from neurosim.networks.models import built
from neurosim.recipes.recipe import Recipe
from neurosim.runs.progress import Progress
from neurosim.stimuli.kinds.stimuli import Stimuli, only


class Arm(NamedTuple):
    """One of several networks."""

    name: str
    """By which its numbers and files are known."""
    network: Any
    """The estimator."""
    normalise: str
    """What is done to each patch for this network alone."""


class Arms:
    """Several networks in place of one: they learn together, and are compared.

    Parameters
    ----------
    arms : list of Arm
        In the order of the recipe; the first is the one the others are compared with.
    """

    def __init__(self, arms: list[Arm]) -> None:
        self._arms = arms
        self.seconds_compile_ = 0.0

    def __iter__(self) -> Iterator[Arm]:
        return iter(self._arms)

    def fit(self, stimuli: Stimuli, labels: None = None, *, progress: Progress) -> "Arms":
        """Let each network learn from the same patches, brought to its own unit.

        Parameters
        ----------
        stimuli : Stimuli
            Whose training patches are shown.
        labels : None
            None has any use for them.
        progress : callable
            Told which arm learns, and what its network tells.
        """
        for number, arm in enumerate(self._arms, start=1):
            progress({"stage": "train", "step": f"arm {arm.name}, {number} of {len(self._arms)}"})
            own = stimuli.normalised(arm.normalise)
            arm.network.front_end_ = own.front_end
            arm.network.fit(only(own.training), labels, progress=progress)
        self.seconds_compile_ = sum(arm.network.seconds_compile_ for arm in self._arms)
        return self


def network_of(recipe: Recipe, *, random_state: int) -> Any:
    """Return what a recipe trains: its network, or `Arms`, which all start from the same seed.

    Parameters
    ----------
    recipe : Recipe
        Already checked.
    random_state : int
        Seed of the network's own stream.

    Raises
    ------
    BackendError
        If a backend needs a compiler that is not here.
    """
    if not recipe.arms:
        return built(recipe.network, random_state=random_state)
    return Arms(
        [Arm(arm.name, built(arm.network, random_state=random_state), arm.normalise) for arm in recipe.arms]
    )


def context_of(trained: Any, stimuli: Stimuli, *, recipe: Recipe, progress: Progress) -> Context:
    """Return what is measured: the network that was trained, or each of several with the patches in its own unit.

    Parameters
    ----------
    trained : estimator or Arms
        From `network_of`, fitted.
    stimuli : Stimuli
        What it was fitted on.
    recipe : Recipe
        The run's.
    progress : callable
        Told before what takes long.
    """
    if not isinstance(trained, Arms):
        return Context(trained, stimuli, recipe=recipe, progress=progress)
    conditions = {
        arm.name: Context(arm.network, stimuli.normalised(arm.normalise), recipe=recipe, progress=progress)
        for arm in trained
    }
    return Context(None, stimuli, recipe=recipe, conditions=conditions, progress=progress)
