"""Stimuli: images, their whitening, patches of them, and modalities shown together. Arrays out; no Brian2."""

from neurosim.stimuli.centre_surround import CentreSurround
from neurosim.stimuli.contrast import contrast_factors, filter_images
from neurosim.stimuli.decoding import UnreadableImageError, UnreadableImageWarning
from neurosim.stimuli.digits import embedded_digits, split_digits
from neurosim.stimuli.fonts import Font, find_font
from neurosim.stimuli.fourier_filter import FourierFilter
from neurosim.stimuli.idx import DamagedDataError
from neurosim.stimuli.images import embedded_photographs, load_images, photograph_path
from neurosim.stimuli.labelled import LabelledImages
from neurosim.stimuli.made_stereo import dot_stereogram, planted_stereo
from neurosim.stimuli.mnist import load_mnist
from neurosim.stimuli.modalities import paired_arrays, unit_norm
from neurosim.stimuli.motorcycle import StereoPair, stereo_pair
from neurosim.stimuli.on_off import join_on_off, split_on_off
from neurosim.stimuli.patches import normalise_patches, sample_patches
from neurosim.stimuli.printed import PrintedDigits, nearest_printed, printed_digits
from neurosim.stimuli.resampling import rescale_images
from neurosim.stimuli.stereo import StereoPatches, sample_stereo_patches
from neurosim.stimuli.whitening import OlshausenField
from neurosim.stimuli.zca import ZCA

__all__ = [
    "ZCA",
    "CentreSurround",
    "DamagedDataError",
    "Font",
    "FourierFilter",
    "LabelledImages",
    "OlshausenField",
    "PrintedDigits",
    "StereoPair",
    "StereoPatches",
    "UnreadableImageError",
    "UnreadableImageWarning",
    "contrast_factors",
    "dot_stereogram",
    "embedded_digits",
    "embedded_photographs",
    "filter_images",
    "find_font",
    "join_on_off",
    "load_images",
    "load_mnist",
    "nearest_printed",
    "normalise_patches",
    "paired_arrays",
    "photograph_path",
    "planted_stereo",
    "printed_digits",
    "rescale_images",
    "sample_patches",
    "sample_stereo_patches",
    "split_digits",
    "split_on_off",
    "stereo_pair",
    "unit_norm",
]
