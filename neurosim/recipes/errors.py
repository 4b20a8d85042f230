"""Say what is wrong with a recipe: the dotted key, what was expected, what was got, the near name."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from neurosim.registry.names import near_name

_Path = tuple[int | str, ...]


class RecipeError(ValueError):
    """A recipe that cannot be run as it stands; its message names each offending key."""


def refusal(error: ValidationError, *, model: type[BaseModel], origin: str) -> RecipeError:
    """Turn pydantic's findings on `model` into one error, to be raised, with a line per offending key."""
    lines = [_line(finding, model) for finding in error.errors(include_url=False)]
    return RecipeError("\n  ".join([f"recipe {origin} cannot be run:", *lines]))


def _line(finding: Any, model: type[BaseModel]) -> str:
    keys, section = _located(finding["loc"], model)
    if finding["type"] == "union_tag_invalid":
        keys = [*keys, finding["ctx"]["discriminator"].strip("'")]
    words = _words(finding, keys, section, model)
    if (
        words.partition(":")[0] in section.model_fields
    ):  # it names one of several keys that do not go together
        return f"{'.'.join(keys)}.{words}"
    return f"{'.'.join(keys)}: {words}" if keys else words


def _words(finding: Any, keys: list[str], section: type[BaseModel], model: type[BaseModel]) -> str:
    got, context = finding["input"], finding.get("ctx", {})
    match finding["type"]:
        case "extra_forbidden":
            return f"unknown key{_hint(keys, section, model)}"
        case "union_tag_invalid":
            return _choices(context["expected_tags"], context["tag"])
        case "missing" | "union_tag_not_found":
            return f"expected a {'key ' + context['discriminator'] if context else 'value'}, got none"
        case "literal_error":
            return _choices(context["expected"], got)
        case "value_error":
            return str(context["error"])
    expected = finding["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    if finding["type"] in {"model_type", "model_attributes_type"}:
        expected = "a table"
    return f"expected {expected}, got {got!r}"


def _choices(expected: str, got: object) -> str:
    names = [name for name in expected.split("'") if name.strip(" ,or")]
    near = near_name(str(got), names)
    return f"expected {expected}, got {got!r}" + (f"; did you mean {near!r}?" if near else "")


def _hint(keys: list[str], section: type[BaseModel], model: type[BaseModel]) -> str:
    unknown = keys[-1]
    siblings = _siblings(keys[:-1], section, model)
    if unknown in siblings:
        return f"; it goes with {siblings[unknown]}"
    if near := near_name(unknown, list(section.model_fields)):
        return f"; did you mean {'.'.join([*keys[:-1], near])!r}?"
    if near := near_name(unknown, list(siblings)):
        return f"; did you mean {'.'.join([*keys[:-1], near])!r}? It goes with {siblings[near]}"
    # Of keys of one name the first place counts.
    elsewhere = {path[-1]: ".".join(path) for path in reversed([*_leaves(model)])}
    if near := near_name(unknown, list(elsewhere)):
        return f"; did you mean {elsewhere[near]!r}?"
    return f"; expected one of {', '.join(section.model_fields)}"


def _siblings(path: list[str], section: type[BaseModel], model: type[BaseModel]) -> dict[str, str]:
    """Return keys that only other choices for the table at a path have, each with the choice in words."""
    selector, choices = None, [model]
    for key in (part.partition("[")[0] for part in path):
        selector = choices[0].model_fields[key].discriminator
        choices = _models(choices[0], key)
    if not isinstance(selector, str):
        return {}
    owners: dict[str, list[str]] = {}
    for choice in choices:
        for key in (key for key in choice.model_fields if key not in section.model_fields):
            owners.setdefault(key, []).extend(map(repr, get_args(choice.model_fields[selector].annotation)))
    return {key: f"{'.'.join([*path, selector])} = {' or '.join(names)}" for key, names in owners.items()}


def _located(location: _Path, model: type[BaseModel]) -> tuple[list[str], type[BaseModel]]:
    """Return the dotted key's parts, without pydantic's union tags, and the section that holds the key."""
    keys: list[str] = []
    section, choices = model, [model]
    for part in location:
        if len(choices) > 1:  # the tag of a union, which is no key of the recipe
            section = next(choice for choice in choices if part in _tags(choice))
            choices = [section]
        elif isinstance(part, int):
            keys[-1] += f"[{part}]"
        else:
            section = choices[0] if choices else section
            keys.append(part)
            choices = _models(section, part)
    return keys, section


def _models(section: type[BaseModel], key: str) -> list[type[BaseModel]]:
    if key not in section.model_fields:
        return []
    annotation = section.model_fields[key].annotation
    return [kind for kind in (annotation, *get_args(annotation)) if _is_section(kind)]


def _is_section(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _tags(section: type[BaseModel]) -> list[str]:
    return [tag for field in section.model_fields.values() for tag in get_args(field.annotation)]


def _leaves(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key in model.model_fields:
        yield (*path, key)
        for section in _models(model, key):
            yield from _leaves(section, (*path, key))
