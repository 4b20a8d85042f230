"""Fields where they stand in several pictures, and what the codes of all of them stand for."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim.engine.shared.grid import Grid
from neurosim.engine.shared.patches import add_patches
from neurosim.networks.convolutional.linked_pictures import LinkedPictures, farthest, made_of
from neurosim.networks.convolutional.pictures import unpadded
from neurosim.networks.lca.rate_model import Shown

__all__ = ["PlacedInSeveral"]


class PlacedInSeveral:
    """The side of a `neurosim.networks.ConvolutionalLinkedLCA` that knows its grids."""

    @property
    def fields_(self: Any) -> dict[str, NDArray[Any]]:
        """Fields with their axes by modality: shape (n_neurons, height, width), frames first and channels last."""
        found = {}
        for name, fields in self.dictionaries_.items():
            made = made_of(self, name)
            behind = (made.channels,) if made.channels > 1 else ()
            found[name] = fields.reshape(len(fields), *made.field, *behind)
        return found

    def reconstruct(self: Any, code: ArrayLike) -> dict[str, NDArray[Any]]:
        """Return the pictures of every modality that codes stand for, Φ_m∗a.

        Parameters
        ----------
        code : array
            As `transform` returns it.

        Returns
        -------
        dict of str to array, shape (n_pictures, height, width)
            With frames first and channels last where there are; rows for rows.
        """
        check_is_fitted(self, "dictionary_")
        activity = np.asarray(code)
        grids = self._grids_of(activity)
        shown = LinkedPictures(np.empty((0, 0)), grid=grids[0], grids=grids)
        rebuilt = self._rebuilt(activity.reshape(len(activity), -1), shown)
        parts = np.split(rebuilt, np.cumsum([grid.n_pixels for grid in grids])[:-1], axis=1)
        found = {}
        for name, part, grid in zip(self.modalities_, parts, grids, strict=True):
            pictures = unpadded(part, grid)
            if activity.ndim == 2:  # rows have channels side by side
                pixels = pictures.reshape(len(pictures), -1, grid.channels)
                found[name] = np.moveaxis(pixels, 2, 1).reshape(len(pictures), -1)
            else:
                found[name] = pictures if grid.channels > 1 else pictures[..., 0]
        return found

    def inverse_transform(self: Any, code: ArrayLike) -> NDArray[Any]:
        """Return what codes stand for in all modalities side by side, as rows.

        Parameters
        ----------
        code : array
            As `transform` returns it.

        Returns
        -------
        array, shape (n_pictures, sum of pixels)
            Channels of each picture side by side.
        """
        activity = np.asarray(code)
        grids = self._grids_of(activity)
        parts = self.reconstruct(code)
        if activity.ndim == 2:
            return np.hstack(list(parts.values()))
        pixels = [
            each.reshape(len(each), -1, g.channels) for each, g in zip(parts.values(), grids, strict=True)
        ]
        return np.hstack([np.moveaxis(each, 2, 1).reshape(len(each), -1) for each in pixels])

    @property
    def middle_fields_(self: Any) -> dict[str, NDArray[Any]]:
        """Fields of the neurons at the middle position, as rows of fitted pictures, by modality."""
        grids, n_neurons = self._fitted_grids(), len(self.dictionary_)
        code = np.zeros((n_neurons, *grids[0].positions, n_neurons), dtype=self.dictionary_.dtype)
        everyone = np.arange(n_neurons)
        code[(everyone, *(n // 2 for n in grids[0].positions), everyone)] = 1
        found: dict[str, NDArray[Any]] = self.reconstruct(code.reshape(n_neurons, -1))
        return found

    def _fitted_grids(self: Any) -> tuple[Grid, ...]:
        """The grids over what was fitted, or, of given dictionaries, over the smallest pictures."""
        made = {name: made_of(self, name) for name in getattr(self, "modalities_", {"": 0})}
        if hasattr(self, "picture_shapes_"):
            return tuple(each.over(self.picture_shapes_[name]) for name, each in made.items())
        if self.boundary == "valid":
            return tuple(each.over(each.field) for each in made.values())
        whole = [[-(-p // s) for p, s in zip(each.field, each.stride, strict=True)] for each in made.values()]
        return tuple(each.with_positions(tuple(map(max, *whole, whole[0]))) for each in made.values())

    def _fitted_grid(self: Any) -> Grid:
        return farthest(self._fitted_grids())

    def _absent(self: Any, name: str, positions: tuple[int, ...]) -> Grid:
        """Return the grid over what a modality would have shown: pictures as fitted, or of the smallest size."""
        if shape := getattr(self, "picture_shapes_", {}).get(name):
            fitted = made_of(self, name).over(shape)
            if fitted.positions == positions:
                return fitted
        return made_of(self, name).with_positions(positions)

    @property
    def _n_features_out(self: Any) -> int:
        """Columns of a code in rows, for pictures as large as those of `fit`."""
        return self._fitted_grids()[0].n_positions * len(self.dictionary_)

    def _grid_of(self: Any, code: NDArray[Any]) -> Grid:
        """Return one of the grids; all have the same positions."""
        grid: Grid = self._grids_of(code)[0]
        return grid

    def _grids_of(self: Any, code: NDArray[Any]) -> tuple[Grid, ...]:
        """Return the grids of a code that transform returned."""
        fitted, n_neurons = self._fitted_grids(), len(self.dictionary_)
        positions = code.shape[1:-1] if code.ndim > 2 else fitted[0].positions
        n_values = int(np.prod(positions)) * n_neurons
        if len(positions) != len(fitted[0].positions) or code.ndim < 2 or code.size != len(code) * n_values:
            raise ValueError(
                f"expected a code of shape (n_pictures, rows, columns, {n_neurons}) or (n_pictures, {n_values}), got "
                f"{code.shape}; pass what transform returned"
            )
        return tuple(self._absent(name, positions) for name in self.modalities_)

    def _flat(self: Any, code: ArrayLike, shown: LinkedPictures) -> NDArray[Any]:
        """Return the codes of what is shown as rows."""
        activity, n_values = np.asarray(code), shown.grid.n_positions * len(self.dictionary_)
        if activity.shape[:1] != (len(shown.stimuli),) or activity.size != len(activity) * n_values:
            raise ValueError(
                f"expected one code of {n_values} values for each of {len(shown.stimuli)} pictures, got an array of "
                f"shape {activity.shape}; pass what transform returned"
            )
        return activity.reshape(len(activity), -1)

    def _as_shown(self: Any, code: NDArray[Any], X: Any) -> NDArray[Any]:
        """Return codes with the axes of the grid for pictures, as rows if all are rows."""
        for name, pictures in X.items():
            if np.ndim(pictures) > 2:
                made = made_of(self, name)
                grid = made.over(np.shape(pictures)[1 : 1 + len(made.field)])
                return code.reshape(len(code), *grid.positions, -1)
        return code

    def _rebuilt(self: Any, code: NDArray[Any], shown: Shown) -> NDArray[Any]:
        assert isinstance(shown, LinkedPictures)
        dtype = np.result_type(code, self.dictionary_)
        rebuilt = [np.zeros((len(code), grid.n_pixels), dtype=dtype) for grid in shown.grids]
        for each, fields, grid in zip(rebuilt, self._split(self.dictionary_), shown.grids, strict=True):
            add_patches(each, code, np.ascontiguousarray(fields), grid.fields)
        return np.hstack(rebuilt)
