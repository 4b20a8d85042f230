"""A recipe: everything that decides the outcome of a run, checked before anything is computed."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError, field_validator, model_validator

from neurosim.recipes import recipe_names, recipe_text
from neurosim.runs.network_sections import LCASection, Network
from neurosim.runs.overrides import overridden
from neurosim.runs.refusal import RecipeError, near_name, refusal
from neurosim.runs.section import Section
from neurosim.runs.sections import AnalysisSection, RunSection, StimuliSection
from neurosim.runs.toml_writer import toml_text

__all__ = ["Recipe", "RecipeError", "load_recipe"]


class Recipe(Section):
    """One experiment as data; `load_recipe` reads one, `to_toml` writes one with every default filled in.

    Examples
    --------
    >>> recipe = Recipe()
    >>> recipe.network.n_neurons, recipe.analysis.amplitude_bound
    (256, 1.5)
    """

    run: RunSection = RunSection()
    stimuli: StimuliSection = StimuliSection()
    network: Network = LCASection()
    analysis: AnalysisSection = AnalysisSection()

    @field_validator("network", mode="before")
    @classmethod
    def _lca_unless_it_says_otherwise(cls, network: object) -> object:
        return {"model": "lca"} | dict(network) if isinstance(network, Mapping) else network

    @model_validator(mode="after")
    def _a_batch_can_be_filled(self) -> "Recipe":
        if self.network.batch_size > self.stimuli.n_train:
            raise ValueError(
                f"network.batch_size: expected at most stimuli.n_train = {self.stimuli.n_train}, "
                f"got {self.network.batch_size}"
            )
        return self

    def to_toml(self) -> str:
        """Return the complete recipe as TOML; keys that mean "automatic" when left out are left out.

        Examples
        --------
        >>> "n_neurons = 256" in Recipe().to_toml()
        True
        """
        return toml_text(self.model_dump(exclude_none=True))


def load_recipe(name_or_path: str | Path, *, assignments: Iterable[str] = ()) -> Recipe:
    """Read a shipped recipe or a TOML file, lay assignments over it, and check every value.

    Parameters
    ----------
    name_or_path : str or Path
        A name that `neurosim recipes` lists, or a path; what ends in ``.toml`` or has a folder is a path.
    assignments : iterable of str
        ``section.key=value`` each, as after ``--set``.

    Returns
    -------
    Recipe
        With paths of image files made absolute: those in the file start from the file's folder, those in an
        assignment from the working directory.

    Raises
    ------
    RecipeError
        If there is no such recipe, the file is not TOML, or a key or value is unknown or impossible. The
        message names the dotted key, what was expected, what was got and the near name.

    Examples
    --------
    >>> load_recipe("lca", assignments=["network.n_neurons=64"]).network.n_neurons
    64
    """
    table, folder = _table(str(name_or_path))
    table = _absolute_source(table, folder)
    table = _absolute_source(overridden(table, assignments), Path.cwd())
    try:
        return Recipe.model_validate(table)
    except ValidationError as error:
        raise refusal(error, model=Recipe, origin=repr(str(name_or_path))) from error


def _table(name_or_path: str) -> tuple[dict[str, Any], Path]:
    path = Path(name_or_path)
    if path.suffix != ".toml" and len(path.parts) == 1 and not path.is_file():
        return tomllib.loads(_shipped(name_or_path)), Path.cwd()
    if not path.is_file():
        raise RecipeError(f"expected a recipe's TOML file, found no file {name_or_path!r}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")), path.resolve().parent
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"expected TOML in {name_or_path!r}: {error}") from error


def _shipped(name: str) -> str:
    names = recipe_names()
    if name not in names:
        near = near_name(name, names)
        hint = f"did you mean {near!r}?" if near else f"there are: {', '.join(names)}"
        raise RecipeError(
            f"expected a shipped recipe or the path of a TOML file, got {name!r}; {hint} "
            "(`neurosim recipes` lists them)"
        )
    return recipe_text(name)


def _absolute_source(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    stimuli = table.get("stimuli")
    source = stimuli.get("source") if isinstance(stimuli, dict) else None
    if isinstance(stimuli, dict) and isinstance(source, str) and source not in {"", "embedded"}:
        return table | {"stimuli": stimuli | {"source": _absolute(source, folder)}}
    if isinstance(stimuli, dict) and isinstance(source, list):
        paths = [_absolute(path, folder) if isinstance(path, str) else path for path in source]
        return table | {"stimuli": stimuli | {"source": paths}}
    return table


def _absolute(path: str, folder: Path) -> str:
    return str((folder / Path(path).expanduser()).resolve())
