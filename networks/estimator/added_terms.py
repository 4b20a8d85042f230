"""Checks of what users add to equations: units, and parameters that nothing sets."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from brian2 import DEFAULT_FUNCTIONS, Equations, second
from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS
from brian2.equations.equations import DIFFERENTIAL_EQUATION, PARAMETER
from brian2.parsing.expressions import parse_expression_dimensions
from brian2.parsing.sympytools import str_to_sympy
from brian2.units.fundamentalunits import DIMENSIONLESS, DimensionMismatchError, get_unit_for_display

__all__ = ["AddedTerms", "check_added_terms", "check_units", "refuse_unset"]

# What Brian2 gives every group of neurons, and white noise.
_GIVEN = {"t": second, "dt": second, "i": 1, "N": 1, "t_in_timesteps": 1, "xi": second**-0.5}
_INFINITE = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo)
_Known = dict[str, Any]


@dataclass(frozen=True)
class AddedTerms:
    """What a user adds to the equations of a population: terms of the membrane's input, and further equations."""

    membrane_terms: str = ""
    extra_equations: str = ""


def check_added_terms(
    equations: str, added: AddedTerms, *, namespace: Mapping[str, Any], settable: bool
) -> None:
    """Raise as `check_units` does and, unless its parameters are `settable` yet, as `refuse_unset` does."""
    check_units(equations, added, namespace=namespace)
    if not settable:
        refuse_unset(equations, added)


def check_units(equations: str, added: AddedTerms, *, namespace: Mapping[str, Any]) -> None:
    """Raise ValueError unless all that was added has its unit: Brian2 checks what it takes step by step only."""
    if not (added.membrane_terms or added.extra_equations):
        return
    parsed = Equations(equations)
    known = _known_names(parsed, namespace)
    for term in _summands(added.membrane_terms):
        _check_summand(term, known)
    own = set(Equations(added.extra_equations)) if added.extra_equations else set()
    for name, equation in parsed.items():
        if equation.type != PARAMETER:
            _check_equation(
                name, equation, known, door="extra_equations" if name in own else "membrane_terms"
            )


def refuse_unset(equations: str, added: AddedTerms) -> None:
    """Raise ValueError if a parameter that nothing sets makes an equation infinite; warn of others that nothing sets.

    Whoever assembles a network can set them; in `fit`, `transform` and `simulate` they are zero.
    """
    declared = sorted(Equations(added.extra_equations).parameter_names) if added.extra_equations else []
    if not declared:
        return
    remedy = "leave its declaration out and give its value in namespace, or set it in what assemble returns"
    for name, expression in _expressions(Equations(equations)):
        culprits = _infinite_at_zero(expression, declared)
        if culprits:
            raise ValueError(
                f"extra_equations: the parameter {', '.join(culprits)} is 0, as nothing sets it, and makes the "
                f"equation of {name} infinite; {remedy}"
            )
    warnings.warn(
        f"extra_equations: the parameter {', '.join(declared)} is 0, as nothing sets it; {remedy}",
        stacklevel=2,
    )


def _known_names(equations: Equations, namespace: Mapping[str, Any]) -> _Known:
    """Return what expressions may name; names of the equations come before those of the namespace, as in Brian2."""
    noise = dict.fromkeys(equations.stochastic_variables, _GIVEN["xi"])
    own = {name: equations[name].unit for name in equations}
    return {**DEFAULT_FUNCTIONS, **DEFAULT_CONSTANTS, **DEFAULT_UNITS, **namespace, **_GIVEN, **noise, **own}


def _summands(terms: str) -> Iterator[str]:
    """Yield what is added and taken away in terms that follow an expression."""

    def parts(node: ast.expr) -> Iterator[ast.expr]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            yield from parts(node.left)
            yield from parts(node.right)
        else:
            yield node

    if terms.strip():
        for node in parts(ast.parse(f"(0 {terms})", mode="eval").body):
            if not (isinstance(node, ast.Constant) and node.value == 0):
                yield ast.unparse(node)


def _check_summand(term: str, known: _Known) -> None:
    found = _dimensions(term, known, door="membrane_terms")
    if found is not DIMENSIONLESS:
        raise ValueError(
            f"membrane_terms: expected terms without unit, as the membrane has none, got {term!r} in "
            f"{get_unit_for_display(found)}; divide by what counts as one unit of the membrane, as in I0/mV, or give a "
            "plain number in the unit of the stimuli"
        )


def _check_equation(name: str, equation: Any, known: _Known, *, door: str) -> None:
    rate = equation.type == DIFFERENTIAL_EQUATION
    expected = equation.dim / second.dim if rate else equation.dim
    found = _dimensions(str(equation.expr), known, door=door)
    if found is not expected:
        raise ValueError(
            f"{door}: expected {f'd{name}/dt' if rate else name} in {get_unit_for_display(expected)}, got "
            f"'{str(equation.expr).strip()}' in {get_unit_for_display(found)}; multiply or divide by the unit that is "
            f"missing, or declare {name} in another unit"
        )


def _dimensions(expression: str, known: _Known, *, door: str) -> Any:
    try:
        return parse_expression_dimensions(expression, known)
    except DimensionMismatchError as error:
        raise ValueError(
            f"{door}: expected sums and comparisons of like units, got: {error.desc} Divide by the unit that is too "
            "many, as in I0/mV"
        ) from error
    except KeyError as error:
        raise ValueError(
            f"{door}: {error.args[0]} in {expression.strip()!r}; give its value in namespace, or its equation in "
            "extra_equations"
        ) from error


def _expressions(equations: Equations) -> Iterator[tuple[str, Any]]:
    for name, equation in equations.items():
        if equation.type != PARAMETER:
            yield name, str_to_sympy(equation.expr.code)


def _infinite_at_zero(expression: Any, names: list[str]) -> list[str]:
    """Return those of the names that make an expression infinite by being zero, each alone or else all together."""
    symbols = {symbol.name: symbol for symbol in expression.free_symbols if symbol.name in names}
    alone = [name for name, symbol in symbols.items() if expression.subs(symbol, 0).has(*_INFINITE)]
    if alone or not symbols:
        return sorted(alone)
    together = expression.subs(dict.fromkeys(symbols.values(), 0)).has(*_INFINITE)
    return sorted(symbols) if together else []
