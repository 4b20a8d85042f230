"""Several front ends side by side, as relays of different kinds that see the same image."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.front_end.front_end import FrontEnd

__all__ = ["AnyFrontEnd", "ParallelFrontEnd"]

Floats = NDArray[np.float64]
_RELAY, _NAMES = "relay_", "relay_names"


@dataclass(frozen=True, eq=False)
class ParallelFrontEnd:
    """Front ends that see the same images; their channels stand one after the other.

    It has the methods of `FrontEnd`, and goes wherever one goes.

    Parameters
    ----------
    front_ends : sequence of FrontEnd
        At least one.
    names : sequence of str, optional
        By which they are called, each its own; ``"0"``, ``"1"``, … by default.

    Raises
    ------
    ValueError
        If there is none, or names do not tell them apart.

    Examples
    --------
    >>> both = ParallelFrontEnd([FrontEnd(on_off=0.5), FrontEnd(gain=2.0)], names=["broad", "sharp"])
    >>> images = np.random.default_rng(0).random((5, 8, 8))
    >>> both.n_channels, both.apply(images).shape, both.rows(images).shape
    (3, (5, 3, 8, 8), (5, 192))
    >>> both.channels
    {'broad': slice(0, 2, None), 'sharp': slice(2, 3, None)}
    """

    front_ends: Sequence[FrontEnd]
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        parts = tuple(self.front_ends)
        names = tuple(self.names) or tuple(str(number) for number in range(len(parts)))
        if not parts or not all(isinstance(part, FrontEnd) for part in parts):
            raise ValueError(f"expected one FrontEnd or more, got {self.front_ends!r}")
        if len(names) != len(parts) or len(set(names)) < len(names):
            raise ValueError(f"expected {len(parts)} names that tell front ends apart, got {list(names)}")
        object.__setattr__(self, "front_ends", parts)
        object.__setattr__(self, "names", names)

    @property
    def n_channels(self) -> int:
        """How many values each pixel has."""
        return sum(part.n_channels for part in self.front_ends)

    @property
    def channels(self) -> dict[str, slice]:
        """Which channels each front end gives, by its name."""
        ends = np.cumsum([part.n_channels for part in self.front_ends]).tolist()
        starts = [0, *ends[:-1]]
        return {name: slice(*ends_of) for name, *ends_of in zip(self.names, starts, ends, strict=True)}

    @property
    def normalise(self) -> str | None:
        """How images are divided by their contrast: as the first that does so does; None where none does."""
        return next((part.normalise for part in self.front_ends if part.normalise is not None), None)

    def apply(self, images: ArrayLike) -> Floats:
        """Return what the network is shown, (n_images, n_channels, height, width), as `FrontEnd.apply`."""
        return np.concatenate([part.apply(images) for part in self.front_ends], axis=1)

    def rows(self, images: ArrayLike) -> Floats:
        """Return the same as stimuli (n_images, n_channels * height * width), one per row, as networks take them."""
        shown = self.apply(images)
        return shown.reshape(len(shown), -1)

    def adjoint(self, fields: ArrayLike, *, margin: int = 0) -> Floats:
        """Return what fields over all channels look for in the image: the sum of what each front end's adjoint gives.

        Parameters
        ----------
        fields : array_like (n_fields, n_channels, height, width)
            Any unit; weights of a network after ``reshape(-1, n_channels, height, width)``.
        margin : int
            As for `FrontEnd.adjoint`.

        Returns
        -------
        ndarray (n_fields, height + 2 * margin, width + 2 * margin), float64

        Raises
        ------
        ValueError
            If the fields have another shape or are not finite, or the margin is negative.
        """
        weights = np.asarray(fields, dtype=np.float64)
        if weights.ndim != 4 or weights.shape[1] != self.n_channels:
            raise ValueError(
                f"expected fields of shape (n_fields, {self.n_channels}, height, width), got {weights.shape}; reshape "
                f"a dictionary with dictionary.reshape(-1, {self.n_channels}, height, width)"
            )
        parts = zip(self.front_ends, self.channels.values(), strict=True)
        return np.asarray(sum(part.adjoint(weights[:, own], margin=margin) for part, own in parts))

    def at_fixed_gain(self) -> "ParallelFrontEnd":
        """Return the same without division by contrast, as `FrontEnd.at_fixed_gain`."""
        return replace(self, front_ends=[part.at_fixed_gain() for part in self.front_ends])

    def scaled_to(self, images: ArrayLike, *, rms: float | Iterable[float] = 1.0) -> "ParallelFrontEnd":
        """Return the same with the gains that bring filtered images to root mean squares, as `FrontEnd.scaled_to`.

        Parameters
        ----------
        images : array_like (n_images, height, width)
            What the network lives on: natural images.
        rms : float or iterable of float
            Of all front ends, or of each. `adapted` has another measure: of the channels.

        Raises
        ------
        ValueError
            As `FrontEnd.scaled_to`, or if numbers are not as many as front ends.
        """
        each = list(rms) if isinstance(rms, Iterable) else [rms] * len(self.front_ends)
        if len(each) != len(self.front_ends):
            raise ValueError(f"expected an rms for each of {', '.join(self.names)}, got {len(each)}")
        pairs = zip(self.front_ends, each, strict=True)
        return replace(self, front_ends=[part.scaled_to(images, rms=own) for part, own in pairs])

    def to_dict(self) -> dict[str, Any]:
        """Return arrays, numbers and words that `from_dict` makes the same of, as `FrontEnd.to_dict`."""
        saved: dict[str, Any] = {_NAMES: np.array(self.names)}
        for number, part in enumerate(self.front_ends):
            saved |= {f"{_RELAY}{number}_{key}": value for key, value in part.to_dict().items()}
        return saved

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> "ParallelFrontEnd":
        """Return the front ends that `to_dict` described.

        Raises
        ------
        ValueError
            If a front end is missing, or one is not as `FrontEnd.to_dict` writes it.
        """
        if _NAMES not in saved:
            raise ValueError(
                f"expected front ends as to_dict writes them ({_NAMES}, {_RELAY}0_gain, …), got "
                f"{', '.join(sorted(saved)) or 'nothing'}"
            )
        names = [str(name) for name in np.atleast_1d(saved[_NAMES])]
        starts = [f"{_RELAY}{number}_" for number in range(len(names))]
        unknown = [key for key in saved if key != _NAMES and not key.startswith(tuple(starts))]
        if unknown:
            raise ValueError(
                f"expected {len(names)} front ends, {', '.join(names)}, got {', '.join(unknown)} too"
            )
        parts = [
            FrontEnd.from_dict(
                {key.removeprefix(start): value for key, value in saved.items() if key.startswith(start)}
            )
            for start in starts
        ]
        return cls(parts, names=names)


AnyFrontEnd = FrontEnd | ParallelFrontEnd
"""What lies between image and network: one front end, or several side by side."""
