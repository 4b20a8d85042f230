"""What a kind of stimuli declares of itself: the one object that recipes and runs know it by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple

from neurosim.registry.section import Section

__all__ = ["FilePath", "StimulusKind", "StimulusSizes", "StimulusTraits"]


class StimulusTraits(NamedTuple):
    """What stimuli are, as far as networks and measures care."""

    modalities: tuple[str, ...]
    """Names, in the order of the recipe or file; none for patches of photographs."""
    labelled: bool
    """Whether every stimulus has a class."""
    where: str
    """The key of the recipe that decides, with its value."""


class StimulusSizes(NamedTuple):
    """How much a section asks for; 0 where only the file can tell."""

    n_train: int
    n_test: int
    n_features: int
    """Numbers of one stimulus, over all modalities."""
    copies: int = 1
    """How many times the training stimuli are held while they are made."""
    patch_size: int | None = None
    """Side in pixels of stimuli that are square patches of images."""


class FilePath(NamedTuple):
    """A key of a section that may be the path of a file or folder."""

    words: tuple[str, ...] = ()
    """Values that are none."""
    if_there: bool = False
    """Whether it is one only where there is such a file."""


@dataclass(frozen=True, kw_only=True)
class StimulusKind:
    """A kind of stimuli, declared in `neurosim.stimuli.kinds` and listed there.

    Parameters
    ----------
    section : type of Section
        What recipes say of it: ``[stimuli]``. The default of its field ``kind`` is its name; it has ``n_test`` and
        ``dtype`` and, where the recipe decides it, ``n_train``.
    prepare : str
        ``module:function``, imported when a run needs it, so that reading a recipe stays quick. Takes the section and
        two numpy Generators, ``training_rng`` and ``held_out_rng``, and returns
        `neurosim.stimuli.kinds.stimuli.Stimuli`.
    title : str
        What it is, in a line.
    sizes : callable
        From a section to its `StimulusSizes`. Asked before anything is computed.
    traits : callable
        From a section to its `StimulusTraits`, or to None where only its file can tell.
    origin : callable
        From a section to the key that decides what is shown, for messages once the file has told.
    measures : frozenset of str
        Sections of a recipe that say what is measured and go with it: ``arms``, ``analysis``, ``linked``,
        ``disparity``.
    words : callable
        From ``[stimuli]`` as a finished run's recipe holds it, a plain table, to what was shown, in words that stand
        after "learned from"; the title unless it says otherwise.
    paths : mapping of str to FilePath
        Keys of the section that name files.
    compared_with_cortex : bool
        Whether fields on them have a way back into the image, where they are compared with those of simple cells.
    """

    section: type[Section]
    prepare: str
    title: str
    sizes: Callable[[Any], StimulusSizes]
    traits: Callable[[Any], StimulusTraits | None] = field(default=lambda section: None)
    origin: Callable[[Any], str] = field(default=lambda section: "stimuli")
    measures: frozenset[str]
    words: Callable[[Mapping[str, Any]], str] | None = None
    paths: Mapping[str, FilePath] = field(default_factory=dict)
    compared_with_cortex: bool = False

    @property
    def name(self) -> str:
        """What recipes call it."""
        return str(self.section.model_fields["kind"].default)

    def preparation(self) -> Callable[..., Any]:
        """Import what makes stimuli of a section."""
        module, _, name = self.prepare.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found
