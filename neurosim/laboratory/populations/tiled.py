"""A field larger than a patch: a network's fields on a grid of places, inhibiting each other by their overlaps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim.front_end.front_end import FrontEnd
from neurosim.front_end.parallel import AnyFrontEnd
from neurosim.laboratory.populations.streams_on_grids import StreamsOnGrids
from neurosim.laboratory.responders import Responder, feed_forward
from neurosim.networks.models import MODELS, declared

__all__ = ["Tiled", "tile"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# What a network measured on its stimuli, by the parameter that then holds it as a number.
_MEASURED = {"threshold": "threshold_", "charge": "charge_"}
# What only learning needs, or what is as large as the dictionary that it was given for.
_NOT_KEPT = ("n_neurons", "initial_dictionary")


@dataclass(frozen=True, eq=False)
class Tiled:
    """A network's fields repeated over a larger field; made by `tile`.

    Attributes
    ----------
    network : estimator
        A `neurosim.networks.ConvolutionalLCA` where an LCA's fields stand at all places, with parallel streams one for
        each; else of the untiled network's class, with all copies of its fields.
    patches : ndarray (n_neurons, n_channels, side, side)
        Fields of the untiled network.
    central : ndarray (n_neurons,), int
        Units of the tile in the middle, in the order of the untiled network's neurons.
    places : ndarray (n_tiles, 2), int
        Row and column, in the larger field, of the first pixel of each tile.
    tiles : ndarray (n_units,), int
        Which of `places` each unit of `network` has.
    neurons : ndarray (n_units,), int
        Which neuron of the untiled network each unit repeats.
    size : int
        Of the larger field, pixels.
    front_end : FrontEnd
        Of fixed gain.
    """

    network: Any = field(repr=False)
    patches: NDArray[Any] = field(repr=False)
    central: Indices = field(repr=False)
    places: Indices
    tiles: Indices = field(repr=False)
    neurons: Indices = field(repr=False)
    size: int
    front_end: AnyFrontEnd = field(repr=False)

    @property
    def side(self) -> int:
        """Of a patch, pixels."""
        return int(self.patches.shape[-1])

    @property
    def corner(self) -> tuple[int, int]:
        """Row and column of the middle tile's first pixel: ``corner`` of `neurosim.laboratory.units_of_fits`."""
        row, column = self.places[self.tiles[self.central[0]]]
        return int(row), int(column)

    @property
    def fields(self) -> Floats:
        """Fields of the central units over the larger field, (n_neurons, n_channels, size, size).

        Weights on what the front end gives; `FrontEnd.adjoint` takes them to image space.
        """
        return np.asarray(_placed(self.patches, np.array([self.corner]), self.size)[0], dtype=np.float64)

    def respond(self, images: ArrayLike) -> Floats:
        """Return what the central units answer while all are shown the images: settled activity, or rates of spikes.

        Parameters
        ----------
        images : array_like (n_images, size, size)
            Grey values, as the front end takes them.

        Returns
        -------
        ndarray (n_images, n_neurons), float64
            In the unit of the network's code; signed if that is.

        Raises
        ------
        ValueError
            If the images are not of the larger field's size.
        """
        return np.asarray(self.respond_all(images)[:, self.central])

    def respond_all(self, images: ArrayLike) -> Floats:
        """Return what the units of all tiles answer, (n_images, n_units).

        Units of the outer tiles lack neighbours on one side.
        """
        return np.asarray(self.network.transform(self._shown(images)), dtype=np.float64)

    def spike_counts(self, images: ArrayLike) -> Floats:
        """Return spikes of each central unit during a presentation: ON neurons, then OFF ones where fields have pairs.

        Raises
        ------
        ValueError
            If the network does not spike.
        """
        if not hasattr(self.network, "spike_counts"):
            raise ValueError(
                f"expected a network that spikes, got {type(self.network).__name__}, whose membranes settle; "
                "respond gives their activity"
            )
        counts = np.asarray(self.network.spike_counts(self._shown(images))["neurons"], dtype=np.float64)
        signs = counts.reshape(len(counts), -1, len(self.neurons))
        return np.asarray(signs[:, :, self.central].reshape(len(counts), -1))

    def without_interactions(self, *, threshold: float | Literal["own"] | None = 0.0) -> Responder:
        """Return the control: the same central fields, through the same front end, none acting on another.

        Parameters
        ----------
        threshold : float, "own" or None
            As for `feed_forward`: 0 rectifies, ``"own"`` is the network's, ``None`` gives the signed drive.
        """
        level = float(self.network.threshold_) if threshold == "own" else threshold
        return feed_forward(self.fields, front_end=self.front_end, threshold=level)

    def _shown(self, images: ArrayLike) -> NDArray[Any]:
        pictures = np.asarray(images)
        if pictures.ndim != 3 or pictures.shape[1:] != (self.size, self.size):
            raise ValueError(
                f"expected images (n_images, {self.size}, {self.size}) of the tiled field, got {pictures.shape}"
            )
        # Precision follows the stimuli; that of the fields is what the network was learned in.
        return self.front_end.rows(pictures).astype(self.patches.dtype)


def tile(network: Any, *, stride: int, size: int, front_end: AnyFrontEnd | None = None) -> Tiled:
    """Repeat a network's fields on a grid of places over a larger field, all inhibiting each other by their overlaps.

    On a patch there is nothing around a field: surround, size and end-stopping are there what the patch's edge makes of
    them. Threshold and all other parameters stay the network's own. Fields of an LCA, of parallel streams too, become
    those of a `neurosim.networks.ConvolutionalLCA` for each stream, and one table of overlaps serves all places; of
    other networks the population is copied with all that its neurons say to each other.

    Parameters
    ----------
    network : estimator
        Fitted, with square patches. LCA and SpikingLCA; ParallelLCA; TopographicLCA on a torus, whose sheet then goes
        on from tile to tile: pools reach from each copy of the sheet into the next. ConvolutionalLCA, to show it larger
        pictures than it was fitted to.
    stride : int
        Pixels from one tile to the next; of a ConvolutionalLCA its own.
    size : int
        Side of the larger field, pixels: the patch's and an even number of strides, so that one tile lies in the
        middle.
    front_end : FrontEnd, optional
        Of fixed gain. By default the network's ``front_end_``, or the images themselves where it has none.

    Returns
    -------
    Tiled

    Raises
    ------
    ValueError
        If the network has another kind of inhibition, which places beyond the patch would need and nobody has learned
        (SAILnet, E-I Net), or thresholds that depend on the whole stimulus (WLSC); if patches are not square, the grid
        does not fill the field, or the front end divides by contrast or is of one size only.

    Notes
    -----
    A tiled network is more overcomplete than the untiled one, by (side / stride)² in the middle. Memory: the table of
    overlaps takes n_neurons² (2⌊(side − 1) / stride⌋ + 1)² numbers, .6 million for 256 fields on patches of 16 pixels
    at stride 8. Copies (SpikingLCA, TopographicLCA) take n_units · n_channels · size² for fields and n_units² for
    inhibition: 9 tiles of 256 fields over 32×32 pixels 2.4 and 5.3 million.

    Examples
    --------
    >>> from neurosim.networks import LCA
    >>> network = LCA.from_dictionary(np.eye(4), threshold=0.1)
    >>> tiled = tile(network, stride=1, size=4)
    >>> len(tiled.places), tiled.corner, tiled.central
    (9, (1, 1), array([16, 17, 18, 19]))
    >>> image = np.zeros((1, 4, 4))
    >>> image[0, 1, 1] = 1.0
    >>> tiled.respond(image).shape
    (1, 4)
    """
    before = _fixed_gain(network, front_end)
    model = declared(network)
    if model.untiled:
        raise ValueError(
            f"expected a network whose inhibition follows from its fields, got {type(network).__name__}: "
            f"{model.untiled}; it stays on its patch (network_units)"
        )
    patches = _patches(network, before.n_channels)
    side = patches.shape[-1]
    places, n_along = _places(side, stride=stride, size=size)
    before.rows(np.zeros((1, size, size)))  # A whitening matrix is of one size.
    tiles, neurons = (axis.ravel() for axis in np.indices((len(places), len(patches))))
    if _stands_on_grids(network):
        order, larger = _on_grids(network, patches, places, size=size)
    else:
        order, larger = _copied(network, _placed(patches, places, size), n_along=n_along)
    tiles, neurons = tiles[order], neurons[order]
    in_the_middle = np.flatnonzero(tiles == len(places) // 2)
    return Tiled(
        network=larger,
        patches=patches,
        central=in_the_middle[np.argsort(neurons[in_the_middle])],
        places=places,
        tiles=tiles,
        neurons=neurons,
        size=size,
        front_end=before,
    )


def _fixed_gain(network: Any, front_end: AnyFrontEnd | None) -> AnyFrontEnd:
    own: AnyFrontEnd | None = getattr(network, "front_end_", None)
    before = front_end or own or FrontEnd()
    if before.normalise is not None:
        raise ValueError(
            f"expected a front end of fixed gain, got normalise={before.normalise!r}, which is a surround by itself; "
            "pass front_end=before.at_fixed_gain().scaled_to(patches), with patches that the network learned from"
        )
    return before


def _patches(network: Any, n_channels: int) -> NDArray[Any]:
    """Return a network's fields, (n_neurons, n_channels, side, side)."""
    if declared(network).has("positions"):
        fields = network.fields_ if network.channels > 1 else network.fields_[..., np.newaxis]
        patches = np.moveaxis(fields, -1, 1)
        if patches.ndim != 4 or patches.shape[2] != patches.shape[3] or patches.shape[1] != n_channels:
            raise ValueError(
                f"expected square fields of pictures with the front end's {n_channels} channel(s), got "
                f"field={network.field} with channels={network.channels}; films and oblongs stay on their pictures"
            )
        return np.asarray(patches)
    rows = np.asarray(network.dictionary_)
    side = round(float(np.sqrt(rows.shape[1] / n_channels)))
    if side * side * n_channels != rows.shape[1]:
        raise ValueError(
            f"expected fields on square patches with the front end's {n_channels} channel(s), got {rows.shape[1]} "
            "values; pass the front end that the network was learned with"
        )
    return rows.reshape(len(rows), n_channels, side, side)


def _places(side: int, *, stride: int, size: int) -> tuple[Indices, int]:
    """Return the corners of all tiles, row by row, and how many there are along a side."""
    beyond = size - side
    if not 1 <= stride <= side or beyond < 2 * stride or beyond % (2 * stride):
        fitting = ", ".join(str(side + 2 * k * stride) for k in (1, 2, 3)) if 1 <= stride <= side else "none"
        raise ValueError(
            f"expected a stride of 1 to {side} pixels, the patch's side, and a size of {side} and an even number of "
            f"strides, so that one tile lies in the middle, got stride={stride}, size={size}; with this stride: "
            f"{fitting}"
        )
    starts = np.arange(0, beyond + 1, stride)
    rows, columns = np.meshgrid(starts, starts, indexing="ij")
    return np.stack([rows.ravel(), columns.ravel()], axis=1), len(starts)


def _placed(patches: NDArray[Any], places: Indices, size: int) -> NDArray[Any]:
    """Return patches in the larger field at each place, (n_places, n_neurons, n_channels, size, size)."""
    n, n_channels, side, _ = patches.shape
    fields = np.zeros((len(places), n, n_channels, size, size), dtype=patches.dtype)
    for each, (row, column) in zip(fields, places, strict=True):
        each[..., row : row + side, column : column + side] = patches
    return fields


def _stands_on_grids(network: Any) -> bool:
    """Say whether a ConvolutionalLCA is the same population; what derives from an LCA may compute something else."""
    model = declared(network)
    itself = type(network) is model.estimator_class()
    return itself and model.has("settles") and not model.has("sheet")


def _on_grids(network: Any, patches: NDArray[Any], places: Indices, *, size: int) -> tuple[Indices, Any]:
    """Return a network's fields at all places, and the order of units: stream by stream, and place by place in each."""
    stride = int(places[1, 1] - places[0, 1])
    if not declared(network).has("streams"):
        return np.arange(len(places) * len(patches)), _on_grid(network, patches, stride=stride)
    n_pixels, stream = patches[0, 0].size, network.stream_
    _require_whole_channels(network, n_pixels)
    channels = [slice(seen.start // n_pixels, seen.stop // n_pixels) for seen in network.seen_]
    networks = [
        _on_grid(network, patches[stream == k][:, own], stride=stride) for k, own in enumerate(channels)
    ]
    order = np.argsort(np.tile(stream, len(places)), kind="stable")
    seen = [slice(own.start * size**2, own.stop * size**2) for own in channels]
    return order, StreamsOnGrids(networks, seen)


def _on_grid(network: Any, patches: NDArray[Any], *, stride: int) -> Any:
    """Return a ConvolutionalLCA of fields with a network's parameters."""
    kept = _parameters(network)
    if declared(network).has("positions") and (np.broadcast_to(kept["stride"], 2) != stride).any():
        raise ValueError(
            f"expected the stride at which the network's fields stand, {kept['stride']}, got stride={stride}"
        )
    kept.pop("streams", None)
    channels = patches.shape[1]
    fields = np.moveaxis(patches, 1, -1) if channels > 1 else patches[:, 0]
    kept |= {"stride": stride, "boundary": "valid", "channels": channels}
    (shared,) = (m for m in MODELS if m.has("positions") and m.has("settles") and not m.has("modalities"))
    convolutional: Any = shared.estimator_class()
    return convolutional.from_dictionary(np.ascontiguousarray(fields), **kept)


def _copied(network: Any, fields: NDArray[Any], *, n_along: int) -> tuple[Indices, Any]:
    """Return a network of all copies of fields, and the order in which it has them."""
    kept, rows = _parameters(network), fields.reshape(fields.shape[0] * fields.shape[1], -1)
    order = np.arange(len(rows))
    if declared(network).has("sheet"):
        order, kept["sheet"] = _one_sheet(network, n_along)
    return order, type(network).from_dictionary(rows[order], **kept)


def _parameters(network: Any) -> dict[str, Any]:
    """Return a network's parameters, with the numbers it measured on its stimuli."""
    given: Mapping[str, Any] = network.get_params(deep=False)
    kept = {name: value for name, value in given.items() if name not in _NOT_KEPT}
    return {
        **kept,
        **{name: float(getattr(network, measured)) for name, measured in _MEASURED.items() if name in kept},
    }


def _require_whole_channels(network: Any, n_pixels: int) -> None:
    """Raise ValueError unless every stream sees whole channels, so that shifted fields of two never overlap."""
    sizes = [seen.stop - seen.start for seen in network.seen_]
    if any(size % n_pixels for size in sizes):
        raise ValueError(
            f"expected streams that see whole channels of {n_pixels} pixels, got streams that see "
            f"{', '.join(map(str, sizes))} values; pass the front end that the network was learned with"
        )


def _one_sheet(network: Any, n_along: int) -> tuple[Indices, tuple[int, int]]:
    """Return which unit of the tiles, one after the other, each place of a sheet made of all has, and its sides."""
    if not network.torus:
        raise ValueError(
            "expected a sheet whose opposite edges meet (torus=True), got torus=False: pools would reach over the "
            "edges of tiles, and join neurons that learned nothing of each other"
        )
    row, column = np.asarray(network.positions_).T
    height, width = int(row.max()) + 1, int(column.max()) + 1
    down, across = np.divmod(np.arange(n_along**2), n_along)
    place = (down[:, None] * height + row) * (n_along * width) + across[:, None] * width + column
    return np.argsort(place.ravel()), (n_along * height, n_along * width)
