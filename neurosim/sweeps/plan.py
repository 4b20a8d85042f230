"""The runs of a sweep, every recipe checked, before any of them begins."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from neurosim.recipes.errors import RecipeError
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.recipes.run_sections import RunSection
from neurosim.sweeps.sweep_file import Sweep, read_sweep
from neurosim.sweeps.values import SweepError

__all__ = ["Plan", "PlannedRun", "plan_of", "recipe_key"]

# Of what a recipe refuses, so many different reasons are told.
_TOLD = 8
# Keys that decide which others there are come first.
_DECIDES = ("model", "kind", "source", "relays")


@dataclass(frozen=True)
class PlannedRun:
    """One run: its folder's name, what is swept, and its whole recipe."""

    key: str
    settings: Mapping[str, Any]
    recipe: Recipe


@dataclass(frozen=True)
class Plan:
    """All runs of a sweep, each once."""

    sweep: Sweep
    swept: tuple[str, ...]
    """Keys of the recipe that differ between runs, besides ``run.seed``."""
    runs: tuple[PlannedRun, ...]
    n_asked: int
    """How many combinations there are; fewer runs if some of them mean the same."""


def plan_of(source: str | Path | Mapping[str, Any]) -> Plan:
    """Read a sweep and check the recipe of every run.

    Parameters
    ----------
    source : str, Path or mapping
        A sweep's TOML file, or its tables: ``sweep``, ``set``, ``grid``, ``list``, ``random``.

    Returns
    -------
    Plan
        Its ``runs`` are in the order listed × drawn × grid × seeds, the last changing fastest.

    Raises
    ------
    SweepError
        If the sweep cannot be understood, or the recipe refuses a key or a value: each reason once, with the first
        run it goes for.

    Examples
    --------
    >>> plan = plan_of({"sweep": {"recipe": "lca", "seeds": 2}, "grid": {"network.threshold": [1.0, 2.0]}})
    >>> [(run.recipe.network.threshold, run.recipe.run.seed) for run in plan.runs]
    [(1.0, 0), (1.0, 1), (2.0, 0), (2.0, 1)]
    """
    sweep = read_sweep(source)
    load_recipe(sweep.recipe)  # what is wrong with the recipe itself is not the sweep's fault
    swept = tuple(dict.fromkeys(key for part in (*sweep.points, *sweep.draws, sweep.grid) for key in part))
    combinations = list(_combinations(sweep))
    recipes, refused = [], _Refused(len(combinations))
    for settings in combinations:
        try:
            recipes.append(_recipe(sweep, settings))
        except RecipeError as error:
            refused.add(error, settings)
    refused.raise_any()
    runs = {
        key: PlannedRun(key, _values(recipe, swept), recipe)
        for recipe in recipes
        for key in [recipe_key(recipe)]
    }
    return Plan(sweep=sweep, swept=swept, runs=tuple(runs.values()), n_asked=len(combinations))


def recipe_key(recipe: Recipe) -> str:
    """Return twelve characters that stand for all that a recipe computes: its name and its words do not count.

    Examples
    --------
    >>> recipe_key(Recipe()) == recipe_key(Recipe(run={"name": "other"})) != recipe_key(Recipe(run={"seed": 1}))
    True
    """
    plain = recipe.model_copy(update={"run": RunSection(seed=recipe.run.seed)})
    return hashlib.sha256(plain.to_toml().encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _combinations(sweep: Sweep) -> Iterator[dict[str, Any]]:
    grid = [[(key, value) for value in values] for key, values in sweep.grid.items()]
    seeds = [{"run.seed": seed} for seed in sweep.seeds] or [{}]
    for point, draw, crossed, seed in itertools.product(
        sweep.points, sweep.draws, list(itertools.product(*grid)), seeds
    ):
        yield {**point, **draw, **dict(crossed), **seed}


def _recipe(sweep: Sweep, settings: Mapping[str, Any]) -> Recipe:
    together = {**sweep.shared, **settings}
    ordered = sorted(together, key=lambda key: key.rpartition(".")[2] not in _DECIDES)
    assignments = [f"{key}={_as_toml(together[key])}" for key in ordered]
    return load_recipe(sweep.recipe, assignments=assignments, assigned_in=sweep.folder)


def _as_toml(value: Any) -> str:
    try:
        return tomli_w.dumps({"value": value}).partition(" = ")[2].strip()
    except TypeError as error:
        raise SweepError(f"expected values that TOML knows, got {value!r} ({error})") from error


def _values(recipe: Recipe, swept: tuple[str, ...]) -> dict[str, Any]:
    """Return what a recipe has for the swept keys, None where it has no such key."""
    table, found = recipe.model_dump(), {}
    for key in swept:
        value: Any = table
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        found[key] = value
    return found


class _Refused:
    """Reasons why recipes of a sweep cannot be run."""

    def __init__(self, n_runs: int) -> None:
        self._n_runs, self._n_refused = n_runs, 0
        self._reasons: dict[str, list[Mapping[str, Any]]] = {}

    def add(self, error: RecipeError, settings: Mapping[str, Any]) -> None:
        """Keep what a recipe says of one combination."""
        self._n_refused += 1
        first, *lines = str(error).replace("--set expects", "expected").splitlines()
        for line in lines or [first]:
            self._reasons.setdefault(line.strip(), []).append(settings)

    def raise_any(self) -> None:
        """Raise `SweepError` if anything was refused."""
        if not self._reasons:
            return
        lines = [f"the recipe refuses {self._n_refused} of {self._n_runs} runs; nothing was run:"]
        for reason, runs in list(self._reasons.items())[:_TOLD]:
            first = ", ".join(f"{key} = {value!r}" for key, value in runs[0].items()) or "all"
            lines.append(f"{reason}  [{len(runs)} runs; the first: {first}]")
        more = len(self._reasons) - _TOLD
        raise SweepError("\n  ".join([*lines, *([f"and {more} more reasons"] if more > 0 else [])]))
