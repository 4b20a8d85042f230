"""Fields of any norm: a neuron's activity is its potential above threshold, divided by its field's squared norm.

The LASSO of fields φ is that of unit fields φ/‖φ‖ with thresholds λ/‖φ‖ and activities ‖φ‖a. In the stimuli's own unit
its membranes are τ u̇ = b − u − (ΦΦᵀ − S)a with a = T(u)/s, S = diag(s) and s = ‖φ‖². They settle as fast as those of
unit fields. The published form, in which a neuron's own activity relaxes at the rate ‖φ‖²/τ, takes 1/‖φ‖² times as long
for short fields and needs steps of 1/‖φ‖² for long ones.
"""

from typing import Any

import numpy as np
from brian2 import NeuronGroup
from numpy.typing import NDArray

from neurosim.engine.dense import DenseWeights
from neurosim.engine.operation import Operation
from neurosim.networks.input_pathways import InputPathway

__all__ = ["far_from_unit", "measure_stiffness", "stiffness_of"]

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
