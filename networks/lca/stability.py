"""The longest time step that a population with lateral inhibition can take, and signs that it was too long.

Fields of any norm: a neuron's activity is its potential above threshold, divided by its field's squared norm.

The LASSO of fields φ is that of unit fields φ/‖φ‖ with thresholds λ/‖φ‖ and activities ‖φ‖a. In the stimuli's own unit
its membranes are τ u̇ = b − u − (ΦΦᵀ − S)a with a = T(u)/s, S = diag(s) and s = ‖φ‖². They settle as fast as those of
unit fields. The published form, in which a neuron's own activity relaxes at the rate ‖φ‖²/τ, takes 1/‖φ‖² times as long
for short fields and needs steps of 1/‖φ‖² for long ones.
"""

import math
import warnings
from typing import Any

import numpy as np
from brian2 import NeuronGroup
from numpy.typing import NDArray
from scipy.sparse.linalg import eigsh
from sklearn.exceptions import ConvergenceWarning

from neurosim.engine.dense import DenseWeights
from neurosim.engine.operation import Operation
from neurosim.networks.lca.input_pathways import InputPathway

__all__ = [
    "dearer_than_silence",
    "far_from_unit",
    "largest_overlap",
    "measure_stiffness",
    "steps_of",
    "stiffness_of",
    "warn_if_unstable",
    "warn_lost",
]

# The default step's share of the bound, which is the edge of oscillation.
_SAFE = 0.9
# Up to this size all eigenvalues are found as fast as the largest.
_FEW = 64


def largest_overlap(dictionary: NDArray[Any]) -> float:
    """Return λ_max(ΦΦᵀ), the strength of the population's stiffest mode.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)

    Examples
    --------
    >>> largest_overlap(np.ones((2, 3)))
    6.0
    """
    matrix = np.asarray(dictionary)
    smaller = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    gram = (smaller @ smaller.T).astype(np.float64)
    if len(gram) <= _FEW:
        return float(np.round(np.linalg.eigvalsh(gram)[-1], 12))
    start = np.random.default_rng(0).standard_normal(len(gram))
    return float(eigsh(gram, k=1, v0=start, tol=1e-9, return_eigenvectors=False)[0])


def steps_of(
    dictionary: NDArray[Any], *, tau: float, presentation: float, dt: float | None
) -> tuple[float, int]:
    """Choose the time step and the number of steps of one presentation.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)
    tau, presentation : float
        Seconds.
    dt : float or None
        A step in seconds, or None for .9 of the bound 2τ/λ_max(ΦΦᵀ), and never more than .9 τ: beyond τ forward Euler
        overshoots even without inhibition.

    Returns
    -------
    dt : float
        Seconds; the chosen one divides the presentation evenly.
    n_steps : int

    Raises
    ------
    ValueError
        If the step is longer than the presentation.
    """
    if dt is not None:
        if dt > presentation:
            raise ValueError(f"dt: expected at most the presentation of {presentation:g} s, got {dt:g} s")
        return dt, round(presentation / dt)
    overlap = max(largest_overlap(dictionary), np.finfo(float).tiny)
    longest = _SAFE * min(2 * tau / overlap, tau)
    n_steps = max(1, math.ceil(presentation / longest))
    return presentation / n_steps, n_steps


def warn_if_unstable(dictionary: NDArray[Any], *, tau: float, dt: float) -> None:
    """Warn when the step exceeds the stability bound of the whole population."""
    bound = 2 * tau / max(largest_overlap(dictionary), np.finfo(float).tiny)
    if dt > bound:
        warnings.warn(
            f"dt = {dt:.3g} s exceeds the stability bound 2*tau/lambda_max = {bound:.3g} s of this dictionary; only "
            "active neurons count, so it may still settle, and a divergence stops the simulation; "
            "dt=None keeps below the bound",
            stacklevel=3,
        )


def dearer_than_silence(code: NDArray[Any], stimuli: NDArray[Any], *, cost: NDArray[Any]) -> int:
    """Count the codes that cost more than silence, as no settled population's does.

    Parameters
    ----------
    code : array, shape (n_stimuli, n_neurons)
    stimuli : array, shape (n_stimuli, n_pixels)
    cost : array, shape (n_stimuli,)
        Of the activity alone, without the residual.

    Examples
    --------
    >>> dearer_than_silence(np.array([[0.4, 0.0], [3.0, -3.0]]), np.eye(2), cost=np.array([0.4, 6.0]))
    1
    """
    silence = np.einsum("sp,sp->s", stimuli, stimuli) / 2
    return int((cost > 1.01 * silence + np.finfo(code.dtype).tiny).sum())


def warn_lost(n_lost: int, n_stimuli: int) -> None:
    """Warn of codes that cost more than silence, if there are any."""
    if n_lost:
        warnings.warn(
            f"{n_lost} of {n_stimuli} codes are wrong: they cost more than silence, because the population still swung "
            "when the presentation ended. Fields that are nearly copies do that, and an epsilon above the threshold: "
            "use a fixed dt below 2*tau/lambda_max, a longer presentation or a smaller epsilon",
            ConvergenceWarning,
            stacklevel=4,
        )


# No neuron's stiffness is less than this share of the mean.
_SOFTEST = 0.01
# Between half and twice the unit norm the published form settles about as fast, and stands as it was published.
_SHORTEST, _LONGEST = 0.5, 2.0


def far_from_unit(dictionary: NDArray[Any]) -> bool:
    """Say whether a field, rows of zeros apart, is shorter than half or longer than twice the unit.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)

    Examples
    --------
    >>> far_from_unit(np.array([[1.5, 0.0], [0.0, 0.0]])), far_from_unit(np.array([[1.0, 0.0], [0.0, 0.1]]))
    (False, True)
    """
    norms = np.linalg.norm(np.asarray(dictionary, dtype=np.float64), axis=1)
    norms = norms[norms > 0]
    return bool(norms.size) and not (norms.min() >= _SHORTEST and norms.max() <= _LONGEST)


def stiffness_of(dictionary: NDArray[Any]) -> NDArray[np.float64]:
    """Return the potential per activity of every neuron, ‖φ_j‖², not too far below the mean.

    Parameters
    ----------
    dictionary : array, shape (n_neurons, n_pixels)

    Examples
    --------
    >>> stiffness_of(np.array([[2.0, 0.0], [0.0, 0.0]]))
    array([4.  , 0.02])
    """
    squares = np.square(dictionary, dtype=float).sum(axis=1)
    stiffness: NDArray[np.float64] = np.maximum(squares, _SOFTEST * (squares.mean() or 1.0))
    return stiffness


def measure_stiffness(
    neurons: NeuronGroup, pathways: list[InputPathway], lateral: DenseWeights | None
) -> Operation:
    """Give every neuron its stiffness at the onset of a stimulus, and take it off its overlap with itself.

    Fields may have learned since the last onset. The lateral weights' diagonal is what a floor on the stiffness leaves:
    nothing, but for fields far shorter than most.
    """
    n_neurons = pathways[0].dictionary.shape[0]
    n_replicas = len(neurons) // n_neurons

    def measure(stiffness: Any, **given: Any) -> None:
        squares = sum(
            (given[f"gain{k}"][0] if pathway.gain is not None else 1)
            * np.square(given[f"weights{k}"].reshape(pathway.dictionary.shape), dtype=float).sum(axis=1)
            for k, pathway in enumerate(pathways)
        )
        each = np.maximum(squares, _SOFTEST * (squares.mean() or 1.0))
        stiffness.reshape(n_replicas, n_neurons)[:] = each
        if lateral is not None:
            given["lateral"].reshape(n_neurons, n_neurons)[np.diag_indices(n_neurons)] = squares - each

    arrays = {"stiffness": neurons.variables["stiffness"]}
    sizes = {"n_neurons": n_neurons, "n_replicas": n_replicas}
    sums = []
    for k, pathway in enumerate(pathways):
        arrays[f"weights{k}"], sizes[f"n_pixels{k}"] = (
            pathway.dictionary.variable,
            pathway.dictionary.shape[1],
        )
        if pathway.gain is not None:
            arrays[f"gain{k}"] = pathway.gain
        row = f"weights{k} + (size_t)j * n_pixels{k}"
        sums.append(f"{f'gain{k}[0] * ' if pathway.gain is not None else ''}dot({row}, {row}, n_pixels{k})")
    if lateral is not None:
        arrays["lateral"] = lateral.variable
    diagonal = "lateral[(size_t)j * n_neurons + j] = squares[j] - each;" if lateral is not None else ""
    cpp = _MEASURE.format(squares=" + ".join(sums), diagonal=diagonal, softest=_SOFTEST)
    return Operation("measure_stiffness", arrays, cpp, measure, sizes=sizes)


_MEASURE = """
std::vector<double> squares(n_neurons);
double mean = 0;
for (int j = 0; j < n_neurons; ++j) {{
  squares[j] = {squares};
  mean += squares[j] / n_neurons;
}}
for (int j = 0; j < n_neurons; ++j) {{
  const double each = std::max(squares[j], {softest} * (mean > 0 ? mean : 1.0));
  for (int r = 0; r < n_replicas; ++r) stiffness[(size_t)r * n_neurons + j] = each;
  {diagonal}
}}
return 0;
"""
