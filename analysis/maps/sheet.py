"""Neurons on a sheet: places, distances and neighbours on a grid or a torus."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Sheet"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """A grid of neurons, row by row: neuron k sits at row ``k // width``, column ``k % width``.

    Parameters
    ----------
    height, width : int, 1 or more
        Neurons from top to bottom and from left to right. Neighbours in a row are 1 apart.
    torus : bool
        Whether the last row is a neighbour of the first, and the last column of the first.

    Raises
    ------
    ValueError
        If a side is not a whole number of 1 or more.

    Examples
    --------
    >>> sheet = Sheet(3, 4, torus=True)
    >>> sheet.n_neurons, sheet.positions[5].tolist()
    (12, [1, 1])
    """

    height: int
    width: int
    torus: bool

    def __post_init__(self) -> None:
        for name, side in (("height", self.height), ("width", self.width)):
            if isinstance(side, bool) or not isinstance(side, int | np.integer) or side < 1:
                raise ValueError(f"expected a whole number of 1 or more as the sheet's {name}, got {side!r}")

    @property
    def n_neurons(self) -> int:
        """How many neurons the sheet holds."""
        return int(self.height * self.width)

    @property
    def positions(self) -> NDArray[np.int64]:
        """Row and column of every neuron, shape (n_neurons, 2)."""
        return np.stack(np.divmod(np.arange(self.n_neurons), self.width), axis=1)

    def distances(self, neurons: ArrayLike | None = None) -> Floats:
        """Return the distance of neurons from all neurons, along the shortest way.

        Parameters
        ----------
        neurons : array_like of int, shape (n,), optional
            Which neurons. Default all of them.

        Returns
        -------
        ndarray, shape (n, n_neurons)
            In steps from neuron to neuron; on a torus the way may lead across the edge.

        Raises
        ------
        ValueError
            If a neuron is not on the sheet.

        Examples
        --------
        >>> Sheet(1, 5, torus=True).distances([0])
        array([[0., 1., 2., 2., 1.]])
        """
        chosen = np.arange(self.n_neurons) if neurons is None else np.asarray(neurons)
        if chosen.ndim != 1 or ((chosen < 0) | (chosen >= self.n_neurons)).any():
            raise ValueError(f"expected a list of neurons from 0 to {self.n_neurons - 1}, got {neurons!r}")
        rows, columns = self._separations()
        (row, column), (own_row, own_column) = self.positions.T, self.positions[chosen].T
        return np.asarray(np.hypot(rows[own_row][:, row], columns[own_column][:, column]))

    def neighbour_pairs(self, *, connectivity: int = 8, radius: float | None = None) -> NDArray[np.int64]:
        """List the neighbours, every pair once.

        Parameters
        ----------
        connectivity : {8, 4}
            With the four diagonal neighbours or without them.
        radius : float, 1 or more, optional
            All pairs at most so far apart, in place of `connectivity`.

        Returns
        -------
        ndarray of int, shape (n_pairs, 2)
            The lower neuron first, in rising order.

        Raises
        ------
        ValueError
            If the connectivity is unknown, the radius is below 1, or the neighbourhood is wider than the sheet.

        Examples
        --------
        >>> len(Sheet(4, 4, torus=True).neighbour_pairs()), len(Sheet(4, 4, torus=False).neighbour_pairs())
        (64, 42)
        """
        if connectivity not in (4, 8):
            raise ValueError(f"expected 4 or 8 neighbours, got {connectivity}: pass radius= for other ones")
        reach = radius if radius is not None else (1.0 if connectivity == 4 else np.sqrt(2))
        if not reach >= 1:
            raise ValueError(f"expected a radius of 1 or more, one step between neurons, got {reach}")
        self.require_room(reach)
        # Half of the neighbourhood's steps, so that no pair comes twice.
        span = np.arange(-int(reach), int(reach) + 1)
        down, right = (steps.ravel() for steps in np.meshgrid(span, span, indexing="ij"))
        half = (down**2 + right**2 <= reach**2 + 1e-9) & ((down > 0) | ((down == 0) & (right > 0)))
        pairs = [self._shifted(*step) for step in zip(down[half], right[half], strict=True)]
        listed = np.sort(np.concatenate(pairs), axis=1)
        return np.asarray(listed[np.lexsort(listed.T[::-1])])

    def as_map(self, values: ArrayLike) -> NDArray[Any]:
        """Lay one value per neuron out on the sheet.

        Parameters
        ----------
        values : array_like, shape (n_neurons, ...)
            Anything.

        Returns
        -------
        ndarray, shape (height, width, ...)

        Raises
        ------
        ValueError
            If there are not as many values as the sheet holds neurons.

        Examples
        --------
        >>> Sheet(2, 2, torus=False).as_map([1, 2, 3, 4])
        array([[1, 2],
               [3, 4]])
        """
        array = np.asarray(values)
        self.require_neurons(len(array) if array.ndim else 0)
        return array.reshape(self.height, self.width, *array.shape[1:])

    def gaussian_sums(self, values: ArrayLike, *, width: float) -> NDArray[Any]:
        r"""Add up the values around every neuron, weighted by :math:`e^{-d^2/2\sigma^2}`.

        Parameters
        ----------
        values : array_like, shape (..., n_neurons)
            Finite numbers, real or complex.
        width : float, above 0
            Standard deviation σ, in steps from neuron to neuron. The neuron itself counts with weight 1.

        Returns
        -------
        ndarray, same shape
            In the unit of the values.

        Raises
        ------
        ValueError
            If there are not as many values as neurons, or the Gaussian is wider than the sheet.

        Examples
        --------
        >>> Sheet(3, 3, torus=True).gaussian_sums([1.0, 0, 0, 0, 0, 0, 0, 0, 0], width=1)[:3].round(3)
        array([1.   , 0.607, 0.607])
        """
        if not width > 0:
            raise ValueError(f"expected a width above 0, in steps from neuron to neuron, got {width}")
        self.require_room(width)
        array = np.asarray(values)
        self.require_neurons(array.shape[-1] if array.ndim else 0)
        # The square of the distance is a sum over the two axes, so the weight is a product.
        down, right = (np.exp(-(apart**2) / (2 * width**2)) for apart in self._separations())
        laid_out = array.reshape(*array.shape[:-1], self.height, self.width)
        return np.asarray((down @ laid_out @ right).reshape(array.shape))

    def require_neurons(self, n_neurons: int) -> None:
        """Refuse another number of neurons than the sheet holds.

        Examples
        --------
        >>> Sheet(2, 3, torus=True).require_neurons(7)
        Traceback (most recent call last):
        ...
        ValueError: expected the 6 neurons of a 2 × 3 sheet, got 7: give the sheet the network has
        """
        if n_neurons != self.n_neurons:
            raise ValueError(
                f"expected the {self.n_neurons} neurons of a {self.height} × {self.width} sheet, got {n_neurons}: "
                "give the sheet the network has"
            )

    def require_room(self, reach: float) -> None:
        """Refuse a neighbourhood of this radius if it is wider than the sheet, so 2⌊reach⌋ + 1 > a side."""
        needed = 2 * int(min(reach, 1e9)) + 1
        if needed > min(self.height, self.width):
            raise ValueError(
                f"expected a neighbourhood that fits on the {self.height} × {self.width} sheet, got one of {needed} "
                f"× {needed} neurons (radius {reach:.3g}): narrow it"
            )

    def _separations(self) -> tuple[Floats, Floats]:
        """Return the distances between rows (height, height) and between columns (width, width)."""
        apart = []
        for side in (self.height, self.width):
            steps = np.abs(np.subtract.outer(np.arange(side), np.arange(side))).astype(np.float64)
            apart.append(np.minimum(steps, side - steps) if self.torus else steps)
        return apart[0], apart[1]

    def _shifted(self, down: int, right: int) -> NDArray[np.int64]:
        """Pair every neuron with the one so many rows down and columns right, if there is one."""
        target = self.positions + np.array((down, right))
        if self.torus:
            target %= (self.height, self.width)
        inside = ((target >= 0) & (target < (self.height, self.width))).all(axis=1)
        return np.stack([np.flatnonzero(inside), target[inside] @ (self.width, 1)], axis=1)
