"""Parameters stated once: name, default, limits and meaning, from which all that asks for parameters is made.

A family states them in its ``model.py``, which imports no Brian2. The constructor, the checks and the docstring of
an estimator come from there, and so does its section of a recipe (`neurosim.registry.network_section`).
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple, TypeVar, dataclass_transform, get_args, get_origin

from neurosim.registry.parameter_text import documented

__all__ = [
    "LARGEST",
    "Check",
    "Documented",
    "Flag",
    "Limit",
    "Number",
    "OneOf",
    "Other",
    "Parameter",
    "Statement",
    "Time",
    "Whole",
    "parameters",
    "parameters_of",
    "statement_of",
]

# Simulations square their numbers and add the squares up.
LARGEST = 1e100


@dataclass(frozen=True)
class Limit:
    """What values a parameter takes, besides None where that is its default."""

    @property
    def words(self) -> str:
        """The values, as a docstring has them."""
        raise NotImplementedError


@dataclass(frozen=True)
class Whole(Limit):
    """A whole number of at least one, or a sequence of them."""

    several: bool = False

    @property
    def words(self) -> str:
        """``int``, or a sequence."""
        return "sequence of int" if self.several else "int"


@dataclass(frozen=True)
class Number(Limit):
    """A number above zero, or of at least zero, up to `LARGEST`; or ``"auto"`` for one that is measured."""

    or_zero: bool = False
    automatic: bool = False

    @property
    def words(self) -> str:
        """``float``, perhaps with the word."""
        return 'float or "auto"' if self.automatic else "float"


@dataclass(frozen=True)
class Time(Limit):
    """A time above zero with its unit."""

    @property
    def words(self) -> str:
        """Text or a quantity of Brian2."""
        return "str or Quantity"


@dataclass(frozen=True)
class OneOf(Limit):
    """One of some names; `or_else` says in words what it may be instead, which is checked where it is used."""

    names: tuple[str, ...]
    or_else: str = ""

    @property
    def words(self) -> str:
        """The names."""
        names = ", ".join(f'"{name}"' for name in self.names)
        return f"{{{names}}} or {self.or_else}" if self.or_else else f"{{{names}}}"


@dataclass(frozen=True)
class Flag(Limit):
    """True or False."""

    @property
    def words(self) -> str:
        """``bool``."""
        return "bool"


@dataclass(frozen=True)
class Other(Limit):
    """Anything else, told in words and checked where it is used.

    `in_recipes` is the type that pydantic checks in a recipe; None where a recipe cannot say it: arrays, objects, and
    equations, which are for Python.
    """

    kind: str
    in_recipes: Any = None

    @property
    def words(self) -> str:
        """What was told."""
        return self.kind


@dataclass(frozen=True)
class Parameter:
    """One parameter as it was stated."""

    name: str
    limit: Limit
    meaning: str
    default: Any

    @property
    def optional(self) -> bool:
        """Whether None stands for a default that is worked out."""
        return self.default is None


Check = Callable[[Any, Callable[[str], Any]], None]
"""``check(values, seconds)`` raises ValueError if the values of several parameters do not go together.

They are attributes of `values`; ``seconds("dt")`` is a time among them in seconds. The message starts with the name
of a parameter and a colon.
"""


class Statement(NamedTuple):
    """What was stated of parameters, and which of them have to go with others, the most general first."""

    parameters: tuple[Parameter, ...]
    checks: tuple[tuple[str, Check], ...]


_Stated = TypeVar("_Stated")


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(field,))
def parameters(**checks: Check) -> Callable[[type[_Stated]], type[_Stated]]:
    """Turn a class into a statement of parameters, the constructor of an estimator that inherits from it.

    Every field is ``name: Annotated[type, limit, "Meaning."] = default``; one that a base class has already may leave
    out what stays: ``name: type = default`` is another default alone.

    Parameters
    ----------
    **checks : Check
        Whether a parameter goes with others, asked unless it is None, after what base classes ask.

    Examples
    --------
    >>> @parameters()
    ... class Leak:
    ...     tau: Annotated[Any, Time(), "Membrane time constant."] = "10 ms"
    >>> Leak().tau, parameters_of(Leak)[0].meaning
    ('10 ms', 'Membrane time constant.')
    """

    def stated(kind: type[_Stated]) -> type[_Stated]:
        # As scikit-learn has it: estimators are told apart by identity, and represented by what was changed.
        made: Any = dataclass(eq=False, repr=False, kw_only=True, match_args=False)(kind)
        inherited = [check for base in made.__bases__ for check in statement_of(base).checks]
        made._statement = Statement(tuple(_collected(made)), (*dict.fromkeys(inherited), *checks.items()))
        made.__init__.__signature__ = _signature(made)
        return kind

    return stated


def statement_of(kind: type) -> Statement:
    """Return what was stated for an estimator, or by a class: positional parameters, its own, and inherited ones."""
    found: Statement = getattr(kind, "_statement", Statement((), ()))
    return found


def parameters_of(kind: type) -> tuple[Parameter, ...]:
    """Return the parameters of an estimator or a statement."""
    return statement_of(kind).parameters


class Documented:
    """Base of all statements: the docstring of an estimator that inherits from one gets the section "Parameters"."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Write the section into the class's own docstring."""
        super().__init_subclass__(**options)
        if hasattr(cls, "get_params") and vars(cls).get("__doc__"):
            cls.__doc__ = documented(inspect.cleandoc(str(cls.__doc__)), parameters_of(cls))


def _collected(kind: Any) -> Iterator[Parameter]:
    """Yield the parameters in the order in which they are told."""
    stated: dict[str, tuple[Limit | None, str]] = {}
    ranks: dict[str, int] = {}
    for rank, each in enumerate(reversed(kind.__mro__)):
        for name, annotation in inspect.get_annotations(each).items() if _states(each) else ():
            limit, meaning = _said(annotation)
            before = stated.get(name, (None, ""))
            stated[name] = (limit or before[0], meaning or before[1])
            ranks.setdefault(name, rank)
    fields = kind.__dataclass_fields__
    for name in sorted(stated, key=lambda name: (fields[name].kw_only, -ranks[name])):
        limit, meaning = stated[name]
        if limit is None or not meaning:
            raise TypeError(f"{kind.__name__}.{name}: expected Annotated[type, limit, meaning] = default")
        yield Parameter(name, limit, meaning, fields[name].default)


def _states(kind: type) -> bool:
    return "__dataclass_fields__" in vars(kind)


def _said(annotation: Any) -> tuple[Limit | None, str]:
    """Return the limit and the meaning out of an annotation, as far as it has them."""
    said = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    limits = [each for each in said if isinstance(each, Limit)]
    return limits[0] if limits else None, " ".join(each for each in said if isinstance(each, str))


def _signature(kind: Any) -> inspect.Signature:
    """Return the constructor's signature in the order in which parameters are told, with types alone."""
    given = inspect.signature(kind.__init__).parameters
    names = ["self", *(parameter.name for parameter in parameters_of(kind))]
    return inspect.Signature(
        [given[name].replace(annotation=_type_of(given[name].annotation)) for name in names],
        return_annotation=None,
    )


def _type_of(annotation: Any) -> Any:
    kind = annotation.__origin__ if get_origin(annotation) is Annotated else annotation
    return getattr(kind, "__forward_arg__", kind)
