"""Arithmetic on the arrays of a Brian2 group, written once and evaluated in C++ or in numpy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy
from brian2 import Group
from brian2.core.variables import ArrayVariable, Subexpression
from brian2.parsing.sympytools import str_to_sympy
from numpy.typing import DTypeLike, NDArray

__all__ = ["ArrayExpression", "array_expression", "c_code", "numpy_function", "resolved"]

_FUNCTIONS = (sympy.Abs, sympy.exp, sympy.log, sympy.sign, sympy.Pow, sympy.Add, sympy.Mul)


@dataclass(frozen=True)
class ArrayExpression:
    """An elementwise expression of some variables of one group.

    Parameters
    ----------
    expression : sympy.Expr
        Arithmetic in the names of `arrays`.
    arrays : mapping of str to brian2 ArrayVariable
        The variables it reads, each with one value per neuron.
    """

    expression: sympy.Expr
    arrays: Mapping[str, ArrayVariable]

    def cpp_values(
        self, name: str, n: str, dtype: DTypeLike, *, prefix: str = "", copied: bool = False
    ) -> str:
        """Return C++ that makes `name` point at the values, out of arrays called prefix + variable.

        `n` is C++ for their number. A plain variable of the right type is used in place unless `copied`.
        """
        kind = "float" if np.dtype(dtype) == np.float32 else "double"
        plain = self.expression.is_Symbol and self.arrays[str(self.expression)].dtype == np.dtype(dtype)
        if plain and not copied:
            return f"const {kind}* {name} = {prefix}{self.expression};"
        value = self.cpp_value("k", dtype, prefix=prefix)
        return (
            f"std::vector<{kind}> {name}_values({n}); for (int k = 0; k < {n}; ++k) {name}_values[k] = {value};\n"
            f"const {kind}* {name} = {name}_values.data();"
        )

    def cpp_value(self, index: str, dtype: DTypeLike, *, prefix: str = "") -> str:
        """Return C++ for the value at one index."""
        kind = "float" if np.dtype(dtype) == np.float32 else "double"
        # The cast keeps integer variables from dividing as integers do.
        return c_code(
            self.expression, {key: f"static_cast<{kind}>({prefix}{key}[{index}])" for key in self.arrays}
        )

    def values(self, arrays: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        """Return the values in numpy."""
        if self.expression.is_Symbol:
            return arrays[str(self.expression)]
        return numpy_function(self.expression, tuple(self.arrays))(*(arrays[key] for key in self.arrays))


def array_expression(group: Group, text: str) -> ArrayExpression:
    """Resolve an expression to the arrays of a group.

    Parameters
    ----------
    group : brian2.Group
    text : str
        Arithmetic in the group's variables; subexpressions are replaced by what they stand for.

    Returns
    -------
    ArrayExpression

    Raises
    ------
    ValueError
        If a name is unknown, no variable is named, or a function is used that this small language does not have.
    """
    expression = _with_roots(resolved(group, str_to_sympy(text)))
    names = sorted(str(symbol) for symbol in expression.free_symbols)
    if not names:
        raise ValueError(f"expected arithmetic in variables of group {group.name!r}, got {text!r}")
    return ArrayExpression(expression, {name: group.variables[name] for name in names})


def _with_roots(expression: sympy.Expr) -> sympy.Expr:
    """Write powers of a half as square roots, which round alike in every unit; a general power does not."""
    halves = [power for power in expression.atoms(sympy.Pow) if abs(power.exp) == 0.5]
    return expression.xreplace({half: half.base ** sympy.Rational(half.exp) for half in halves})


def resolved(group: Group, expression: sympy.Expr) -> sympy.Expr:
    """Replace the subexpressions of a group by what they stand for, down to arrays with one value per neuron."""
    for function in expression.atoms(sympy.Function):
        if not isinstance(function, _FUNCTIONS):
            raise ValueError(
                f"{function.func} cannot be used here; use + - * / **, abs, exp, log or sign, or declare the "
                "subexpression '(constant over dt)' in the group's equations so that Brian2 evaluates it"
            )
    for symbol in sorted(expression.free_symbols, key=str):
        variable = group.variables.get(str(symbol))
        if isinstance(variable, Subexpression):
            inner = resolved(group, str_to_sympy(variable.expr))
            expression = expression.subs(symbol, inner)
        elif not isinstance(variable, ArrayVariable) or variable.size != group.variables["N"].get_value():
            have = ", ".join(sorted(n for n, v in group.variables.items() if isinstance(v, ArrayVariable)))
            raise ValueError(
                f"group {group.name!r} has no variable {str(symbol)!r} with one value per neuron (it has {have})"
            )
    return expression


def c_code(expression: sympy.Expr, names: Mapping[str, str]) -> str:
    """Print an expression in C with its symbols renamed."""
    renamed = {sympy.Symbol(old, real=True): sympy.Symbol(new, real=True) for old, new in names.items()}
    by_name = {symbol: renamed[sympy.Symbol(str(symbol), real=True)] for symbol in expression.free_symbols}
    return str(sympy.ccode(expression.xreplace(by_name)))


@lru_cache(maxsize=256)
def numpy_function(expression: sympy.Expr, names: tuple[str, ...]) -> Callable[..., NDArray[Any]]:
    """Return the expression as a numpy function of the named arrays."""
    symbols = {str(symbol): symbol for symbol in expression.free_symbols}
    arguments = [symbols.get(name, sympy.Symbol(name)) for name in names]
    function: Callable[..., NDArray[Any]] = sympy.lambdify(arguments, expression, modules="numpy")
    return function
