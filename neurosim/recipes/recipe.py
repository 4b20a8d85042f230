"""A recipe: everything that decides the outcome of a run, checked before anything is computed."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import Field, ValidationError, field_validator, model_validator

from neurosim.networks.lca.model import LCASection
from neurosim.networks.models import MODELS, Network, model_of
from neurosim.recipes import recipe_names, recipe_text
from neurosim.recipes.compatibility import (
    MEASURES,
    NETWORK_MEASURES,
    known_traits,
    require_match,
    require_pools,
)
from neurosim.recipes.conditions import ConditionSection, with_whole_networks
from neurosim.recipes.errors import RecipeError, refusal
from neurosim.recipes.overrides import overridden
from neurosim.recipes.paths import absolute_paths
from neurosim.recipes.run_sections import (
    AnalysisSection,
    DisparitySection,
    LaboratorySection,
    LikelihoodSection,
    LinkedSection,
    RunSection,
)
from neurosim.recipes.text_files import text_of
from neurosim.registry.names import near_name
from neurosim.registry.section import Section
from neurosim.stimuli.kinds import KINDS, StimuliSection, kind_of
from neurosim.stimuli.kinds.photographs import PhotographSection

__all__ = ["Recipe", "RecipeError", "load_recipe"]

# Bytes: a thousand times what recipes have.
_LARGEST = 2_000_000


class Recipe(Section):
    """One experiment as data; `load_recipe` reads one, `to_toml` writes one with every default filled in.

    Examples
    --------
    >>> recipe = Recipe()
    >>> recipe.network.n_neurons, recipe.analysis.amplitude_bound
    (256, 1.5)
    """

    run: RunSection = RunSection()
    stimuli: StimuliSection = PhotographSection()
    network: Network = LCASection()
    arms: list[ConditionSection] = Field(default=[])
    analysis: AnalysisSection = AnalysisSection()
    linked: LinkedSection = LinkedSection()
    disparity: DisparitySection = DisparitySection()
    likelihood: LikelihoodSection = LikelihoodSection()
    laboratory: LaboratorySection | None = None

    @field_validator("stimuli", mode="before")
    @classmethod
    def _the_first_kind_unless_it_says_otherwise(cls, stimuli: object) -> object:
        return {"kind": KINDS[0].name} | dict(stimuli) if isinstance(stimuli, Mapping) else stimuli

    @field_validator("network", mode="before")
    @classmethod
    def _lca_unless_it_says_otherwise(cls, network: object) -> object:
        return {"model": MODELS[0].name} | dict(network) if isinstance(network, Mapping) else network

    @model_validator(mode="before")
    @classmethod
    def _conditions_say_what_differs_from_the_network(cls, table: Any) -> Any:
        if not isinstance(table, Mapping) or "arms" not in table:
            return table
        return {**table, "arms": with_whole_networks(table["arms"], network=table.get("network", {}))}

    @field_validator("arms")
    @classmethod
    def _two_conditions_or_more_of_different_names(
        cls, conditions: list[ConditionSection]
    ) -> list[ConditionSection]:
        names = [condition.name for condition in conditions]
        if len(names) == 1 or len(set(names)) < len(names):
            raise ValueError(f"expected two arms or more, each of its own name, got {names}")
        return conditions

    @model_validator(mode="after")
    def _a_batch_can_be_filled(self) -> "Recipe":
        n_train = getattr(self.stimuli, "n_train", None)
        for key, network in self.trained():
            if n_train is not None and network.batch_size > n_train:
                raise ValueError(
                    f"{key}.batch_size: expected at most stimuli.n_train = {n_train}, got {network.batch_size}"
                )
        return self

    @model_validator(mode="after")
    def _measures_go_with_stimuli_and_networks(self) -> "Recipe":
        models = sorted({network.model for _, network in self.trained()})
        owned = (("stimuli.kind", MEASURES, [self.stimuli.kind]), ("network.model", NETWORK_MEASURES, models))
        for key, owners, got in owned:
            for name in sorted(self.model_fields_set & self._unmeasured() & set(owners)):
                raise ValueError(
                    f"{name}: goes with {key} = {' or '.join(map(repr, owners[name]))}, got "
                    f"{', '.join(map(repr, got))}; leave the section out"
                )
        return self

    @model_validator(mode="after")
    def _relays_have_one_gain_for_all_arms(self) -> "Recipe":
        if not getattr(self.stimuli, "relays", []):
            return self
        for number, condition in enumerate(self.arms):
            if condition.normalise != "none":
                raise ValueError(
                    f"arms[{number}].normalise: expected 'none' with stimuli.relays, whose gain is fixed, got "
                    f"{condition.normalise!r}"
                )
        return self

    @model_validator(mode="after")
    def _the_laboratory_measures_one_network(self) -> "Recipe":
        if self.laboratory is not None and self.arms:
            raise ValueError("laboratory: goes with one network, got arms; leave the section out")
        if self.laboratory is not None:
            require_pools(self.laboratory.pools, model_of(self.network), self.network.model_dump())
        return self

    @model_validator(mode="after")
    def _fields_are_mapped_of_one_network_on_photographs(self) -> "Recipe":
        cortical = kind_of(self.stimuli).compared_with_cortex
        if self.analysis.fields != "adjoint" and (self.arms or not cortical):
            got = "arms" if self.arms else f"stimuli.kind = {self.stimuli.kind!r}"
            raise ValueError(
                f"analysis.fields = {self.analysis.fields!r}: mapping fields with noise goes with one network on "
                f"photographs, got {got}; leave the key out"
            )
        return self

    @model_validator(mode="after")
    def _shifted_dots_have_something_in_common(self) -> "Recipe":
        kind = kind_of(self.stimuli)
        patch_size = kind.sizes(self.stimuli).patch_size
        if "disparity" in kind.measures and patch_size is not None and self.disparity.largest >= patch_size:
            raise ValueError(
                f"disparity.largest: expected less than stimuli.patch_size = {patch_size}, got "
                f"{self.disparity.largest}"
            )
        return self

    @model_validator(mode="after")
    def _the_network_goes_with_the_stimuli(self) -> "Recipe":
        traits = known_traits(self.stimuli)
        if traits is None:
            return self
        for key, network in self.trained():
            try:
                require_match(traits, network=network, linked=self.linked)
            except ValueError as error:
                raise ValueError(f"{key.removesuffix('network')}{error}") from error
        return self

    def trained(self) -> Iterator[tuple[str, Network]]:
        """Yield every network that learns, under its key."""
        if not self.arms:
            yield "network", self.network
        for number, condition in enumerate(self.arms):
            yield f"arms[{number}].network", condition.network

    def _unmeasured(self) -> set[str]:
        models = {network.model for _, network in self.trained()}
        return {name for name, kinds in MEASURES.items() if self.stimuli.kind not in kinds} | {
            name for name, owners in NETWORK_MEASURES.items() if models.isdisjoint(owners)
        }

    def to_toml(self) -> str:
        """Return the complete recipe as TOML; keys that mean "automatic" when left out are left out.

        So are sections of measures that the kind of stimuli or the networks do not have. Conditions are
        written with all their keys.

        Examples
        --------
        >>> "n_neurons = 256" in Recipe().to_toml()
        True
        """
        without = self._unmeasured() | (set() if self.arms else {"arms"})
        return tomli_w.dumps(self.model_dump(exclude_none=True, exclude=without))


def load_recipe(
    name_or_path: str | Path, *, assignments: Iterable[str] = (), assigned_in: Path | None = None
) -> Recipe:
    """Read a shipped recipe or a TOML file, lay assignments over it, and check every value.

    Parameters
    ----------
    name_or_path : str or Path
        A name that `neurosim recipes` lists, or a path; what ends in ``.toml`` or has a folder is a path.
    assignments : iterable of str
        ``section.key=value`` each, as after ``--set``.
    assigned_in : Path, optional
        Folder that paths of files in assignments start from; the working directory if it is left out.

    Returns
    -------
    Recipe
        With paths of files made absolute: those in the file start from the file's folder.

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
    table = absolute_paths(table, folder)
    table = absolute_paths(overridden(table, assignments), assigned_in or Path.cwd())
    try:
        return Recipe.model_validate(table)
    except ValidationError as error:
        raise refusal(error, model=Recipe, origin=repr(str(name_or_path))) from error


def _table(name_or_path: str) -> tuple[dict[str, Any], Path]:
    path = Path(name_or_path)
    if path.suffix != ".toml" and len(path.parts) == 1 and not _is_file(path):
        return tomllib.loads(_shipped(name_or_path)), Path.cwd()
    with suppress(RuntimeError):  # there is no such user
        path = path.expanduser()
    if not _is_file(path):
        raise RecipeError(f"expected a recipe's TOML file, found no file {name_or_path!r}")
    if path.stat().st_size > _LARGEST:
        raise RecipeError(
            f"expected a recipe's TOML file, got {path.stat().st_size:,} bytes in {name_or_path!r}; name another file"
        )
    try:
        return tomllib.loads(text_of(path)), path.resolve().parent
    except RecursionError as error:
        raise RecipeError(f"expected TOML in {name_or_path!r}: its brackets go too deep") from error
    except ValueError as error:  # no text, no TOML, or a number of more digits than Python reads
        raise RecipeError(f"expected TOML in {name_or_path!r}: {error}") from error


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds what no name can
        return False


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
