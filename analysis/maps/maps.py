"""Maps on a sheet of neurons: orientation, selectivity, spatial frequency, phase and position."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.analysis.fields.gabor import LEAST_R2
from neurosim.analysis.maps.sheet import Sheet

__all__ = [
    "checked_vectors",
    "gabor_maps",
    "gabor_selectivity",
    "map_vectors",
    "orientation_vectors",
    "smoothed_vectors",
    "tuning_maps",
]

Floats = NDArray[np.float64]
Vectors = NDArray[np.complex128]

_GABOR_MAPS = ("orientation", "frequency", "phase", "x0", "y0", "selectivity")
_ANGLES = np.arange(0.0, np.pi, np.pi / 90)  # gratings that the selectivity of a Gabor is computed from


def gabor_maps(
    fits: pd.DataFrame, sheet: Sheet, *, least_r2: float = LEAST_R2, gabor_like_only: bool = False
) -> pd.DataFrame:
    """Lay fitted fields out on a sheet.

    Parameters
    ----------
    fits : DataFrame
        From `fit_gabors`, one row per neuron in the order of the sheet.
    sheet : Sheet
        Where the neurons are.
    least_r2 : float, below 1
        A fit counts if its R² is above this.
    gabor_like_only : bool
        Leave out also what `fit_gabors` does not call Gabor-like: single pixels, parameters at a bound.

    Returns
    -------
    DataFrame
        One row per neuron: ``row``, ``column``; ``orientation`` (radians, of the carrier's wave vector, [0, pi)),
        ``frequency`` (cycles/pixel), ``phase`` (radians), ``x0``, ``y0`` (pixels), ``selectivity`` (0 to 1, see
        `gabor_selectivity`), all NaN where a neuron has no good fit; ``good`` (bool).

    Raises
    ------
    ValueError
        If a column is missing or the table has another number of neurons than the sheet.

    Examples
    --------
    >>> columns = dict(orientation=0.5, frequency=0.2, phase=0.0, x0=3.0, y0=4.0, nx=0.4, ny=0.5)
    >>> fits = pd.DataFrame({**columns, "r2": [0.9, 0.3]})
    >>> gabor_maps(fits, Sheet(1, 2, torus=False))[["column", "orientation", "good"]].to_numpy().tolist()
    [[0, 0.5, True], [1, nan, False]]
    """
    needed = (*_GABOR_MAPS[:-1], "nx", "ny", "r2", *(("gabor_like",) if gabor_like_only else ()))
    missing = [name for name in needed if name not in fits.columns]
    if missing or not least_r2 < 1:
        raise ValueError(
            f"expected a table of `fit_gabors` and a least R² below 1, got {least_r2} and missing {missing}"
        )
    sheet.require_neurons(len(fits))
    good = fits["r2"].to_numpy(dtype=float) > least_r2
    if gabor_like_only:
        good &= fits["gabor_like"].to_numpy(dtype=bool)
    columns = {name: fits[name].to_numpy(dtype=float) for name in _GABOR_MAPS[:-1]}
    shape = fits[["nx", "ny", "phase"]].to_numpy(dtype=float)
    columns["selectivity"] = np.full(len(fits), np.nan)
    columns["selectivity"][good] = gabor_selectivity(*shape[good].T)
    return _table(sheet, columns, good)


def tuning_maps(vectors: ArrayLike, sheet: Sheet, *, least_selectivity: float = 0.0) -> pd.DataFrame:
    """Lay measured orientation vectors out on a sheet.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}, from `orientation_vectors`; NaN for a neuron that did not respond.
    sheet : Sheet
        Where the neurons are.
    least_selectivity : float, 0 to 1
        A neuron has an orientation if its selectivity is above this.

    Returns
    -------
    DataFrame
        One row per neuron: ``row``, ``column``, ``orientation`` (radians, [0, pi), of what the tuning was measured
        with: the wave vector of gratings), ``selectivity`` (1 minus circular variance), NaN where a neuron has
        none; ``good`` (bool).

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet.

    Examples
    --------
    >>> tuning_maps([0.5j, 0.0], Sheet(1, 2, torus=False))["orientation"].round(4).tolist()
    [0.7854, nan]
    """
    checked = checked_vectors(vectors, sheet)
    with np.errstate(invalid="ignore"):
        good = np.abs(checked) > least_selectivity
    columns = {"orientation": _orientation(checked), "selectivity": np.abs(checked)}
    return _table(sheet, columns, good)


def orientation_vectors(responses: ArrayLike, orientations: ArrayLike) -> Vectors:
    r"""Sum up tuning curves in the complex plane.

    .. math:: z = \sum_\theta r_\theta e^{2i\theta} \Big/ \sum_\theta r_\theta

    Half its angle is the preferred orientation, its magnitude 1 minus the circular variance.

    Parameters
    ----------
    responses : array_like, shape (n_neurons, n_orientations)
        Mean response to each orientation, 0 or more, any unit.
    orientations : array_like, shape (n_orientations,)
        Radians, evenly spaced over [0, pi).

    Returns
    -------
    ndarray of complex, shape (n_neurons,)
        Magnitude 0 to 1. NaN for a neuron that did not respond.

    Raises
    ------
    ValueError
        If the shapes do not fit, a response is negative or not finite, or the orientations are uneven.

    References
    ----------
    Ringach, Shapley & Hawken 2002, J Neurosci 22:5639, doi:10.1523/JNEUROSCI.22-13-05639.2002.

    Examples
    --------
    >>> orientation_vectors([[0.0, 2.0], [1.0, 1.0]], [0.0, np.pi / 2]).round(6) + 0
    array([-1.+0.j,  0.+0.j])
    """
    curves = unmasked(responses, "responses").astype(np.float64, copy=False)
    angles = np.asarray(orientations, dtype=np.float64)
    if curves.ndim != 2 or angles.shape != curves.shape[1:] or len(angles) < 2:
        raise ValueError(
            "expected responses (n_neurons, n_orientations) and two orientations or more, got shapes "
            f"{curves.shape} and {angles.shape}"
        )
    if not (np.isfinite(curves).all() and (curves >= 0).all()):
        raise ValueError("expected finite responses of 0 or more: rectify signed activity first")
    gaps = np.diff(np.sort(angles % np.pi), append=np.sort(angles % np.pi)[0] + np.pi)
    if not np.allclose(gaps, np.pi / len(angles), atol=1e-6):
        raise ValueError(
            "expected orientations evenly spaced over [0, pi), got uneven ones: the sum would be biased"
        )
    total = curves.sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(curves @ np.exp(2j * angles) / np.where(total > 0, total, np.nan))


def gabor_selectivity(nx: ArrayLike, ny: ArrayLike, phase: ArrayLike) -> Floats:
    """Return 1 minus the circular variance of Gabor fields, for gratings of the carrier's frequency.

    The response to a grating is the amplitude of the field's Fourier transform, the modulation of a linear
    cell; it depends on n_x, n_y and the phase only.

    Parameters
    ----------
    nx, ny : array_like, shape (n_fields,)
        Widths along the wave vector and along the bars, in cycles.
    phase : array_like, shape (n_fields,)
        Radians, at the envelope's centre.

    Returns
    -------
    ndarray, shape (n_fields,)
        From 0 (as wide as it is long, and no cycle) to 1 (very long bars).

    Examples
    --------
    >>> gabor_selectivity([0.05, 0.5, 3.0], [0.05, 0.5, 3.0], [0.0, 0.0, 0.0]).round(3) + 0
    array([0.001, 0.808, 0.994])
    """
    x, y, shift = (np.asarray(values, dtype=np.float64)[:, None] for values in (nx, ny, phase))
    along, across = np.cos(_ANGLES), np.sin(_ANGLES)
    near, far = (
        np.exp(-2 * np.pi**2 * ((x * (along - side)) ** 2 + (y * across) ** 2)) for side in (1.0, -1.0)
    )
    amplitude = np.abs(np.exp(1j * shift) * near + np.exp(-1j * shift) * far)
    return np.asarray(np.abs(amplitude @ np.exp(2j * _ANGLES)) / amplitude.sum(axis=1))


def map_vectors(maps: pd.DataFrame) -> Vectors:
    """Return selectivity · e^{2i·orientation} of every neuron of a table of maps.

    Parameters
    ----------
    maps : DataFrame
        From `gabor_maps` or `tuning_maps`; only ``orientation`` and ``selectivity`` are used.

    Returns
    -------
    ndarray of complex, shape (n_neurons,)
        NaN where a neuron has no orientation.

    Examples
    --------
    >>> map_vectors(pd.DataFrame({"orientation": [0.0, np.nan], "selectivity": [0.5, np.nan]})).real
    array([0.5, nan])
    """
    angle = maps["orientation"].to_numpy(dtype=float)
    return np.asarray(maps["selectivity"].to_numpy(dtype=float) * np.exp(2j * angle))


def smoothed_vectors(vectors: ArrayLike, sheet: Sheet, *, width: float) -> Vectors:
    """Average orientation vectors around every neuron, as imaging does.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        NaN where a neuron has no orientation; such a neuron gets the average of those around it.
    sheet : Sheet
        Where the neurons are.
    width : float, above 0
        Standard deviation of the Gaussian, in steps from neuron to neuron.

    Returns
    -------
    ndarray of complex, shape (n_neurons,)
        Weighted mean of the vectors there are.

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, none has an orientation, or the Gaussian is wider
        than the sheet.

    Examples
    --------
    >>> smoothed_vectors([1.0, np.nan, 1.0] * 3, Sheet(3, 3, torus=True), width=1).round(6).real
    array([1., 1., 1., 1., 1., 1., 1., 1., 1.])
    """
    checked = checked_vectors(vectors, sheet)
    present = ~np.isnan(checked)
    weight = sheet.gaussian_sums(present.astype(float), width=width)
    return np.asarray(sheet.gaussian_sums(np.where(present, checked, 0), width=width) / weight)


def checked_vectors(vectors: ArrayLike, sheet: Sheet) -> Vectors:
    """Return one complex number per neuron of the sheet, or say what is wrong with them.

    Raises
    ------
    ValueError
        If there is another number of neurons, a value is infinite, or all are NaN.

    Examples
    --------
    >>> checked_vectors([1j, np.nan], Sheet(1, 2, torus=False)).dtype
    dtype('complex128')
    """
    array = unmasked(vectors, "vectors").astype(np.complex128, copy=False)
    if array.ndim != 1:
        raise ValueError(f"expected one orientation vector per neuron, (n_neurons,), got shape {array.shape}")
    sheet.require_neurons(len(array))
    if np.isinf(array).any() or np.isnan(array).all():
        raise ValueError(
            f"expected finite orientation vectors, NaN for neurons without one, got {int(np.isinf(array).sum())} "
            f"infinite and {int(np.isnan(array).sum())} NaN of {len(array)}"
        )
    # A NaN in one part only would pass for a number in the other.
    return np.where(np.isnan(array), np.nan + 0j, array)


def _orientation(vectors: Vectors) -> Floats:
    angle = np.angle(vectors) / 2 % np.pi
    return np.asarray(np.where(angle >= np.pi, 0.0, angle))  # a tiny negative angle rounds up to pi


def _table(sheet: Sheet, columns: dict[str, Floats], good: NDArray[np.bool_]) -> pd.DataFrame:
    rows, places = sheet.positions.T
    kept = {name: np.where(good, values, np.nan) for name, values in columns.items()}
    return pd.DataFrame({"row": rows, "column": places, **kept, "good": good})
