"""A sweep as a file says it: the recipe, what all runs share, and what differs."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosim.recipes.file_names import is_file_name
from neurosim.recipes.text_files import text_of
from neurosim.registry.names import near_name
from neurosim.sweeps.values import SweepError, drawn_values, grid_values, is_range

__all__ = ["Sweep", "read_sweep"]

_TABLES = ("sweep", "set", "grid", "list", "random")
_SWEEP = ("recipe", "name", "seeds", "metrics")
_RANDOM = ("draws", "seed")
_MOST = 100_000
# Words for people, which change no number; the seed has a word of its own.
_NOT_SWEPT = {
    "run.seed": "say seeds = [0, 1, 2] in [sweep]",
    **dict.fromkeys(
        ("run.name", "run.description", "run.expected_time"), "it changes no number; leave it out"
    ),
}


@dataclass(frozen=True)
class Sweep:
    """What a sweep file asks for, every value spelled out."""

    name: str
    """Names the default folder."""
    recipe: str
    """A shipped name, or the absolute path of a TOML file."""
    folder: Path
    """Where relative paths start."""
    seeds: tuple[int, ...]
    """Seeds of the runs; none: the recipe's own."""
    metrics: tuple[str, ...]
    """What is drawn; none: a few that most recipes have."""
    shared: Mapping[str, Any]
    """Keys that all runs have."""
    points: tuple[Mapping[str, Any], ...]
    """Settings that are listed one by one."""
    grid: Mapping[str, list[Any]]
    """Values of keys that are crossed."""
    draws: tuple[Mapping[str, Any], ...]
    """Settings that were drawn at random."""


def read_sweep(source: str | Path | Mapping[str, Any]) -> Sweep:
    """Read a sweep's file, or take its tables, and check everything but the recipe's own values.

    Raises
    ------
    SweepError
        If there is no such file, a word is unknown, a list is empty, or nothing differs between runs.

    Examples
    --------
    >>> asked = read_sweep({"sweep": {"recipe": "lca", "seeds": 2}, "grid": {"network.threshold": [1.0, 2.0]}})
    >>> asked.seeds, asked.grid
    ((0, 1), {'network.threshold': [1.0, 2.0]})
    """
    if isinstance(source, Mapping):
        table, folder, name = dict(source), Path.cwd(), "sweep"
    else:
        path = Path(source).expanduser()
        table, folder, name = _table(path), path.resolve().parent, path.stem
    _require_known("", table, _TABLES)
    about = _as_table("sweep", table.get("sweep", {}))
    _require_known("[sweep] ", about, _SWEEP)
    swept = Sweep(
        name=_name(about.get("name", name)),
        recipe=_recipe(about.get("recipe"), folder),
        folder=folder,
        seeds=_seeds(about.get("seeds")),
        metrics=_metrics(about.get("metrics", [])),
        shared=_settings("set", table.get("set", {})),
        points=_points(table.get("list", [{}])),
        grid={
            key: grid_values(f"[grid] {key}", value)
            for key, value in _settings("grid", table.get("grid", {})).items()
        },
        draws=_draws(table.get("random")),
    )
    _require_something_swept(swept)
    return swept


def _table(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise SweepError(f"expected a sweep's TOML file, found no file {str(path)!r}")
    try:
        return tomllib.loads(text_of(path))
    except (ValueError, RecursionError) as error:
        raise SweepError(f"expected TOML in {str(path)!r}: {error}") from error


def _require_known(where: str, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in table:
        if name not in known:
            near = near_name(name, known)
            hint = f"did you mean {near!r}?" if near else f"expected {', '.join(known)}"
            raise SweepError(f"{where}{name}: unknown in a sweep; {hint}")


def _as_table(name: str, given: object) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise SweepError(f"{name}: expected a table, [{name}], got {given!r}")
    return dict(given)


def _name(given: object) -> str:
    if not isinstance(given, str) or not is_file_name(given):
        raise SweepError(
            f'[sweep] name: expected letters, digits, dots, dashes and underscores, got {given!r}; say name = "…" '
            "in [sweep]"
        )
    return given


def _recipe(given: object, folder: Path) -> str:
    if not isinstance(given, str) or not given:
        raise SweepError(
            f"[sweep] recipe: expected a shipped name (`neurosim recipes`) or the path of a TOML file, got {given!r}"
        )
    path = folder / Path(given).expanduser()
    return str(path.resolve()) if path.suffix == ".toml" or path.is_file() else given


def _seeds(given: Any) -> tuple[int, ...]:
    if given is None:
        return ()
    seeds = list(range(given)) if _is_whole(given) and given <= _MOST else given
    fine = isinstance(seeds, list) and seeds and all(_is_whole(seed) for seed in seeds)
    if not fine or len(set(seeds)) < len(seeds):
        raise SweepError(
            f"[sweep] seeds: expected how many, or a list of different whole numbers, 0 or more, got {given!r}"
        )
    return tuple(seeds)


def _metrics(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise SweepError(f"[sweep] metrics: expected a list of names of summary.json, got {given!r}")
    return tuple(given)


def _points(given: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(given, list) or not given:
        raise SweepError(f"list: expected tables, [[list]], one or more, got {given!r}")
    return tuple(_settings("list", point) for point in given)


def _draws(given: object) -> tuple[Mapping[str, Any], ...]:
    if given is None:
        return ({},)
    table = _as_table("random", given)
    n_draws, seed = table.pop("draws", None), table.pop("seed", 0)
    if not _is_whole(n_draws) or not 1 <= n_draws <= _MOST:
        raise SweepError(f"[random] draws: expected how many, from 1 to {_MOST}, got {n_draws!r}")
    if not _is_whole(seed):
        raise SweepError(f"[random] seed: expected a whole number, 0 or more, got {seed!r}")
    keys = _settings("random", table)
    if not keys:
        raise SweepError(
            "[random]: expected at least one key to draw, such as network.threshold = { from = 1.0, to = 2.0 }"
        )
    columns = {
        key: drawn_values(f"[random] {key}", value, n_draws=n_draws, seed=seed) for key, value in keys.items()
    }
    return tuple({key: column[draw] for key, column in columns.items()} for draw in range(n_draws))


def _settings(name: str, given: object) -> dict[str, Any]:
    """Return keys of a recipe with their dots, written in quotes or as tables."""
    found: dict[str, Any] = {}
    for key, value in _leaves(_as_table(name, given)):
        if key in found:
            raise SweepError(f"[{name}] {key}: expected each key once")
        if "." not in key or not all(part.strip() for part in key.split(".")):
            raise SweepError(
                f"[{name}] {key}: expected section.key as in a recipe, such as network.threshold"
            )
        if key in _NOT_SWEPT:
            raise SweepError(f"[{name}] {key}: is not swept: {_NOT_SWEPT[key]}")
        found[key] = value
    return found


def _leaves(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping) and not is_range(value):
            yield from _leaves(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _require_something_swept(swept: Sweep) -> None:
    owners: dict[str, str] = {}
    parts = {"set": swept.shared, "list": {key: None for point in swept.points for key in point}}
    parts |= {"grid": swept.grid, "random": swept.draws[0]}
    for name, keys in parts.items():
        for key in keys:
            if key in owners:
                raise SweepError(f"{key}: expected in one place, got [{owners[key]}] and [{name}]")
            owners[key] = name
    if {"set"} >= set(owners.values()) and not swept.seeds:
        raise SweepError(
            "nothing differs between runs: expected [grid], [[list]], [random] or seeds in [sweep]"
        )
    number = len(swept.points) * len(swept.draws) * max(len(swept.seeds), 1)
    for values in swept.grid.values():
        number *= len(values)
    if number > _MOST:
        raise SweepError(
            f"expected at most {_MOST:,} runs, got {number:,}; shorten a list, or draw at random"
        )


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
