"""The table of MNIST's files agrees with itself; the files themselves are tested where they are read."""

import re

from neurosim.datasets.mnist import MIRRORS, MNIST_FILES


def test_each_split_has_as_many_labels_as_images() -> None:
    for split in ("train", "test"):
        assert MNIST_FILES[split, "images"].shape == (*MNIST_FILES[split, "labels"].shape, 28, 28)


def test_checksums_are_eight_different_sha_256() -> None:
    sums = [value for file in MNIST_FILES.values() for value in (file.sha256, file.sha256_gz)]
    assert len(set(sums)) == 8
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in sums)


def test_mirrors_are_folders_to_which_a_name_can_be_added() -> None:
    assert len(set(MIRRORS)) == len(MIRRORS) >= 2
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in MIRRORS)
