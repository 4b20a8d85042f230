"""How sparse a code is, and what it keeps of the stimuli."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked

__all__ = [
    "active_fraction",
    "gini",
    "hoyer",
    "kurtosis",
    "lifetime_sparseness",
    "population_sparseness",
    "reconstruction_snr_db",
]

Over = Literal["stimuli", "neurons"]


def lifetime_sparseness(code: ArrayLike) -> NDArray[np.float64]:
    r"""Measure how selective each neuron is over the stimuli.

    .. math:: S = \frac{1 - \langle|a|\rangle^2 / \langle a^2\rangle}{1 - 1/n}

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit. A signed code counts by its magnitude.

    Returns
    -------
    ndarray, shape (n_neurons,)
        0 for equal activity to every stimulus, 1 for activity to a single one. NaN for a neuron that is
        silent throughout: average with `numpy.nanmean` and report how many there are.

    Raises
    ------
    ValueError
        If the code has a wrong shape, fewer than two stimuli, or NaN or infinite values.

    References
    ----------
    Vinje & Gallant 2000, Science 287:1273, doi:10.1126/science.287.5456.1273.

    Examples
    --------
    >>> lifetime_sparseness([[1.0, 2.0, 0.0], [1.0, 0.0, 0.0]])
    array([ 0.,  1., nan])
    """
    return _sparseness(_magnitudes(code, over="stimuli"))


def population_sparseness(code: ArrayLike) -> NDArray[np.float64]:
    """Measure how few neurons carry each stimulus.

    The formula is that of `lifetime_sparseness`, with means over neurons.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit. A signed code counts by its magnitude.

    Returns
    -------
    ndarray, shape (n_stimuli,)
        0 if all neurons are equally active, 1 if a single one is. NaN for a stimulus that leaves all silent.

    Raises
    ------
    ValueError
        If the code has a wrong shape, fewer than two neurons, or NaN or infinite values.

    References
    ----------
    Vinje & Gallant 2000, Science 287:1273, doi:10.1126/science.287.5456.1273.

    Examples
    --------
    >>> population_sparseness([[1.0, -1.0], [0.0, 3.0]])
    array([0., 1.])
    """
    return _sparseness(_magnitudes(code, over="neurons"))


def kurtosis(code: ArrayLike, *, over: Over = "stimuli") -> NDArray[np.float64]:
    """Measure how heavy the tails of the activity are, as excess kurtosis.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit. Signs count here: the kurtosis is that of the values themselves.
    over : {"stimuli", "neurons"}
        What the moments run over; the other axis is returned.

    Returns
    -------
    ndarray, shape (n_neurons,) or (n_stimuli,)
        Fourth central moment over squared variance, minus 3: 0 for a Gaussian, 3 for a Laplacian, population
        moments (no small-sample correction). NaN where the activity does not vary, as in a silent neuron.

    Raises
    ------
    ValueError
        If the code has a wrong shape, fewer than two values to average, or NaN or infinite values.

    References
    ----------
    Field 1994, Neural Comput 6:559, doi:10.1162/neco.1994.6.4.559.

    Examples
    --------
    >>> kurtosis([[1.0], [-1.0]])
    array([-2.])
    """
    values = _values(code, over=over)
    centred = values - values.mean(axis=1, keepdims=True)
    varies = np.ptp(values, axis=1) > 1e-12 * np.abs(values).max(axis=1)
    scaled = centred / np.where(varies, np.abs(centred).max(axis=1), np.nan)[:, None]
    return np.asarray((scaled**4).mean(axis=1) / (scaled**2).mean(axis=1) ** 2 - 3.0)


def hoyer(code: ArrayLike, *, over: Over = "stimuli") -> NDArray[np.float64]:
    r"""Measure sparseness by the ratio of two norms.

    .. math:: \frac{\sqrt n - \|a\|_1 / \|a\|_2}{\sqrt n - 1}

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit. A signed code counts by its magnitude.
    over : {"stimuli", "neurons"}
        What the norms run over; the other axis is returned.

    Returns
    -------
    ndarray, shape (n_neurons,) or (n_stimuli,)
        From 0 (all equal) to 1 (a single one active). NaN where all is silent.

    Raises
    ------
    ValueError
        If the code has a wrong shape, fewer than two values to sum, or NaN or infinite values.

    References
    ----------
    Hoyer 2004, J Mach Learn Res 5:1457, section 3.1.

    Examples
    --------
    >>> hoyer([[3.0, 1.0], [0.0, 1.0]]).round(6)
    array([1., 0.])
    """
    magnitudes = _magnitudes(code, over=over)
    root = np.sqrt(magnitudes.shape[1])
    return np.asarray((root - magnitudes.sum(axis=1) / np.sqrt((magnitudes**2).sum(axis=1))) / (root - 1))


def gini(code: ArrayLike, *, over: Over = "stimuli") -> NDArray[np.float64]:
    r"""Measure sparseness by the inequality of the magnitudes.

    With the magnitudes in rising order,

    .. math:: 1 - 2 \sum_{k=1}^{n} \frac{|a|_{(k)}}{\|a\|_1}\,\frac{n - k + 1/2}{n}

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit. A signed code counts by its magnitude.
    over : {"stimuli", "neurons"}
        What the sum runs over; the other axis is returned.

    Returns
    -------
    ndarray, shape (n_neurons,) or (n_stimuli,)
        From 0 (all equal) to 1 - 1/n (a single one active). NaN where all is silent.

    Raises
    ------
    ValueError
        If the code has a wrong shape, fewer than two values to sum, or NaN or infinite values.

    References
    ----------
    Hurley & Rickard 2009, IEEE Trans Inf Theory 55:4723, doi:10.1109/TIT.2009.2027527.

    Examples
    --------
    >>> gini([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [8.0, 1.0]])
    array([0.75, 0.  ])
    """
    magnitudes = np.sort(_magnitudes(code, over=over), axis=1)
    n = magnitudes.shape[1]
    weight = (n - np.arange(1, n + 1) + 0.5) / n
    return np.asarray(1 - 2 * magnitudes @ weight / magnitudes.sum(axis=1))


def active_fraction(code: ArrayLike, *, above: float = 0.0) -> float:
    """Return the share of all activities whose magnitude exceeds a level.

    Parameters
    ----------
    code : array_like, shape (n_stimuli, n_neurons)
        Activity, any unit. A signed code counts by its magnitude; silent neurons count as inactive.
    above : float, 0 or more
        Level in the unit of the code. 0 suits thresholded codes, which hold exact zeros.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If the code has a wrong shape, is empty, has NaN or infinite values, or the level is negative.

    Examples
    --------
    >>> active_fraction([[0.0, -2.0], [0.0, 0.1]])
    0.5
    """
    if not above >= 0:
        raise ValueError(f"expected a level of 0 or more, got above={above}")
    return float((np.abs(_finite("code", code)) > above).mean())


def reconstruction_snr_db(stimuli: ArrayLike, reconstructions: ArrayLike) -> float:
    r"""Compare the energy of the stimuli with that of the reconstruction error.

    .. math:: 10 \log_{10} \frac{\sum s^2}{\sum (s - \hat s)^2}

    Parameters
    ----------
    stimuli, reconstructions : array_like, shape (n_stimuli, n_pixels)
        Same unit. Sums run over all stimuli at once, so stimuli of low contrast weigh little.

    Returns
    -------
    float
        Decibels: 0 for reconstructions of zero, infinite for perfect ones.

    Raises
    ------
    ValueError
        If the shapes differ, a value is not finite, or all stimuli are zero.

    Examples
    --------
    >>> round(reconstruction_snr_db([[1.0, 0.0]], [[0.9, 0.0]]), 6)
    20.0
    """
    shown, rebuilt = _finite("stimuli", stimuli), _finite("reconstructions", reconstructions)
    if shown.shape != rebuilt.shape:
        raise ValueError(
            f"expected reconstructions of shape {shown.shape}, as the stimuli, got {rebuilt.shape}"
        )
    signal, error = float((shown**2).sum()), float(((shown - rebuilt) ** 2).sum())
    if signal == 0:
        raise ValueError(
            "expected stimuli with some energy, got zeros only: their signal-to-noise ratio is 0/0"
        )
    return float(np.inf) if error == 0 else 10.0 * float(np.log10(signal / error))


def _sparseness(magnitudes: NDArray[np.float64]) -> NDArray[np.float64]:
    n = magnitudes.shape[1]
    concentration = magnitudes.mean(axis=1) ** 2 / (magnitudes**2).mean(axis=1)
    return np.asarray((1 - concentration) / (1 - 1 / n))


def _magnitudes(code: ArrayLike, *, over: Over) -> NDArray[np.float64]:
    """Return |code|, one row per result, each scaled to a peak of one; NaN in the rows that are silent."""
    magnitudes = np.abs(_values(code, over=over))
    peak = magnitudes.max(axis=1, keepdims=True)
    return np.asarray(magnitudes / np.where(peak > 0, peak, np.nan))


def _values(code: ArrayLike, *, over: Over) -> NDArray[np.float64]:
    """Return the code with the axis to be summarised last."""
    if over not in ("stimuli", "neurons"):
        raise ValueError(f"expected over to be 'stimuli' or 'neurons', got {over!r}")
    values = _finite("code", code)
    values = values.T if over == "stimuli" else values
    if values.shape[1] < 2:
        raise ValueError(
            f"expected a code of at least two {over}, got {values.shape[1]}: one value has no spread"
        )
    return values


def _finite(name: str, values: ArrayLike) -> NDArray[np.float64]:
    array = unmasked(values, name).astype(np.float64, copy=False)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"expected {name} with two axes, stimuli first, and some values, got shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(
            f"expected finite {name}, got {(~np.isfinite(array)).sum()} NaN or infinite values of "
            f"{array.size}: look for a diverging simulation before measuring it"
        )
    return array
