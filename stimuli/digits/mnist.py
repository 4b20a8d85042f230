"""MNIST's handwritten digits, from files of one's own or fetched once."""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from neurosim.datasets.mnist import MIRRORS, MNIST_FILES, MNISTFile, MNISTSplit
from neurosim.stimuli.digits.idx import DamagedDataError, parse_idx, uncompressed
from neurosim.stimuli.labelled import LabelledImages


def load_mnist(
    split: MNISTSplit = "train", *, folder: str | PathLike[str] | None = None, download: bool = False
) -> LabelledImages:
    """Return the training or test digits of MNIST: 60,000 or 10,000 images of 28 × 28 pixels.

    The four IDX files, gzip or plain, are looked for in ``folder``; where that is not given, in
    ``$NEUROSIM_DATA/mnist``, in ``$NEUROSIM_DATA`` and among earlier downloads, in this order; in each of these
    also in ``raw`` and ``MNIST/raw``, and under names with a dot (``train-images.idx3-ubyte``). Whatever is found
    must have the published content (SHA-256 of the uncompressed bytes).

    Parameters
    ----------
    split : {"train", "test"}
        Which of the two sets.
    folder : path, optional
        Look here instead.
    download : bool
        If true, a file that is in none of the folders is fetched, once, into the platform's cache folder (on
        Linux ``~/.cache/neurosim/mnist``), and again if what is there is damaged. Nothing is written to
        ``folder`` or ``$NEUROSIM_DATA``.

    Returns
    -------
    LabelledImages
        Images in [0, 1] (stored bytes / 255), ink bright; labels 0 to 9, in the order of the files.

    Raises
    ------
    ValueError
        If there is no such split.
    FileNotFoundError
        If ``folder`` or the folder in ``NEUROSIM_DATA`` is not there, or a file is found nowhere; other packings
        of MNIST that lie there are named.
    DamagedDataError
        If a file is cut short, damaged or another one; the message names it, what was expected and what it
        is.
    ConnectionError
        If no mirror gives the file.

    References
    ----------
    LeCun, Bottou, Bengio & Haffner 1998, Proc IEEE 86:2278, doi:10.1109/5.726791. CC BY-SA 3.0.

    Examples
    --------
    >>> load_mnist("test", folder="no such folder")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no such folder: expected a folder that holds MNIST, found none; correct `folder`
    """
    if split not in get_args(MNISTSplit):
        raise ValueError(f"expected split to be one of {', '.join(get_args(MNISTSplit))}, got {split!r}")
    folders = _folders(folder, download=download)
    images, labels = (
        read_mnist_file(_located(file, folders, download=download), file)
        for file in (MNIST_FILES[split, "images"], MNIST_FILES[split, "labels"])
    )
    source = f"MNIST {split} set (LeCun, Cortes & Burges), IDX files of the published SHA-256"
    pixels = np.divide(images, np.float32(255), dtype=np.float32)
    return LabelledImages(pixels, labels.astype(np.int64), source)


def read_mnist_file(path: str | PathLike[str], file: MNISTFile) -> NDArray[np.uint8]:
    """Return the bytes of one file of MNIST after testing that it is the file it should be.

    Parameters
    ----------
    path : path
        The file, gzip or plain.
    file : MNISTFile
        What it should hold.

    Returns
    -------
    ndarray of uint8, read-only
        Of shape ``file.shape``.

    Raises
    ------
    DamagedDataError
        At the first of: magic number, number of bytes, shape, SHA-256 of the uncompressed content.

    Examples
    --------
    >>> content = bytes([0, 0, 8, 1, 0, 0, 0, 2, 4, 9])
    >>> _ = Path("labels").write_bytes(content)
    >>> tiny = MNISTFile("labels", (2,), hashlib.sha256(content).hexdigest(), "")
    >>> read_mnist_file("labels", tiny).tolist()
    [4, 9]
    """
    content = uncompressed(path, at_most=max(map(_n_bytes, (file, *MNIST_FILES.values()))))
    values = parse_idx(content, n_dimensions=len(file.shape), name=str(path))
    sha256 = hashlib.sha256(content).hexdigest()
    same = [known.name for known in MNIST_FILES.values() if known.sha256 == sha256]
    really = f"; this is the content of {same[0]}" if same else ""
    if values.shape != file.shape:
        raise DamagedDataError(
            f"{path}: expected {_sizes(file.shape)} ({file.name}), got {_sizes(values.shape)}{really}; "
            "put the right file in its place"
        )
    if sha256 != file.sha256:
        raise DamagedDataError(
            f"{path}: expected content with SHA-256 {file.sha256} ({file.name}), got {sha256}{really}; "
            "the file is damaged or of another data set: fetch it again"
        )
    return values


def _folders(folder: str | PathLike[str] | None, *, download: bool) -> list[Path]:
    """Return the folders to look in; the ones that the user named have to be there."""
    if folder is not None:
        given = Path(os.path.expanduser(folder))
        if not given.is_dir():
            raise FileNotFoundError(
                f"{folder}: expected a folder that holds MNIST, found {'a file' if given.is_file() else 'none'}; "
                "correct `folder`"
            )
        return [given]
    # Where fetching is allowed pooch looks after the cache itself, and replaces what is damaged.
    cache = [] if download else [_cache()]
    named = os.environ.get("NEUROSIM_DATA")
    if not named:
        return cache
    data = Path(os.path.expanduser(named))
    if not data.is_dir():
        raise FileNotFoundError(
            f"{data}: expected the environment variable NEUROSIM_DATA to name a folder, found none there; "
            "correct or unset it"
        )
    return [data / "mnist", data, *cache]


def _located(file: MNISTFile, folders: list[Path], *, download: bool) -> Path:
    found = next((path for folder in folders for path in _candidates(file, folder) if path.is_file()), None)
    if found is not None:
        return found
    if download:
        return _fetched(file)
    raise FileNotFoundError(
        f"expected {file.name}.gz or {file.name}, found neither in {', '.join(map(str, folders))}"
        f"{_other_packings(folders)}; put MNIST's "
        f"files ({', '.join(f'{known.name}.gz' for known in MNIST_FILES.values())}) in $NEUROSIM_DATA/mnist "
        "(NEUROSIM_DATA is an environment variable), name their folder with `folder`, or pass download=True"
    )


def _candidates(file: MNISTFile, folder: Path) -> Iterator[Path]:
    """Yield where a file may be: as published, with a dot for a dash, or where torchvision and Kaggle put it."""
    dotted = file.name.replace("-idx", ".idx")
    for inside in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for name in (file.name, dotted):
            yield from (inside / name, inside / f"{name}.gz", inside / name / name, inside / name / dotted)


def _other_packings(folders: list[Path]) -> str:
    """Return in words what else of MNIST is there, which is not read."""
    found = sorted(
        {
            path.name
            for folder in folders
            if folder.is_dir()
            for path in folder.iterdir()
            if re.search(r"mnist|train|t10k|test", path.name, re.IGNORECASE)
            and path.name.lower().endswith(
                (".npz", ".pkl", ".pkl.gz", ".csv", ".parquet", ".zip", ".mat", ".arff")
            )
        }
    )
    return f" but {', '.join(found[:4])}, another packing, which is not read" if found else ""


def _fetched(file: MNISTFile) -> Path:
    import pooch

    name, failures = f"{file.name}.gz", []
    for mirror in MIRRORS:
        store = pooch.create(path=_cache(), base_url=mirror, registry={name: f"sha256:{file.sha256_gz}"})
        try:
            return Path(store.fetch(name))
        except (
            OSError,
            ValueError,
        ) as error:  # no answer (or nowhere to write); or not the published content
            failures.append(f"{mirror} ({type(error).__name__}: {error})")
    raise ConnectionError(
        f"expected {name} from one of {len(MIRRORS)} mirrors, got it from none: {'; '.join(failures)}; "
        "try later, or put the file in $NEUROSIM_DATA/mnist"
    )


def _cache() -> Path:
    import pooch

    return Path(pooch.os_cache("neurosim")) / "mnist"


def _n_bytes(file: MNISTFile) -> int:
    return 4 * (1 + len(file.shape)) + math.prod(file.shape)


def _sizes(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape)
