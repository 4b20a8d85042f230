"""The room's public names are pinned, and none of them needs Brian2."""

import subprocess
import sys

import neurosim.stimuli

NAMES = {
    "Film",
    "MOTIONS",
    "Motion",
    "SpaceTimeWhitening",
    "stilled",
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
    "ImageSeries",
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
    "subspace_noise",
    "unit_norm",
    "white_noise",
}


def test_the_public_names_are_these_and_every_one_is_documented() -> None:
    assert set(neurosim.stimuli.__all__) == NAMES
    for name in NAMES:
        assert getattr(neurosim.stimuli, name).__doc__, name


def test_the_room_imports_neither_brian2_nor_the_heavy_owners_of_the_photographs() -> None:
    code = (
        "import sys, neurosim.stimuli as s; s.embedded_photographs(['camera', 'china']);"
        "assert not {'brian2', 'sklearn.datasets', 'skimage.transform'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
