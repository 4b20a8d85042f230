"""Images before patches are cut: a strip of each is kept away from learning, then the filter of a recipe."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neurosim.stimuli.filters.centre_surround import CentreSurround
from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.olshausen import OlshausenField
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.kinds.patches import (
    CentreSurroundFilter,
    NoWhitening,
    OlshausenFilter,
    Whitening,
    ZCAWhitening,
)
from neurosim.stimuli.kinds.stimuli import Whitener

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


def whitener_of(chosen: Whitening | OlshausenFilter | CentreSurroundFilter) -> Whitener:
    """Return the whitener that ``[stimuli.whitening]``, or the filter of relays, names; ZCA is to be fitted."""
    match chosen:
        case OlshausenFilter():
            return OlshausenField(cutoff=chosen.cutoff, steepness=chosen.steepness, ramp=chosen.ramp)
        case CentreSurroundFilter():
            return CentreSurround(
                centre_sigma=chosen.centre_sigma,
                surround_sigma=chosen.surround_sigma,
                surround_weight=chosen.surround_weight,
                cutoff=chosen.cutoff,
                steepness=chosen.steepness,
            )
        case ZCAWhitening():
            return ZCA(regularisation=chosen.regularisation)
        case NoWhitening():
            return None


def filtered(parts: tuple[Images, Images], *, chosen: Whitening, whitener: Whitener) -> tuple[Images, Images]:
    """Return images to learn from and held-out ones after the filter, scaled alike.

    Parameters
    ----------
    parts : two dicts of str to ndarray (height, width)
        Training and held-out parts of the same images.
    chosen : OlshausenWhitening or another of the union
        ``[stimuli.whitening]`` of a recipe.
    whitener : FourierFilter, ZCA or None
        From `whitener_of`; images are as they were unless it is a filter.

    Returns
    -------
    training, held_out : dict of str to ndarray
        Factors of contrast are measured on the training parts alone.

    Raises
    ------
    ValueError
        If a filtered image is constant.
    """
    if not isinstance(whitener, FourierFilter) or isinstance(chosen, ZCAWhitening | NoWhitening):
        return parts
    training, held_out = ({name: whitener.apply(image) for name, image in part.items()} for part in parts)
    factors = _contrast_factors(training, std=chosen.std, shared=chosen.scale == "set")
    return _scaled(training, factors), _scaled(held_out, factors)


def _contrast_factors(images: Images, *, std: float, shared: bool) -> dict[str, float]:
    """Return what brings images to a standard deviation; from the training parts alone, used on both."""
    deviation = {name: float(image.std()) for name, image in images.items()}
    flat = [name for name, value in deviation.items() if value <= 1e-10]
    if flat:
        raise ValueError(
            f"expected images with contrast, got a constant one: {', '.join(flat)}; leave it out"
        )
    overall = float(np.sqrt(np.mean(np.square(list(deviation.values())))))
    return {name: std / (overall if shared else deviation[name]) for name in images}


def _scaled(images: Images, factors: Mapping[str, float]) -> Images:
    return {name: image * factors[name] for name, image in images.items()}
