"""What a page says of the circuit: equations and learning rules as they ran, what names and parameters mean."""

from collections.abc import Iterator
from typing import NamedTuple

from neurosim.measures.circuit import meanings
from neurosim.report.methods import models_of
from neurosim.results.run_folder import RunFolder

__all__ = ["TABLES", "Part", "equations", "learning_rules", "names_in_rules", "parameters"]

TABLES = ("equations", "learning_rules")
"""The tables of a run folder that have them."""


class Part(NamedTuple):
    """A population, all of the circuit, or one set of weights."""

    name: str
    text: str


def equations(run: RunFolder) -> list[Part]:
    """Return the equations of each population, as Brian2 took them; none of a run that did not store them."""
    return _parts(run, "equations", "equations")


def learning_rules(run: RunFolder) -> list[Part]:
    """Return the rules by which weights and thresholds learn; none of a run that did not store them."""
    return _parts(run, "learning_rules", "rule")


def names_in_rules(run: RunFolder) -> list[tuple[str, str]]:
    """Return the names in those rules with their meaning."""
    return meanings(part.text for part in learning_rules(run))


def _parts(run: RunFolder, stem: str, column: str) -> list[Part]:
    table = run.tables.get(stem)
    if table is None:
        return []
    return [Part(str(part), str(text)) for part, text in table[["part", column]].itertuples(index=False)]


def parameters(run: RunFolder) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and meaning of what the recipe says of its one network."""
    found = models_of(run)
    if len(found) != 1 or not run.section("network"):
        return
    fields = found[0].section.model_fields
    for name, value in run.section("network").items():
        if name in fields and not isinstance(value, dict):
            yield name, str(value), str(fields[name].description or "").replace("`", "")
