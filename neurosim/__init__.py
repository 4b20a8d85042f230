"""Sparse coding as populations of membrane neurons in Brian2, compared with primary visual cortex.

The names below are imported when they are first used, so that ``import neurosim`` costs next to nothing and
does not start Brian2.
"""

from typing import TYPE_CHECKING

from neurosim._faces import lazy_face
from neurosim._version import __version__

if TYPE_CHECKING:
    from neurosim import analysis, networks, stimuli
    from neurosim.analysis.fields.gabor import fit_gabors
    from neurosim.networks.estimator.checkpoint import Checkpoint
    from neurosim.networks.lca.lca import LCA
    from neurosim.networks.saving.loading import load
    from neurosim.networks.saving.recording_file import load_recording
    from neurosim.recipes.recipe import Recipe, load_recipe
    from neurosim.runs.execute import execute, resume
    from neurosim.stimuli.images.images import embedded_photographs, load_images
    from neurosim.stimuli.images.patches import sample_patches

__all__ = [
    "LCA",
    "Checkpoint",
    "Recipe",
    "__version__",
    "analysis",
    "embedded_photographs",
    "execute",
    "fit_gabors",
    "load",
    "load_images",
    "load_recipe",
    "load_recording",
    "networks",
    "resume",
    "sample_patches",
    "stimuli",
]

_HOMES = {
    "Checkpoint": "neurosim.networks.estimator.checkpoint",
    "LCA": "neurosim.networks.lca.lca",
    "Recipe": "neurosim.recipes.recipe",
    "embedded_photographs": "neurosim.stimuli.images.images",
    "execute": "neurosim.runs.execute",
    "fit_gabors": "neurosim.analysis.fields.gabor",
    "load": "neurosim.networks.saving.loading",
    "load_images": "neurosim.stimuli.images.images",
    "load_recipe": "neurosim.recipes.recipe",
    "load_recording": "neurosim.networks.saving.recording_file",
    "resume": "neurosim.runs.execute",
    "sample_patches": "neurosim.stimuli.images.patches",
}


__getattr__, __dir__ = lazy_face(
    "neurosim", _HOMES, modules=("__version__", "analysis", "networks", "stimuli")
)
