"""The kinds of stimuli a recipe can name: what is shown, how much of it, and how it is prepared."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from neurosim.recipes.whitening_sections import OlshausenWhitening, Whitening
from neurosim.registry.section import Section

Precision = Literal["float32", "float64"]


class PatchSection(Section):
    """What patches of whitened images have in common, be they for one eye or for two."""

    kind: str
    """What is shown."""
    source: str | list[str] = "embedded"
    """Where the images are from."""
    photographs: list[str] | None = None
    """Names of the embedded photographs to use; all of them when left out."""
    rescale: float = Field(default=1.0, gt=0, le=1)
    """Size of the images that are used over the size of those that were read."""
    patch_size: int = Field(default=16, ge=4, le=64)
    """Side of a square patch in pixels."""
    n_train: int = Field(default=20_000, ge=1)
    """How many patches are drawn to learn from."""
    n_test: int = Field(default=2_000, ge=2)
    """How many patches are drawn from the held-out part to be measured on."""
    held_out_fraction: float = Field(default=0.2, gt=0, lt=1)
    """Share of every image's columns, counted from the right, that learning never sees."""
    border: int = Field(default=4, ge=0)
    """Pixels next to an edge that no patch may touch: filters are unreliable there."""
    variance_floor: float = Field(default=0.0, ge=0)
    """Patches of a smaller variance than this are drawn again."""
    normalise: Literal["none", "mean", "std", "norm"] = "mean"
    """What is done to each patch: nothing, zero mean, also unit standard deviation, or also unit norm."""
    dtype: Precision = "float32"
    """Precision of the patches, and so of the network."""
    whitening: Whitening = OlshausenWhitening()
    """The filter, with its own parameters."""

    @model_validator(mode="after")
    def _names_belong_to_the_embedded(self) -> Self:
        if self.photographs is not None and self.source != "embedded":
            raise ValueError(
                f'photographs goes with source = "embedded", got source = {self.source!r}; leave it out'
            )
        return self


class PhotographSection(PatchSection):
    """Patches of photographs, as one eye sees them."""

    kind: Literal["photographs"] = "photographs"
    """What is shown."""
    source: str | list[str] = "embedded"
    """``"embedded"``, one image file, one folder of images, or a list of image files."""
    skip_unreadable: bool = False
    """Go on without an image that cannot be read or is too small for a patch, instead of stopping."""
    on_off: bool = False
    """Split each whitened patch into its positive and negative part, as two populations of LGN cells do."""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_several_paths(cls, source: object) -> object:
        several = isinstance(source, list) and source and all(isinstance(path, str) for path in source)
        if not (several or (isinstance(source, str) and source)):
            raise ValueError(f'expected "embedded", a path or a list of paths, got {source!r}')
        return source


class StereoSection(PatchSection):
    """Patches of what two eyes see that fixate the same thing, nearly: the modalities ``left`` and ``right``."""

    kind: Literal["stereo"] = "stereo"
    """What is shown."""
    source: Literal["motorcycle", "embedded"] = "motorcycle"
    """A photographed stereo pair, or the embedded photographs as flat pictures at planted disparities."""
    disparity_sd: float = Field(default=1.5, ge=0)
    """Standard deviation in pixels of the planted disparities, or of the eyes' error of vergence."""
    normalise: Literal["none", "mean", "std", "norm"] = "mean"
    """What is done to each pair: nothing, zero mean in each eye, also both to unit deviation or norm together."""


class DigitSection(Section):
    """Handwritten digits, and each digit's class in print beside it."""

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
    modalities: list[Literal["handwriting", "printed"]] = Field(default=["handwriting", "printed"])
    """What is shown at the same time."""
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
            raise ValueError(f'expected "handwriting", and "printed" or not, each once, got {modalities!r}')
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


class ArraySection(Section):
    """Modalities of one's own, sample by sample the same things."""

    kind: Literal["arrays"] = "arrays"
    """What is shown."""
    path: str = Field(min_length=1)
    """An .npz file: one array for each modality, under its name, and ``labels`` if there are classes."""
    n_test: int = Field(default=200, ge=2)
    """How many samples are held out, drawn at random."""
    normalise: Literal["none", "norm"] = "norm"
    """What is done to each sample of a modality: nothing, or unit norm."""
    dtype: Precision = "float32"
    """Precision of the samples, and so of the network."""


StimuliSection = Annotated[
    PhotographSection | DigitSection | StereoSection | ArraySection, Field(discriminator="kind")
]
"""``[stimuli]`` of a recipe."""
