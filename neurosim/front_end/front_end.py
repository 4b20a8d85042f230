"""The front end of a network: what retina and thalamus make of an image."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.front_end.checked_images import checked_images
from neurosim.front_end.contrast_gain import divided_by_local_contrast, standardised
from neurosim.front_end.kept_filter import kept_filter, kind_of, stored_filter
from neurosim.front_end.relays import BASES, relay_difference, relays
from neurosim.front_end.stored_filters import StoredFilter

__all__ = ["FrontEnd"]

Floats = NDArray[np.float64]
_FILTER = "filter_"  # before the names of the filter's arrays in what is saved
_PLAIN = ("gain", "on_off", "mean", "normalise", "pool_sigma", "semi_saturation")


@dataclass(frozen=True, eq=False)
class FrontEnd:
    r"""Filter, gain, division by contrast, ON and OFF relays, in this order; arrays in, arrays out.

    One object serves learning, laboratory and image space, and is saved with a network as plain arrays: a filter is
    kept as a table of its gains, a kernel, or a whitening matrix.

    Parameters
    ----------
    filter : None, filter, whitener or kernel
        Something with ``transfer(frequency_y, frequency_x)`` (`neurosim.stimuli.OlshausenField`, `CentreSurround`), a
        fitted `ZCA`, or a kernel (height, width) that is the same when mirrored. Images are continued by their mirror
        image at the border.
    gain : float
        What the filtered image is multiplied with: one number for all images. `scaled_to` finds it.
    on_off : None, "split", "push_pull" or float
        ``None``: one signed channel. ``"split"``: two, ``max(±x, 0)``. A number b, 0 or more, in the unit of the
        filtered image times the gain: ``max(±x, -b)``, relays that can fall b below their rest.
        ``"push_pull"``: ``±x``, relays without a floor.
    mean : tuple of float, optional
        Taken away from each channel at last, in its unit: the mean rate, to which what follows has adapted. One
        number for each channel; `adapted` measures them.
    normalise : None, "patch" or "local"
        ``"patch"``: every image without its mean and divided by its standard deviation (a constant one is all zeros).
        ``"local"``: every pixel divided by the contrast around it. Either *is a surround*: units without any
        interaction are then suppressed by large stimuli, so the laboratory uses `at_fixed_gain`.
    pool_sigma, semi_saturation : float
        Of ``normalise="local"``: standard deviation of the Gaussian in pixels, and the contrast that is added, in the
        unit of the filtered image times the gain.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    TypeError
        If the filter is none.

    Examples
    --------
    >>> from neurosim.stimuli.filters.olshausen import OlshausenField
    >>> front_end = FrontEnd(OlshausenField(), gain=4.0, on_off="split")
    >>> images = np.random.default_rng(0).random((5, 24, 24))
    >>> front_end.apply(images).shape, front_end.rows(images).shape
    ((5, 2, 24, 24), (5, 1152))
    """

    filter: Any = None
    gain: float = 1.0
    on_off: Literal["split", "push_pull"] | float | None = None
    mean: tuple[float, ...] | None = None
    normalise: Literal["patch", "local"] | None = None
    pool_sigma: float = 4.0
    semi_saturation: float = 1.0
    _stored: StoredFilter = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.gain < np.inf:
            raise ValueError(f"expected a gain above 0, got {self.gain!r}")
        _check_relays(self.on_off)
        if self.normalise not in (None, "patch", "local"):
            raise ValueError(f"normalise: expected None, 'patch' or 'local', got {self.normalise!r}")
        for name in ("pool_sigma", "semi_saturation"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"expected {name} above 0, got {getattr(self, name)!r}")
        if self.mean is not None:
            object.__setattr__(self, "mean", _checked_mean(self.mean, self.n_channels))
        object.__setattr__(self, "_stored", kept_filter(self.filter))

    @property
    def n_channels(self) -> int:
        """How many values each pixel has: 2 with ON and OFF relays, else 1."""
        return 1 if self.on_off is None else 2

    def apply(self, images: ArrayLike) -> Floats:
        """Return what the network is shown.

        Parameters
        ----------
        images : array_like (n_images, height, width)
            Grey values, any unit.

        Returns
        -------
        ndarray (n_images, n_channels, height, width), float64
            ON before OFF.

        Raises
        ------
        ValueError
            If the images are not a finite three-dimensional array, or of another size than a whitening matrix.
        """
        channels = self._channels(checked_images(images, "images"))
        return channels if self.mean is None else channels - np.array(self.mean)[:, None, None]

    def _channels(self, images: Floats) -> Floats:
        values = self.gain * self._stored.apply(images)
        if self.normalise == "patch":
            values = standardised(values)
        elif self.normalise == "local":
            values = divided_by_local_contrast(
                values, pool_sigma=self.pool_sigma, semi_saturation=self.semi_saturation
            )
        channels = values[:, None]
        if self.on_off is None:
            return channels
        base = BASES[self.on_off] if isinstance(self.on_off, str) else float(self.on_off)
        return np.asarray(relays(channels, base=base, axis=1))

    def rows(self, images: ArrayLike) -> Floats:
        """Return the same as stimuli (n_images, n_channels * height * width), one per row, as networks take them."""
        shown = self.apply(images)
        return shown.reshape(len(shown), -1)

    def adjoint(self, fields: ArrayLike, *, margin: int = 0) -> Floats:
        r"""Return what fields on the filtered image look for in the image itself.

        For a front end without division and relays, :math:`\langle A s, f\rangle = \langle s, A^\top f\rangle` to
        rounding. With relays, ON minus OFF is taken first: exact while no relay is at its floor, apart from
        :math:`\langle m, f\rangle` of the mean that is taken away. A division by contrast has no adjoint, and that of
        the linear part is returned, which has the same shape.

        Parameters
        ----------
        fields : array_like (n_fields, n_channels, height, width), or (n_fields, height, width) for one channel
            Any unit; weights of a network after ``reshape(-1, n_channels, height, width)``.
        margin : int
            Pixels added on each side before: the filter spreads a field.

        Returns
        -------
        ndarray (n_fields, height + 2 * margin, width + 2 * margin), float64

        Raises
        ------
        ValueError
            If the fields have another shape or are not finite, or the margin is negative.
        """
        weights = np.asarray(fields, dtype=np.float64)
        if self.n_channels == 1 and weights.ndim == 3:
            weights = weights[:, None]
        if weights.ndim != 4 or weights.shape[1] != self.n_channels:
            raise ValueError(
                f"expected fields of shape (n_fields, {self.n_channels}, height, width), got {weights.shape}; reshape "
                f"a dictionary with dictionary.reshape(-1, {self.n_channels}, height, width)"
            )
        if margin < 0:
            raise ValueError(f"expected a margin of 0 pixels or more, got {margin}")
        signed = weights if self.n_channels == 1 else relay_difference(weights, axis=1)
        padded = np.pad(checked_images(signed[:, 0], "fields"), ((0, 0), (margin, margin), (margin, margin)))
        return self.gain * self._stored.adjoint(padded)

    def at_fixed_gain(self) -> "FrontEnd":
        """Return the same without division by contrast: for the laboratory, where the division would be a surround."""
        return replace(self, filter=self._stored, normalise=None)

    def scaled_to(self, images: ArrayLike, *, rms: float = 1.0) -> "FrontEnd":
        """Return the same with the gain that brings filtered images to a root mean square, all by one factor.

        Where a mean is taken away from channels, it is measured anew on these images.

        Parameters
        ----------
        images : array_like (n_images, height, width)
            What the network lives on: natural images.
        rms : float
            Root mean square of all filtered pixels after the gain.

        Raises
        ------
        ValueError
            If nothing is left of the images after the filter, or ``rms`` is not above 0.
        """
        pictures = checked_images(images, "images")
        found = float(np.sqrt(np.mean(self._stored.apply(pictures) ** 2)))
        if not 0 < rms < np.inf or found <= 1e-12 * np.abs(pictures).max():
            raise ValueError(
                f"expected an rms above 0 and images that the filter leaves something of, got rms={rms} and {found:.3g}"
            )
        scaled = replace(self, filter=self._stored, gain=rms / found)
        if self.mean is None:
            return scaled
        return replace(scaled, mean=tuple(scaled._channels(pictures).mean(axis=(0, 2, 3))))

    def to_dict(self) -> dict[str, Any]:
        """Return arrays, numbers and words that `from_dict` makes the same front end of; ``None`` is left out."""
        plain = {name: getattr(self, name) for name in _PLAIN if getattr(self, name) is not None}
        if self.mean is not None:
            plain["mean"] = np.array(self.mean)
        kept = {f"{_FILTER}{name}": value for name, value in self._stored.arrays().items()}
        return {**plain, f"{_FILTER}kind": kind_of(self._stored), **kept}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> "FrontEnd":
        """Return the front end that `to_dict` described.

        Parameters
        ----------
        saved : mapping of str to array, number or str
            Zero-dimensional arrays count as numbers and words, so what comes back from .npz will do.

        Raises
        ------
        ValueError
            If a name is unknown or the filter is not whole.
        """
        plain = {name: _plain(value) for name, value in saved.items()}
        unknown = [name for name in plain if name not in _PLAIN and not name.startswith(_FILTER)]
        if unknown or f"{_FILTER}kind" not in plain:
            raise ValueError(
                f"expected a front end as to_dict writes it ({', '.join(_PLAIN)}, {_FILTER}kind, …), got "
                f"{', '.join(sorted(plain)) or 'nothing'}"
            )
        arrays = {
            name.removeprefix(_FILTER): value
            for name, value in plain.items()
            if name.startswith(_FILTER) and name != f"{_FILTER}kind"
        }
        stored = stored_filter(plain[f"{_FILTER}kind"], arrays)
        return cls(filter=stored, **{name: plain[name] for name in _PLAIN if name in plain})


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic | np.ndarray) and np.ndim(value) == 0 else value


def _check_relays(on_off: object) -> None:
    known = on_off is None or (isinstance(on_off, str) and on_off in BASES)
    is_base = (
        isinstance(on_off, int | float | np.number) and not isinstance(on_off, bool) and 0 <= on_off < np.inf
    )
    if not known and not is_base:
        raise ValueError(
            f"on_off: expected None, {', '.join(map(repr, BASES))} or a base of 0 or more, got {on_off!r}"
        )


def _checked_mean(mean: Any, n_channels: int) -> tuple[float, ...]:
    values = np.asarray(mean, dtype=np.float64)
    if values.shape != (n_channels,) or not np.isfinite(values).all():
        raise ValueError(f"mean: expected a finite number for each of {n_channels} channel(s), got {mean!r}")
    return tuple(values.tolist())
