"""A statement of parameters makes the constructor, and what is inherited need not be said again."""

import inspect
from typing import Annotated, Any

import pytest
from sklearn.base import BaseEstimator, clone

from neurosim.registry.parameter_text import documented
from neurosim.registry.parameters import (
    Documented,
    Flag,
    Number,
    OneOf,
    Time,
    Whole,
    parameters,
    parameters_of,
    statement_of,
)


def _first(values: Any, seconds: Any) -> None: ...


def _second(values: Any, seconds: Any) -> None: ...


@parameters(tau=_first)
class _General(Documented):
    n: Annotated[int, Whole(), "How many."] = 3
    tau: Annotated[Any, Time(), "Time constant."] = "10 ms"


@parameters(tau=_second)
class _Special(_General):
    kind: Annotated[str, OneOf(("a", "b")), "Which."] = "a"
    n: int = 4
    tau: Annotated[Any, "Time constant of the synapse."] = "5 ms"


class _Estimator(_Special, BaseEstimator):
    """An estimator.

    Attributes
    ----------
    n_ : int
    """


def test_own_parameters_come_before_inherited_ones_and_what_is_not_said_again_stays() -> None:
    told = [(p.name, p.limit, p.meaning, p.default) for p in parameters_of(_Estimator)]
    assert told == [
        ("kind", OneOf(("a", "b")), "Which.", "a"),
        ("n", Whole(), "How many.", 4),
        ("tau", Time(), "Time constant of the synapse.", "5 ms"),
    ]
    assert [(p.meaning, p.default) for p in parameters_of(_General)] == [
        ("How many.", 3),
        ("Time constant.", "10 ms"),
    ]


def test_checks_of_the_base_come_first() -> None:
    assert statement_of(_Estimator).checks == (("tau", _first), ("tau", _second))


def test_scikit_learn_sees_the_parameters_and_nothing_else() -> None:
    given = _Estimator(n=9)
    assert given.get_params() == {"kind": "a", "n": 9, "tau": "5 ms"}
    assert clone(given).set_params(tau="1 ms").get_params() == {"kind": "a", "n": 9, "tau": "1 ms"}
    assert repr(given) == "_Estimator(n=9)"
    assert given != _Estimator(n=9)
    assert str(inspect.signature(_Estimator)) == "(*, kind: str = 'a', n: int = 4, tau: Any = '5 ms') -> None"


def test_nothing_is_checked_or_converted_by_the_constructor() -> None:
    value = object()
    assert _Estimator(n=value).n is value  # type: ignore[arg-type]


def test_a_parameter_without_limit_or_meaning_is_refused() -> None:
    with pytest.raises(TypeError, match=r"_Mute\.n: expected Annotated\[type, limit, meaning\] = default"):

        @parameters()
        class _Mute:
            n: int = 3

    with pytest.raises(TypeError, match="expected Annotated"):

        @parameters()
        class _Limited:
            n: Annotated[int, Whole()] = 3


def test_the_docstring_has_the_parameters_before_its_other_sections() -> None:
    assert _Estimator.__doc__ == (
        'An estimator.\n\nParameters\n----------\nkind : {"a", "b"}, default="a"\n    Which.\n'
        "n : int, default=4\n    How many.\n"
        'tau : str or Quantity, default="5 ms"\n    Time constant of the synapse.\n\nAttributes\n----------\nn_ : int\n'
    )


def test_a_docstring_that_tells_its_parameters_stays_and_one_without_sections_gets_them_at_its_end() -> None:
    class _Own(_Special, BaseEstimator):
        """Own.

        Parameters
        ----------
        n : int
        """

    assert _Own.__doc__ == "Own.\n\nParameters\n----------\nn : int"
    assert documented("Short.", parameters_of(_General)).startswith(
        "Short.\n\nParameters\n----------\nn : int"
    )
    assert type("_Bare", (_Special, BaseEstimator), {}).__doc__ is None


def test_limits_are_told_in_the_words_of_numpydoc() -> None:
    @parameters()
    class _Every:
        a: Annotated[Any, Number(automatic=True), "A."] = "auto"
        b: Annotated[Any, Number(), "B."] = None
        c: Annotated[Any, Whole(several=True), "C."] = (1, 2)
        d: Annotated[Any, OneOf(("x",), or_else="array"), "D."] = "x"
        e: Annotated[Any, Flag(), "E."] = False

    lines = documented("", parameters_of(_Every)).splitlines()
    assert lines[2::2] == [
        'a : float or "auto", default="auto"',
        "b : float, optional",
        "c : sequence of int, default=(1, 2)",
        'd : {"x"} or array, default="x"',
        "e : bool, default=False",
    ]
