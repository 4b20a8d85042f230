"""A local learning rule for fields that all positions of a grid share, averaged over replicas and positions.

Sharing itself is not local: what the neurons of a feature learn at all positions is averaged, as if one neuron stood
everywhere. Every term that is averaged is of two neurons and the weight between them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from brian2 import NeuronGroup
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.constraints import constraint_cpp, constraint_numpy
from neurosim.engine.errors import RuleError
from neurosim.engine.expression import c_code, numpy_function
from neurosim.engine.operation import Operation
from neurosim.engine.plasticity import Factor, factor_line, factor_of, factor_values
from neurosim.engine.presentation import Presentation
from neurosim.engine.rule import Term, separated_terms
from neurosim.engine.shared.patches import patch_table, patches_of
from neurosim.engine.shared.weights import SharedFields

__all__ = ["SharedPlasticity"]

_CONSTRAINTS = ("unit_norm", "non_negative", "non_positive")
Pair = tuple[Factor, Factor]


class SharedPlasticity:
    """Change shared fields by a rule that only sees a pixel, a neuron whose field covers it, and their weight.

    The increments of all replicas and positions are computed from the same weights, added up, and divided by the
    replicas and by how many fields side by side would fill a picture. So where fields stand side by side, they learn
    as they would from the pictures' patches, and the step does not depend on the stride.

    Parameters
    ----------
    source : brian2.NeuronGroup
        Pixels of ``n_replicas`` pictures.
    target : brian2.NeuronGroup
        Neurons at all positions, of as many copies.
    fields : SharedFields
    rule : str
        For example ``"w += eta*a_post*r_pre"``; see `neurosim.engine.rule`. Every term names both neurons, and none of
        them a mean.
    presentation : Presentation
        At whose ends the weights change. The update joins it as a stage.
    parameters : sequence of str
        The rule's free parameters, each with one value per presentation of a run.
    constraints : sequence of str
        Applied in this order after every update: ``"unit_norm"``, ``"non_negative"``, ``"non_positive"``.
    name : str
        A C identifier, unique in the network.

    Raises
    ------
    RuleError
        If the rule is not local, does not separate, or has a term that does not name both neurons.
    ValueError
        If a variable or a constraint does not fit.
    """

    def __init__(
        self,
        source: NeuronGroup,
        target: NeuronGroup,
        fields: SharedFields,
        *,
        rule: str,
        presentation: Presentation,
        parameters: Sequence[str] = ("eta",),
        constraints: Sequence[str] = (),
        name: str = "plasticity",
    ) -> None:
        unknown = [constraint for constraint in constraints if constraint not in _CONSTRAINTS]
        if unknown:
            raise ValueError(
                f"unknown constraint {unknown[0]!r} of shared fields; expected some of {', '.join(_CONSTRAINTS)}"
            )
        self.rule, self.constraints = rule, tuple(constraints)
        dtype = np.dtype(fields.variable.dtype)
        terms = separated_terms(rule, parameters=parameters)
        pairs = [(factor_of(t.post, "post", target), factor_of(t.pre, "pre", source)) for t in terms]
        for pair in pairs:
            _require_both(pair, rule)
        self.block = ArrayBlock(
            f"{name}_parameters", dict.fromkeys(parameters, (presentation.capacity, dtype))
        )
        arrays = {"weights": fields.variable}
        arrays |= {f"{key}_schedule": self.block.array(key) for key in parameters}
        arrays |= {key: presentation.block.array(key) for key in ("control", "valid")}
        for post, pre in pairs:
            arrays |= post.arrays | pre.arrays
        table, sizes = patch_table(fields.patches, name="patches")
        cpp = table + _update_cpp(terms, pairs, tuple(parameters), dtype)
        cpp += constraint_cpp(self.constraints, rows_are_post=True) + "return 0;"
        self.operation = Operation(
            name,
            arrays,
            cpp,
            _update_numpy(terms, pairs, tuple(parameters), fields, self.constraints),
            sizes=_sizes(fields) | sizes,
        )
        presentation.learning.append(self.operation)

    def parameter(self, name: str) -> ArrayVariable:
        """Return the schedule of one parameter: a Brian2 array with one value per presentation."""
        return self.block.array(name)


def _require_both(pair: Pair, rule: str) -> None:
    if any(not factor.arrays or factor.means for factor in pair):
        raise RuleError(
            f"expected a rule for shared fields whose terms name a variable of either neuron and no mean, got {rule!r}"
        )


def _sizes(fields: SharedFields) -> dict[str, int]:
    grid = fields.grid
    return {
        "n_rows": fields.shape[0],
        "n_columns": fields.shape[1],
        "n_neurons": fields.n_neurons,
        "n_pixels": grid.n_pixels,
        "n_of_pictures": grid.n_pixels // grid.channels,
        "n_of_fields": grid.field_size // grid.channels,
    }


def _update_cpp(
    terms: tuple[Term, ...], pairs: list[Pair], parameters: tuple[str, ...], dtype: np.dtype[Any]
) -> str:
    kind = "float" if dtype == np.float32 else "double"
    lines = ["const int shown = control[1], n_valid = valid[shown];"]
    lines.append("const double averaged = n_valid * (double(n_of_pictures) / n_of_fields);")
    lines += [f"const {kind} {key}_value = {key}_schedule[shown];" for key in parameters]
    body = []
    for k, (term, (post, pre)) in enumerate(zip(terms, pairs, strict=True)):
        lines += [factor_line(post, f"rows{k}", "n_neurons", kind, summed=False)]
        lines += [factor_line(pre, f"columns{k}", "n_pixels", kind, summed=False)]
        power = "".join(" * w[c]" for _ in range(term.weight_power))
        coefficient = c_code(term.coefficient, {key: f"{key}_value" for key in parameters})
        body.append(
            f"outer_patches(sum.data(), rows{k}.data(), columns{k}.data(), row, n_valid, n_rows, patches);"
            f"{{ const {kind} factor = static_cast<{kind}>(({coefficient}) / averaged);"
            f" for (int c = 0; c < n_columns; ++c) increment[c] += factor * sum[c]{power}; }}"
        )
    lines.append(
        "#pragma omp parallel for schedule(dynamic, 1)\n"
        "for (int row = 0; row < n_rows; ++row) {\n"
        f"std::vector<{kind}> sum(n_columns), increment(n_columns, 0);\n"
        f"{kind}* w = weights + (size_t)row * n_columns;\n" + "\n".join(body) + "\n"
        "for (int c = 0; c < n_columns; ++c) w[c] += increment[c];\n}"
    )
    return "\n".join(lines) + "\n"


def _update_numpy(
    terms: tuple[Term, ...],
    pairs: list[Pair],
    parameters: tuple[str, ...],
    fields: SharedFields,
    constraints: tuple[str, ...],
) -> Any:
    n_features, n_row = fields.shape
    patches, areas = fields.patches, fields.grid.patch_areas
    values = [(factor_values(a, fields.n_neurons), factor_values(b, fields.grid.n_pixels)) for a, b in pairs]
    coefficients = [numpy_function(term.coefficient, parameters) for term in terms]

    def work(control: NDArray[Any], valid: NDArray[Any], **given: NDArray[Any]) -> None:
        shown, matrix = int(control[1]), given["weights"].reshape(fields.shape)
        n_valid = int(valid[shown])
        rates = [given[f"{key}_schedule"][shown] for key in parameters]
        increment = np.zeros_like(matrix)
        for term, (post, pre), coefficient in zip(terms, values, coefficients, strict=True):
            active = post(given, n_valid).reshape(-1, n_features)
            boxes = patches_of(np.asarray(pre(given, n_valid)), patches).reshape(-1, n_row)
            factor = matrix.dtype.type(coefficient(*rates) / (n_valid * areas))
            increment += factor * (active.T @ boxes) * matrix**term.weight_power
        matrix += increment
        constraint_numpy(constraints, matrix, np.zeros(0), rows_are_post=True)

    return work
