"""Iso-response curvature: whether a unit's answer bends away from its own direction when others are mixed in."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.fields.fields import checked_fields
from neurosim.laboratory.showing import Respond, answers
from neurosim.stimuli.laboratory.image_series import ImageSeries
from neurosim.stimuli.laboratory.visual_field import VisualField

__all__ = ["iso_response_curvature", "natural_strength"]

Floats = NDArray[np.float64]
_ROUNDS = 12  # of looking between two strengths, one too weak and one too strong
_HALVED = 3  # the round that goes half way, in case responses bend
_WEAKEST, _STRONGEST = 0.25, 4.0  # times the operating point: where the same response is looked for
_STEPS_BESIDE = np.array([-1.0, -2 / 3, -1 / 3, 0.0, 1 / 3, 2 / 3, 1.0])  # of the reach


def iso_response_curvature(
    respond: Respond,
    fields: ArrayLike,
    *,
    field: VisualField,
    strength: float,
    n_directions: int = 3,
    reach: float = 0.5,
) -> xr.Dataset:
    r"""Measure how the stimuli that a unit answers equally lie in planes through its own direction.

    With :math:`u` the unit's field and :math:`v` one of another unit without its part along :math:`u`, both of unit
    length, images are :math:`\bar L + \alpha u + \beta v`. The response at :math:`\alpha_0`, :math:`\beta = 0`, is
    looked for at other :math:`\beta`, and the curvature is :math:`c` in

    .. math:: \alpha(\beta)/\alpha_0 = 1 + k\,(\beta/\alpha_0) + \tfrac12 c\,(\beta/\alpha_0)^2 .

    Of a linear unit, whatever nonlinearity follows, it is 0. Above 0 the surface bends away from the origin: other
    features suppress, and more of the own one is needed. Below 0 they help (of an energy unit it is -1 towards its own
    other phase).

    Parameters
    ----------
    respond : callable
        From images (n_images, height, width) to responses (n_images, n_units).
    fields : array_like (n_units, height, width)
        Fields in image space, of the images' size, in the order of the responses.
    field : VisualField
        What an image covers.
    strength : float
        :math:`\alpha_0 / \sqrt{\text{pixels}}`: root mean square of the operating point, in grey values. Take what
        natural images have along fields (`natural_strength`), not their whole rms, some eight times as much: thresholds
        are small beside that, other units are active with both signs, and their effects cancel.
    n_directions : int
        For each unit, so many others whose fields are most like its own (cosine below .95 in size) give :math:`v`.
    reach : float
        Largest :math:`|\beta| / \alpha_0`.

    Returns
    -------
    Dataset
        ``curvature`` and ``slope`` (unit, direction), no unit; ``other`` (unit, direction), whose field gave the
        direction, -1 for none; ``response`` (unit) at the operating point. NaN where a unit is silent there, or does
        not give the same response between .25 and 4 times :math:`\alpha_0` at two :math:`\beta` on each side.
        Attribute ``n_silent`` counts the silent ones.

    Raises
    ------
    ValueError
        If fields and images differ in size, a parameter is outside its range, or responses do not match.

    References
    ----------
    Vilankar & Field 2017, J Vision 17(9):9, doi:10.1167/17.9.9.

    Examples
    --------
    >>> from neurosim.laboratory.responders import feed_forward
    >>> fields = np.random.default_rng(0).normal(size=(4, 8, 8))
    >>> field = VisualField(height=8, width=8, pixels_per_degree=8)
    >>> units = feed_forward(fields, threshold=0.1, background=0.5)
    >>> found = iso_response_curvature(units, fields, field=field, strength=0.1)
    >>> bool(abs(found.curvature).max() < 1e-4)
    True
    """
    pictures = checked_fields(fields)
    if pictures.shape[1:] != (field.height, field.width):
        raise ValueError(
            f"expected fields in image space of the images' size, {field.height} × {field.width}, got "
            f"{pictures.shape[1]} × {pictures.shape[2]}; FrontEnd.adjoint gives them"
        )
    if not 0 < strength < np.inf or not 0 < reach <= 2 or n_directions < 1:
        raise ValueError(
            f"expected strength above 0, reach in (0, 2] and 1 direction or more, got strength={strength}, "
            f"reach={reach}, n_directions={n_directions}"
        )
    planes = _planes(pictures.reshape(len(pictures), -1), n_directions)
    operating = strength * np.sqrt(field.height * field.width)
    units = np.arange(len(pictures))
    at_point = _Mixtures(respond, field, planes, operating)
    start = at_point.responses(
        units, np.zeros(len(units), dtype=int), np.ones(len(units)), np.zeros(len(units))
    )
    found = _same_response(at_point, start, reach * _STEPS_BESIDE)
    slope, curvature = _bend(found, reach * _STEPS_BESIDE)
    silent = start <= 0
    missing = silent[:, None] | (planes.other < 0)
    return xr.Dataset(
        {
            "curvature": (("unit", "direction"), np.where(missing, np.nan, curvature)),
            "slope": (("unit", "direction"), np.where(missing, np.nan, slope)),
            "other": (("unit", "direction"), planes.other),
            "response": ("unit", start),
        },
        attrs={"n_silent": int(silent.sum()), "strength": strength, "reach": reach},
    )


def natural_strength(fields: ArrayLike, images: ArrayLike, *, times: float = 2.0) -> float:
    """Return a strength for `iso_response_curvature` at which units work in natural images.

    Parameters
    ----------
    fields : array_like (n_units, height, width)
        Fields in image space.
    images : array_like (n_images, height, width)
        Natural ones, grey values.
    times : float
        Standard deviations of the images along a field; the median over fields counts.

    Raises
    ------
    ValueError
        If sizes differ, or images do not vary along the fields.

    Examples
    --------
    >>> images = np.random.default_rng(0).normal(size=(5000, 4, 4))
    >>> round(natural_strength(np.ones((1, 4, 4)), images), 1)
    0.5
    """
    own, pictures = checked_fields(fields), np.asarray(images, dtype=np.float64)
    if pictures.ndim != 3 or pictures.shape[1:] != own.shape[1:]:
        raise ValueError(
            f"expected images (n_images, height, width) of the fields' size, {own.shape[1:]}, got {pictures.shape}"
        )
    rows = own.reshape(len(own), -1)
    there = np.linalg.norm(rows, axis=1) > 0
    rows = rows[there] / np.linalg.norm(rows[there], axis=1, keepdims=True)
    spread = (pictures.reshape(len(pictures), -1) @ rows.T).std(axis=0)
    found = float(times * np.median(spread) / np.sqrt(rows.shape[1])) if there.any() else 0.0
    if not 0 < found < np.inf:
        raise ValueError(f"expected images that vary along the fields, got a strength of {found}")
    return found


@dataclass(frozen=True)
class _Planes:
    """Directions of unit length: own (n_units, n_pixels), and those beside it (n_units, n_directions, n_pixels)."""

    own: Floats
    beside: Floats
    other: NDArray[np.int64]


def _planes(rows: Floats, n_directions: int) -> _Planes:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    own = np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)
    likeness = np.abs(own @ own.T)
    likeness[likeness >= 0.95] = -1.0  # the unit itself, and copies of it
    likeness[norms[:, 0] == 0] = -1.0
    ranked = np.argsort(-likeness, axis=1, kind="stable")[:, :n_directions]
    ranked = np.pad(ranked, ((0, 0), (0, n_directions - ranked.shape[1])))
    there = np.take_along_axis(likeness, ranked, axis=1) >= 0
    beside = own[ranked] - np.einsum("up,udp->ud", own, own[ranked])[..., None] * own[:, None]
    length = np.linalg.norm(beside, axis=2, keepdims=True)
    beside = np.divide(beside, length, out=np.zeros_like(beside), where=length > 0)
    return _Planes(own, beside, np.where(there, ranked, -1))


@dataclass(frozen=True)
class _Mixtures:
    """Images of a unit's own direction and one beside it, and the unit's answers to them."""

    respond: Respond
    field: VisualField
    planes: _Planes
    operating: float

    def responses(
        self, units: NDArray[np.int64], directions: NDArray[np.int64], along: Floats, beside: Floats
    ) -> Floats:
        """Return each row's unit's response to ``along`` and ``beside``, in operating points."""
        table = pd.DataFrame({"unit": units, "direction": directions, "along": along, "beside": beside})
        every = answers(self.respond, ImageSeries(table, self.field, self._drawn))
        if every.shape[1] != len(self.planes.own):
            raise ValueError(
                f"expected responses of {len(self.planes.own)} units, one for each field, got {every.shape[1]}"
            )
        return np.asarray(every[np.arange(len(units)), units])

    def _drawn(self, table: pd.DataFrame, field: VisualField) -> Floats:
        unit, direction = table["unit"].to_numpy(), table["direction"].to_numpy()
        own = table["along"].to_numpy()[:, None] * self.planes.own[unit]
        beside = table["beside"].to_numpy()[:, None] * self.planes.beside[unit, direction]
        mixed = self.operating * (own + beside).reshape(-1, field.height, field.width)
        return np.asarray(field.mean_luminance + mixed)


def _same_response(mixtures: _Mixtures, start: Floats, beside: Floats) -> Floats:
    """Return the strength along the own direction, in operating points, that gives the response at the start again.

    All units, directions and steps together; NaN where the bracket does not hold it. Shape
    (n_units, n_directions, n_steps).
    """
    n_units, n_directions = mixtures.planes.other.shape
    shape = (n_units, n_directions, len(beside))
    unit, direction, step = (axis.ravel() for axis in np.indices(shape))
    asked = (start[unit] > 0) & (mixtures.planes.other[unit, direction] >= 0) & (beside[step] != 0)
    unit, direction, aside, wanted = unit[asked], direction[asked], beside[step[asked]], start[unit[asked]]
    strengths = np.full(shape, np.nan)
    strengths[:, :, beside == 0] = 1.0
    if not len(unit):
        return strengths
    found = _root(lambda at: mixtures.responses(unit, direction, at, aside) - wanted, len(unit))
    strengths[np.unravel_index(np.flatnonzero(asked), shape)] = found
    return strengths


def _root(excess: Callable[[Floats], Floats], n: int) -> Floats:
    """Return where n rising functions are 0, between the weakest and the strongest; NaN where they are not.

    Regula falsi as in the Illinois algorithm, with a halving in between: answers are nearly linear, thresholds apart.
    """
    low, high = np.full(n, _WEAKEST), np.full(n, _STRONGEST)
    below, above = excess(low), excess(high)
    held = (below < 0) & (above > 0)
    below, above = np.where(held, below, -1.0), np.where(held, above, 1.0)
    before = np.zeros(n)
    for round_ in range(_ROUNDS):
        straight = (low * above - high * below) / (above - below)
        at = (low + high) / 2 if round_ == _HALVED else straight
        value = excess(at)
        side = np.where(value < 0, -1.0, 1.0)
        # An end that stays a second time counts half, or it would stay for ever.
        above = np.where(side > 0, value, np.where(side == before, above / 2, above))
        below = np.where(side < 0, value, np.where(side == before, below / 2, below))
        low, high, before = np.where(side < 0, at, low), np.where(side < 0, high, at), side
        above = np.maximum(above, np.finfo(np.float64).tiny)
    return np.where(held, at, np.nan)


def _bend(strengths: Floats, beside: Floats) -> tuple[Floats, Floats]:
    """Return slope and curvature of the parabola through 1 at 0, least squares over the steps that are known."""
    known = np.isfinite(strengths)
    enough = np.minimum((known & (beside > 0)).sum(axis=-1), (known & (beside < 0)).sum(axis=-1)) >= 2
    above = np.where(known, strengths - 1, 0.0)
    weight = known.astype(np.float64)
    squares, cubes, fourths = (np.where(weight > 0, beside**k, 0.0).sum(axis=-1) for k in (2, 3, 4))
    first, second = (above * beside).sum(axis=-1), (above * beside**2).sum(axis=-1) / 2
    determinant = squares * fourths / 4 - (cubes / 2) ** 2
    safe = np.where(enough, determinant, 1.0)
    slope = (first * fourths / 4 - second * cubes / 2) / safe
    curvature = (squares * second - cubes / 2 * first) / safe
    return np.where(enough, slope, np.nan), np.where(enough, curvature, np.nan)
