"""Whether stimuli go with the recipe, once their number, names and classes are known."""

import numpy as np

from neurosim.networks.models import Network
from neurosim.recipes.compatibility import known_traits, require_match
from neurosim.recipes.run_sections import LinkedSection
from neurosim.registry.stimulus import StimulusTraits
from neurosim.stimuli.kinds import StimuliSection, kind_of
from neurosim.stimuli.kinds.stimuli import Labels, Stimuli


def require_loaded(
    stimuli: Stimuli, *, section: StimuliSection, network: Network, linked: LinkedSection
) -> None:
    """Raise `ValueError` if loaded stimuli do not go with the recipe: number, names and classes are known now."""
    origin = kind_of(section).origin(section)
    traits = known_traits(section) or StimulusTraits(tuple(stimuli.names), stimuli.labels is not None, origin)
    require_match(traits, network=network, linked=linked)
    if network.batch_size > stimuli.n_train:
        raise ValueError(
            f"network.batch_size: expected at most the {stimuli.n_train} stimuli there are to learn from, got "
            f"{network.batch_size}"
        )
    if stimuli.labels is not None:
        _require_classes(stimuli.labels, linked)


def _require_classes(labels: Labels, linked: LinkedSection) -> None:
    classes, counts = np.unique(labels.training, return_counts=True)
    unknown = np.setdiff1d(labels.held_out, classes)
    if len(unknown):
        raise ValueError(
            f"stimuli: expected stimuli of every class among those learned from, got none of "
            f"{', '.join(map(str, unknown))}; learn from more of them"
        )
    if len(classes) < 2:
        raise ValueError(f"stimuli: expected two classes or more, got {classes[0]} alone; leave labels out")
    searched = linked.classifiers and linked.style == "tuned"
    if searched and (counts.min() < 2 or linked.n_search < 2 * len(classes)):
        raise ValueError(
            f"linked.n_search: expected room for two stimuli of each of {len(classes)} classes, one to fit and one "
            f"to judge, got n_search = {linked.n_search} and {counts.min()} of class {classes[counts.argmin()]}; "
            "learn from more stimuli, or use linked.style = 'paper'"
        )
