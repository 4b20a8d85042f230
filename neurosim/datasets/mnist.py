"""The four files of MNIST: sizes, checksums and where they can be had."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["MIRRORS", "MNIST_FILES", "MNISTFile", "MNISTSplit"]

MNISTSplit = Literal["train", "test"]

# Folders on line that hold the four gzip files as first published.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)


@dataclass(frozen=True)
class MNISTFile:
    """One file of MNIST (LeCun, Cortes & Burges; CC BY-SA 3.0).

    Attributes
    ----------
    name : str
        Name of the plain IDX file; the compressed one ends in ``.gz``.
    shape : tuple of int
        (n, height, width) of images, (n,) of labels.
    sha256 : str
        Of the uncompressed content, which is the same whoever compressed it.
    sha256_gz : str
        Of the gzip file as first published, which the mirrors serve. A copy that somebody compressed again
        has another one.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str
    sha256_gz: str


MNIST_FILES: dict[tuple[MNISTSplit, Literal["images", "labels"]], MNISTFile] = {
    ("train", "images"): MNISTFile(
        "train-images-idx3-ubyte",
        (60_000, 28, 28),
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    ("train", "labels"): MNISTFile(
        "train-labels-idx1-ubyte",
        (60_000,),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    ("test", "images"): MNISTFile(
        "t10k-images-idx3-ubyte",
        (10_000, 28, 28),
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    ("test", "labels"): MNISTFile(
        "t10k-labels-idx1-ubyte",
        (10_000,),
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
}
