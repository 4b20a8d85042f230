"""Whitening as a recipe names it: the filter, and images brought to a standard deviation by it."""

from collections.abc import Mapping

import numpy as np

from neurosim.recipes.whitening_sections import (
    CentreSurroundWhitening,
    NoWhitening,
    OlshausenWhitening,
    Whitening,
    ZCAWhitening,
)
from neurosim.runs.holdout import Images
from neurosim.stimuli.filters.centre_surround import CentreSurround
from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.olshausen import OlshausenField
from neurosim.stimuli.filters.zca import ZCA
from neurosim.stimuli.kinds.stimuli import Whitener


def whitener_of(chosen: Whitening) -> Whitener:
    """Return the whitener that a recipe names; ZCA is to be fitted.

    Parameters
    ----------
    chosen : OlshausenWhitening or another of the union
        ``[stimuli.whitening]`` of a recipe.
    """
    match chosen:
        case OlshausenWhitening():
            return OlshausenField(cutoff=chosen.cutoff, steepness=chosen.steepness, ramp=chosen.ramp)
        case CentreSurroundWhitening():
            return CentreSurround(
                centre_sigma=chosen.centre_sigma,
                surround_sigma=chosen.surround_sigma,
                surround_weight=chosen.surround_weight,
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
