"""Read a local learning rule and take it apart into products of a presynaptic and a postsynaptic factor.

``w += eta*a_post*r_pre`` may name the weight, variables of the postsynaptic neuron (ending in ``_post``), variables of
the presynaptic one (``_pre``), the averages of either over the batch (``mean_a_post``) and parameters. Nothing else is
visible at a synapse, so a rule that can be written is local. Because every term separates, the average over all
replicas of a batch is one matrix product per term.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import sympy
from brian2.parsing.sympytools import str_to_sympy

from neurosim.engine.errors import RuleError

__all__ = ["Term", "separated_terms"]

_ASSIGNMENT = re.compile(r"\s*w\s*\+=\s*(?P<right>[^=]+)\Z")


@dataclass(frozen=True)
class Term:
    """One product ``coefficient * w**weight_power * post * pre`` of a learning rule.

    Parameters
    ----------
    coefficient : sympy.Expr
        Arithmetic in parameters.
    weight_power : int
        Non-negative power of the weight.
    post, pre : sympy.Expr
        Factors in variables of the postsynaptic and of the presynaptic neuron, suffixes kept.
    """

    coefficient: sympy.Expr
    weight_power: int
    post: sympy.Expr
    pre: sympy.Expr


def separated_terms(rule: str, *, parameters: Collection[str]) -> tuple[Term, ...]:
    """Expand a rule into separable terms.

    Parameters
    ----------
    rule : str
        ``"w += <expression>"``.
    parameters : collection of str
        Names the rule may use besides ``w`` and names ending in ``_pre`` or ``_post``.

    Returns
    -------
    tuple of Term

    Raises
    ------
    RuleError
        If the text is no such assignment, names something a synapse cannot see, or has a factor that mixes
        presynaptic and postsynaptic variables.

    Examples
    --------
    >>> for term in separated_terms("w += beta*(n_post*x_pre - n_post**2*w)", parameters=["beta"]):
    ...     print(term.coefficient, term.weight_power, term.post, term.pre)
    -beta 1 n_post**2 1
    beta 0 n_post x_pre
    """
    match = _ASSIGNMENT.match(rule)
    if match is None:
        raise RuleError(f"expected a rule of the form 'w += eta*a_post*r_pre', got {rule!r}")
    expression = sympy.expand(str_to_sympy(match["right"].strip()))
    for symbol in sorted(map(str, expression.free_symbols)):
        if symbol != "w" and symbol not in parameters and not symbol.endswith(("_pre", "_post")):
            raise RuleError(
                f"the rule {rule!r} names {symbol!r}, which a synapse cannot see; a local rule may use w, variables "
                f"ending in _pre or _post, and its parameters ({', '.join(sorted(parameters)) or 'none'})"
            )
    terms = sorted(sympy.Add.make_args(expression), key=str)
    return tuple(_separated(term, rule) for term in terms)


def _separated(term: sympy.Expr, rule: str) -> Term:
    parts = {
        "coefficient": sympy.Integer(1),
        "w": sympy.Integer(1),
        "post": sympy.Integer(1),
        "pre": sympy.Integer(1),
    }
    for factor in sympy.Mul.make_args(term):
        sides = {_side(str(symbol)) for symbol in factor.free_symbols}
        if len(sides) > 1:
            raise RuleError(
                f"the factor {factor} of the rule {rule!r} mixes {' and '.join(sorted(sides))} and does not separate "
                "into a presynaptic times a postsynaptic part; write the rule as sums of such products"
            )
        parts[sides.pop() if sides else "coefficient"] *= factor
    power = parts["w"].as_base_exp()[1] if parts["w"].free_symbols else sympy.Integer(0)
    if not (power.is_Integer and power >= 0) or parts["w"].func not in (
        sympy.Symbol,
        sympy.Pow,
        sympy.Integer,
        sympy.core.numbers.One,
    ):
        raise RuleError(
            f"the rule {rule!r} uses the weight as {parts['w']}; only whole powers of w keep a matrix product"
        )
    return Term(parts["coefficient"], int(power), parts["post"], parts["pre"])


def _side(name: str) -> str:
    if name == "w":
        return "w"
    return name.rpartition("_")[2] if name.endswith(("_pre", "_post")) else "coefficient"
