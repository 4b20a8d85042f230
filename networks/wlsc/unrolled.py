"""Weighted ℓ1 coding by unrolled proximal gradient: what a membrane network for the same problem must agree with."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neurosim._masked import unmasked
from neurosim.networks.estimator.parameters import flag, one_of, positive, whole
from neurosim.networks.wlsc.unrolled_parameters import CODES

__all__ = [
    "Penalty",
    "laplacian_penalty",
    "momenta",
    "stimulus_thresholds",
    "unrolled_code",
    "wlsc_objective",
]


@dataclass(frozen=True)
class Penalty:
    """What a code costs, and which codes are allowed.

    Parameters
    ----------
    threshold : float
        The plain ℓ1 weight of every neuron, of at least zero.
    locality : float
        The weight of the squared distance between a stimulus and a neuron's field, of at least zero.
    code : {"nonnegative", "signed", "simplex"}, default="nonnegative"
        ``"simplex"`` asks for non-negative activities that add up to one.

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or the code unknown.
    """

    threshold: float
    locality: float
    code: str = "nonnegative"

    def __post_init__(self) -> None:
        positive("threshold", self.threshold, or_zero=True)
        positive("locality", self.locality, or_zero=True)
        one_of("code", self.code, CODES)


def stimulus_thresholds(
    stimuli: ArrayLike, dictionary: ArrayLike, penalty: Penalty, *, graph: ArrayLike | None = None
) -> NDArray[Any]:
    """Return the threshold of every neuron for every stimulus, higher the further its field is from the stimulus.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    dictionary : array, shape (n_neurons, n_pixels)
        Fields of any norm.
    penalty : Penalty
    graph : array, shape (n_stimuli, n_neurons), optional
        Factors of the distances, of at least zero; all one by default.

    Returns
    -------
    array, shape (n_stimuli, n_neurons)
        θ_j(y) = threshold + locality · graph · ‖y − φ_j‖².

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, or the graph has negative entries.

    Examples
    --------
    >>> stimulus_thresholds([[1.0, 0.0]], np.eye(2), Penalty(threshold=0.5, locality=0.25))
    array([[0.5, 1. ]])
    """
    rows, fields = _checked(stimuli, dictionary)
    return _thresholds(rows, fields, penalty, drive=rows @ fields.T, graph=graph)


def unrolled_code(
    stimuli: ArrayLike,
    dictionary: ArrayLike,
    penalty: Penalty,
    *,
    graph: ArrayLike | None = None,
    n_layers: int = 15,
    accelerated: bool = True,
) -> NDArray[Any]:
    """Return the codes after a number of proximal gradient steps, each one layer of a network with tied weights.

    The problem of each stimulus y is ½‖y − Φᵀx‖² + Σ_j θ_j(y)|x_j|, with the thresholds of `stimulus_thresholds`.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    dictionary : array, shape (n_neurons, n_pixels)
        Fields of any norm.
    penalty : Penalty
    graph : array, shape (n_stimuli, n_neurons), optional
        As for `stimulus_thresholds`.
    n_layers : int, default=15
        Hundreds to thousands come to the minimum; fifteen are what networks are trained with.
    accelerated : bool, default=True
        With the momentum of Beck & Teboulle.

    Returns
    -------
    array, shape (n_stimuli, n_neurons)
        float32 for float32 stimuli, else float64.

    Raises
    ------
    ValueError
        As `stimulus_thresholds` does, and if all fields are zero.

    References
    ----------
    Huml, Tasissa & Ba 2023, arXiv:2402.10213 (the weighted problem, unrolled);
    Beck & Teboulle 2009, SIAM J Imaging Sci 2:183, eqs 4.1 to 4.3;
    Held, Wolfe & Crowder 1974, Math Program 6:62 (projection on the simplex).

    Examples
    --------
    >>> unrolled_code([[2.0, 0.25]], np.eye(2), Penalty(threshold=0.5, locality=0.0))
    array([[1.5, 0. ]])
    """
    rows, fields = _checked(stimuli, dictionary)
    whole("n_layers", n_layers, at_least=1)
    flag("accelerated", accelerated)
    drive, overlaps = rows @ fields.T, fields @ fields.T
    thresholds = _thresholds(rows, fields, penalty, drive=drive, graph=graph)
    step = rows.dtype.type(1 / _stiffness(fields))
    code = ahead = np.zeros_like(drive)
    for momentum in momenta(n_layers, accelerated=accelerated).astype(rows.dtype):
        before = code
        code = _nearest(ahead + step * (drive - ahead @ overlaps), step * thresholds, kind=penalty.code)
        ahead = code + momentum * (code - before)
    return code


def wlsc_objective(
    stimuli: ArrayLike,
    code: ArrayLike,
    dictionary: ArrayLike,
    penalty: Penalty,
    *,
    graph: ArrayLike | None = None,
) -> NDArray[Any]:
    """Return ½‖y − Φᵀx‖² + Σ_j θ_j(y)|x_j| of every stimulus.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    code : array, shape (n_stimuli, n_neurons)
    dictionary : array, shape (n_neurons, n_pixels)
    penalty : Penalty
    graph : array, shape (n_stimuli, n_neurons), optional
        As for `stimulus_thresholds`.

    Returns
    -------
    array, shape (n_stimuli,)

    Raises
    ------
    ValueError
        If shapes do not fit, values are not finite, or the graph has negative entries.

    Examples
    --------
    >>> wlsc_objective([[2.0, 0.25]], [[1.5, 0.0]], np.eye(2), Penalty(threshold=0.5, locality=0.0))
    array([0.90625])
    """
    rows, fields = _checked(stimuli, dictionary)
    activity = _matrix("code", code, (len(rows), len(fields)))
    thresholds = stimulus_thresholds(rows, fields, penalty, graph=graph)
    residual = rows - activity @ fields
    total: NDArray[Any] = (residual**2).sum(axis=1) / 2 + (thresholds * np.abs(activity)).sum(axis=1)
    return total


def laplacian_penalty(stimuli: ArrayLike, code: ArrayLike, dictionary: ArrayLike) -> float:
    """Return tr(Z L Zᵀ), the roughness of positions Z on the graph whose edges |x_ij| join stimuli to neurons.

    Z has the stimuli and the fields as columns and L is the Laplacian of the graph, both written out: for checking
    that the penalty of `wlsc_objective` is this, Σ_ij |x_ij| ‖y_i − φ_j‖², and too large for more.

    Parameters
    ----------
    stimuli : array, shape (n_stimuli, n_pixels)
    code : array, shape (n_stimuli, n_neurons)
    dictionary : array, shape (n_neurons, n_pixels)

    Examples
    --------
    >>> laplacian_penalty([[1.0, 0.0]], [[3.0, -2.0]], np.eye(2))
    4.0
    """
    rows, fields = _checked(stimuli, dictionary)
    edges = np.abs(_matrix("code", code, (len(rows), len(fields))))
    positions = np.concatenate([rows, fields]).T
    weights = np.block([[np.zeros((len(rows),) * 2), edges], [edges.T, np.zeros((len(fields),) * 2)]])
    laplacian = np.diag(weights.sum(axis=1)) - weights
    return float(np.trace(positions @ laplacian @ positions.T))


def momenta(n_layers: int, *, accelerated: bool) -> NDArray[np.float64]:
    """Return how far each layer's result is carried on in its direction, (t_k − 1)/t_{k+1} of Beck & Teboulle.

    Examples
    --------
    >>> momenta(3, accelerated=True).round(3)
    array([0.   , 0.282, 0.434])
    """
    carried, t = np.zeros(n_layers), 1.0
    for k in range(n_layers if accelerated else 0):
        following = (1 + np.sqrt(1 + 4 * t**2)) / 2
        carried[k], t = (t - 1) / following, following
    return carried


def _thresholds(
    rows: NDArray[Any],
    fields: NDArray[Any],
    penalty: Penalty,
    *,
    drive: NDArray[Any],
    graph: ArrayLike | None,
) -> NDArray[Any]:
    squares = (rows**2).sum(axis=1)[:, np.newaxis] + (fields**2).sum(axis=1)
    # Rounding can take the distance of a stimulus to itself below zero.
    distances = np.maximum(squares - 2 * drive, 0)
    if graph is not None:
        distances *= _edges(graph, distances.shape)
    return float(penalty.threshold) + float(penalty.locality) * distances


def _nearest(potential: NDArray[Any], thresholds: NDArray[Any], *, kind: str) -> NDArray[Any]:
    """Return the proximal point: shrunk by the thresholds, and allowed."""
    if kind == "signed":
        shrunk: NDArray[Any] = np.sign(potential) * np.maximum(np.abs(potential) - thresholds, 0)
        return shrunk
    if kind == "nonnegative":
        return np.maximum(potential - thresholds, 0)
    return _on_simplex(potential - thresholds)


def _on_simplex(points: NDArray[Any]) -> NDArray[Any]:
    descending = -np.sort(-points, axis=1)
    counts = np.arange(1, points.shape[1] + 1, dtype=points.dtype)
    # Subtracted from all of the k largest to make them add up to one; right while the k-th stays positive.
    shifts = (descending.cumsum(axis=1) - 1) / counts
    n_kept = (descending > shifts).sum(axis=1, keepdims=True)
    return np.maximum(points - np.take_along_axis(shifts, n_kept - 1, axis=1), 0)


def _stiffness(fields: NDArray[Any]) -> float:
    stiffness = float(np.linalg.norm(fields, 2)) ** 2
    if stiffness == 0:
        raise ValueError("dictionary: expected at least one field other than zero, got zeros only")
    return stiffness


def _checked(stimuli: ArrayLike, dictionary: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    rows, fields = _matrix("stimuli", stimuli), _matrix("dictionary", dictionary)
    if rows.shape[1] != fields.shape[1]:
        raise ValueError(
            f"expected stimuli and fields with as many pixels, got {rows.shape[1]} and {fields.shape[1]}"
        )
    return rows, fields.astype(rows.dtype, copy=False)


def _edges(graph: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    edges = _matrix("graph", graph, shape)
    if (edges < 0).any():
        raise ValueError(f"graph: expected factors of at least zero, got {edges.min():.3g}")
    return edges


def _matrix(name: str, values: ArrayLike, shape: tuple[int, ...] | None = None) -> NDArray[Any]:
    matrix = unmasked(values, name)
    matrix = matrix if matrix.dtype == np.float32 else matrix.astype(np.float64)
    if matrix.ndim != 2 or (shape is not None and matrix.shape != shape) or not np.isfinite(matrix).all():
        raise ValueError(
            f"{name}: expected a finite matrix{f' of shape {shape}' if shape else ''}, got shape {matrix.shape}"
            f"{'' if np.isfinite(matrix).all() else ' with NaN or infinite values'}"
        )
    return matrix
