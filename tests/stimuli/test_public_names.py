"""The room's public names are pinned, and none of them needs Brian2."""

import subprocess
import sys

import neurosim.stimuli

NAMES = {
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
