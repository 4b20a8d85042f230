"""Images, their whitening, patches of them, modalities shown together, the laboratory's stimuli. Arrays out; no Brian2.

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
    from neurosim.stimuli.digits.tones import dialled_digits
    from neurosim.stimuli.films.controls import stilled
    from neurosim.stimuli.films.film import Film
    from neurosim.stimuli.films.motion import MOTIONS, Motion
    from neurosim.stimuli.films.whitening import SpaceTimeWhitening
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
    from neurosim.stimuli.laboratory.bars import bars
    from neurosim.stimuli.laboratory.dead_leaves import dead_leaves
    from neurosim.stimuli.laboratory.gratings import drifting_gratings, gratings, plaids
    from neurosim.stimuli.laboratory.image_series import ImageSeries, images_as_stimuli
    from neurosim.stimuli.laboratory.noise import pink_noise, sparse_noise, white_noise
    from neurosim.stimuli.laboratory.subspace import subspace_noise
    from neurosim.stimuli.laboratory.table import every_combination
    from neurosim.stimuli.laboratory.visual_field import VisualField, bar_orientation
    from neurosim.stimuli.modalities import paired_arrays, unit_norm
    from neurosim.stimuli.stereo.motorcycle import StereoPair, stereo_pair
    from neurosim.stimuli.stereo.patches import StereoPatches, sample_stereo_patches
    from neurosim.stimuli.stereo.synthetic import dot_stereogram, planted_stereo

__all__ = [
    "MOTIONS",
    "ZCA",
    "CentreSurround",
    "DamagedDataError",
    "Film",
    "Font",
    "FourierFilter",
    "ImageSeries",
    "LabelledImages",
    "Motion",
    "OlshausenField",
    "PrintedDigits",
    "SpaceTimeWhitening",
    "StereoPair",
    "StereoPatches",
    "UnreadableImageError",
    "UnreadableImageWarning",
    "VisualField",
    "bar_orientation",
    "bars",
    "contrast_factors",
    "dead_leaves",
    "dialled_digits",
    "dot_stereogram",
    "drifting_gratings",
    "embedded_digits",
    "embedded_photographs",
    "every_combination",
    "filter_images",
    "find_font",
    "gratings",
    "images_as_stimuli",
    "join_on_off",
    "load_images",
    "load_mnist",
    "nearest_printed",
    "normalise_patches",
    "paired_arrays",
    "photograph_path",
    "pink_noise",
    "plaids",
    "planted_stereo",
    "printed_digits",
    "rescale_images",
    "sample_patches",
    "sample_stereo_patches",
    "sparse_noise",
    "split_digits",
    "split_on_off",
    "stereo_pair",
    "stilled",
    "subspace_noise",
    "unit_norm",
    "white_noise",
]

# Module of each name, inside this package.
_HOMES = {
    "bars": "laboratory.bars",
    "dead_leaves": "laboratory.dead_leaves",
    "drifting_gratings": "laboratory.gratings",
    "gratings": "laboratory.gratings",
    "plaids": "laboratory.gratings",
    "pink_noise": "laboratory.noise",
    "sparse_noise": "laboratory.noise",
    "white_noise": "laboratory.noise",
    "Film": "films.film",
    "MOTIONS": "films.motion",
    "Motion": "films.motion",
    "SpaceTimeWhitening": "films.whitening",
    "stilled": "films.controls",
    "ImageSeries": "laboratory.image_series",
    "images_as_stimuli": "laboratory.image_series",
    "subspace_noise": "laboratory.subspace",
    "every_combination": "laboratory.table",
    "VisualField": "laboratory.visual_field",
    "bar_orientation": "laboratory.visual_field",
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
    "dialled_digits": "digits.tones",
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
