import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from neurosim.engine.errors import RuleError
from neurosim.engine.rule import separated_terms

PRE = ("1", "x_pre", "x_pre**2", "(x_pre + z_pre)", "exp(x_pre)", "abs(x_pre - z_pre)", "mean_x_pre")
POST = ("1", "a_post", "a_post**2", "(a_post - b_post)", "a_post*b_post", "sign(a_post)", "mean_a_post")
WEIGHT = ("1", "w", "w**2", "(1 + w)")
NUMBER = st.sampled_from(["1", "-2", "0.5", "eta", "eta*alpha", "eta/3"])


def _right_hand_side(rule: str) -> sympy.Expr:
    from brian2.parsing.sympytools import str_to_sympy

    return str_to_sympy(rule.partition("+=")[2].strip())


products = st.tuples(NUMBER, st.sampled_from(PRE), st.sampled_from(POST), st.sampled_from(WEIGHT))


@given(st.lists(products, min_size=1, max_size=4))
def test_the_terms_of_a_rule_add_up_to_the_rule(parts: list[tuple[str, ...]]) -> None:
    rule = "w += " + " + ".join("*".join(part) for part in parts)
    # What cancels leaves no term to speak of.
    assume(sympy.expand(_right_hand_side(rule)) != 0)
    terms = separated_terms(rule, parameters=["eta", "alpha"])
    weight = sympy.Symbol("w", real=True)
    total = sum(term.coefficient * weight**term.weight_power * term.post * term.pre for term in terms)
    assert sympy.expand(total - _right_hand_side(rule)) == 0


@given(st.lists(products, min_size=1, max_size=4))
def test_no_factor_sees_both_sides_of_the_synapse(parts: list[tuple[str, ...]]) -> None:
    rule = "w += " + " + ".join("*".join(part) for part in parts)
    for term in separated_terms(rule, parameters=["eta", "alpha"]):
        assert {str(s) for s in term.coefficient.free_symbols} <= {"eta", "alpha"}
        assert all(str(s).endswith("_post") for s in term.post.free_symbols)
        assert all(str(s).endswith("_pre") for s in term.pre.free_symbols)


@pytest.mark.parametrize(
    ("rule", "n_terms"),
    [
        ("w += eta*a_post*r_pre", 1),
        ("w += eta*(n_post*x_pre - n_post**2*w)", 2),
        ("w += eta*(y_post*x_pre - mean_y_post*mean_x_pre*(1 + w))", 3),
        ("w += eta*(n_post*n_pre - p**2)", 2),
        ("w += eta*(a_post + r_pre)**2", 3),
        ("w += eta*exp(a_post + r_pre)", 1),
    ],
)
def test_rules_of_the_literature_separate(rule: str, n_terms: int) -> None:
    assert len(separated_terms(rule, parameters=["eta", "p"])) == n_terms


@pytest.mark.parametrize(
    ("right", "factor"),
    [
        ("eta*abs(a_post*r_pre)", r"Abs\(a_post\*r_pre\)"),
        ("eta/(a_post + r_pre)", r"1/\(a_post \+ r_pre\)"),
        ("eta*exp(a_post*r_pre)", r"exp\(a_post\*r_pre\)"),
        ("eta*sign(a_post - r_pre)", r"sign\(a_post - r_pre\)"),
    ],
)
def test_a_rule_that_does_not_separate_is_refused_naming_the_factor(right: str, factor: str) -> None:
    with pytest.raises(RuleError, match=f"the factor {factor} of the rule .* mixes post and pre"):
        separated_terms(f"w += {right}", parameters=["eta"])


@pytest.mark.parametrize("right", ["exp(w*a_post)", "a_post/(1 + w)", "a_post**w"])
def test_a_factor_that_mixes_the_weight_with_a_neuron_is_refused(right: str) -> None:
    with pytest.raises(RuleError, match=r"the factor .* mixes|uses the weight as"):
        separated_terms(f"w += {right}", parameters=[])


@pytest.mark.parametrize("power", ["1/w", "w**0.5", "exp(w)", "abs(w)", "w*sign(w)"])
def test_anything_but_a_whole_power_of_the_weight_is_refused(power: str) -> None:
    with pytest.raises(RuleError, match="only whole powers of w keep a matrix product"):
        separated_terms(f"w += a_post*({power})", parameters=[])


@pytest.mark.parametrize("name", ["u", "a", "total", "lateral", "w_other"])
def test_a_name_that_no_synapse_can_see_is_refused(name: str) -> None:
    with pytest.raises(
        RuleError, match=rf"names '{name}', which a synapse cannot see; .* parameters \(eta\)"
    ):
        separated_terms(f"w += eta*a_post*{name}", parameters=["eta"])


@pytest.mark.parametrize(
    "text", ["w = a_post", "w -= a_post", "a_post*r_pre", "w += a_post == r_pre", "x += a_post", ""]
)
def test_a_text_that_adds_nothing_to_the_weight_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match=r"expected a rule of the form 'w \+= eta\*a_post\*r_pre', got"):
        separated_terms(text, parameters=["eta"])
