"""Photographs that need no download, and image files of one's own."""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Iterable
from importlib.util import find_spec
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.image_files.decoding import read_grey
from neurosim.stimuli.image_files.picture import UnreadableImageError, UnreadableImageWarning

# name: (package, file inside it). All ten are files of the wheels; none is fetched by pooch.
PHOTOGRAPHS: dict[str, tuple[str, str]] = {
    "camera": ("skimage", "data/camera.png"),
    "chelsea": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "astronaut": ("skimage", "data/astronaut.png"),
    "grass": ("skimage", "data/grass.png"),
    "gravel": ("skimage", "data/gravel.png"),
    "brick": ("skimage", "data/brick.png"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
}

IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""What `load_images` takes for an image when it lists a folder (in either case)."""


def photograph_path(name: str) -> Path:
    """Return the file of one embedded photograph.

    Parameters
    ----------
    name : str
        A key of ``PHOTOGRAPHS``.

    Returns
    -------
    pathlib.Path
        The file inside the installed scikit-image or scikit-learn package.

    Raises
    ------
    ValueError
        If no photograph has that name; the nearest name is suggested.
    FileNotFoundError
        If the installed package came without the file.

    Examples
    --------
    >>> photograph_path("camera").name
    'camera.png'
    """
    if name not in PHOTOGRAPHS:
        near = difflib.get_close_matches(str(name).lower(), PHOTOGRAPHS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ValueError(
            f"expected an embedded photograph, got {name!r}; {hint}choose from {', '.join(PHOTOGRAPHS)}"
        )
    package, inside = PHOTOGRAPHS[name]
    # The package is located, not imported: scikit-learn alone would take a second.
    spec = find_spec(package)
    path = Path(spec.origin).parent / inside if spec and spec.origin else Path(package) / inside
    if not path.is_file():
        raise FileNotFoundError(
            f"expected the photograph {name!r} inside the installed package {package!r} ({inside}), "
            "found none; install it from its wheel, or leave the photograph out"
        )
    return path


def embedded_photographs(names: str | Iterable[str] | None = None) -> dict[str, NDArray[np.float64]]:
    """Return the photographs inside the scikit-image and scikit-learn wheels, in grey.

    Nothing is downloaded. Grey is the Rec. 709 weighted sum of the encoded red, green and blue
    (`neurosim.stimuli.image_files.decoding.LUMINANCE_WEIGHTS`). The rocket is in Adobe RGB; its values stay as encoded,
    those that all figures of this package were measured with, where `load_images` would convert them to sRGB.

    Parameters
    ----------
    names : str or iterable of str, optional
        Keys of ``PHOTOGRAPHS``; all ten by default.

    Returns
    -------
    dict of str to ndarray (height, width), float64, in [0, 1]
        In the order of ``names``.

    Raises
    ------
    ValueError
        If a name is unknown (the nearest is suggested) or given twice, or there is none.

    Examples
    --------
    >>> {name: image.shape for name, image in embedded_photographs(["camera", "china"]).items()}
    {'camera': (512, 512), 'china': (427, 640)}
    """
    wanted = [names] if isinstance(names, str) else list(PHOTOGRAPHS if names is None else names)
    if not wanted:
        raise ValueError(f"expected at least one photograph, got none; choose from {', '.join(PHOTOGRAPHS)}")
    repeated = sorted({name for name in wanted if wanted.count(name) > 1})
    if repeated:
        raise ValueError(f"expected every photograph once, got {', '.join(repeated)} more than once")
    return {name: read_grey(photograph_path(name), as_encoded=True) for name in wanted}


def load_images(
    paths_or_folder: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    skip_unreadable: bool = False,
    smallest: int = 1,
) -> dict[str, NDArray[np.float64]]:
    """Return image files in grey, sorted by path, so that the same files give the same set everywhere.

    Parameters
    ----------
    paths_or_folder : path, or iterable of paths
        A folder, of which every file with a suffix in ``IMAGE_SUFFIXES`` is read (not its sub-folders, nor
        hidden files), or image files.
    skip_unreadable : bool
        If true, a file that cannot be read, or is too small, is left out with a warning that names it.
    smallest : int
        Height and width that every image needs, in pixels: of patches, their size and twice the border.

    Returns
    -------
    dict of str to ndarray (height, width), float64, in [0, 1]
        Keys are file names; whole paths as given where two files share a name. `read_grey` says how pixels
        become grey.

    Raises
    ------
    FileNotFoundError
        If there is no such folder or it holds no image.
    UnreadableImageError
        If a file is missing, truncated, too small or cannot be turned into grey; the message names it. With
        ``skip_unreadable``, only if no file could be read.

    Warns
    -----
    UnreadableImageWarning
        For each file that ``skip_unreadable`` leaves out.

    Examples
    --------
    >>> list(load_images([photograph_path("rocket"), photograph_path("camera")]))
    ['camera.png', 'rocket.jpg']
    """
    paths = _image_paths(paths_or_folder)
    names = [path.name for path in paths]
    images: dict[str, NDArray[np.float64]] = {}
    for path in paths:
        try:
            key = path.name if names.count(path.name) == 1 else path.as_posix()
            images[key] = _large_enough(read_grey(path), path, smallest)
        except UnreadableImageError as error:
            if not skip_unreadable:
                raise UnreadableImageError(
                    f"{error}; or pass skip_unreadable=True to go on without it"
                ) from error.__cause__
            warnings.warn(f"left out: {error}", UnreadableImageWarning, stacklevel=2)
    if not images:
        raise UnreadableImageError(
            f"expected a readable image, got {len(paths)} files and could read none of them"
        )
    return images


def _large_enough(image: NDArray[np.float64], path: Path, smallest: int) -> NDArray[np.float64]:
    height, width = image.shape
    if min(height, width) < smallest:
        raise UnreadableImageError(
            f"{path}: expected at least {smallest} × {smallest} pixels, got {height} × {width}; leave it out"
        )
    return image


def _image_paths(paths_or_folder: str | PathLike[str] | Iterable[str | PathLike[str]]) -> list[Path]:
    """Return the files meant, sorted by path and each once."""
    if isinstance(paths_or_folder, str | PathLike):
        folder = Path(os.path.expanduser(paths_or_folder))
        paths = _images_in(folder) if folder.is_dir() else [folder]
    else:
        paths = [Path(os.path.expanduser(path)) for path in paths_or_folder]
    if not paths:
        raise FileNotFoundError("expected at least one image file, got an empty list")
    repeated = sorted({str(path) for path in paths if paths.count(path) > 1})
    if repeated:
        raise ValueError(
            f"expected every file once, got {', '.join(repeated)} more than once; drop the repeats"
        )
    return sorted(paths, key=lambda path: path.as_posix())


def _images_in(folder: Path) -> list[Path]:
    # A link that leads nowhere is listed, so that reading it says so.
    listed = [
        path for path in folder.iterdir() if path.is_file() or (path.is_symlink() and not path.exists())
    ]
    files = [path for path in listed if not path.name.startswith(".")]
    images = [path for path in files if path.suffix.lower() in IMAGE_SUFFIXES]
    if not images:
        raise FileNotFoundError(
            f"{folder}: expected image files ({' '.join(IMAGE_SUFFIXES)}), found {len(files)} files of which "
            "none is one; check the folder, or list the files themselves"
        )
    return images
