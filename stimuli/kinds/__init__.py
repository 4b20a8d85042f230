"""The kinds of stimuli a recipe can name, one line each; reading this loads nothing that makes them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Protocol, Union

from pydantic import Field

from neurosim.registry.stimulus import StimulusKind
from neurosim.stimuli.kinds import arrays, digits, photographs, stereo
from neurosim.stimuli.kinds.films import section as films

__all__ = ["KINDS", "StimuliSection", "kind_of", "shown_in_words"]

KINDS: tuple[StimulusKind, ...] = (
    photographs.KIND,
    digits.KIND,
    stereo.KIND,
    films.KIND,
    arrays.KIND,
)
"""The first is meant where a recipe names none."""

if TYPE_CHECKING:

    class StimuliSection(Protocol):
        """``[stimuli]`` of a recipe: the section of one of the kinds."""

        @property
        def kind(self) -> str: ...
        @property
        def dtype(self) -> str: ...

else:
    StimuliSection = Annotated[
        Union[tuple(kind.section for kind in KINDS)],  # noqa: UP007, made of a tuple
        Field(discriminator="kind"),
    ]


def kind_of(section: StimuliSection) -> StimulusKind:
    """Return the kind whose section it is.

    Examples
    --------
    >>> from neurosim.stimuli.kinds.digits import DigitSection
    >>> kind_of(DigitSection()).name
    'digits'
    """
    (found,) = (kind for kind in KINDS if kind.name == section.kind)
    return found


def shown_in_words(table: Mapping[str, Any]) -> str:
    """Return what ``[stimuli]`` of a finished run's recipe, a table, showed, to stand after "learned from".

    Examples
    --------
    >>> shown_in_words({"kind": "digits", "source": "mnist", "classes": [3, 8]})
    'digits of MNIST (3, 8), handwritten'
    >>> shown_in_words({"kind": "of-tomorrow"})
    'stimuli of-tomorrow'
    """
    name = table.get("kind", KINDS[0].name)
    kind = next((kind for kind in KINDS if kind.name == name), None)
    if kind is None:
        return f"stimuli {name}"
    return kind.title if kind.words is None else kind.words(table)
