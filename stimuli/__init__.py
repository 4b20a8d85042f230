"""Stimuli: images, their whitening, and patches of them. Arrays out; no Brian2."""

from neurosim.stimuli.centre_surround import CentreSurround
from neurosim.stimuli.contrast import contrast_factors, filter_images
from neurosim.stimuli.decoding import UnreadableImageError, UnreadableImageWarning
from neurosim.stimuli.fourier_filter import FourierFilter
from neurosim.stimuli.images import embedded_photographs, load_images, photograph_path
from neurosim.stimuli.on_off import join_on_off, split_on_off
from neurosim.stimuli.patches import normalise_patches, sample_patches
from neurosim.stimuli.resampling import rescale_images
from neurosim.stimuli.whitening import OlshausenField
from neurosim.stimuli.zca import ZCA

__all__ = [
    "ZCA",
    "CentreSurround",
    "FourierFilter",
    "OlshausenField",
    "UnreadableImageError",
    "UnreadableImageWarning",
    "contrast_factors",
    "embedded_photographs",
    "filter_images",
    "join_on_off",
    "load_images",
    "normalise_patches",
    "photograph_path",
    "rescale_images",
    "sample_patches",
    "split_on_off",
]
