"""Threshold functions of a membrane: how activity follows from potential, and the cost each one stands for.

A membrane that settles where ``u - a`` is the slope of a cost minimises the squared residual plus that cost.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Threshold", "activity_expression"]

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

    Examples
    --------
    >>> Threshold("soft", level=1.0, upper=2.0, nonnegative=False).activity(np.array([-3.0, 0.5, 2.0]))
    array([-2.,  0.,  1.])
    """

    kind: str
    level: float
    upper: float
    nonnegative: bool

    @property
    def expression(self) -> str:
        """The function as a Brian2 expression of ``u``, ``threshold`` and ``upper``."""
        return activity_expression(self.kind, nonnegative=self.nonnegative)

    def activity(self, potential: NDArray[Any]) -> NDArray[Any]:
        """Apply the function to potentials of any shape."""
        names = {"u": potential, "threshold": self.level, "upper": self.upper, "clip": np.clip, "abs": np.abs}
        names |= {"sign": np.sign, "int": lambda condition: condition.astype(potential.dtype), "inf": np.inf}
        result: NDArray[Any] = eval(self.expression, {"__builtins__": {}}, names)
        return result

    def cost(self, code: NDArray[Any]) -> NDArray[Any]:
        """Return the cost of every activity, same shape as `code`, never negative.

        The integral of ``u - a``: λ|a| for the soft threshold, λ²/2 for every active neuron with the hard one
        (Rozell et al. 2008, section 3.2), and λ(|a| − a²/2μ) up to λμ/2 with the firm one.
        """
        size = np.abs(code)
        if self.kind == "soft":
            return self.level * size
        if self.kind == "hard":
            return self.level**2 / 2 * (size > 0)
        inner = np.minimum(size, self.upper)
        return self.level * (inner - inner**2 / (2 * self.upper))
