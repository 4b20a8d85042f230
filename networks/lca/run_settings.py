"""From a user's parameters and a dictionary to the numbers of a run: steps, bounds, what ends a presentation.

Fields of any norm: a neuron's activity is its potential above threshold, divided by its field's squared norm.

The LASSO of fields φ is that of unit fields φ/‖φ‖ with thresholds λ/‖φ‖ and activities ‖φ‖a. In the stimuli's own unit
its membranes are τ u̇ = b − u − (ΦΦᵀ − S)a with a = T(u)/s, S = diag(s) and s = ‖φ‖². They settle as fast as those of
unit fields. The published form, in which a neuron's own activity relaxes at the rate ‖φ‖²/τ, takes 1/‖φ‖² times as long
for short fields and needs steps of 1/‖φ‖² for long ones.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.linalg import eigsh
from sklearn.exceptions import ConvergenceWarning

from neurosim.engine.blocks import Block
from neurosim.engine.shared.grid import Grid
from neurosim.engine.shared.spectrum import largest_shared_overlap
from neurosim.networks.estimator.parameters import seconds
from neurosim.networks.lca.circuit import LCADesign
from neurosim.networks.lca.pathways import grids_of, stiffness_of
from neurosim.networks.lca.rate_model import Threshold

__all__ = [
    "FIRST_STEP",
    "RunSettings",
    "far_from_unit",
    "largest_overlap",
    "likely_steps",
    "settings_of",
    "steps_of",
    "warn_if_unstable",
    "warn_of_a_restless_fit",
    "warn_unsettled",
    "watched",
]

# The default of `epsilon` in thresholds: verify-settling tells how near the objective comes.
_EPSILON = 0.015
# The same where fields stand at every position: many more neurons have something that they have not said.
_EPSILON_ON_GRIDS = 0.01
# Steps grow up to this share of tau; beyond, reversals cost more than long steps save.
_LONGEST_STEP = 0.5
# The loop starts every presentation with a fifth of that, or with the shortest step if that is longer.
FIRST_STEP = _LONGEST_STEP / 5
# The shortest step to start with, as a share of the longest, for a dictionary that would bear longer ones.
_SHORTER = 0.95
# How long a stimulus is shown at most, in tau: until it has settled, or, where all are shown to the end, so long.
_PATIENCE, _BRIEF = 1000, 20
# In how many tau most stimuli have settled.
_USUAL = 25
# The default step's share of the bound, which is the edge of oscillation.
_SAFE = 0.9
# Up to this size all eigenvalues are found as fast as the largest.
_SMALL = 64
# Between half and twice the unit norm the published form settles about as fast, and stands as it was published.
_SHORTEST, _LONGEST = 0.5, 2.0
# So many of the stimuli of an epoch may be unsettled before learning says so; the history counts all of them.
_FEW = 0.01


@dataclass(frozen=True)
class RunSettings:
    """The numbers of one run that do not change the generated code.

    Parameters
    ----------
    longest_field : float
        Largest norm of a field; with the stimuli it bounds the membranes.
    threshold, upper : float
        In the unit of the stimuli.
    tau, dt : float
        Seconds.
    n_steps : int
        Steps each batch is shown at most.
    longest_dt : float
        A replica's step grows up to this, seconds; with `dt` all steps are the same.
    presentation : float
        Seconds; what ends a presentation whose steps may grow.
    epsilon : float
        Changes of activity up to this are not sent, in the unit of the stimuli.
    tolerance : float
        A replica ends early when no activity would still move further than this; 0 never.
    settled_within : float
        A replica whose time is up counts as settled when no activity would still move further than this.
    confirm : bool
        Before a replica ends early its neurons send all they have not said; a threshold that jumps needs that.
    carry_over : bool
        Keep the membranes from one batch to the next.
    seed : int
        For random terms of the user's equations.
    gains : tuple of float
        Weight of each modality, zero for one that is absent; empty for a network with one input.
    shared : mapping of str to float
        Further variables of the neurons, the same for all.
    schedules : mapping of str to float
        Parameters of the learning rule beside its rate.
    arrays : mapping of str to array
        What arrays of the model's extension of the circuit start from, by name.
    """

    longest_field: float
    threshold: float
    upper: float
    tau: float
    dt: float
    n_steps: int
    longest_dt: float
    presentation: float
    epsilon: float = 0.0
    tolerance: float = 0.0
    settled_within: float = 0.0
    confirm: bool = False
    carry_over: bool = False
    seed: int = 0
    gains: tuple[float, ...] = ()
    shared: Mapping[str, float] = field(default_factory=dict)
    schedules: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, ArrayLike] = field(default_factory=dict)


class _Presented(Protocol):
    presentation: Any
    dt: Any
    tolerance: float | None


class _Settings(_Presented, Protocol):
    tau: Any
    epsilon: float | None
    carry_over: bool


def settings_of(
    network: _Settings,
    threshold: Threshold,
    *,
    dictionary: NDArray[Any],
    design: LCADesign,
) -> RunSettings:
    """Return the numbers of a run for a dictionary as it counts in the objective, with the documented defaults.

    Warns of a fixed step above the stability bound.
    """
    tau = seconds("tau", network.tau)
    squares = stiffness_of(dictionary)
    # What a neuron has not said moves others by its field's overlap with theirs and, in the published form, its own
    # goal by the squared norm: asked to come closer than that, the stiffest would swing about it for ever.
    stiffest = float(squares.mean() if design.own_norms else squares.max())
    grids = grids_of(design.modalities)
    smallest = (_EPSILON_ON_GRIDS if grids else _EPSILON) * threshold.level / stiffest
    epsilon = smallest if network.epsilon is None else network.epsilon
    told = epsilon if design.own_norms else epsilon * max(1.0, stiffest)
    tolerance = told if network.tolerance is None else network.tolerance
    presentation = presentation_of(network, tau=tau, ends_early=design.ends_early and tolerance > 0)
    step = None if network.dt is None else seconds("dt", network.dt)
    fields = dictionary / np.sqrt(squares)[:, np.newaxis] if design.own_norms else dictionary
    where: Any = grids or design.blocks
    dt, n_steps = steps_of(fields, tau=tau, presentation=presentation, dt=step, blocks=where)
    longest = dt
    if step is None:
        # Steps adapt for every dictionary: fields may learn so much within a run that today's bound is too long.
        longest = _LONGEST_STEP * tau
        dt = min(dt, _SHORTER * longest)
        n_steps = math.ceil(presentation / dt)
    else:
        warn_if_unstable(fields, tau=tau, dt=dt, blocks=where)
    return RunSettings(
        longest_field=float(np.linalg.norm(dictionary, axis=1).max()),
        threshold=threshold.level,
        upper=threshold.upper,
        tau=tau,
        dt=dt,
        n_steps=n_steps,
        longest_dt=longest,
        presentation=presentation,
        epsilon=epsilon,
        tolerance=tolerance,
        settled_within=max(tolerance, epsilon, smallest),
        confirm=threshold.kind != "soft",
        carry_over=network.carry_over,
        shared={"adaptation": threshold.adaptation} if design.adapts else {},
    )


def likely_steps(network: _Settings, *, ends_early: bool) -> float:
    """Return about how many time steps a stimulus is shown for, whatever the dictionary."""
    tau = seconds("tau", network.tau)
    shown = presentation_of(network, tau=tau, ends_early=ends_early)
    dt = _LONGEST_STEP * tau if network.dt is None else seconds("dt", network.dt)
    return (min(shown, _USUAL * tau) if ends_early else shown) / dt


def presentation_of(network: _Settings, *, tau: float, ends_early: bool) -> float:
    """Return how long each stimulus is shown at most, in seconds: by default 1000 tau, or 20 tau if none ends early."""
    if network.presentation is not None:
        return seconds("presentation", network.presentation)
    return (_PATIENCE if ends_early else _BRIEF) * tau


def watched(network: _Settings, settings: RunSettings) -> RunSettings:
    """Return the numbers of a run that is shown to its end, step by step, as recordings and monitors are."""
    presentation = presentation_of(network, tau=settings.tau, ends_early=False)
    n_steps = (
        round(presentation / settings.dt) if network.dt is not None else math.ceil(presentation / settings.dt)
    )
    dt = settings.dt if network.dt is not None else presentation / n_steps
    return replace(settings, presentation=presentation, n_steps=n_steps, dt=dt)


def largest_overlap(dictionary: NDArray[Any], blocks: Sequence[Block] | Sequence[Grid] = ()) -> float:
    """Return λ_max(ΦΦᵀ), the strength of the population's stiffest mode; fields are zero outside of blocks.

    With grids in place of blocks the fields stand at all their positions, those of several pictures side by side.

    Examples
    --------
    >>> largest_overlap(np.ones((2, 3)))
    6.0
    """
    if grids := [each for each in blocks if isinstance(each, Grid)]:
        return largest_shared_overlap(dictionary, *grids)
    if len(blocks) > 1:
        seen = [(block.rows, block.columns) for block in blocks if isinstance(block, Block)]
        return max(largest_overlap(dictionary[own]) for own in seen)
    matrix = np.asarray(dictionary)
    smaller = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    gram = (smaller @ smaller.T).astype(np.float64)
    if len(gram) <= _SMALL:
        return float(np.round(np.linalg.eigvalsh(gram)[-1], 12))
    start = np.random.default_rng(0).standard_normal(len(gram))
    return float(eigsh(gram, k=1, v0=start, tol=1e-9, return_eigenvectors=False)[0])


def steps_of(
    dictionary: NDArray[Any],
    *,
    tau: float,
    presentation: float,
    dt: float | None,
    blocks: Sequence[Block] | Sequence[Grid] = (),
) -> tuple[float, int]:
    """Return time step and number of steps of one presentation, which the step divides evenly; all in seconds.

    Without a `dt` it is .9 of the bound 2τ/λ_max(ΦΦᵀ), and never more than .9 τ: beyond τ forward Euler overshoots even
    without inhibition. ValueError if a given one is longer than the presentation.
    """
    if dt is not None:
        if dt > presentation:
            raise ValueError(f"dt: expected at most the presentation of {presentation:g} s, got {dt:g} s")
        return dt, round(presentation / dt)
    overlap = max(largest_overlap(dictionary, blocks), np.finfo(float).tiny)
    longest = _SAFE * min(2 * tau / overlap, tau)
    n_steps = max(1, math.ceil(presentation / longest))
    return presentation / n_steps, n_steps


def far_from_unit(dictionary: NDArray[Any]) -> bool:
    """Say whether a field, rows of zeros apart, is shorter than half or longer than twice the unit.

    Examples
    --------
    >>> far_from_unit(np.array([[1.5, 0.0], [0.0, 0.0]])), far_from_unit(np.array([[1.0, 0.0], [0.0, 0.1]]))
    (False, True)
    """
    norms = np.linalg.norm(np.asarray(dictionary, dtype=np.float64), axis=1)
    norms = norms[norms > 0]
    return bool(norms.size) and not (norms.min() >= _SHORTEST and norms.max() <= _LONGEST)


def warn_if_unstable(
    dictionary: NDArray[Any], *, tau: float, dt: float, blocks: Sequence[Block] | Sequence[Grid] = ()
) -> None:
    """Warn when the step exceeds the stability bound of the whole population."""
    bound = 2 * tau / max(largest_overlap(dictionary, blocks), np.finfo(float).tiny)
    if dt > bound:
        warnings.warn(
            f"dt = {dt:.3g} s exceeds the stability bound 2*tau/lambda_max = {bound:.3g} s of this dictionary; only "
            "active neurons count, so it may still settle, and a divergence stops the simulation; "
            "dt=None keeps below the bound",
            stacklevel=3,
        )


def warn_unsettled(network: _Presented, unsettled: NDArray[np.bool_] | None, *, shown: float) -> None:
    """Warn, with number, share and remedy, of stimuli that had not settled after `shown` seconds, if there are any."""
    if unsettled is not None and unsettled.any():
        _warn(network, int(unsettled.sum()), len(unsettled), shown=shown, what="codes are not settled")


def warn_of_a_restless_fit(network: _Presented, n_unsettled: float, n_stimuli: int, *, shown: float) -> None:
    """Warn when more than a hundredth of the last epoch's stimuli taught before they had settled."""
    if n_unsettled > _FEW * n_stimuli:
        what = "stimuli of the last epoch had not settled"
        _warn(network, round(n_unsettled), n_stimuli, shown=shown, what=what)


def _warn(network: _Presented, n_unsettled: int, n_stimuli: int, *, shown: float, what: str) -> None:
    warnings.warn(
        f"{n_unsettled} of {n_stimuli} {what} ({n_unsettled / n_stimuli:.2%}): some activity would still move after "
        f"{shown:g} s; {_remedy(network)}",
        ConvergenceWarning,
        stacklevel=5,
    )


def _remedy(network: _Presented) -> str:
    remedies = []
    if network.presentation is not None:
        remedies.append("use a longer presentation, or presentation=None, which waits up to 1000 tau")
    if network.dt is not None:
        remedies.append("use a shorter dt, or dt=None, if the population swings")
    if network.tolerance is not None and network.tolerance > 0:
        remedies.append(f"allow a tolerance above {network.tolerance:g}")
    if not remedies:
        remedies.append(
            "fields that are nearly copies of each other settle slowly, and populations with a hard threshold may "
            "never come to rest: use a presentation longer than 1000 tau, a higher threshold or a larger tolerance"
        )
    return "; ".join(remedies)
