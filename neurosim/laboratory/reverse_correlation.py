"""Fields mapped with noise or natural images: the average stimulus, and what corrects it for correlated stimuli."""

import warnings
from typing import Literal, NamedTuple, get_args

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from neurosim.laboratory.noise_sums import Sums, matched_responses, neighbour_correlation, summed
from neurosim.stimuli.laboratory.image_series import ImageSeries

__all__ = ["CorrelatedStimuliWarning", "Method", "map_fields"]

Floats = NDArray[np.float64]
Method = Literal["average", "ridge", "power"]

_PARTS = 5  # one of them is held out
_UNCORRELATED = 0.1  # correlation of neighbouring pixels up to which the average is taken as it is
_STRENGTHS = np.logspace(-6, 2, 33)  # of the ridge, in mean variances of a pixel
_N_POWERS = 33  # numbers of components tried


class CorrelatedStimuliWarning(UserWarning):
    """A plain average of stimuli whose pixels are correlated: what it shows is the stimuli's correlations too."""


def map_fields(stimuli: ImageSeries, responses: ArrayLike, *, method: Method = "average") -> xr.Dataset:
    r"""Estimate the linear field of each unit from its responses to noise or natural images.

    With :math:`C` the covariance of the pixels and :math:`c` theirs with the response, the field is

    - ``"average"``: :math:`c`, in the size that predicts best: the response-weighted (spike-triggered) average. Right
      for white noise only: with natural or pink stimuli it is the field blurred by their correlations, and Gabor
      functions fit it well all the same.
    - ``"ridge"``: :math:`(C + \lambda I)^{-1} c`.
    - ``"power"``: :math:`C^{+} c` within the components of largest power. It suits natural images, in which few
      components have much of it.

    The last two choose :math:`\lambda`, or the number of components, for each unit, by how well responses to a fifth of
    the stimuli are predicted from the others. The settled response of a network with inhibition is no linear function
    of the image: its mapped field is not its dictionary row (correlations of .80 to .95 for an LCA).

    Parameters
    ----------
    stimuli : ImageSeries
        What was shown, drawn again a chunk at a time. `images_as_stimuli` takes natural images.
    responses : array_like (n_stimuli, n_units)
        From `answers`, or recorded: activity, counts, single trials or means.
    method : {"average", "ridge", "power"}
        How the field is estimated.

    Returns
    -------
    Dataset
        ``field`` (unit, row, column), response per grey value; ``prediction_r2`` (unit), of responses to the held-out
        fifth, below 0 where the mean predicts better; ``strength`` (unit), λ in mean variances of a pixel, or the
        number of components, NaN for the average. A unit that never varies has a field of zeros and NaN beside it.
        Attributes: ``neighbour_correlation`` of the stimuli's pixels, ``n_stimuli``, ``n_constant`` units.

    Raises
    ------
    ValueError
        If responses do not match the stimuli, the method is unknown, or the stimuli do not vary or are fewer than 10.

    Warns
    -----
    CorrelatedStimuliWarning
        If the average is asked for and neighbouring pixels are correlated by more than .1.

    References
    ----------
    Chichilnisky 2001, Network 12:199, doi:10.1080/713663221 (average).
    Theunissen et al. 2001, Network 12:289, doi:10.1080/net.12.3.289.316 (correlated stimuli).

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> from neurosim.laboratory.showing import answers
    >>> from neurosim.stimuli import VisualField, white_noise
    >>> noise = white_noise(2000, field=VisualField(8, 8, pixels_per_degree=8), rms=0.1, rng=0)
    >>> weights = np.random.default_rng(1).normal(size=(1, 8, 8))
    >>> found = map_fields(noise, answers(feed_forward(weights), noise))
    >>> bool(np.corrcoef(found.field.values.ravel(), weights.ravel())[0, 1] > 0.95)
    True
    """
    if method not in get_args(Method):
        raise ValueError(f"expected method to be one of {', '.join(get_args(Method))}, got {method!r}")
    answered = matched_responses(stimuli, responses)
    if len(answered) < 2 * _PARTS:
        raise ValueError(f"expected {2 * _PARTS} stimuli or more, got {len(answered)}")
    *rest, held_out = summed(stimuli, answered, parts=_PARTS)
    training = rest[0] + rest[1] + rest[2] + rest[3]
    everything = training + held_out
    height, width = stimuli.field.height, stimuli.field.width
    alike = neighbour_correlation(everything.covariance, height=height, width=width)
    if not np.trace(everything.covariance) > 0:
        raise ValueError(f"expected stimuli that vary, got {len(answered)} equal ones")
    if method == "average" and abs(alike) > _UNCORRELATED:
        warnings.warn(
            f"the average of stimuli whose neighbouring pixels are correlated (by {alike:.2f}) is a blurred field, not "
            "the unit's; take method='ridge' or 'power', or show white noise",
            CorrelatedStimuliWarning,
            stacklevel=2,
        )
    found = (
        _average(training, held_out, everything)
        if method == "average"
        else _regularised(training, held_out, everything, method)
    )
    constant = everything.variance <= 1e-20 * np.maximum(everything.response_squares / everything.n, 1e-300)
    return xr.Dataset(
        {
            "field": (
                ("unit", "row", "column"),
                np.where(constant, 0.0, found.weights).T.reshape(-1, height, width),
            ),
            "prediction_r2": ("unit", np.where(constant, np.nan, found.r2)),
            "strength": ("unit", np.where(constant, np.nan, found.strength)),
        },
        attrs={
            "method": method,
            "n_stimuli": len(answered),
            "neighbour_correlation": alike,
            "n_constant": int(constant.sum()),
            "pixels_per_degree": stimuli.field.pixels_per_degree,
        },
    )


class _Estimate(NamedTuple):
    weights: Floats  # (n_pixels, n_units)
    r2: Floats
    strength: Floats


def _average(training: Sums, held_out: Sums, everything: Sums) -> _Estimate:
    before, after = (_scaled_average(sums) for sums in (training, everything))
    r2 = _r2(before, held_out.covariance, held_out.cross, held_out.variance)
    return _Estimate(after, r2, np.full(after.shape[1], np.nan))


def _scaled_average(sums: Sums) -> Floats:
    """Return the average in the size that predicts best; for white noise that is 1 / variance."""
    power = (sums.cross * (sums.covariance @ sums.cross)).sum(axis=0)
    square = (sums.cross**2).sum(axis=0)
    return np.asarray(sums.cross * np.divide(square, power, out=np.zeros_like(square), where=power > 0))


def _regularised(training: Sums, held_out: Sums, everything: Sums, method: Method) -> _Estimate:
    """Choose the strength for each unit on the held-out part, and estimate with it from everything."""
    power, axes, cross = _components(training)
    covariance, held_cross = axes.T @ held_out.covariance @ axes, axes.T @ held_out.cross
    tried = _tried(method, len(power))
    scores = np.stack(
        [
            _r2(_gains(power, method, strength)[:, None] * cross, covariance, held_cross, held_out.variance)
            for strength in tried
        ]
    )
    best = scores.argmax(axis=0)
    power, axes, cross = _components(everything)
    gains = np.stack([_gains(power, method, strength) for strength in tried])[best].T
    return _Estimate(axes @ (gains * cross), scores.max(axis=0), tried[best])


def _components(sums: Sums) -> tuple[Floats, Floats, Floats]:
    """Return the powers of the stimuli's components, falling, these as columns, and their covariance with r."""
    power, axes = np.linalg.eigh(sums.covariance)
    power, axes = power[::-1], axes[:, ::-1]
    return power, axes, axes.T @ sums.cross


def _tried(method: Method, n_components: int) -> Floats:
    if method == "ridge":
        return _STRENGTHS
    return np.unique(np.geomspace(1, n_components, _N_POWERS).round())


def _gains(power: Floats, method: Method, strength: float) -> Floats:
    """Return what each component's covariance with the response is multiplied with."""
    if method == "ridge":
        return np.asarray(1 / (np.maximum(power, 0.0) + strength * power.mean()))
    # A direction that the stimuli hardly have cannot be seen, however many are asked for.
    there = (np.arange(len(power)) < strength) & (power > 1e-10 * power[0])
    return np.divide(1.0, power, out=np.zeros_like(power), where=there)


def _r2(weights: Floats, covariance: Floats, cross: Floats, variance: Floats) -> Floats:
    """Return the share of the responses' variance that weights predict."""
    error = variance - 2 * (weights * cross).sum(axis=0) + (weights * (covariance @ weights)).sum(axis=0)
    return np.asarray(1 - np.divide(error, variance, out=np.full_like(variance, np.inf), where=variance > 0))
