"""Handwritten digits, each with its class in print and as a sound: what a recipe says of them.

`digit_images` prepares them.
"""

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from neurosim.datasets.mnist import MNIST_FILES
from neurosim.registry.section import Section
from neurosim.registry.stimulus import FilePath, StimulusKind, StimulusSizes, StimulusTraits
from neurosim.stimuli.kinds.patches import Precision

# How many embedded digits there are, and their pixels.
_EMBEDDED = (1_797, 64)
# Values of a spectrogram, of whatever digits.
_SOUND = 64
# How a modality is told beside handwriting.
_BESIDE = {"printed": "print", "sound": "the tones of a telephone"}


class DigitSection(Section):
    """Handwritten digits, and each digit's class beside it in print, or as a telephone dials it."""

    kind: Literal["digits"] = "digits"
    """What is shown."""
    source: str = Field(default="embedded", min_length=1)
    """``"embedded"`` (1,797 of 8 × 8 pixels), ``"mnist"`` (where it is installed), or a folder of MNIST's files."""
    download: bool = False
    """Fetch MNIST once if it is not here."""
    n_train: int | None = Field(default=None, ge=1)
    """How many are learned from, drawn at random; left out, all there are."""
    n_test: int | None = Field(default=None, ge=2)
    """How many are measured on; left out, MNIST's own test set, or a fifth of the embedded digits."""
    classes: list[Annotated[int, Field(ge=0, le=9)]] | None = None
    """The digits that are shown, two or more; left out, all ten."""
    modalities: list[Literal["handwriting", "printed", "sound"]] = Field(default=["handwriting", "printed"])
    """What is shown at the same time; the sound is the spectrogram of the digit's two tones, made anew for each."""
    font: str | None = None
    """Family or file of the printed digits; left out, Arial or the nearest to it that is installed."""
    centre: bool = False
    """Subtract the mean of the ten printed digits from each before it is scaled."""
    normalise: Literal["none", "norm"] = "norm"
    """What is done to each image: nothing, which leaves pixels from 0 to 1, or unit norm."""
    dtype: Precision = "float32"
    """Precision of the images, and so of the network."""

    @field_validator("modalities")
    @classmethod
    def _handwriting_and_each_once(cls, modalities: list[str]) -> list[str]:
        if "handwriting" not in modalities or len(set(modalities)) < len(modalities):
            raise ValueError(
                f'expected "handwriting", with "printed" or "sound" or not, each once, got {modalities!r}'
            )
        return modalities

    @field_validator("classes")
    @classmethod
    def _two_classes_or_more_each_once(cls, classes: list[int] | None) -> list[int] | None:
        if classes is not None and (len(classes) < 2 or len(set(classes)) < len(classes)):
            raise ValueError(f"expected two digits or more, each once, got {classes!r}")
        return classes

    @model_validator(mode="after")
    def _only_mnist_is_fetched(self) -> Self:
        if self.download and self.source != "mnist":
            raise ValueError(
                f'download goes with source = "mnist", got source = {self.source!r}; leave it out'
            )
        return self


def _sizes(section: DigitSection) -> StimulusSizes:
    there, n_pixels = _EMBEDDED
    if section.source != "embedded":
        there, *sides = MNIST_FILES["train", "images"].shape
        n_pixels = prod(sides)
    # Asking for more than there are is told where they are counted.
    n_train, n_test = (
        there if wanted is None else min(wanted, there) for wanted in (section.n_train, section.n_test)
    )
    return StimulusSizes(
        n_train, n_test, sum(_SOUND if name == "sound" else n_pixels for name in section.modalities)
    )


def _words(table: Mapping[str, Any]) -> str:
    source = {"embedded": "embedded digits", "mnist": "digits of MNIST"}.get(
        str(table.get("source")), "digits"
    )
    classes = f" ({', '.join(map(str, table['classes']))})" if table.get("classes") else ""
    shown = ["handwriting", *(_BESIDE[name] for name in table.get("modalities") or [] if name in _BESIDE)]
    words = f"shown in {', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "handwritten"
    return f"{source}{classes}, {words}"


KIND = StimulusKind(
    section=DigitSection,
    prepare="neurosim.stimuli.kinds.digit_images:digits",
    title="handwritten digits, and each digit's class in print or as a sound",
    sizes=_sizes,
    traits=lambda section: StimulusTraits(
        tuple(section.modalities), True, f"stimuli.modalities = {section.modalities}"
    ),
    words=_words,
    measures=frozenset({"linked"}),
    # A font is a family's name unless there is such a file.
    paths={"source": FilePath(words=("embedded", "mnist")), "font": FilePath(if_there=True)},
)
