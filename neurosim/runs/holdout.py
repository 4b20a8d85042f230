"""Keep a strip of every image away from learning."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Images = dict[str, NDArray[np.float64]]


def split(
    images: Mapping[str, NDArray[np.float64]], *, fraction: float, least_width: int
) -> tuple[Images, Images]:
    """Cut every image into a left part to learn from and a right part that is held out.

    The cut is made before whitening, so that no filter carries a held-out pixel into a training patch.

    Parameters
    ----------
    images : mapping of str to ndarray (height, width)
        Grey images.
    fraction : float, in (0, 1)
        Share of the columns, counted from the right, that is held out.
    least_width : int, pixels
        How wide each part has to be: a patch and the border left out on its two sides.

    Returns
    -------
    training, held_out : dict of str to ndarray
        The same names; the two parts of an image share no pixel and together are the image.

    Raises
    ------
    ValueError
        If a part of an image is narrower than `least_width`.

    Examples
    --------
    >>> import numpy as np
    >>> training, held_out = split({"a": np.zeros((20, 100))}, fraction=0.2, least_width=16)
    >>> training["a"].shape, held_out["a"].shape
    ((20, 80), (20, 20))
    """
    cuts = {name: cut_column(image.shape[1], fraction) for name, image in images.items()}
    for name, cut in cuts.items():
        _require_room(name, cut=cut, width=images[name].shape[1], least_width=least_width)
    training = {name: image[:, : cuts[name]] for name, image in images.items()}
    held_out = {name: image[:, cuts[name] :] for name, image in images.items()}
    return training, held_out


def cut_column(width: int, fraction: float) -> int:
    """Return the first column that is held out of an image of so many columns.

    Examples
    --------
    >>> cut_column(100, 0.2)
    80
    """
    return round(width * (1 - fraction))


def _require_room(name: str, *, cut: int, width: int, least_width: int) -> None:
    narrowest = min(cut, width - cut)
    if narrowest < least_width:
        raise ValueError(
            f"image {name!r} is {width} pixels wide and would be cut into {cut} columns to learn from and "
            f"{width - cut} held out; expected at least {least_width} in each (a patch and its borders): use "
            f"a wider image, a smaller stimuli.patch_size or border, or another stimuli.held_out_fraction"
        )
