"""Stimuli: images, their whitening, patches of them, and modalities shown together. Arrays out; no Brian2.

The names below are imported when they are first used, so that reading a recipe loads nothing that makes stimuli.
"""

from typing import TYPE_CHECKING

from neurosim._faces import lazy_face

if TYPE_CHECKING:
    from neurosim.stimuli.digits.digits import embedded_digits, split_digits
    from neurosim.stimuli.digits.fonts import Font, find_font
    from neurosim.stimuli.digits.idx import DamagedDataError
    from neurosim.stimuli.digits.mnist import load_mnist
    from neurosim.stimuli.digits.printed import PrintedDigits, nearest_printed, printed_digits
    from neurosim.stimuli.filters.centre_surround import CentreSurround
    from neurosim.stimuli.filters.contrast import contrast_factors, filter_images
    from neurosim.stimuli.filters.fourier_filter import FourierFilter
    from neurosim.stimuli.filters.olshausen import OlshausenField
    from neurosim.stimuli.filters.on_off import join_on_off, split_on_off
    from neurosim.stimuli.filters.zca import ZCA
    from neurosim.stimuli.image_files.decoding import UnreadableImageError, UnreadableImageWarning
    from neurosim.stimuli.images.images import embedded_photographs, load_images, photograph_path
    from neurosim.stimuli.images.patches import normalise_patches, sample_patches
    from neurosim.stimuli.images.resampling import rescale_images
    from neurosim.stimuli.labelled import LabelledImages
    from neurosim.stimuli.modalities import paired_arrays, unit_norm
    from neurosim.stimuli.stereo.motorcycle import StereoPair, stereo_pair
    from neurosim.stimuli.stereo.patches import StereoPatches, sample_stereo_patches
    from neurosim.stimuli.stereo.synthetic import dot_stereogram, planted_stereo

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

# Module of each name, inside this package.
_HOMES = {
    "ZCA": "filters.zca",
    "CentreSurround": "filters.centre_surround",
    "DamagedDataError": "digits.idx",
    "Font": "digits.fonts",
    "FourierFilter": "filters.fourier_filter",
    "LabelledImages": "labelled",
    "OlshausenField": "filters.olshausen",
    "PrintedDigits": "digits.printed",
    "StereoPair": "stereo.motorcycle",
    "StereoPatches": "stereo.patches",
    "UnreadableImageError": "image_files.decoding",
    "UnreadableImageWarning": "image_files.decoding",
    "contrast_factors": "filters.contrast",
    "dot_stereogram": "stereo.synthetic",
    "embedded_digits": "digits.digits",
    "embedded_photographs": "images.images",
    "filter_images": "filters.contrast",
    "find_font": "digits.fonts",
    "join_on_off": "filters.on_off",
    "load_images": "images.images",
    "load_mnist": "digits.mnist",
    "nearest_printed": "digits.printed",
    "normalise_patches": "images.patches",
    "paired_arrays": "modalities",
    "photograph_path": "images.images",
    "planted_stereo": "stereo.synthetic",
    "printed_digits": "digits.printed",
    "rescale_images": "images.resampling",
    "sample_patches": "images.patches",
    "sample_stereo_patches": "stereo.patches",
    "split_digits": "digits.digits",
    "split_on_off": "filters.on_off",
    "stereo_pair": "stereo.motorcycle",
    "unit_norm": "modalities",
}

__getattr__, __dir__ = lazy_face(
    "neurosim.stimuli", {name: f"neurosim.stimuli.{home}" for name, home in _HOMES.items()}
)
