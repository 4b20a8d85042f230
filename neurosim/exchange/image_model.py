"""Any network as a model that others can call: images in, responses out."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.exchange.pictures import picture_shape
from neurosim.exchange.source import NetworkOrRun, Source, source_of
from neurosim.front_end.checked_images import checked_images
from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import AnyFrontEnd

__all__ = ["ImageModel"]

Floats = NDArray[np.float64]


class ImageModel:
    """A network with its front end, which answers images: for benchmarks such as Brain-Score, and for laboratories.

    It is a function of images too, as `neurosim.laboratory` takes units: ``size_tuning(model, …)``.

    Parameters
    ----------
    network_or_run : estimator, str or Path
        A fitted network, a file that ``net.save`` wrote, or the folder of a run.
    pixels_per_degree : float, optional
        How many of the network's pixels are a degree of visual angle. A network has no such number of its own:
        `neurosim.laboratory.natural_pixels_per_degree` finds the one at which its fields prefer what cells prefer.
    front_end : FrontEnd, optional
        What makes stimuli of images; by default the network's ``front_end_``, and where it has none, images are its
        stimuli. One that divides by contrast (`FrontEnd.at_fixed_gain`) is a surround by itself.
    shape : tuple of int, optional
        Height and width of the network's field in pixels, by default those of a run's patches, or a square.
    condition : str, optional
        Which network of a run of several.

    Attributes
    ----------
    identifier : str
        Name of the run, the file, or the estimator's class.
    image_shape : tuple of int
        Height and width in pixels of the images it sees.
    visual_degrees : tuple of float or None
        The same in degrees, if it was told how many pixels are one.
    n_units : int
        Length of a response.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such run, it is not whole, the network sees several kinds of stimuli at once, or a number is
        impossible.

    References
    ----------
    Schrimpf et al. 2020, Neuron 108:413, doi:10.1016/j.neuron.2020.07.040 (Brain-Score).

    Examples
    --------
    >>> from neurosim.networks import LCA
    >>> model = ImageModel(LCA.from_dictionary(np.eye(4), threshold=0.1), pixels_per_degree=4)
    >>> model.identifier, model.image_shape, model.visual_degrees
    ('LCA', (2, 2), (0.5, 0.5))
    >>> model.respond(np.ones((3, 2, 2))).shape
    (3, 4)
    >>> model.respond(np.ones((3, 8, 8)), pixels_per_degree=16).round(2)[0].tolist()
    [0.9, 0.9, 0.9, 0.9]
    """

    def __init__(
        self,
        network_or_run: NetworkOrRun,
        *,
        pixels_per_degree: float | None = None,
        front_end: AnyFrontEnd | None = None,
        shape: tuple[int, int] | None = None,
        condition: str | None = None,
    ) -> None:
        source = source_of(network_or_run, condition=condition)
        self.network, self.identifier = source.network, source.name
        self.pixels_per_degree = _checked(pixels_per_degree)
        own = front_end or getattr(self.network, "front_end_", None)
        self.front_end: AnyFrontEnd = FrontEnd() if own is None else own
        self._filtered = own is not None
        _require_one_kind(source)
        n_channels = self.front_end.n_channels
        stacked = picture_shape(source, shape=shape, n_channels=n_channels)
        self.image_shape = _one_channel(stacked, n_channels, source.name)

    @property
    def visual_degrees(self) -> tuple[float, float] | None:
        """Height and width of the network's field in degrees."""
        if self.pixels_per_degree is None:
            return None
        height, width = self.image_shape
        return height / self.pixels_per_degree, width / self.pixels_per_degree

    @property
    def n_units(self) -> int:
        """How many units answer."""
        return len(self.network.get_feature_names_out())

    def respond(self, images: ArrayLike, *, pixels_per_degree: float | None = None) -> Floats:
        """Return what the network answers.

        Parameters
        ----------
        images : array_like (n_images, height, width)
            Grey values, in the unit of the images that the front end was made for (photographs: 0 to 1).
        pixels_per_degree : float, optional
            Of the images, where that is another than the model's: they are brought to the model's pixels, smoothed
            where these are larger. By default they are in the model's pixels.

        Returns
        -------
        ndarray (n_images, n_units), float64
            The network's code: settled activity, rates or spike counts.

        Raises
        ------
        ValueError
            If the images are not finite, or cover another field than the network's: nothing is cut or filled.

        Warns
        -----
        UserWarning
            If a front end is shown images of 8 bits, 0 to 255, as they come from files.
        """
        pictures = checked_images(images, "images")
        self._warn_of_bytes(np.asarray(images))
        seen = pictures if pixels_per_degree is None else self._in_own_pixels(pictures, pixels_per_degree)
        if seen.shape[1:] != self.image_shape:
            raise ValueError(
                f"expected images of {self._field()}, got {_words(pictures.shape[1:], pixels_per_degree)}; cut them, "
                "state their pixels_per_degree, or repeat the network over a larger field (neurosim.laboratory.tile)"
            )
        rows = self.front_end.rows(seen).astype(self._dtype(), copy=False)
        return np.asarray(self.network.transform(rows), dtype=np.float64)

    __call__ = respond

    def _warn_of_bytes(self, images: NDArray[Any]) -> None:
        if self._filtered and images.dtype == np.uint8 and images.size and images.max() > 1:
            warnings.warn(
                f"{self.identifier}: images of 8 bits, up to {images.max()}, where front ends of photographs are made "
                "for grey values from 0 to 1; divide them by 255 (with a front end for 0 to 255, pass floats)",
                stacklevel=3,
            )

    def _in_own_pixels(self, images: Floats, pixels_per_degree: float) -> Floats:
        if self.pixels_per_degree is None:
            raise ValueError(
                f"images at {pixels_per_degree} pixels per degree need a model that knows its own: "
                "ImageModel(network, pixels_per_degree=...)"
            )
        theirs = _checked(pixels_per_degree)
        assert theirs is not None
        n_images, *sides = images.shape
        height, width = (round(side * self.pixels_per_degree / theirs) for side in sides)
        if (height, width) == tuple(sides) or 0 in (height, width):
            return images
        from skimage.transform import resize

        smaller = height < sides[0]
        resized: Floats = resize(images, (n_images, height, width), order=1, anti_aliasing=smaller)  # type: ignore[no-untyped-call]
        return resized

    def _field(self) -> str:
        return _words(self.image_shape, self.pixels_per_degree)

    def _dtype(self) -> Any:
        return getattr(self.network, "dictionary_", np.empty(0)).dtype


def _require_one_kind(source: Source) -> None:
    if len(kinds := getattr(source.network, "modalities_", {})) > 1:
        raise ValueError(
            f"{source.name}: expected a network that sees images alone, got one that sees {', '.join(kinds)} at once; "
            "call its transform"
        )


def _words(sides: tuple[int, ...], pixels_per_degree: float | None) -> str:
    pixels = f"{sides[0]} × {sides[1]} pixels"
    if pixels_per_degree is None:
        return pixels
    return f"{pixels} ({' × '.join(f'{side / pixels_per_degree:.3g}' for side in sides)} degrees)"


def _checked(pixels_per_degree: float | None) -> float | None:
    if pixels_per_degree is not None and not 0 < pixels_per_degree < np.inf:
        raise ValueError(f"pixels_per_degree: expected a number above 0, got {pixels_per_degree!r}")
    return pixels_per_degree


def _one_channel(shape: tuple[int, int], n_channels: int, name: str) -> tuple[int, int]:
    """Return height and width of an image, of which each channel of the front end has one."""
    if shape[0] % n_channels:
        raise ValueError(
            f"{name}: expected stimuli of {n_channels} channels, as its front end makes them, got pictures of "
            f"{shape[0]} × {shape[1]}; pass shape=(height, width) of an image"
        )
    return shape[0] // n_channels, shape[1]
