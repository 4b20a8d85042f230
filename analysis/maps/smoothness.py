"""How smooth a map on a sheet is: neighbour differences, local homogeneity, Moran's I, each against chance."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.progress import counted
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["local_homogeneity", "map_smoothness", "morans_i", "neighbour_difference", "scalar_smoothness"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.inexact[Any]]
_Measure = Callable[[Numbers], Floats]

_LEAST_NEURONS = 3
_ROUNDING = 1e-10  # equal maps, summed in another order, count as equally extreme


def neighbour_difference(
    values: ArrayLike, sheet: Sheet, *, period: float | None = None, pairs: ArrayLike | None = None
) -> float:
    """Return the mean magnitude of the difference between neighbours.

    Parameters
    ----------
    values : array_like, shape (n_neurons,)
        Any unit; NaN for neurons without a value, which are left out with their pairs.
    sheet : Sheet
        Where the neurons are.
    period : float, optional
        Of a circular value: 180 for an orientation in degrees, 2 pi for a phase. The shorter way round counts.
    pairs : array_like of int, shape (n_pairs, 2), optional
        Which neurons are neighbours, from `Sheet.neighbour_pairs`; default the eight around each.

    Returns
    -------
    float
        In the unit of the values. Unrelated circular values differ by a quarter of the period: 45° for
        orientations.

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, too few have a value, or the period is not
        positive.

    Examples
    --------
    >>> neighbour_difference([0.0, 170.0], Sheet(1, 2, torus=False), period=180, pairs=[[0, 1]])
    10.0
    """
    if period is not None and not period > 0:
        raise ValueError(f"expected a period above 0, such as 180 degrees, got {period}")
    array, present = _checked(values, sheet)
    return float(_difference(_kept_pairs(sheet, pairs, present), period)(array[None])[0])


def local_homogeneity(orientation: ArrayLike, sheet: Sheet, *, width: float = 1.0) -> Floats:
    r"""Return how alike the orientations around every neuron are.

    .. math:: \Bigl|\sum_y e^{-d_{xy}^2/2\sigma^2} e^{2i\theta_y}\Bigr| \Big/ \sum_y e^{-d_{xy}^2/2\sigma^2}

    Parameters
    ----------
    orientation : array_like, shape (n_neurons,)
        Radians; NaN for neurons without one, which are left out of both sums.
    sheet : Sheet
        Where the neurons are.
    width : float, above 0
        σ, in steps from neuron to neuron. The neuron itself counts, so that the index of unrelated orientations
        is above 0 and rises as σ falls: compare equal widths, and with the shuffled control.

    Returns
    -------
    ndarray, shape (n_neurons,)
        From 0 (a pinwheel) to 1 (one orientation); NaN for neurons without an orientation.

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, too few have an orientation, or the Gaussian is
        wider than the sheet.

    References
    ----------
    Nauhaus, Benucci, Carandini & Ringach 2008, Neuron 57:673, doi:10.1016/j.neuron.2008.01.020.

    Examples
    --------
    >>> local_homogeneity(np.full(9, 0.3), Sheet(3, 3, torus=True)).round(6)[:3]
    array([1., 1., 1.])
    """
    array, present = _checked(orientation, sheet)
    vectors = _unit_vectors(array, period=np.pi)
    return np.asarray(np.where(present, _homogeneity(sheet, present, width)(vectors[None])[0], np.nan))


def morans_i(
    values: ArrayLike, sheet: Sheet, *, period: float | None = None, pairs: ArrayLike | None = None
) -> float:
    r"""Return Moran's I: the correlation of neighbours.

    With n neurons that have a value, P pairs of neighbours (i, j), and z the value itself or, for a circular one
    of period T, the complex number :math:`e^{2\pi i x/T}`,

    .. math:: \frac nP \; \frac{\sum_{(i,j)} \mathrm{Re}\,(z_i - \bar z)\overline{(z_j - \bar z)}}
              {\sum_i |z_i - \bar z|^2} .

    For real values this is the common index with weight 1 for neighbours and 0 else.

    Parameters
    ----------
    values : array_like, shape (n_neurons,)
        Any unit; NaN for neurons without a value, which are left out with their pairs.
    sheet : Sheet
        Where the neurons are.
    period : float, optional
        Of a circular value, T above.
    pairs : array_like of int, shape (n_pairs, 2), optional
        Which neurons are neighbours; default the eight around each.

    Returns
    -------
    float
        1 if neighbours are equal, -1/(n - 1) on average over shuffled positions, negative if neighbours differ
        more than chance.

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, too few have a value, or all are equal.

    References
    ----------
    Moran 1950, Biometrika 37:17, doi:10.1093/biomet/37.1-2.17.

    Examples
    --------
    >>> round(morans_i([0, 1, 0, 1] * 4, Sheet(4, 4, torus=True)), 3)  # stripes: 2 of 8 neighbours are equal
    -0.5
    """
    array, present = _checked(values, sheet)
    numbers = array if period is None else _unit_vectors(array, period=period)
    return float(_moran(_kept_pairs(sheet, pairs, present), present)(numbers[None])[0])


def map_smoothness(
    orientation: ArrayLike,
    sheet: Sheet,
    *,
    rng: Randomness,
    n_shuffles: int = 999,
    width: float = 1.0,
    pairs: ArrayLike | None = None,
) -> pd.DataFrame:
    """Measure the smoothness of an orientation map three ways, and of the same neurons in shuffled places.

    Parameters
    ----------
    orientation : array_like, shape (n_neurons,)
        Radians, period pi; NaN for neurons without one. Their places stay empty in the control too.
    sheet : Sheet
        Where the neurons are.
    rng : numpy.random.Generator or int
        Shuffles.
    n_shuffles : int, 1 or more
        Shuffled sheets; the smallest p-value is 1/(1 + n_shuffles).
    width : float
        σ of the local homogeneity, in steps from neuron to neuron.
    pairs : array_like of int, shape (n_pairs, 2), optional
        Which neurons are neighbours; default the eight around each.

    Returns
    -------
    DataFrame
        Indexed by measure: ``neighbour_difference_deg``, ``local_homogeneity`` (mean over neurons), ``morans_i``.
        Columns: ``value``; ``shuffled`` (mean), ``shuffled_low``, ``shuffled_high`` (2.5th and 97.5th percentile:
        with few neurons this band is wide, and a value inside it says nothing); ``p_value`` (one-sided, for a
        smoother map than chance: (1 + shuffles at least as smooth)/(1 + n_shuffles)); ``n_neurons`` with an
        orientation and ``n_pairs`` between them.

    Raises
    ------
    ValueError
        As the three functions of these names, or if `n_shuffles` is below 1.

    Examples
    --------
    >>> sheet = Sheet(8, 8, torus=True)
    >>> table = map_smoothness(np.pi * sheet.positions[:, 0] / 8, sheet, rng=np.random.default_rng(0))
    >>> table.loc["neighbour_difference_deg", ["value", "p_value"]].tolist()
    [16.875, 0.001]
    """
    rng = generator(rng)
    array, present = _checked(orientation, sheet)
    kept = _kept_pairs(sheet, pairs, present)
    vectors = _unit_vectors(array, period=np.pi)
    homogeneity = _homogeneity(sheet, present, width)
    measures: dict[str, tuple[_Measure, Numbers, int]] = {
        "neighbour_difference_deg": (_difference(kept, 180.0), np.degrees(array), -1),
        "local_homogeneity": (lambda rows: homogeneity(rows)[:, present].mean(axis=1), vectors, 1),
        "morans_i": (_moran(kept, present), vectors, 1),
    }
    return _against_shuffles(measures, present, len(kept), rng=rng, n_shuffles=n_shuffles)


def scalar_smoothness(
    values: ArrayLike,
    sheet: Sheet,
    *,
    rng: Randomness,
    period: float | None = None,
    n_shuffles: int = 999,
    pairs: ArrayLike | None = None,
) -> pd.DataFrame:
    """Measure the smoothness of any map, frequency, phase or position, and of shuffled places.

    Parameters
    ----------
    values : array_like, shape (n_neurons,)
        Any unit; NaN for neurons without a value.
    sheet : Sheet
        Where the neurons are.
    rng : numpy.random.Generator or int
        Shuffles.
    period : float, optional
        Of a circular value: 2 pi for a phase.
    n_shuffles : int, 1 or more
        Shuffled sheets.
    pairs : array_like of int, shape (n_pairs, 2), optional
        Which neurons are neighbours; default the eight around each.

    Returns
    -------
    DataFrame
        As `map_smoothness`, of ``neighbour_difference`` (in the unit of the values) and ``morans_i``.

    Raises
    ------
    ValueError
        As `neighbour_difference` and `morans_i`, or if `n_shuffles` is below 1.

    Examples
    --------
    >>> sheet = Sheet(6, 6, torus=False)
    >>> table = scalar_smoothness(sheet.positions[:, 1], sheet, rng=np.random.default_rng(0), n_shuffles=99)
    >>> table["p_value"].tolist()
    [0.01, 0.01]
    """
    rng = generator(rng)
    array, present = _checked(values, sheet)
    kept = _kept_pairs(sheet, pairs, present)
    numbers = array if period is None else _unit_vectors(array, period=period)
    measures: dict[str, tuple[_Measure, Numbers, int]] = {
        "neighbour_difference": (_difference(kept, period), array, -1),
        "morans_i": (_moran(kept, present), numbers, 1),
    }
    return _against_shuffles(measures, present, len(kept), rng=rng, n_shuffles=n_shuffles)


def _checked(values: ArrayLike, sheet: Sheet) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the values and where there are any."""
    array = unmasked(values, "values").astype(np.float64, copy=False)
    if array.ndim != 1 or np.isinf(array).any():
        raise ValueError(
            f"expected one finite value per neuron, NaN for those without, got shape {array.shape} and "
            f"{int(np.isinf(array).sum())} infinite values"
        )
    sheet.require_neurons(len(array))
    present = ~np.isnan(array)
    if present.sum() < _LEAST_NEURONS and len(array) >= _LEAST_NEURONS:
        raise ValueError(
            f"expected values of {_LEAST_NEURONS} neurons or more, got {present.sum()} of {len(array)}: too few "
            "good fits for a statement about a map"
        )
    return array, present


def _kept_pairs(sheet: Sheet, pairs: ArrayLike | None, present: NDArray[np.bool_]) -> NDArray[np.int64]:
    listed = sheet.neighbour_pairs() if pairs is None else np.asarray(pairs, dtype=np.int64)
    if (
        listed.ndim != 2
        or listed.shape[1] != 2
        or (listed.size and not 0 <= listed.min() <= listed.max() < len(present))
    ):
        raise ValueError(
            f"expected pairs of neurons of the sheet, 0 to {len(present) - 1}, (n_pairs, 2), got shape {listed.shape}"
            + (f" with {listed.min()} to {listed.max()}" if listed.size else "")
        )
    kept = listed[present[listed].all(axis=1)]
    if not len(kept):
        raise ValueError("expected neighbours that both have a value, got none: too few good fits for a map")
    return kept


def _unit_vectors(values: Floats, *, period: float) -> Numbers:
    """Return circular values on the unit circle, 0 where there is none."""
    return np.where(np.isnan(values), 0, np.exp(2j * np.pi * np.nan_to_num(values) / period))


def _difference(pairs: NDArray[np.int64], period: float | None) -> _Measure:
    first, second = pairs.T

    def measure(rows: Numbers) -> Floats:
        apart = np.abs(np.asarray(rows[:, first] - rows[:, second], dtype=np.float64))
        if period is not None:
            apart = np.minimum(apart % period, -apart % period)
        return np.asarray(apart.mean(axis=1))

    return measure


def _homogeneity(sheet: Sheet, present: NDArray[np.bool_], width: float) -> _Measure:
    weight = np.real(sheet.gaussian_sums(present.astype(float), width=width))

    def measure(rows: Numbers) -> Floats:
        # Far from every value the weight is 0 too; such neurons have no orientation and are not asked.
        around = np.abs(sheet.gaussian_sums(rows, width=width))
        return np.asarray(np.divide(around, weight, out=np.zeros(around.shape), where=weight > 0))

    return measure


def _moran(pairs: NDArray[np.int64], present: NDArray[np.bool_]) -> _Measure:
    first, second = pairs.T
    n_neurons = int(present.sum())

    def measure(rows: Numbers) -> Floats:
        centred = rows - rows[:, present].mean(axis=1, keepdims=True)
        spread = (np.abs(centred[:, present]) ** 2).sum(axis=1)
        if (spread <= 1e-20 * (np.abs(rows[:, present]) ** 2).sum(axis=1)).any():
            raise ValueError("expected values that differ, got the same for all neurons: Moran's I is 0/0")
        together = np.real(centred[:, first] * np.conj(centred[:, second])).sum(axis=1)
        return np.asarray(n_neurons * together / (len(pairs) * spread))

    return measure


def _against_shuffles(
    measures: Mapping[str, tuple[_Measure, Numbers, int]],
    present: NDArray[np.bool_],
    n_pairs: int,
    *,
    rng: np.random.Generator,
    n_shuffles: int,
) -> pd.DataFrame:
    """Measure, then measure again with the values dealt out anew among the neurons that have one."""
    if n_shuffles < 1:
        raise ValueError(f"expected one shuffled sheet or more, got n_shuffles={n_shuffles}")
    orders = np.tile(np.arange(len(present)), (n_shuffles, 1))
    orders[:, present] = rng.permuted(orders[:, present], axis=1)
    rows = []
    for measure, values, direction in counted(measures.values(), "smoothness of shuffled maps"):
        value, shuffled = float(measure(values[None])[0]), measure(values[orders])
        extreme = int((direction * (shuffled - value) >= -_ROUNDING * max(1.0, abs(value))).sum())
        low, high = np.percentile(shuffled, [2.5, 97.5])
        rows.append((value, float(shuffled.mean()), low, high, (1 + extreme) / (1 + n_shuffles)))
    columns = ["value", "shuffled", "shuffled_low", "shuffled_high", "p_value"]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(list(measures), name="measure"))
    return table.assign(n_neurons=int(present.sum()), n_pairs=n_pairs)
