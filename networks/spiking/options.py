"""Options of a spiking membrane: refractory period, noise, delay, and a user's own terms."""

from dataclasses import dataclass, replace
from typing import Any, Self

from brian2 import NeuronGroup
from brian2.core.variables import ArrayVariable

from neurosim.networks.estimator.parameters import seconds
from neurosim.networks.spiking.circuit import Population

__all__ = ["SpikingOptions"]


@dataclass(frozen=True)
class SpikingOptions:
    """What a user can add to the published equations.

    Parameters
    ----------
    refractory : float
        Seconds a neuron cannot fire after a spike; 0 for none.
    noise : float
        Standard deviation of the membrane potential under noise alone (without a leak: of its change in one `tau`).
    delay_steps : int
        Time steps that spikes travel beyond the one they always take.
    membrane_terms, extra_equations : str
    """

    refractory: float
    noise: float
    delay_steps: int
    membrane_terms: str
    extra_equations: str

    @classmethod
    def of(cls, network: Any) -> Self:
        """Read the options of an estimator, whose delay is a whole number of time steps."""
        delay_steps = 0
        if network.delay is not None:
            delay_steps = round(seconds("delay", network.delay) / seconds("dt", network.dt))
        refractory = 0.0 if network.refractory is None else seconds("refractory", network.refractory)
        return cls(
            refractory, float(network.noise), delay_steps, network.membrane_terms, network.extra_equations
        )

    def without_terms(self) -> Self:
        """Return the options for a population that the user's terms are not meant for."""
        return replace(self, membrane_terms="", extra_equations="")

    def applied(self, population: Population) -> Population:
        """Return a population with the options in the places ``{terms}`` and ``{noise}`` of its equations."""
        terms = f" {self.membrane_terms}" if self.membrane_terms else ""
        equations = population.equations.format(terms=terms, noise=" + jitter" if self.noise else "")
        if self.noise:
            # Drawn once a step and not as Brian2's xi, which only forward Euler can integrate: noise that is next to
            # nothing must not change the dynamics.
            equations += "jitter = sigma*randn() : 1 (constant over dt)\nsigma : 1 (shared)\n"
        if self.extra_equations:
            equations += self.extra_equations.rstrip() + "\n"
        threshold, reset = population.threshold, population.reset
        if self.refractory:
            # Counts down from the dead time. A twentieth of a step is rounding's share.
            equations += "dpause/dt = -1 : second\ndead_time : second (shared)\n"
            threshold, reset = f"{threshold} and pause < 0.05*dt", f"{reset}; pause = dead_time"
        return replace(
            population, equations=equations, threshold=threshold, reset=reset,
            membrane_terms=self.membrane_terms, extra_equations=self.extra_equations,
        )  # fmt: skip

    def settings(self, group: NeuronGroup, *, tau: Any, per_noise: float) -> dict[ArrayVariable, Any]:
        """Return the shared numbers of a group's equations; `per_noise` is the deviation of a step's noise of 1."""
        values: dict[ArrayVariable, Any] = {group.variables["tau"]: seconds("tau", tau)}
        if self.refractory:
            values[group.variables["dead_time"]] = self.refractory
        if self.noise:
            values[group.variables["sigma"]] = self.noise * per_noise
        return values
