"""A local learning rule, written as a Brian2 string and averaged over the replicas of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from brian2 import Group, NeuronGroup
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.blocks import block_table
from neurosim.engine.constraints import CONSTRAINTS, constraint_cpp, constraint_numpy, dale_signs
from neurosim.engine.dense import DenseWeights
from neurosim.engine.errors import RuleError
from neurosim.engine.expression import c_code, numpy_function, resolved
from neurosim.engine.operation import Operation
from neurosim.engine.presentation import Presentation
from neurosim.engine.rule import Term, separated_terms

__all__ = ["Factor", "Plasticity", "factor_line", "factor_of", "factor_values"]


class Plasticity:
    """Change the weights between two populations by a rule that only sees the two neurons and their weight.

    The increments of all replicas are computed from the same weights and averaged; then the constraints are applied.

    Parameters
    ----------
    source, target : brian2.NeuronGroup
        Presynaptic and postsynaptic population, each of ``n_replicas`` copies.
    weights : DenseWeights, shape (n_source, n_target)
        The weights that learn, as the pathway from `source` to `target` uses them; those outside of their blocks, if
        they have any, are no synapses and stay zero.
    rule : str
        For example ``"w += eta*a_post*r_pre"``; see `neurosim.engine.rule`.
    presentation : Presentation
        At whose ends the weights change. The update joins it as a stage.
    parameters : sequence of str
        The rule's free parameters. Each has one value per presentation of a run (a schedule), zero until written.
    constraints : sequence of str
        Applied in this order after every update: ``"unit_norm"`` (the weights onto each postsynaptic neuron),
        ``"non_negative"``, ``"non_positive"``, ``"no_self_connection"``, ``"dale"`` (each presynaptic neuron keeps
        the sign it starts with; what would cross zero stops at zero).
    name : str
        A C identifier, unique in the network.

    Raises
    ------
    RuleError
        If the rule is not local or does not separate.
    ValueError
        If a variable, a constraint or the sizes do not fit.
    """

    def __init__(
        self,
        source: NeuronGroup,
        target: NeuronGroup,
        weights: DenseWeights,
        *,
        rule: str,
        presentation: Presentation,
        parameters: Sequence[str] = ("eta",),
        constraints: Sequence[str] = (),
        name: str = "plasticity",
    ) -> None:
        unknown = [constraint for constraint in constraints if constraint not in CONSTRAINTS]
        if unknown:
            raise ValueError(f"unknown constraint {unknown[0]!r}; expected some of {', '.join(CONSTRAINTS)}")
        if "no_self_connection" in constraints and weights.shape[0] != weights.shape[1]:
            raise ValueError(
                f"no_self_connection needs weights within one population, got shape {weights.shape}"
            )
        self.rule, self.constraints = rule, tuple(constraints)
        dtype = np.dtype(weights.variable.dtype)
        terms = separated_terms(rule, parameters=parameters)
        sizes: dict[str, tuple[int, Any]] = dict.fromkeys(parameters, (presentation.capacity, dtype))
        sizes["dale_signs"] = (weights.shape[0], dtype)
        self.block = ArrayBlock(f"{name}_parameters", sizes)
        if "dale" in constraints:
            self.block.array("dale_signs").set_value(dale_signs(weights.values()))
        layout = _Layout.of(source, target, weights)
        arrays = {"weights": weights.variable, "dale_signs": self.block.array("dale_signs")}
        arrays |= {f"{key}_schedule": self.block.array(key) for key in parameters}
        arrays |= {key: presentation.block.array(key) for key in ("control", "valid")}
        self.operation = _update(layout, terms, arrays, constraints=self.constraints, name=name)
        presentation.learning.append(self.operation)

    def parameter(self, name: str) -> ArrayVariable:
        """Return the schedule of one parameter: a Brian2 array with one value per presentation."""
        return self.block.array(name)


@dataclass(frozen=True)
class _Layout:
    """Which population owns the rows of the stored matrix, and how many neurons each has."""

    source: NeuronGroup
    target: NeuronGroup
    weights: DenseWeights
    n_rows: int
    n_columns: int

    @classmethod
    def of(cls, source: NeuronGroup, target: NeuronGroup, weights: DenseWeights) -> "_Layout":
        n_source, n_target = weights.shape
        if len(source) % n_source or len(source) // n_source * n_target != len(target):
            raise ValueError(
                f"weights {weights.shape} do not fit groups of {len(source)} and {len(target)} neurons in the same "
                "number of replicas"
            )
        rows, columns = (n_target, n_source) if weights.transposed else (n_source, n_target)
        return cls(source, target, weights, rows, columns)

    @property
    def row_side(self) -> str:
        return "post" if self.weights.transposed else "pre"

    def group(self, side: str) -> NeuronGroup:
        return self.target if side == "post" else self.source

    def size(self, side: str) -> int:
        return self.n_rows if side == self.row_side else self.n_columns

    def size_name(self, side: str) -> str:
        return "n_rows" if side == self.row_side else "n_columns"


@dataclass(frozen=True)
class Factor:
    """One side of one term: arithmetic in arrays of that side's group, means over the batch included."""

    expression: sympy.Expr
    side: str
    arrays: dict[str, ArrayVariable]
    means: tuple[str, ...]

    @property
    def uniform(self) -> bool:
        """Whether it is the same in all replicas: a constant, or made of means."""
        return {str(symbol) for symbol in self.expression.free_symbols} <= {f"mean_{m}" for m in self.means}


def factor_of(expression: sympy.Expr, side: str, group: Group) -> Factor:
    """Resolve one side of one term to arrays of that side's group."""
    suffix = f"_{side}"
    arrays: dict[str, ArrayVariable] = {}
    means: list[str] = []
    replaced = {}
    for symbol in sorted(expression.free_symbols, key=str):
        name = str(symbol).removesuffix(suffix)
        is_mean = name.startswith("mean_") and name not in group.variables
        base = name.removeprefix("mean_") if is_mean else name
        try:
            inner = resolved(group, sympy.Symbol(base, real=True))
        except ValueError as error:
            raise RuleError(f"the rule names {symbol}, but {error}") from None
        if is_mean:
            if not inner.is_Symbol:
                raise RuleError(
                    f"the rule averages {base!r}, which is no variable of its own; declare it as one"
                )
            means.append(f"{base}{suffix}")
            replaced[symbol] = sympy.Symbol(f"mean_{base}{suffix}", real=True)
        else:
            replaced[symbol] = inner.subs(
                {s: sympy.Symbol(f"{s}{suffix}", real=True) for s in sorted(inner.free_symbols, key=str)}
            )
        arrays |= {f"{s}{suffix}": group.variables[str(s)] for s in sorted(inner.free_symbols, key=str)}
    return Factor(expression.xreplace(replaced), side, arrays, tuple(means))


def _update(
    layout: _Layout,
    terms: tuple[Term, ...],
    arrays: dict[str, ArrayVariable],
    *,
    constraints: tuple[str, ...],
    name: str,
) -> Operation:
    factors = [
        {side: factor_of(getattr(term, side), side, layout.group(side)) for side in ("post", "pre")}
        for term in terms
    ]
    parameters = tuple(key.removesuffix("_schedule") for key in arrays if key.endswith("_schedule"))
    for pair in factors:
        arrays |= pair["post"].arrays | pair["pre"].arrays
    cpp = _update_cpp(layout, terms, factors, parameters) + constraint_cpp(
        constraints, rows_are_post=layout.row_side == "post"
    )
    work = _update_numpy(layout, terms, factors, parameters)
    shape, rows_are_post = (layout.n_rows, layout.n_columns), layout.row_side == "post"

    def numpy_work(control: NDArray[Any], valid: NDArray[Any], **given: NDArray[Any]) -> None:
        matrix = given["weights"].reshape(shape)
        work(matrix, int(control[1]), int(valid[control[1]]), given)
        constraint_numpy(constraints, matrix, given["dale_signs"], rows_are_post=rows_are_post)

    sizes = {"n_rows": layout.n_rows, "n_columns": layout.n_columns} | block_table(layout.weights.blocks)[1]
    return Operation(name, arrays, cpp + "return 0;", numpy_work, sizes=sizes)


def _update_cpp(
    layout: _Layout, terms: tuple[Term, ...], factors: list[dict[str, Factor]], parameters: tuple[str, ...]
) -> str:
    kind = "float" if np.dtype(layout.weights.variable.dtype) == np.float32 else "double"
    row_side = layout.row_side
    column_side = "pre" if row_side == "post" else "post"
    lines = [block_table(layout.weights.blocks)[0], "const int shown = control[1], n_valid = valid[shown];"]
    lines += [f"const {kind} {key}_value = {key}_schedule[shown];" for key in parameters]
    lines += _mean_lines(layout, factors, kind)
    separate = [any(pair[side].uniform for side in ("post", "pre")) for pair in factors]
    for k, pair in enumerate(factors):
        lines += [factor_line(pair[row_side], f"rows{k}", "n_rows", kind, summed=separate[k])]
        lines += [factor_line(pair[column_side], f"columns{k}", "n_columns", kind, summed=separate[k])]
    body = []
    for k, term in enumerate(terms):
        power = "".join(" * w[c]" for _ in range(term.weight_power))
        coefficient = c_code(term.coefficient, {key: f"{key}_value" for key in parameters})
        # What is alike in all replicas leaves the sum over them.
        product = (
            f"for (int c = 0; c < n_own; ++c) sum[c] = rows{k}[row] * columns{k}[block.column + c];"
            if separate[k]
            else f"outer_row(sum.data(), rows{k}.data(), columns{k}.data(), row, n_valid, n_rows, n_columns, block);"
        )
        times = "" if not all(factors[k][side].uniform for side in ("post", "pre")) else " * n_valid"
        body.append(
            f"{product}{{ const {kind} factor = static_cast<{kind}>({coefficient}) / n_valid{times};"
            f" for (int c = 0; c < n_own; ++c) increment[c] += factor * sum[c]{power}; }}"
        )
    lines.append(
        "for (const Block& block : blocks) {\n"
        "const int n_own = block.n_columns;\n"
        "#pragma omp parallel for schedule(dynamic, 16) if (n_rows > 32)\n"
        "for (int row = block.row; row < block.row + block.n_rows; ++row) {\n"
        f"std::vector<{kind}> sum(n_own), increment(n_own, 0);\n"
        f"{kind}* w = weights + (size_t)row * n_columns + block.column;\n" + "\n".join(body) + "\n"
        "for (int c = 0; c < n_own; ++c) w[c] += increment[c];\n}\n}"
    )
    return "\n".join(lines) + "\n"


def _mean_lines(layout: _Layout, factors: list[dict[str, Factor]], kind: str) -> list[str]:
    means = {name: factor.side for pair in factors for factor in pair.values() for name in factor.means}
    return [
        f"std::vector<{kind}> mean_{name}({layout.size_name(side)});"
        f" replica_mean({name}, mean_{name}.data(), n_valid, {layout.size_name(side)});"
        for name, side in means.items()
    ]


def factor_line(factor: Factor, name: str, n: str, kind: str, *, summed: bool) -> str:
    """Write the factor's values, one per replica and neuron, or summed over replicas unless they are alike."""
    names = {key: f"static_cast<{kind}>({key}[k])" for key in factor.arrays} | {
        f"mean_{m}": f"mean_{m}[k % {n}]" for m in factor.means
    }
    value = c_code(factor.expression, names)
    size = n if summed else f"n_valid * {n}"
    count = n if factor.uniform and summed else f"n_valid * {n}"
    place, add = (f"k % {n}", "+=") if summed else ("k", "=")
    return f"std::vector<{kind}> {name}({size}, 0); for (int k = 0; k < {count}; ++k) {name}[{place}] {add} {value};"


def _update_numpy(
    layout: _Layout, terms: tuple[Term, ...], factors: list[dict[str, Factor]], parameters: tuple[str, ...]
) -> Any:
    row_side = layout.row_side
    column_side = "pre" if row_side == "post" else "post"
    sides = [
        {side: (pair[side], factor_values(pair[side], layout.size(side))) for side in ("post", "pre")}
        for pair in factors
    ]
    coefficients = [numpy_function(term.coefficient, parameters) for term in terms]

    def work(matrix: NDArray[Any], shown: int, n_valid: int, given: dict[str, NDArray[Any]]) -> None:
        rates = [given[f"{key}_schedule"][shown] for key in parameters]
        increment = np.zeros_like(matrix)
        for term, pair, coefficient in zip(terms, sides, coefficients, strict=True):
            rows, columns = (pair[side][1](given, n_valid) for side in (row_side, column_side))
            factor = matrix.dtype.type(coefficient(*rates)) / n_valid
            for block in layout.weights.blocks:
                place = (block.rows, block.columns)
                product = factor * (rows[:, block.rows].T @ columns[:, block.columns])
                increment[place] += (
                    product * matrix[place] ** term.weight_power if term.weight_power else product
                )
        matrix += increment

    return work


def factor_values(factor: Factor, n: int) -> Any:
    """Return the function that gives a factor's values in numpy, shape (n_valid, n)."""
    names = (*factor.arrays, *(f"mean_{m}" for m in factor.means))
    function = numpy_function(factor.expression, names)

    def values(given: dict[str, NDArray[Any]], n_valid: int) -> NDArray[Any]:
        arrays = {key: given[key].reshape(-1, n)[:n_valid] for key in factor.arrays}
        arrays |= {f"mean_{m}": arrays[m].mean(axis=0, keepdims=True) for m in factor.means}
        result = function(*(arrays[key] for key in names))
        return np.broadcast_to(np.asarray(result, dtype=given["weights"].dtype), (n_valid, n))

    return values
