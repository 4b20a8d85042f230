"""Units to show stimuli to: networks with their front end, and controls without interactions."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import AnyFrontEnd

__all__ = ["Responder", "energy_units", "feed_forward", "mean_of_trials", "network_units", "poisson_counts"]

Floats = NDArray[np.float64]
Responder = Callable[[Floats], Floats]


class Encoder(Protocol):
    """What is needed of a network."""

    def transform(self, X: Any) -> Any:
        """Return the code (n_stimuli, n_neurons) of stimuli (n_stimuli, n_pixels)."""


def network_units(network: Encoder, *, front_end: AnyFrontEnd) -> Responder:
    """Return how a network answers images: its code of what the front end makes of them.

    Parameters
    ----------
    network : estimator
        With ``transform``.
    front_end : FrontEnd
        Without division by contrast, which would be a surround: `FrontEnd.at_fixed_gain`.

    Returns
    -------
    callable
        From images (n_images, height, width) to responses (n_images, n_units).

    Raises
    ------
    ValueError
        If the front end divides by contrast.

    Examples
    --------
    >>> from neurosim.networks import LCA
    >>> network = LCA.from_dictionary(np.eye(4), threshold=0.1)
    >>> network_units(network, front_end=FrontEnd())(np.ones((2, 2, 2))).shape
    (2, 4)
    """
    if front_end.normalise is not None:
        raise ValueError(
            f"expected a front end of fixed gain, got normalise={front_end.normalise!r}, which is a surround by "
            "itself: units without interactions would be suppressed by large stimuli; pass front_end.at_fixed_gain()"
        )
    return lambda images: np.asarray(network.transform(front_end.rows(images)), dtype=np.float64)


def feed_forward(
    fields: ArrayLike,
    *,
    front_end: AnyFrontEnd | None = None,
    threshold: float | None = None,
    background: float = 0.0,
) -> Responder:
    """Return units that weigh the image with a field and do not interact: the control of every experiment.

    Parameters
    ----------
    fields : array_like (n_units, height, width) or (n_units, n_channels, height, width)
        Weights on what the front end gives, of the images' size.
    front_end : FrontEnd, optional
        The network's own; the image itself by default.
    threshold : float, optional
        Units answer ``max(drive - threshold, 0)``: 0 rectifies, the network's threshold makes the other control.
        ``None``: the signed drive.
    background : float
        Grey value taken away from images first, so that units answer to contrast and not to light.

    Returns
    -------
    callable
        From images (n_images, height, width) to responses (n_images, n_units).

    Examples
    --------
    >>> units = feed_forward([[[1.0, -1.0]]], threshold=0.0)
    >>> units(np.array([[[0.7, 0.2]], [[0.2, 0.7]]]))
    array([[0.5],
           [0. ]])
    """
    drive = _drive(fields, front_end, background)
    if threshold is None:
        return drive
    return lambda images: np.maximum(drive(images) - threshold, 0.0)


def energy_units(
    even: ArrayLike,
    odd: ArrayLike,
    *,
    front_end: AnyFrontEnd | None = None,
    root: bool = False,
    background: float = 0.0,
) -> Responder:
    """Return units that square and add two fields in quadrature: ideal complex cells.

    Parameters
    ----------
    even, odd : array_like
        As for `feed_forward`, a quarter of a cycle apart.
    front_end : FrontEnd, optional
        The image itself by default.
    root : bool
        Answer the root of the sum of squares.
    background : float
        Grey value taken away from images first.

    Returns
    -------
    callable
        From images (n_images, height, width) to responses (n_images, n_units).

    References
    ----------
    Adelson & Bergen 1985, J Opt Soc Am A 2:284, doi:10.1364/JOSAA.2.000284.

    Examples
    --------
    >>> energy_units([[[1.0, 0.0]]], [[[0.0, 1.0]]])(np.array([[[3.0, 4.0]]]))
    array([[25.]])
    """
    first, second = _drive(even, front_end, background), _drive(odd, front_end, background)

    def respond(images: Floats) -> Floats:
        energy = first(images) ** 2 + second(images) ** 2
        return np.asarray(np.sqrt(energy) if root else energy)

    return respond


def poisson_counts(respond: Responder, *, spikes_per_unit: float, rng: np.random.Generator) -> Responder:
    """Return the same units with trial-to-trial noise: spike counts of a Poisson process.

    Parameters
    ----------
    respond : callable
        Units; negative activity fires nothing.
    spikes_per_unit : float
        Mean count per unit of activity.
    rng : numpy.random.Generator
        Every call is a trial of its own.

    Examples
    --------
    >>> noisy = poisson_counts(feed_forward([[[1.0]]]), spikes_per_unit=100.0, rng=np.random.default_rng(0))
    >>> float(abs(noisy(np.ones((500, 1, 1))).mean() - 100)) < 2
    True
    """
    return lambda images: rng.poisson(spikes_per_unit * np.maximum(respond(images), 0.0)).astype(np.float64)


def mean_of_trials(respond: Responder, n_trials: int) -> Responder:
    """Return units that are shown every image several times, and whose mean response counts.

    Parameters
    ----------
    respond : callable
        Units with noise.
    n_trials : int
        1 or more.

    Examples
    --------
    >>> mean_of_trials(feed_forward([[[2.0]]]), 3)(np.ones((1, 1, 1)))
    array([[2.]])
    """
    if n_trials < 1:
        raise ValueError(f"expected 1 trial or more, got n_trials={n_trials}")
    return lambda images: np.asarray(np.mean([respond(images) for _ in range(n_trials)], axis=0))


def _drive(fields: ArrayLike, front_end: AnyFrontEnd | None, background: float) -> Responder:
    before = FrontEnd() if front_end is None else front_end
    weights = np.asarray(fields, dtype=np.float64)
    rows = weights.reshape(len(weights), -1)

    def respond(images: Floats) -> Floats:
        shown = before.rows(np.asarray(images) - background)
        if shown.shape[1] != rows.shape[1]:
            raise ValueError(
                f"expected images of the fields' size, {weights.shape[1:]} with {before.n_channels} channels of the "
                f"front end, got {np.shape(images)[1:]}"
            )
        return np.asarray(shown @ rows.T)

    return respond
