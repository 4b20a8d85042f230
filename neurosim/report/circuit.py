"""What a page says of the circuit: its equations as they ran, and its parameters with their meaning."""

from collections.abc import Iterator
from typing import NamedTuple

from neurosim.report.methods import models_of
from neurosim.results.run_folder import RunFolder

__all__ = ["EQUATIONS", "Part", "equations", "parameters"]

EQUATIONS = "equations"
"""The table of a run folder that has the equations."""


class Part(NamedTuple):
    """A population, or all of the circuit."""

    name: str
    equations: str


def equations(run: RunFolder) -> list[Part]:
    """Return the equations of each population, as Brian2 took them; none of a run that did not store them."""
    table = run.tables.get(EQUATIONS)
    if table is None:
        return []
    return [Part(str(part), str(text)) for part, text in table[["part", "equations"]].itertuples(index=False)]


def parameters(run: RunFolder) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and meaning of what the recipe says of its one network."""
    found = models_of(run)
    if len(found) != 1 or not run.section("network"):
        return
    fields = found[0].section.model_fields
    for name, value in run.section("network").items():
        if name in fields and not isinstance(value, dict):
            yield name, str(value), str(fields[name].description or "").replace("`", "")
