"""What a rate network has: what it is shown, what it minimises, and how it learns; here as an ordinary LCA has them.

A model has its own where it differs; `neurosim.networks.lca.rate_network` tells when each is asked for. A membrane that
settles where ``u - a`` is the slope of a cost minimises half the squared residual plus that cost.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.blocks import Block
from neurosim.networks.estimator.training_data import pointed_at_residuals, unit_rows
from neurosim.networks.estimator.training_history import TrainingHistory

__all__ = [
    "Beside",
    "Learning",
    "Objective",
    "Shown",
    "Threshold",
    "Weights",
    "activity_expression",
    "dearer_than_zero_code",
]


@dataclass(frozen=True)
class Weights:
    """How much each modality counts: its gain, zero if it is absent, and pixels; empty for a network with one input."""

    gains: tuple[float, ...] = ()
    sizes: tuple[int, ...] = ()

    def of(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return stimuli or fields, those of several modalities side by side, as they count in the objective."""
        if all(gain == 1 for gain in self.gains):
            return rows
        weighted: NDArray[Any] = rows * self._columns(np.sqrt(self.gains)).astype(rows.dtype)
        return weighted

    @property
    def absent(self) -> NDArray[np.bool_]:
        """Which pixels are of modalities that are absent; without any for a network with one input."""
        return self._columns(np.array(self.gains) == 0)

    def _columns(self, values: NDArray[Any]) -> NDArray[Any]:
        return np.repeat(values, self.sizes) if self.gains else values


@dataclass(frozen=True)
class Beside:
    """What is known beside each stimulus, and what the neurons are shown of it.

    Parameters
    ----------
    rows : array, one entry or row for each stimulus
        A class or the weights of a graph's edges, for example.
    variables : callable
        From rows to what the neurons are shown, by variable, shape (n_stimuli, n_neurons).
    drives : bool, default=False
        Whether it drives the population in a way that the objective does not count.
    """

    rows: NDArray[Any]
    variables: Callable[[NDArray[Any]], Mapping[str, NDArray[Any]]]
    drives: bool = False


@dataclass(frozen=True)
class Shown:
    """What a population is shown: validated stimuli (n_stimuli, n_pixels), their weights, and what is beside them."""

    stimuli: NDArray[Any]
    weights: Weights = field(default_factory=Weights)
    beside: Beside | None = None

    def part(self, rows: slice | NDArray[np.intp]) -> "Shown":
        """Return some of the stimuli with what is known beside them."""
        beside = self.beside and replace(self.beside, rows=self.beside.rows[rows])
        return replace(self, stimuli=self.stimuli[rows], beside=beside)

    @property
    def stimulus_weights(self) -> Weights:
        """Of the modalities, by columns of the stimuli; `weights` has them by columns of the fields."""
        return self.weights

    @property
    def weighted(self) -> NDArray[Any]:
        """The stimuli as they count in the objective."""
        return self.stimulus_weights.of(self.stimuli)

    @property
    def also(self) -> Mapping[str, NDArray[Any]]:
        """What the neurons are shown beside the stimuli, by variable, shape (n_stimuli, n_neurons)."""
        return {} if self.beside is None else self.beside.variables(self.beside.rows)

    @property
    def driven(self) -> bool:
        """Whether something beside the stimuli drives the population, which the objective does not count."""
        return self.beside is not None and self.beside.drives


# Brian2 expressions of the potential u. Soft: shrinkage. Hard: all or nothing. Firm: zero up to the threshold,
# the identity from the upper threshold on, linear between (Gao & Bruce 1997, Statistica Sinica 7:855, eq. 2.1).
_SIGNED = {
    "soft": "u - clip(u, -threshold, threshold)",
    "hard": "u * int(abs(u) > threshold)",
    "firm": "sign(u) * clip(upper * (abs(u) - threshold) / (upper - threshold), 0, abs(u))",
}
_NON_NEGATIVE = {
    "soft": "clip(u - threshold, 0, inf)",
    "hard": "u * int(u > threshold)",
    "firm": "clip(upper * (u - threshold) / (upper - threshold), 0, clip(u, 0, inf))",
}


def activity_expression(kind: str, *, nonnegative: bool) -> str:
    """Return a threshold function as a Brian2 expression of ``u``, ``threshold`` and ``upper``.

    Examples
    --------
    >>> activity_expression("soft", nonnegative=True)
    'clip(u - threshold, 0, inf)'
    """
    return (_NON_NEGATIVE if nonnegative else _SIGNED)[kind]


@dataclass(frozen=True)
class Threshold:
    """A threshold function with its parameters.

    Parameters
    ----------
    kind : {"soft", "hard", "firm"}
    level : float
        The threshold λ, in the unit of the stimuli.
    upper : float
        Upper threshold μ of the firm function; without effect on the others.
    nonnegative : bool
        One-sided: negative potentials are silent.
    adaptation : float, 0 or more
        What neurons are held back in proportion to their own activity: potential per activity.

    Examples
    --------
    >>> Threshold("soft", level=1.0, upper=2.0, nonnegative=False).activity(np.array([-3.0, 0.5, 2.0]))
    array([-2.,  0.,  1.])
    """

    kind: str
    level: float
    upper: float
    nonnegative: bool
    adaptation: float = 0.0

    @property
    def expression(self) -> str:
        """The function as a Brian2 expression of ``u``, ``threshold`` and ``upper``."""
        return activity_expression(self.kind, nonnegative=self.nonnegative)

    def activity(self, potential: NDArray[Any]) -> NDArray[Any]:
        """Apply the function to potentials of any shape."""
        names = {"u": potential, "threshold": self.level, "upper": self.upper, "clip": np.clip, "abs": np.abs}
        names |= {"sign": np.sign, "int": lambda condition: condition.astype(potential.dtype), "inf": np.inf}
        result: NDArray[Any] = eval(self.expression, {"__builtins__": {}}, names)
        return result if self.adaptation == 0 else result / (1 + self.adaptation)

    def cost(self, code: NDArray[Any]) -> NDArray[Any]:
        """Return the cost of every activity, same shape as `code`, never negative.

        The integral of ``u - a``: λ|a| for the soft threshold, λ²/2 for every active neuron with the hard one
        (Rozell et al. 2008, section 3.2), and λ(|a| − a²/2μ) up to λμ/2 with the firm one. Adaptation by c adds ca²/2
        to that of the soft one.
        """
        size = np.abs(code)
        if self.kind == "soft":
            cost = self.level * size
            return cost if self.adaptation == 0 else cost + self.adaptation / 2 * size**2
        if self.kind == "hard":
            return self.level**2 / 2 * (size > 0)
        inner = np.minimum(size, self.upper)
        return self.level * (inner - inner**2 / (2 * self.upper))


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What a population minimises beside half the squared residual.

    Parameters
    ----------
    threshold : Threshold
        Tells the activity, and what is a small change of it.
    sparsity : str
        What makes the code sparse, in the words of the door.
    at_most_zero_code : bool, default=True
        Whether a settled population costs no more than the zero code.
    """

    threshold: Threshold
    sparsity: str
    at_most_zero_code: bool = True

    def cost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> NDArray[Any]:
        """Return what activity costs, per stimulus."""
        return self.uncounted(code)

    def uncounted(self, code: NDArray[Any]) -> NDArray[Any]:
        """Return the part of the cost, per stimulus, that the circuit does not count in its energies."""
        cost: NDArray[Any] = self.threshold.cost(code).sum(axis=1)
        return cost

    def n_lost(self, code: NDArray[Any], stimuli: NDArray[Any]) -> int:
        """Count codes of weighted stimuli that no settled population has."""
        if self.threshold.kind == "hard":  # One with jumps may settle above the zero code.
            return 0
        return dearer_than_zero_code(code, stimuli, cost=self.cost(code, stimuli))


def dearer_than_zero_code(code: NDArray[Any], stimuli: NDArray[Any], *, cost: NDArray[Any]) -> int:
    """Count the codes that cost more than the zero code, as no settled population's does.

    `cost` (n_stimuli,) is that of the activity alone, without the residual.

    Examples
    --------
    >>> dearer_than_zero_code(np.array([[0.4, 0.0], [3.0, -3.0]]), np.eye(2), cost=np.array([0.4, 6.0]))
    1
    """
    zero_code = np.einsum("sp,sp->s", stimuli, stimuli) / 2
    return int((cost > 1.01 * zero_code + np.finfo(code.dtype).tiny).sum())


@dataclass(frozen=True, kw_only=True)
class Learning:
    """How a dictionary learns.

    Parameters
    ----------
    rate_unit : float
        What learning rates are divided by.
    scaled : callable, default=`unit_rows`
        From fields to fields with the norms that learning keeps.
    weights : Weights
        Of the modalities while all are present.
    silent_below : float, default=0
        Activity up to which a neuron counts as silent.
    rates : callable
        From the history of training and a run's part of the stimuli to the learning rates of its batches.
    kept : mapping of str to str
        What neurons keep from run to run beside their fields: the network's attribute and the circuit's array.
    blocks : tuple of Block
        Which neurons see which pixels; by default all see all.
    afterwards : callable, optional
        What else is learned once the fields are: given what was shown, and the order of the stimuli.
    also : callable
        From what is shown in a run and the history of training to what the neurons are shown beside the stimuli.
    """

    rate_unit: float
    scaled: Callable[[NDArray[Any]], NDArray[Any]] = unit_rows
    weights: Weights = field(default_factory=Weights)
    silent_below: float = 0.0
    rates: Callable[[TrainingHistory, slice], NDArray[np.float64]] = TrainingHistory.rates_of
    kept: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    afterwards: Callable[["Shown", NDArray[np.intp]], None] | None = None
    also: Callable[["Shown", TrainingHistory], Mapping[str, NDArray[Any]]] = lambda part, history: part.also

    def revived(
        self,
        dictionary: NDArray[Any],
        dead: NDArray[np.intp],
        residual: NDArray[Any],
        *,
        weights: Weights,
        rng: np.random.Generator,
    ) -> NDArray[Any]:
        """Return fields with those of dead neurons pointed at what others explain badly; of what is absent all stay."""
        if not len(dead):
            return dictionary
        absent = weights.absent
        left = np.where(absent, 0, residual) if absent.any() else residual
        fields = self.scaled(pointed_at_residuals(dictionary, dead, left, rng=rng))
        if absent.any():
            fields[:, absent] = dictionary[:, absent]
        return fields
