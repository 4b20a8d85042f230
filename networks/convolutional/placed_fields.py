"""Fields where they stand in a picture, and what the codes of all of them stand for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from neurosim.engine.shared.grid import Grid
from neurosim.engine.shared.patches import add_patches
from neurosim.networks.convolutional.model import sizes_of
from neurosim.networks.convolutional.pictures import Pictures, unpadded
from neurosim.networks.lca.rate_model import Shown

__all__ = ["PlacedFields"]


class PlacedFields:
    """The side of a `neurosim.networks.convolutional.convolutional_lca.ConvolutionalLCA` that knows its grid."""

    @property
    def fields_(self: Any) -> NDArray[Any]:
        """Fields with their axes: shape (n_neurons, height, width), frames first and channels last where there are."""
        check_is_fitted(self, "dictionary_")
        behind = (self.channels,) if self.channels > 1 else ()
        return self.dictionary_.reshape(len(self.dictionary_), *self._sizes[0], *behind)

    def inverse_transform(self: Any, code: Any) -> NDArray[Any]:
        """Return the pictures that codes stand for, Φ∗a.

        Parameters
        ----------
        code : array, or list of sparse arrays
            As `transform` returns it; sparse ones are of pictures of the fitted size.

        Returns
        -------
        array, shape (n_pictures, height, width)
            With frames first and channels last where there are; rows for rows.
        """
        check_is_fitted(self, "dictionary_")
        if isinstance(code, list) and code and sparse.issparse(code[0]):
            code = np.stack([each.toarray() for each in code]).reshape(len(code), -1)
            return self._pictures(code, self._fitted_grid())
        activity = np.asarray(code)
        grid = self._grid_of(activity)
        pictures = self._pictures(activity.reshape(len(activity), -1), grid)
        if activity.ndim > 2:
            return pictures
        return np.moveaxis(pictures.reshape(len(pictures), -1, self.channels), 2, 1).reshape(
            len(pictures), -1
        )

    def reconstruct(self: Any, code: Any) -> NDArray[Any]:
        """Return the pictures that codes stand for: `inverse_transform`, in the words of pictures."""
        return self.inverse_transform(code)

    def field_at(
        self: Any, neuron: int, *position: int, shape: tuple[int, ...] | None = None
    ) -> NDArray[Any]:
        """Return the field of one neuron where it stands in a picture.

        Parameters
        ----------
        neuron : int
        *position : int
            Row and column of the grid, of films the position in time before them.
        shape : tuple of int, optional
            Height and width of the picture; those of what was fitted by default.

        Returns
        -------
        array, shape (height, width)
            With frames first and channels last where there are; zero elsewhere.
        """
        grid = self._fitted_grid() if shape is None else self._grid(shape)
        code = np.zeros((1, *grid.positions, len(self.dictionary_)), dtype=self.dictionary_.dtype)
        code[(0, *position, neuron)] = 1
        picture: NDArray[Any] = self._pictures(code.reshape(1, -1), grid)[0]
        return picture

    @property
    def middle_fields_(self: Any) -> NDArray[Any]:
        """Fields of the neurons at the middle position, as rows of a fitted picture, shape (n_neurons, n_pixels)."""
        grid = self._fitted_grid()
        here = tuple(n // 2 for n in grid.positions)
        placed = np.stack([self.field_at(k, *here) for k in range(len(self.dictionary_))])
        return self._as_rows(placed)

    @property
    def _sizes(self: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
        field = sizes_of("field", self.field)
        return field, sizes_of("stride", self.stride, n_axes=len(field))

    def _grid(self: Any, shape: tuple[int, ...]) -> Grid:
        field, stride = self._sizes
        return Grid(tuple(shape), field, stride, self.boundary, self.channels)

    def _fitted_grid(self: Any) -> Grid:
        """The grid over what was fitted, or, of a given dictionary, over the smallest picture."""
        field, stride = self._sizes
        smallest = (
            tuple(-(-p // s) * s for p, s in zip(field, stride, strict=True))
            if self.boundary == "torus"
            else field
        )
        return self._grid(getattr(self, "picture_shape_", smallest))

    @property
    def _n_features_out(self: Any) -> int:
        """Columns of a code in rows, for pictures as large as those of `fit`."""
        return self._fitted_grid().n_positions * len(self.dictionary_)

    def _grid_of(self: Any, code: NDArray[Any]) -> Grid:
        """Return the grid of a code that transform returned."""
        fitted, n_neurons = self._fitted_grid(), len(self.dictionary_)
        positions = code.shape[1:-1] if code.ndim > 2 else fitted.positions
        n_values = int(np.prod(positions)) * n_neurons
        if len(positions) != len(fitted.positions) or code.ndim < 2 or code.size != len(code) * n_values:
            raise ValueError(
                f"expected a code of shape (n_pictures, rows, columns, {n_neurons}) or (n_pictures, {n_values}), got "
                f"{code.shape}; pass what transform returned"
            )
        if positions == fitted.positions:
            return fitted
        rest = (p - s if self.boundary == "valid" else 0 for p, s in zip(*self._sizes, strict=True))
        return self._grid(tuple(m * s + r for m, s, r in zip(positions, self._sizes[1], rest, strict=True)))

    def _as_shown(self: Any, code: NDArray[Any], X: Any) -> NDArray[Any]:
        """Return codes with the axes of the grid for pictures, as rows for rows."""
        if np.ndim(X) < 3:
            return code
        shape = np.shape(X)[1 : 1 + len(self._sizes[0])]
        return code.reshape(len(code), *self._grid(shape).positions, -1)

    def _pictures(self: Any, code: NDArray[Any], grid: Grid) -> NDArray[Any]:
        pictures = unpadded(self._rebuilt(code, Pictures(np.empty((0, 0)), grid=grid)), grid)
        return pictures if self.channels > 1 else pictures[..., 0]

    def _rebuilt(self: Any, code: NDArray[Any], shown: Shown) -> NDArray[Any]:
        assert isinstance(shown, Pictures)
        rebuilt = np.zeros((len(code), shown.grid.n_pixels), dtype=np.result_type(code, self.dictionary_))
        add_patches(rebuilt, code, self.dictionary_, shown.grid.fields)
        return rebuilt

    def _as_rows(self: Any, pictures: NDArray[Any]) -> NDArray[Any]:
        """Return pictures as the rows that they came as, channels side by side."""
        return np.swapaxes(pictures.reshape(len(pictures), -1, self.channels), 1, 2).reshape(
            len(pictures), -1
        )
