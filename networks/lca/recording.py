"""Watching a network whose membranes settle: its equations, its dynamics, and its Brian2 objects."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from neurosim._turns import one_at_a_time, simulating
from neurosim.engine.backend import activated
from neurosim.engine.recording import StateRecorder
from neurosim.networks.estimator.added_terms import AddedTerms, refuse_unset
from neurosim.networks.estimator.backend_choice import watched_backend
from neurosim.networks.estimator.training_data import generator
from neurosim.networks.lca.circuit import Circuit, build_circuit, equations
from neurosim.networks.lca.pathways import OVERLAPS
from neurosim.networks.lca.presentation import load_weights, present
from neurosim.networks.lca.rate_model import Shown, Weights
from neurosim.networks.lca.run_settings import RunSettings, watched
from neurosim.networks.learning_rules import Rule, rule_text
from neurosim.networks.saving.streamed_recording import To, recorded, require_streaming, within

__all__ = ["Recording", "finely_stepped", "recorded_presentation"]

# Traces come within 1 % of the exact solution (a leaky membrane everywhere, a learned population at its largest) with
# so many steps per time constant, and per step that is just stable where the population is stiffer than one membrane.
_STEPS_PER_TAU = 50
_STEPS_PER_STABLE_STEP = 5
_STIMULI, _FIELDS = "unit of the stimuli", "unit of the fields"
_POTENTIALS = ("u", "drive", "inhibition", "excitation", "injected", "own_threshold")


def finely_stepped(settings: RunSettings) -> RunSettings:
    """Return run settings with steps short enough for its traces to be looked at, as settling does not need them.

    Examples
    --------
    >>> given = {"longest_field": 1.0, "threshold": 0.1, "upper": 0.2, "tau": 0.01, "longest_dt": 0.009}
    >>> finely_stepped(RunSettings(dt=0.008, n_steps=25, presentation=0.2, **given)).n_steps
    1000
    """
    longest = min(settings.tau / _STEPS_PER_TAU, settings.dt / _STEPS_PER_STABLE_STEP)
    # Rounding must not add a step.
    n_steps = math.ceil(settings.presentation / longest * (1 - 1e-12))
    dt = settings.presentation / n_steps
    return replace(settings, dt=dt, n_steps=n_steps, longest_dt=dt)


def recorded_presentation(
    circuit: Circuit,
    stimuli: NDArray[Any],
    *,
    settings: RunSettings,
    record: tuple[str, ...],
    every: int,
    to: To = None,
) -> xr.Dataset:
    """Show stimuli once, for the whole presentation even if they settle before, and return every so many steps.

    The circuit has one replica per stimulus and is not compiled yet. `record` names membrane variables or those of the
    input: ``s``, and in the residual form ``prediction`` and ``r``. Known units are attributes.
    """
    if every < 1:
        raise ValueError(f"every: expected a whole number above zero, got {every!r}")
    recorders, units = _recorders(circuit, record), _units(circuit)

    def part() -> xr.Dataset:
        traces = xr.merge([each.dataset(circuit.program, every=every, units=units) for each in recorders])
        return within(traces, (settings.n_steps - 0.5) * settings.dt)

    return recorded(
        lambda: present(circuit, stimuli, settings=replace(settings, tolerance=0.0)),
        part,
        recorders=recorders,
        network=circuit.network,
        duration=settings.n_steps * settings.dt,
        to=to,
    )


def _units(circuit: Circuit) -> dict[str, str]:
    """Return the units that Brian2 does not know: what the stimuli are measured in gives them."""
    unit_norm = "unit_norm" in circuit.design.extension.constraints
    potential = _STIMULI if unit_norm else f"{_STIMULI} times {_FIELDS}"
    activity = _STIMULI if unit_norm else f"{_STIMULI} over {_FIELDS}"
    return {
        **dict.fromkeys(("s", "prediction", "r"), _STIMULI),
        **dict.fromkeys(_POTENTIALS, potential),
        "a": activity,
    }


def _recorders(circuit: Circuit, record: tuple[str, ...]) -> list[StateRecorder]:
    # In the lateral form the inputs learn what explains them only at the end of a presentation.
    live = ("s", "prediction", "r") if circuit.lateral is None else ("s",)
    # Inputs of several modalities have pixels of different meaning; what each brings is a variable of the neurons.
    owners = dict.fromkeys(live if len(circuit.pathways) == 1 else (), (circuit.inputs, "pixel"))
    have = [
        name for name in circuit.neurons.variables if not name.startswith("_") and name not in _NOT_TRACES
    ]
    owners |= dict.fromkeys(have, (circuit.neurons, "neuron"))
    unknown = [name for name in record if name not in owners]
    if unknown or not record:
        raise ValueError(
            f"record: expected some of {', '.join(owners)}, got {', '.join(record) or 'nothing'}"
        )
    recorders = []
    with activated(circuit.design.backend, float_dtype=circuit.design.float_dtype):
        for group, axis in ((circuit.neurons, "neuron"), (circuit.inputs, "pixel")):
            names = tuple(name for name in record if owners[name][0] is group)
            if names:
                recorders.append(
                    StateRecorder(
                        group, names, n_replicas=circuit.design.n_replicas, clock=group.clock, unit_axis=axis
                    )
                )
    return recorders


_NOT_TRACES = ("N", "i", "t", "dt", "t_in_timesteps", "tau", "threshold", "upper")


class Recording:
    """The side of a `neurosim.networks.lca.rate_network.RateNetwork` that Brian2 takes step by step, to be watched."""

    @simulating()
    def simulate(
        self: Any, X: ArrayLike, *, record: tuple[str, ...] = ("u", "a"), every: int = 1, to: To = None
    ) -> xr.Dataset:
        """Show stimuli once, all at the same time, and record the dynamics.

        Parameters
        ----------
        X : array, shape (n_stimuli, n_pixels)
        record : tuple of str
            Variables of the membrane equations, or of the input neurons: ``s``, and in the residual form
            ``prediction`` and ``r``.
        every : int, default=1
            Record every so many steps, which are `dt` where it is given. Else they are shorter than settling needs,
            τ/50 at most: traces then come within 1 % of the exact solution.
        to : str or Path, optional
            A new file, ``….nc``, that the recording goes to while the network runs: memory then holds some 150 MB of
            it, however long it gets (`neurosim.load_recording`).

        Returns
        -------
        xarray.Dataset
            Variables of shape time × stimulus × neuron, or pixel for those of the inputs, with their ``units`` as an
            attribute; time in seconds. With `to` it is the opened file.
        """
        check_is_fitted(self, "dictionary_")
        shown: Shown = self._shown(X, reset=False)
        self._validate_parameters()
        require_streaming(self.backend, to)
        refuse_unset(self.equations, AddedTerms(self.membrane_terms, self.extra_equations))
        stimuli = shown.stimuli
        circuit = self._assembled(shown, n_replicas=len(stimuli))
        settings = self._watched_settings(circuit, shown.weights)
        settings = finely_stepped(settings) if self.dt is None else settings
        load_weights(circuit, self.dictionary_, gains=shown.weights.gains)
        return recorded_presentation(circuit, stimuli, settings=settings, record=record, every=every, to=to)

    @one_at_a_time()
    def assemble(self: Any, *, n_replicas: int = 1, dtype: Any = np.float64) -> Circuit:
        """Return the Brian2 objects of this network, to add monitors or anything else before the first run.

        Parameters
        ----------
        n_replicas : int, default=1
            Stimuli shown at the same time.
        dtype : {float64, float32}

        Returns
        -------
        Circuit
            With ``network``, ``neurons`` and ``inputs``; show stimuli with `show`.
        """
        check_is_fitted(self, "dictionary_")
        self._validate_parameters()
        circuit: Circuit = self._assembled(Shown(np.empty((0, 0), dtype=dtype)), n_replicas=n_replicas)
        return circuit

    @simulating()
    def show(self: Any, circuit: Circuit, X: ArrayLike) -> NDArray[Any]:
        """Show stimuli to an assembled circuit for one presentation and return their code."""
        shown: Shown = self._shown(X, reset=False)
        if len(shown.stimuli) > circuit.design.n_replicas:
            raise ValueError(
                f"the circuit has {circuit.design.n_replicas} replicas, got {len(shown.stimuli)} stimuli; "
                "assemble it with as many"
            )
        settings = self._watched_settings(circuit, shown.weights)
        load_weights(circuit, self.dictionary_, gains=shown.weights.gains)
        return present(circuit, shown.stimuli, settings=settings).code.copy()

    @property
    def equations(self: Any) -> str:
        """The Brian2 equations of the membranes, as text with units."""
        nothing = Shown(np.empty((0, 0)))
        return equations(self._design(nothing, backend="numpy", n_replicas=1, capacity=1))

    @property
    def learning_rules(self: Any) -> str:
        """The rules by which weights change after every batch, as the engine takes them.

        A heading says of each rule what learns, and what it keeps to. Lateral weights do not learn by a rule of their
        own: they are the overlaps of the fields.
        """
        design = self._design(Shown(np.empty((0, 0))), backend="numpy", n_replicas=1, capacity=1)
        kept = ("joint_norm",) if design.joint_norm else design.extension.constraints
        rules = [
            Rule(f"dictionary, from {each.name or 'inputs'} to neurons", design.extension.rule, kept)
            for each in design.modalities
        ]
        overlaps = Rule("lateral, from neurons to neurons: set, not learned", OVERLAPS)
        return rule_text([*rules, overlaps] if design.form == "lateral" else rules)

    def _watched_settings(self: Any, circuit: Circuit, weights: Weights) -> RunSettings:
        return watched(self, self._settings(circuit.design, weights, generator(self.random_state)))

    def _assembled(self: Any, shown: Shown, *, n_replicas: int) -> Circuit:
        """Build a circuit that Brian2 takes step by step, so that it can be watched."""
        backend = watched_backend(self.backend)
        design = self._design(shown, backend=backend, n_replicas=n_replicas, capacity=1)
        return build_circuit(replace(design, step_by_step=True))
