"""Networks and controls on a patch: shown are images that are wider, by as much as the filter before them reaches."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neurosim.front_end.parallel import AnyFrontEnd
from neurosim.laboratory.responders import Responder
from neurosim.laboratory.v1_protocol.subject import Encode

__all__ = ["through_window"]

Floats = NDArray[np.float64]


def through_window(
    encoders: Mapping[str, Encode], *, front_end: AnyFrontEnd, margin: int, background: float
) -> Responder:
    """Return units that see the middle of images, filtered as whole images are.

    A patch that is filtered by itself would be continued by its mirror image, at which a grating breaks.

    Parameters
    ----------
    encoders : mapping of str to callable
        Populations that are shown the same; their units stand side by side in this order.
    front_end : FrontEnd
        Of fixed gain.
    margin : int
        Pixels by which images are wider on each side than what the units see.
    background : float
        Grey value taken away from images first, so that units answer to contrast and not to light.

    Returns
    -------
    callable
        From images (n_images, height, width) to responses (n_images, n_units of all).

    Raises
    ------
    ValueError
        If the front end divides by contrast.

    Examples
    --------
    >>> from neurosim.front_end import FrontEnd
    >>> units = through_window({"sum": lambda rows: rows.sum(axis=1, keepdims=True)}, front_end=FrontEnd(),
    ...                        margin=1, background=0.5)
    >>> units(np.ones((1, 4, 4)))
    array([[2.]])
    """
    if front_end.normalise is not None:
        raise ValueError(
            f"expected a front end of fixed gain, got normalise={front_end.normalise!r}, which is a surround by "
            "itself: units without interactions would be suppressed by large stimuli; pass front_end.at_fixed_gain()"
        )

    def respond(images: Floats) -> Floats:
        filtered = front_end.apply(np.asarray(images) - background)
        height, width = filtered.shape[2:]
        inside = filtered[:, :, margin : height - margin, margin : width - margin]
        rows = np.ascontiguousarray(inside).reshape(len(inside), -1)
        return np.concatenate(
            [np.asarray(encode(rows), dtype=np.float64) for encode in encoders.values()], axis=1
        )

    return respond
