"""What two eyes see: what a recipe says of it. `stereo_patches` prepares it."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from neurosim.registry.stimulus import StimulusKind, StimulusTraits
from neurosim.stimuli.kinds.patches import PatchSection, patch_sizes

EYES = ("left", "right")
"""The modalities."""


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


def _words(table: Mapping[str, Any]) -> str:
    size = table.get("patch_size")
    scene = "a stereo pair" if table.get("source") == "motorcycle" else "photographs at planted disparities"
    return f"pairs of patches of {size} × {size} pixels, one for each eye, from {scene}"


KIND = StimulusKind(
    section=StereoSection,
    prepare="neurosim.stimuli.kinds.stereo_patches:stereo",
    title="patches of what two eyes see, a photographed pair or photographs at planted disparities",
    sizes=lambda section: patch_sizes(section, n_features=2 * section.patch_size**2),
    traits=lambda section: StimulusTraits(EYES, False, f"stimuli.kind = {section.kind!r}"),
    words=_words,
    measures=frozenset({"analysis", "linked", "disparity"}),
)
