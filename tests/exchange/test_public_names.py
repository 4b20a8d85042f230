"""The room's public names are pinned, documented, and imported when they are used."""

import subprocess
import sys

import neurosim.exchange
from neurosim import recordings

NAMES = {
    "ImageModel", "neo_block", "read_nwb", "to_nir", "to_table", "to_xarray", "write_csv", "write_neo", "write_nir",
    "write_nwb",
}  # fmt: skip


def test_the_public_names_are_these_and_every_one_is_documented():
    assert set(neurosim.exchange.__all__) == set(dir(neurosim.exchange)) == NAMES
    for name in NAMES:
        assert getattr(neurosim.exchange, name).__doc__, name


def test_files_of_laboratories_are_read_by_one_function():
    assert neurosim.exchange.read_nwb is recordings.read_nwb


def test_the_room_starts_neither_brian2_nor_what_its_formats_need():
    code = (
        "import sys, neurosim.exchange;"
        "assert not {'brian2', 'pynwb', 'nir', 'neo', 'xarray'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
