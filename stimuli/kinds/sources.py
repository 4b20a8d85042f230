"""What a run's record says of the files its stimuli were made from."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def file_record(path: Path, **details: Any) -> dict[str, Any]:
    """Return what is recorded of a file that was read: its name, the SHA-256 of its bytes, and any details.

    One inside an installed package is named from the package on, so that embedded photographs tell nothing about
    the machine.

    Examples
    --------
    >>> from neurosim.stimuli.images.images import photograph_path
    >>> file_record(photograph_path("camera"), shape=[512, 512])["file"]
    'skimage/data/camera.png'
    """
    return {"file": _portable(path), "sha256": sha256(path), **details}


def image_records(
    images: Mapping[str, NDArray[np.float64]], files: Mapping[str, Path]
) -> dict[str, dict[str, Any]]:
    """Return what is recorded of each image: its file, and the shape it was read with, before whitening."""
    return {name: file_record(files[name], shape=list(image.shape)) for name, image in images.items()}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _portable(path: Path) -> str:
    resolved = path.resolve()
    packages = Path(np.__file__).resolve().parent.parent
    return resolved.relative_to(packages).as_posix() if resolved.is_relative_to(packages) else str(resolved)
