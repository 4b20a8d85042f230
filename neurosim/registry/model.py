"""What a model declares of itself: the one object that runs, measures and pages know it by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal, get_args

from neurosim.registry.measure import Measure
from neurosim.registry.section import Section

__all__ = ["CAPABILITIES", "Capability", "Learned", "Model"]

Capability = Literal[
    "settles",
    "spikes",
    "sheet",
    "streams",
    "softened",
    "standardises",
    "merges",
    "likelihood",
    "modalities",
    "labels",
    "dense",
    "positions",
]
"""What models can have, as far as others care.

``settles``: its method `settle` says which codes are no fixed point. ``spikes``: it responds with spikes. ``sheet``:
its neurons have places. ``streams``: its neurons come in groups (``stream_``) that see parts of the stimulus
(``seen_``). ``softened``: activity up to its ``softening_`` counts as silent. ``standardises``:
reconstructions refer to its ``standardised`` stimuli. ``merges``: it knows which of its fields have become one.
``likelihood``: it is a model of the stimuli's density. ``modalities``: it links several. ``labels``: it learns from
classes. ``dense``: every neuron responds to every stimulus. ``positions``: each neuron stands at every position of a
picture, of which `middle` and ``middle_fields_`` are one.
"""

CAPABILITIES: tuple[Capability, ...] = get_args(Capability)


@dataclass(frozen=True)
class Learned:
    """An array that a model learns besides its dictionary, where it has one.

    Parameters
    ----------
    attribute : str
        Of the estimator, such as ``"lateral_"``.
    name : str
        In files, such as ``"lateral"``.
    dimensions : tuple of str
        ``neuron``, ``pixel`` and others; () for a number. A weight is from the neuron of the first dimension to that
        of the second.
    meaning : str
    """

    attribute: str
    name: str
    dimensions: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Model:
    """A model, declared in its family's ``model.py`` and listed in `neurosim.networks.models`.

    Parameters
    ----------
    section : type of Section
        Its parameters with their limits: ``[network]`` of a recipe. The default of its field ``model`` is its name.
    estimator : str
        ``module:class``, imported when a run needs it, because that imports Brian2.
    title : str
        What it is, in a line.
    citation : str
        Whom to cite.
    capabilities : frozenset of str
        Out of `CAPABILITIES`.
    learned : tuple of Learned
    threshold : str, optional
        Attribute with the thresholds of all neurons, or with one for all, of a fitted network that has any.
    weights : callable
        From a section and the number of pixels to how many numbers it holds besides dictionary and codes, by the words
        for them and the key that decides. Asked before anything is computed.
    measures : tuple of Measure
        What is measured of this model alone; they are taken where they apply and the network is of this model.
    require : callable
        Raises ImportError, with what to install, unless what it needs beside the package is there.
    untiled : str
        Why its fields cannot be repeated over a larger field (`neurosim.laboratory.tile`); empty where its neurons act
        on each other by the overlap of their fields, so that they can.

    Raises
    ------
    ValueError
        If a capability is unknown.
    """

    section: type[Section]
    estimator: str
    title: str
    citation: str
    capabilities: frozenset[Capability] = frozenset()
    learned: tuple[Learned, ...] = ()
    threshold: str | None = None
    weights: Callable[[Any, int], Mapping[str, tuple[str, int]]] = field(default=lambda section, n_pixels: {})
    measures: tuple[Measure, ...] = ()
    require: Callable[[], object] = field(default=lambda: None)
    untiled: str = "how its neurons would act on each other at places beyond the patch is not known"

    def __post_init__(self) -> None:
        unknown = sorted(self.capabilities - set(CAPABILITIES))
        if unknown:
            raise ValueError(
                f"expected capabilities out of {', '.join(CAPABILITIES)}, got {', '.join(unknown)}"
            )

    @property
    def name(self) -> str:
        """What recipes call it."""
        return str(self.section.model_fields["model"].default)

    @property
    def parameters(self) -> frozenset[str]:
        """Keys of its section."""
        return frozenset(self.section.model_fields)

    def has(self, capability: Capability) -> bool:
        """Whether it can do something others care about."""
        return capability in self.capabilities

    def estimator_class(self) -> type:
        """Import the estimator."""
        module, _, name = self.estimator.partition(":")
        found: type = getattr(import_module(module), name)
        return found
