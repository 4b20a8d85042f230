"""A grid of positions over a picture, at each of which the same fields stand."""

import dataclasses
from collections.abc import Sequence
from math import prod

from neurosim.engine.shared.patches import Patches

__all__ = ["BOUNDARIES", "Grid", "grid_of_positions"]

BOUNDARIES = ("valid", "same", "torus")
_AXES = (("columns",), ("rows", "columns"), ("frames", "rows", "columns"))


@dataclasses.dataclass(frozen=True)
class Grid:
    """Positions of fields over a picture or a film.

    Parameters
    ----------
    shape : tuple of int
        Pixels along each axis: columns, rows × columns, or frames × rows × columns.
    field : tuple of int
        The same of a field.
    stride : tuple of int
        Pixels from one position to the next.
    boundary : {"valid", "same", "torus"}
        Fields stand wherever they are whole inside the picture; or the picture is first surrounded by zeros, so that
        there is a position every stride up to its edge; or its edges are joined.
    channels : int, default=1
        Values of a pixel, which lie next to each other; a field has as many.

    Raises
    ------
    ValueError
        If a field does not fit, or some pixels would be in no field.

    Examples
    --------
    >>> grid = Grid((32, 40), field=(8, 8), stride=(4, 4), boundary="valid")
    >>> grid.positions, grid.n_positions, grid.reach
    ((7, 9), 63, (1, 1))
    """

    shape: tuple[int, ...] = dataclasses.field(repr=False)
    field: tuple[int, ...] = dataclasses.field(repr=False)
    stride: tuple[int, ...] = dataclasses.field(repr=False)
    boundary: str = "valid"
    channels: int = dataclasses.field(default=1, repr=False)

    def __post_init__(self) -> None:
        if self.boundary not in BOUNDARIES:
            raise ValueError(f"boundary: expected one of {', '.join(BOUNDARIES)}, got {self.boundary!r}")
        if not len(self.shape) == len(self.field) == len(self.stride) <= len(_AXES) or not self.shape:
            raise ValueError(
                "expected a picture, a field and a stride of equally many axes, one to three, got "
                f"{self.shape}, {self.field} and {self.stride}"
            )
        for axis, sizes in zip(self.axes, zip(self.shape, self.field, self.stride, strict=True), strict=True):
            self._require_covered(axis, *sizes)

    def _require_covered(self, axis: str, n: int, size: int, step: int) -> None:
        if not 1 <= step <= size:
            raise ValueError(
                f"stride: expected 1 to {size} {axis}, the size of a field, got {step}: those between two fields would "
                "be in none"
            )
        if size > n:
            raise ValueError(
                f"expected pictures of {size} {axis} or more, the size of a field, got {n}; use smaller fields or "
                "larger pictures"
            )
        left = {"valid": (n - size) % step, "torus": n % step, "same": 0}[self.boundary]
        if left:
            wanted = (
                f"{size} {axis} and whole strides of {step}"
                if self.boundary == "valid"
                else f"whole strides of {step} {axis}"
            )
            raise ValueError(
                f"expected pictures of {wanted} with boundary={self.boundary!r}, got {n}: the last {left} would be in "
                f"no field; cut them to {n - left} {axis}, or use boundary='same', which surrounds them with zeros"
            )

    @property
    def axes(self) -> tuple[str, ...]:
        """What lies along each axis."""
        return _AXES[len(self.shape) - 1]

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions along each axis."""
        if self.boundary == "valid":
            return tuple((n - p) // s + 1 for n, p, s in self._sizes())
        return tuple(-(-n // s) for n, _, s in self._sizes())

    @property
    def margins(self) -> tuple[tuple[int, int], ...]:
        """Zeros before and behind a picture along each axis."""
        if self.boundary != "same":
            return ((0, 0),) * len(self.shape)
        missing = [
            max(0, (m - 1) * s + p - n) for m, (n, p, s) in zip(self.positions, self._sizes(), strict=True)
        ]
        return tuple((k // 2, k - k // 2) for k in missing)

    @property
    def canvas(self) -> tuple[int, ...]:
        """Pixels along each axis, the zeros around them counted."""
        return tuple(n + sum(margin) for n, margin in zip(self.shape, self.margins, strict=True))

    @property
    def reach(self) -> tuple[int, ...]:
        """How many positions apart two fields still have pixels in common, along each axis."""
        return tuple((p - 1) // s for _, p, s in self._sizes())

    @property
    def n_positions(self) -> int:
        """Positions in all."""
        return prod(self.positions)

    @property
    def n_pixels(self) -> int:
        """Values of a picture with the zeros around it."""
        return prod(self.canvas) * self.channels

    @property
    def field_size(self) -> int:
        """Values of a field."""
        return prod(self.field) * self.channels

    @property
    def patch_areas(self) -> float:
        """How many fields side by side would fill the picture, the zeros around it counted."""
        return prod(self.canvas) / prod(self.field)

    @property
    def fields(self) -> Patches:
        """Which pixels the field at each position covers."""
        zeros = (0,) * len(self.shape)
        return Patches.of(
            (self.positions, self.stride, zeros, self.field, self.canvas),
            inner=self.channels,
            wrap=self.boundary == "torus",
        )

    def overlaps(self, n_features: int) -> Patches:
        """Which neurons each position's neurons have pixels in common with, features innermost."""
        start = tuple(-r for r in self.reach)
        across = tuple(2 * r + 1 for r in self.reach)
        ones = (1,) * len(self.shape)
        return Patches.of(
            (self.positions, ones, start, across, self.positions),
            inner=n_features,
            wrap=self.boundary == "torus",
        )

    def over(self, shape: tuple[int, ...]) -> "Grid":
        """Return the grid of the same fields over another picture."""
        return Grid(shape, self.field, self.stride, self.boundary, self.channels)

    def _sizes(self) -> tuple[tuple[int, int, int], ...]:
        return tuple(zip(self.shape, self.field, self.stride, strict=True))


def grid_of_positions(grids: Sequence[Grid]) -> Grid:
    """Return a grid whose pixels are the positions that several grids share, and whose reach is the farthest of theirs.

    Raises
    ------
    ValueError
        If there is none, or their positions or boundaries differ.

    Examples
    --------
    >>> fine, coarse = Grid((32, 32), (8, 8), (4, 4)), Grid((16, 16), (4, 4), (2, 2))
    >>> both = grid_of_positions([fine, coarse])
    >>> both.positions, both.reach
    ((7, 7), (1, 1))
    """
    if len({(grid.positions, grid.boundary) for grid in grids}) != 1:
        raise ValueError(
            f"expected grids of the same positions and boundary, got {', '.join(map(str, grids)) or 'none'}"
        )
    reach = [max(each) for each in zip(*(grid.reach for grid in grids), strict=True)]
    boundary = "torus" if grids[0].boundary == "torus" else "valid"
    room = reach if boundary == "valid" else [0] * len(reach)
    shape = tuple(m + r for m, r in zip(grids[0].positions, room, strict=True))
    return Grid(shape, tuple(r + 1 for r in reach), (1,) * len(reach), boundary)
