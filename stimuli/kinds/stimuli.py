"""What a run shows to a network: one modality or several, to learn from and to be measured on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import AnyFrontEnd, ParallelFrontEnd
from neurosim.stimuli.filters.fourier_filter import FourierFilter
from neurosim.stimuli.filters.on_off import join_on_off
from neurosim.stimuli.filters.zca import ZCA

Arrays = dict[str, NDArray[np.floating]]
"""Rows (n_stimuli, n_features) by modality."""

Whitener = FourierFilter | ZCA | None
"""What is done to images, or, by ZCA, to patches of them."""

Scalar = TypeVar("Scalar", bound=np.floating)

PATCHES = "patches"
"""Name of the only modality of photographs."""


class Labels(NamedTuple):
    """Classes of the stimuli."""

    training: NDArray[np.int64]
    """Shape (n_train,)."""
    held_out: NDArray[np.int64]
    """Shape (n_test,); never shown to a network."""


class Rotated(NamedTuple):
    """Of rows that are no pictures as they are: what a unit of each entry stands for."""

    frames: int
    """Side by side in a picture."""
    pictures: NDArray[np.float32]
    """Shape (n_features, height, frames * width)."""


class ImageSpace(NamedTuple):
    """The way back from fields on whitened patches to fields in the image."""

    whitener: Whitener | AnyFrontEnd
    """What was done to the images, or, by ZCA, to the patches; relays where a recipe names them, or a front end of one
    channel; None for nothing."""
    pictures: tuple[NDArray[np.float64], ...] = ()
    """The parts of the images that were learned from, before the filter."""

    def fields(self, fields: NDArray[np.float64], *, margin: int) -> NDArray[np.float64]:
        """Return what fields look for in the image, wider by the margin on each side.

        Parameters
        ----------
        fields : ndarray (n, height, width); of relays (n, n_channels, height, width)
            Weights.
        margin : int
            Pixels.

        Returns
        -------
        ndarray (n, height + 2 * margin, width + 2 * margin)
        """
        if self.whitener is None:
            return np.pad(fields, ((0, 0), (margin, margin), (margin, margin)))
        if isinstance(self.whitener, FrontEnd | ParallelFrontEnd):
            return self.whitener.adjoint(fields, margin=margin)
        return self.whitener.to_image_space(fields, margin=margin)


@dataclass(frozen=True, kw_only=True)
class Stimuli:
    """Stimuli of one run, by modality; row k of every modality is the same thing.

    Parameters
    ----------
    training : dict of str to ndarray (n_train, n_features)
        To learn from.
    held_out : dict of str to ndarray (n_test, n_features)
        To be measured on.
    shapes : dict of str to (height, width)
        How the rows of a modality become pictures; a row twice as long is split into ON and OFF, one four times as
        long into those of two relays, and so on.
    sources : dict
        What they were made from, for the run's record.
    labels : Labels or None
        Classes, where there are any.
    image_space : ImageSpace or None
        Of patches of images: where fields are compared with cortex.
    front_end : FrontEnd, ParallelFrontEnd or None
        What made the only modality of images, where a front end can say it.
    """

    training: Arrays
    held_out: Arrays
    shapes: dict[str, tuple[int, int]]
    sources: dict[str, Any]
    labels: Labels | None = None
    image_space: ImageSpace | None = None
    front_end: AnyFrontEnd | None = None

    @property
    def names(self) -> list[str]:
        """The modalities, in their order."""
        return list(self.training)

    @property
    def n_train(self) -> int:
        """Number of stimuli to learn from."""
        return len(next(iter(self.training.values())))

    def pictures(self, rows: Mapping[str, NDArray[np.floating]]) -> dict[str, NDArray[np.float64]]:
        """Return rows (n, n_features) as pictures (n, height, width) by modality: ON minus OFF where split.

        The pictures of several relays stand side by side, each as wide as a patch.
        """
        return {name: np.concatenate(self._signed(name, values), axis=2) for name, values in rows.items()}

    def fields(self, rows: Mapping[str, NDArray[np.floating]]) -> dict[str, NDArray[np.float64]]:
        """Return weights (n, n_features) as fields (n, height, width) by modality: ON minus OFF where split.

        Those on several relays are added up.
        """
        return {name: np.sum(self._signed(name, values), axis=0) for name, values in rows.items()}

    def rotated(self) -> dict[str, Rotated]:
        """Return the modalities whose rows are no pictures as they are, with the way back to pictures."""
        return {}

    def image_fields(self, rows: NDArray[np.floating], *, margin: int) -> NDArray[np.float64]:
        """Return what weights (n, n_features) look for in the image, wider than a patch by the margin on each side."""
        assert self.image_space is not None
        ((name, shape),) = self.shapes.items()
        if isinstance(self.image_space.whitener, ParallelFrontEnd):
            channels = np.asarray(rows, dtype=np.float64).reshape(len(rows), -1, *shape)
            return self.image_space.fields(channels, margin=margin)
        return self.image_space.fields(self.fields({name: rows})[name], margin=margin)

    def normalised(self, how: str) -> Self:
        """Return the same stimuli, each divided by its standard deviation (``"std"``), its norm, or nothing."""
        if how == "none":
            return self
        if isinstance(self.front_end, ParallelFrontEnd):
            raise ValueError(f"expected 'none' for relays, whose gain is fixed, got {how!r}")
        training, held_out = (
            {name: self._scaled(name, rows, how) for name, rows in part.items()}
            for part in (self.training, self.held_out)
        )
        front_end = (
            None if self.front_end is None or how != "std" else replace(self.front_end, normalise="patch")
        )
        return replace(self, training=training, held_out=held_out, front_end=front_end)

    def _signed(self, name: str, rows: NDArray[np.floating]) -> list[NDArray[np.float64]]:
        """Return ON minus OFF (n, height, width) of each relay; rows that were not split as they are."""
        height, width = self.shapes[name]
        n_channels = rows.shape[1] // (height * width)
        relays = np.split(rows, max(n_channels // 2, 1), axis=1)
        signed = relays if n_channels == 1 else [join_on_off(pair) for pair in relays]
        return [np.asarray(each, dtype=np.float64).reshape(-1, height, width) for each in signed]

    def _scaled(self, name: str, rows: NDArray[np.floating], how: str) -> NDArray[np.floating]:
        signed = self._signed(name, rows)[0].reshape(len(rows), -1)
        if how == "std":
            scale = signed.std(axis=1, dtype=np.float64, keepdims=True)
        else:
            scale = np.linalg.norm(signed, axis=1, keepdims=True)
        return np.asarray(rows / scale, dtype=rows.dtype)


def only(rows: Mapping[str, NDArray[Scalar]]) -> NDArray[Scalar]:
    """Return the rows of the single modality there is."""
    (alone,) = rows.values()
    return alone


def picture_shape(n_features: int) -> tuple[int, int]:
    """Return the shape of a stimulus nobody has told the shape of: square where it can be, else one row.

    Parameters
    ----------
    n_features : int
        Length of a stimulus.

    Examples
    --------
    >>> picture_shape(64), picture_shape(40)
    ((8, 8), (1, 40))
    """
    side = round(n_features**0.5)
    return (side, side) if side * side == n_features else (1, n_features)
