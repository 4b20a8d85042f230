"""The section ``[network]`` of a recipe, derived from the statement of a network's parameters."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field, create_model, model_validator

from neurosim.registry.parameter_types import (
    AutomaticOrNotNegative,
    AutomaticOrPositive,
    Duration,
    microseconds,
)
from neurosim.registry.parameters import (
    LARGEST,
    Check,
    Flag,
    Limit,
    Number,
    OneOf,
    Other,
    Parameter,
    Time,
    Whole,
    parameters_of,
    statement_of,
)
from neurosim.registry.section import Section

__all__ = ["NARROWER", "NOT_OFFERED", "section_of"]

# Where recipes differ from the estimators, and why.
NOT_OFFERED: Mapping[str, str] = MappingProxyType(
    {"learning": "a run lets its network learn", "warm_start": "a run learns once"}
)
NARROWER: Mapping[str, Limit] = MappingProxyType(
    {"learning_rate": Number()}  # without learning there is nothing to measure
)


def section_of(
    statement: type,
    *,
    model: str,
    narrower: Mapping[str, Limit] = MappingProxyType({}),
    checks: Mapping[str, Check] = MappingProxyType({}),
) -> type[Any]:
    """Return the section of a recipe for the parameters of an estimator; `model` is the network's name in recipes.

    It has the same names, defaults, limits and meanings, but for what only Python can say (`Other`), `NOT_OFFERED` and
    `NARROWER`. The seed of the run takes the place of ``random_state``.

    Parameters
    ----------
    statement : type
        Made by `neurosim.registry.parameters.parameters`; its name is that of the estimator and "Parameters".
    model : str
        What recipes call the network.
    narrower : mapping of str to Limit
        Further limits that are narrower in a recipe.
    checks : mapping of str to Check
        Of parameters that have to go with others in a recipe, besides what has to for the estimator.
    """
    limits = {**NARROWER, **narrower}
    fields: dict[str, Any] = {"model": (Literal[model], Field(default=model, description="Which network."))}
    for parameter in _offered(statement):
        kind, options = _type_of(parameter, limits.get(parameter.name, parameter.limit))
        default = list(parameter.default) if isinstance(parameter.default, tuple) else parameter.default
        fields[parameter.name] = (kind, Field(default=default, description=parameter.meaning, **options))
    every = (*statement_of(statement).checks, *checks.items())

    def _go_together(section: Any) -> Any:
        for name, check in every:
            if getattr(section, name) is not None:
                check(section, lambda time: microseconds(getattr(section, time)) / 1_000_000)
        return section

    estimator = statement.__name__.removesuffix("Parameters")
    validator: Any = model_validator(mode="after")(_go_together)
    return create_model(
        f"{estimator}Section",
        __base__=Section,
        __doc__=f"Parameters of `neurosim.networks.{estimator}`; the run's seed is its ``random_state``.",
        __module__=statement.__module__,  # keeps it under this name: what is pickled is looked up there
        __validators__={"_go_together": validator},
        **fields,
    )


def _offered(statement: type) -> Iterator[Parameter]:
    for parameter in parameters_of(statement):
        of_python = isinstance(parameter.limit, Other) and parameter.limit.in_recipes is None
        if not of_python and parameter.name not in NOT_OFFERED:
            yield parameter


def _type_of(parameter: Parameter, limit: Limit) -> tuple[Any, dict[str, Any]]:
    """Return the type that pydantic checks, and its further limits."""
    kind, options = _TYPES[type(limit)](limit)
    if not parameter.optional:
        return kind, options
    return kind | None, options


def _whole(limit: Any) -> tuple[Any, dict[str, Any]]:
    return (list[Annotated[int, Field(ge=1)]], {"min_length": 1}) if limit.several else (int, {"ge": 1})


def _number(limit: Any) -> tuple[Any, dict[str, Any]]:
    if limit.automatic:
        return AutomaticOrNotNegative if limit.or_zero else AutomaticOrPositive, {}
    return float, {"ge" if limit.or_zero else "gt": 0, "le": LARGEST}


_TYPES: Mapping[type[Limit], Callable[[Any], tuple[Any, dict[str, Any]]]] = {
    Whole: _whole,
    Number: _number,
    Time: lambda limit: (Duration, {}),
    OneOf: lambda limit: (Literal[limit.names], {}),
    Flag: lambda limit: (bool, {}),
    Other: lambda limit: (limit.in_recipes, {}),
}
