"""The patch of the visual field that is shown: pixels, degrees, and which way is up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["VisualField", "bar_orientation"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VisualField:
    """What an image covers. Its centre is (0, 0); x grows to the right, *y upwards*, although rows run down.

    Parameters
    ----------
    height, width : int
        Pixels.
    pixels_per_degree : float
        One number that everything in degrees or cycles per degree follows from: state it with the results.
    mean_luminance : float
        Grey value of the background, and the mean of what is shown on it. Contrast is relative to it.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> field = VisualField(height=32, width=48, pixels_per_degree=16)
    >>> field.width_deg, field.nyquist_cpd
    (3.0, 8.0)
    >>> x, y = field.grid()
    >>> float(x[0, 0]), float(y[0, 0])
    (-1.46875, 0.96875)
    """

    height: int
    width: int
    pixels_per_degree: float
    mean_luminance: float = 0.5

    def __post_init__(self) -> None:
        for name in ("height", "width"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"expected {name} to be a whole number of pixels, 1 or more, got {value!r}")
        for name in ("pixels_per_degree", "mean_luminance"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"expected {name} above 0, got {getattr(self, name)!r}")

    @property
    def height_deg(self) -> float:
        """Degrees from the upper edge of the first row to the lower edge of the last."""
        return self.height / self.pixels_per_degree

    @property
    def width_deg(self) -> float:
        """Degrees from the left edge to the right."""
        return self.width / self.pixels_per_degree

    @property
    def nyquist_cpd(self) -> float:
        """The highest frequency, in cycles/degree, that horizontal and vertical gratings can have without aliasing."""
        return self.pixels_per_degree / 2

    def grid(self) -> tuple[Floats, Floats]:
        """Return x and y of the pixels' centres in degrees, each (height, width)."""
        rows, columns = np.indices((self.height, self.width), dtype=np.float64)
        x, y = self.degrees(rows, columns)
        return x, y

    def degrees(self, row: ArrayLike, column: ArrayLike) -> tuple[Floats, Floats]:
        """Return the place of pixels: x and y in degrees, of rows and columns counted from 0 at the upper left."""
        x = (np.asarray(column, dtype=np.float64) - (self.width - 1) / 2) / self.pixels_per_degree
        y = ((self.height - 1) / 2 - np.asarray(row, dtype=np.float64)) / self.pixels_per_degree
        return x, y

    def pixels(self, x_deg: ArrayLike, y_deg: ArrayLike) -> tuple[Floats, Floats]:
        """Return row and column, fractions included, of places in degrees: the inverse of `degrees`."""
        row = (self.height - 1) / 2 - np.asarray(y_deg, dtype=np.float64) * self.pixels_per_degree
        column = np.asarray(x_deg, dtype=np.float64) * self.pixels_per_degree + (self.width - 1) / 2
        return row, column


def bar_orientation(wave_vector: ArrayLike) -> Floats:
    r"""Return the orientation of bars from that of the wave vector in pixels, or the other way round.

    `fit_gabors` gives the direction of the carrier's wave vector with y downwards: 0 has vertical bars. Stimuli and
    pages speak of *bars*: 0 is horizontal, angles turn counter-clockwise as drawn. The two are
    :math:`\pi/2 - \theta`, which is its own inverse.

    Parameters
    ----------
    wave_vector : array_like
        Radians.

    Returns
    -------
    ndarray
        Radians, [0, pi).

    Examples
    --------
    >>> np.rad2deg(bar_orientation(np.deg2rad([0, 90, 30]))).round(6)
    array([90.,  0., 60.])
    """
    return np.mod(np.pi / 2 - np.asarray(wave_vector, dtype=np.float64), np.pi)
