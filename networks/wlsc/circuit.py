"""What WLSC adds to the circuit of an LCA: thresholds of the neurons' own, a pull towards stimuli, and a normaliser.

Huml, Tasissa & Ba 2023, arXiv:2402.10213: minimise Σ_i ½‖y_i − Φᵀx_i‖² + λ Σ_ij |x_ij| ‖y_i − φ_j‖². As membranes:
τ u̇ = −u + b − (ΦΦᵀ − I)x with thresholds λ‖y − φ_j‖² = λ(‖y‖² + ‖φ_j‖² − 2b_j), which the drive b lowers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import NeuronGroup
from brian2.core.variables import ArrayVariable

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.dense import DensePathway, DenseWeights
from neurosim.engine.operation import Operation
from neurosim.networks.lca.extension import Builder, Extension

__all__ = ["CODES", "wlsc_extension"]

_EQUATIONS = """
own_threshold = threshold + locality*edge*distance : 1
distance = clip(squared_norms - 2*drive, 0, inf) : 1  # squared distance of the stimulus from the field
squared_norms : 1               # of the stimulus and of the field, added
curvature : 1                   # how fast the error of the field grows with its activity
locality : 1 (shared)
"""
_GRAPH = "edge : 1                        # weight of the edge between stimulus and neuron\n"
_NO_GRAPH = "edge = 1 : 1\n"
_NORMALISED = """
restraint : 1                   # from the normalising neuron
gain : 1 (shared)               # its potential per activity
"""
# One inhibitory neuron for the population: it raises all thresholds until the activities sum to one.
_NORMALISER = """
dv/dt = (total - 1) / tau_normaliser : 1
total : 1                       # activity of the population
tau_normaliser : second (shared)
"""
CODES = {
    "nonnegative": "clip(u - own_threshold, 0, inf)",
    "signed": "u - clip(u, -own_threshold, own_threshold)",
    "simplex": "clip(u - own_threshold - gain*restraint, 0, inf)",
}
# The share of the latest batch in a neuron's running curvature.
_MEMORY = 0.05
# So many lengths of the stimuli a free field moves at most in a step of rate one. Where next to no activity is all that
# a batch has of a neuron, and no locality pulls yet, the field that would suit that activity is as long as it is faint.
_REACH = 100


# The residual that a neuron's activity should explain, and a pull towards the stimuli it is active for; divided by the
# curvature of both, so that a rate of one brings a lone neuron's field to its best.
_RULE = "w += eta*(a_post*r_pre + pull*edge_post*abs(a_post)*(s_pre - w))/curvature_post"


def wlsc_extension(*, code: str, unit_norm: bool, graph: bool) -> Extension:
    """Return the extension for thresholds λ‖y − φ_j‖² of the neurons' own, and their learning rule."""
    return Extension(
        equations=_EQUATIONS + (_GRAPH if graph else _NO_GRAPH) + (_NORMALISED if code == "simplex" else ""),
        rule=_RULE,
        parameters=("eta", "pull"),
        constraints=("unit_norm",) if unit_norm else (),
        # The normalising neuron moves too.
        goal=None if code == "simplex" else "{rest}",
        stages=(_OwnThresholds(code=code, graph=graph, free=not unit_norm),),
    )


@dataclass(frozen=True)
class _OwnThresholds:
    """Stages that measure distances, count what activity costs, and follow curvatures."""

    code: str
    graph: bool
    free: bool

    def __call__(self, builder: Builder) -> None:
        presentation = builder.presentation
        presentation.onset.append(_measure_norms(builder))
        presentation.measures.append(self._count_cost(builder))
        presentation.learning.append(self._follow_curvature(builder))
        if self.code == "simplex":
            _normalise(builder)

    def _count_cost(self, builder: Builder) -> Operation:
        """Add what activity costs to the energy of every stimulus, Σ_j θ_j(y)|x_j|."""
        shape = (builder.design.n_replicas, builder.design.n_neurons)
        arrays = self._arrays(builder, "a", "drive", "squared_norms", "threshold", "locality")
        arrays["energy"] = builder.presentation.collected["energy"]

        def count(**given: Any) -> None:
            distance = np.maximum(given["squared_norms"] - 2 * given["drive"], 0)
            own = given["threshold"][0] + given["locality"][0] * given.get("edge", 1) * distance
            given["energy"] += (own * np.abs(given["a"])).reshape(shape).sum(axis=1)

        cpp = _COST.format(edge=self._edge)
        return Operation("activity_cost", arrays, cpp, count, sizes=_sizes(shape))

    def _follow_curvature(self, builder: Builder) -> Operation:
        """Follow each neuron's ⟨x² + 2λ|x|⟩, the second derivative of the objective by its field.

        The present batch counts at once, so that no step is longer than its own curvature allows; and a step
        ⟨x r⟩ over no less than ⟨|x|⟩/reach is no longer than that many stimuli, however faint the activity.
        """
        design = builder.design
        shape = (design.n_replicas, design.n_neurons)
        block = ArrayBlock("curvatures", {"running": (design.n_neurons, design.float_dtype)})
        builder.arrays["running"] = block.array("running")
        arrays = self._arrays(builder, "a", "curvature", "locality") | builder.arrays
        arrays |= {key: builder.presentation.block.array(key) for key in ("control", "valid")}

        def follow(control: Any, valid: Any, running: Any, curvature: Any, **given: Any) -> None:
            size, n_valid = np.abs(given["a"]), int(valid[control[1]])
            each = size**2 + 2 * given["locality"][0] * given.get("edge", 1) * size
            batch = each.reshape(shape)[:n_valid].mean(axis=0)
            running[:] = np.where(running > 0, (1 - _MEMORY) * running + _MEMORY * batch, batch)
            seen = np.maximum(running, batch)
            if self.free:
                seen = np.maximum(seen, size.reshape(shape)[:n_valid].mean(axis=0) / _REACH)
            curvature.reshape(shape)[:] = np.where(seen > 0, seen, 1)

        least = f"active / {_REACH}" if self.free else "0.0"
        cpp = _FOLLOW.format(edge=self._edge, memory=_MEMORY, least=least)
        return Operation("follow_curvature", arrays, cpp, follow, sizes=_sizes(shape))

    @property
    def _edge(self) -> str:
        return "edge[k]" if self.graph else "1"

    def _arrays(self, builder: Builder, *names: str) -> dict[str, ArrayVariable]:
        names = (*names, "edge") if self.graph else names
        return {name: builder.neurons.variables[name] for name in names}


def _measure_norms(builder: Builder) -> Operation:
    """Give every neuron ‖y‖² + ‖φ_j‖² at the onset of a stimulus; fields may have learned."""
    design, pathway = builder.design, builder.pathways[0]
    shape, n_pixels = (design.n_replicas, design.n_neurons), pathway.modality.n_pixels

    def measure(s: Any, weights: Any, squared_norms: Any) -> None:
        stimuli, fields = s.reshape(-1, n_pixels), weights.reshape(-1, n_pixels)
        seen = np.einsum("rp,rp->r", stimuli, stimuli)[:, np.newaxis]
        squared_norms.reshape(shape)[:] = seen + np.einsum("np,np->n", fields, fields)

    arrays = {
        "s": pathway.group.variables["s"],
        "weights": pathway.dictionary.variable,
        "squared_norms": builder.neurons.variables["squared_norms"],
    }
    return Operation(
        "measure_norms", arrays, _MEASURE, measure, sizes={**_sizes(shape), "n_pixels": n_pixels}
    )


def _normalise(builder: Builder) -> None:
    """Let one inhibitory neuron restrain the population until its activities sum to one."""
    n, n_neurons = builder.design.n_replicas, builder.design.n_neurons
    normaliser = NeuronGroup(
        n, _NORMALISER, method="euler", clock=builder.clock, name="normaliser", namespace={}
    )
    neurons = builder.neurons
    sums = DenseWeights(np.ones((n_neurons, 1)), name="sums")
    spread = DenseWeights(np.ones((1, n_neurons)), name="spread")
    builder.groups.append(normaliser)
    builder.loops += [
        DensePathway(neurons, normaliser, sums, transmits="a", into="total", name="count"),
        DensePathway(normaliser, neurons, spread, transmits="v", into="restraint", order=1, name="restrain"),
    ]
    builder.arrays["tau_normaliser"] = normaliser.variables["tau_normaliser"]
    builder.presentation.reset += [
        normaliser.variables["v"],
        normaliser.variables["total"],
        neurons.variables["restraint"],
    ]


def _sizes(shape: tuple[int, int]) -> dict[str, int]:
    return {"n_replicas": shape[0], "n_neurons": shape[1]}


_MEASURE = """
for (int j = 0; j < n_neurons; ++j) {
  const auto* w = weights + (size_t)j * n_pixels;
  squared_norms[j] = dot(w, w, n_pixels);
}
for (int r = n_replicas - 1; r >= 0; --r) {  // the first replica's place holds the fields' norms until its turn
  const auto* y = s + (size_t)r * n_pixels;
  const auto seen = dot(y, y, n_pixels);
  for (int j = 0; j < n_neurons; ++j) squared_norms[(size_t)r * n_neurons + j] = seen + squared_norms[j];
}
return 0;
"""
_COST = """
for (int r = 0; r < n_replicas; ++r) {{
  double cost = 0;
  for (int j = 0; j < n_neurons; ++j) {{
    const size_t k = (size_t)r * n_neurons + j;
    if (a[k] == 0) continue;
    const double distance = std::max(0.0, double(squared_norms[k]) - 2 * double(drive[k]));
    cost += (threshold[0] + locality[0] * {edge} * distance) * std::abs(double(a[k]));
  }}
  energy[r] += cost;
}}
return 0;
"""
_FOLLOW = """
const int n_valid = valid[control[1]];
for (int j = 0; j < n_neurons; ++j) {{
  double batch = 0, active = 0;
  for (int r = 0; r < n_valid; ++r) {{
    const size_t k = (size_t)r * n_neurons + j;
    const double size = std::abs(double(a[k]));
    active += size / n_valid;
    batch += size * size + 2 * locality[0] * {edge} * size;
  }}
  batch /= n_valid;
  const double now = running[j] > 0 ? (1 - {memory}) * running[j] + {memory} * batch : batch;
  running[j] = now;
  const double seen = std::max({{now, batch, {least}}});
  for (int r = 0; r < n_replicas; ++r) curvature[(size_t)r * n_neurons + j] = seen > 0 ? seen : 1;
}}
return 0;
"""
