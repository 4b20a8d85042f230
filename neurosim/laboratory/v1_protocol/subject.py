"""What is put through the protocol: a network behind its front end, on its patch or tiled, and its controls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.front_end.parallel import AnyFrontEnd
from neurosim.laboratory.populations.tiled import Tiled, tile
from neurosim.laboratory.v1_protocol.field_centres import centres_of_fields, natural_pixels_per_degree
from neurosim.networks.models import declared
from neurosim.stimuli.laboratory.visual_field import VisualField
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["Encode", "Subject", "subject_of"]

Floats = NDArray[np.float64]
Encode = Callable[[Floats], NDArray[np.floating]]
"""From what the front end gives, one row per image, to responses (n_images, n_units)."""


@dataclass
class Settling:
    """How many of the images shown had left the network unsettled when their time was up."""

    n_shown: int = 0
    n_unsettled: int = 0

    @property
    def unsettled(self) -> float | None:
        """Their share, None where nobody can tell."""
        return self.n_unsettled / self.n_shown if self.n_shown else None

    def count(self, unsettled: NDArray[np.bool_] | None) -> None:
        """Take in what `settle` said of some more images."""
        if unsettled is not None:
            self.n_shown += len(unsettled)
            self.n_unsettled += int(unsettled.sum())


@dataclass(frozen=True, eq=False)
class Subject:
    """A population and all that experiments need to know of it.

    Attributes
    ----------
    encode_all : callable
        The responses of all units, those of outer tiles too, to what the front end gives, one row per image.
    central : ndarray of int
        Which of them are measured.
    nearness : ndarray (n_units of all,)
        How near each of them is to the middle, for `GainControl`: 1 there and on a patch, by a Gaussian as wide as the
        stride of tiles.
    fields : ndarray (n_units, n_channels, side, side)
        Weights on what the front end gives.
    threshold : float, ndarray (n_units,) or None
        Of each unit, in the unit of what the front end gives; None where there is none.
    front_end : FrontEnd
        Of fixed gain.
    margin : int
        Pixels by which images are wider on each side than what units see: the reach of the filter.
    settling : Settling
        Counts unsettled codes, of which the network then does not warn.
    """

    encode_all: Encode
    central: NDArray[np.intp]
    nearness: Floats
    fields: Floats
    threshold: float | Floats | None
    front_end: AnyFrontEnd
    margin: int
    settling: Settling

    def encode(self, rows: Floats) -> NDArray[np.floating]:
        """Return the responses of the units that are measured."""
        return np.asarray(self.encode_all(rows)[:, self.central])

    @property
    def side(self) -> int:
        """Pixels along a side of an image."""
        return int(self.fields.shape[-1]) + 2 * self.margin

    @property
    def image_fields(self) -> Floats:
        """Fields in image space, (n_units, side, side)."""
        return self.front_end.adjoint(self.fields, margin=self.margin)

    def field(self, pixels_per_degree: float | None = None) -> VisualField:
        """Return what an image covers; without a number, median peak frequency 2.8 cycles/degree tells the scale."""
        ppd = natural_pixels_per_degree(self.image_fields) if pixels_per_degree is None else pixels_per_degree
        return VisualField(self.side, self.side, float(ppd))

    def places(self, field: VisualField) -> pd.DataFrame:
        """Return the centre of each unit's field, ``x_deg`` and ``y_deg``."""
        return centres_of_fields(self.image_fields, field=field)

    def without_interactions(self, *, signed: bool = False, threshold: bool = False) -> Encode:
        """Return the control: the same fields, none acting on another, rectified at 0 or at the network's threshold.

        With ``signed``, units of the opposite sign follow, as of a network whose units answer with both signs.
        """
        level = self.threshold if threshold else 0.0
        if level is None:
            raise ValueError("expected units with a threshold, got a network that has none")
        return _rectified(self.fields, level, signed=signed)

    def random_fields(self, rng: Randomness, *, signed: bool = False) -> Encode:
        """Return another control: fields of noise, as long as the network's own, rectified."""
        drawn = generator(rng).normal(size=self.fields.shape)
        own, lengths = (
            np.sqrt((each**2).sum(axis=(1, 2, 3), keepdims=True)) for each in (self.fields, drawn)
        )
        return _rectified(drawn * own / lengths, 0.0, signed=signed)


def subject_of(
    network: Any, *, front_end: AnyFrontEnd, margin: int, tiled: tuple[int, int] | None = None
) -> Subject:
    """Return a network as the laboratory needs it.

    Parameters
    ----------
    network : estimator
        Fitted on square patches.
    front_end : FrontEnd
        The one it was learned with; a division by contrast is left out, which would be a surround.
    margin : int
        The reach of the front end's filter, pixels. 0 for one that is defined on patches alone (`ZCA`).
    tiled : (stride, size), optional
        Repeat its fields over a larger field (`tile`), pixels.

    Returns
    -------
    Subject

    Raises
    ------
    ValueError
        If patches are not square, or the network cannot be tiled.

    Examples
    --------
    >>> from neurosim.front_end import FrontEnd
    >>> from neurosim.networks import LCA
    >>> subject = subject_of(LCA.from_dictionary(np.eye(16), threshold=0.1), front_end=FrontEnd(), margin=2)
    >>> subject.side, subject.fields.shape
    (8, (16, 1, 4, 4))
    """
    fixed = front_end.at_fixed_gain()
    model, level = declared(network), None
    if model.threshold is not None:
        found = np.asarray(getattr(network, model.threshold), dtype=np.float64)
        level = float(found) if found.ndim == 0 else found
    settling = Settling()
    how: Any = {"dtype": network.dictionary_.dtype, "settles": model.has("settles")}
    if tiled is not None:
        stride, size = tiled
        repeated = tile(network, stride=stride, size=size, front_end=fixed)
        encode, near = _encoder(repeated.network, settling, **how), _nearness(repeated, stride)
        return Subject(encode, repeated.central, near, repeated.fields, level, fixed, margin, settling)
    if model.has("positions") and not hasattr(network, "picture_shape_"):
        raise ValueError(
            "expected a network that was fitted to pictures, at whose middle units have neighbours all round, got "
            f"fields that were given: state the stride and a size of pictures, tile={{stride={network.stride}, size=…}}"
        )
    # Of neurons that stand at every position those in the middle of a picture are asked, neighbours all round.
    weights = np.asarray(network.middle_fields_ if model.has("positions") else network.dictionary_)
    side = round(float(np.sqrt(weights.shape[1] / fixed.n_channels)))
    if side * side * fixed.n_channels != weights.shape[1]:
        raise ValueError(
            f"expected fields on square patches with {fixed.n_channels} channel(s) of the front end, got "
            f"{weights.shape[1]} values; pass the front end that the network was learned with"
        )
    fields = weights.astype(np.float64).reshape(len(weights), fixed.n_channels, side, side)
    everyone = np.arange(len(fields))
    encode = _encoder(network, settling, middle=model.has("positions"), **how)
    return Subject(encode, everyone, np.ones(len(fields)), fields, level, fixed, margin, settling)


def _nearness(repeated: Tiled, stride: int) -> Floats:
    """Return a Gaussian over the distance of each unit's tile from the middle one."""
    apart = repeated.places - np.asarray(repeated.corner)
    return np.asarray(np.exp(-(apart**2).sum(axis=1) / (2 * stride**2)))[repeated.tiles]


def _encoder(network: Any, settling: Settling, *, dtype: Any, settles: bool, middle: bool = False) -> Encode:
    """Return a network's codes; those that had not settled are counted, over all images, instead of warned of."""
    asked = network.middle if middle else np.asarray

    def encode(rows: Floats) -> NDArray[np.floating]:
        if not settles:
            return np.asarray(network.transform(rows.astype(dtype)))
        code, unsettled = network.settle(rows.astype(dtype))
        settling.count(unsettled)
        return np.asarray(asked(code))

    return encode


def _rectified(fields: Floats, level: float | Floats, *, signed: bool) -> Encode:
    weights = fields.reshape(len(fields), -1).T

    def answer(rows: Floats) -> Floats:
        drive = rows @ weights
        halves = [np.maximum(each - level, 0.0) for each in ((drive, -drive) if signed else (drive,))]
        return np.concatenate(halves, axis=1)

    return answer
