"""A network without its run: the photographs that ship stand for those it learned from, behind its own front end."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from numpy.typing import NDArray
from pydantic import ValidationError

from neurosim.front_end.front_end import FrontEnd
from neurosim.measures.mapping.fixed_gain import reach
from neurosim.networks.models import declared
from neurosim.networks.saving.loading import load
from neurosim.recipes.compatibility import require_pools
from neurosim.recipes.errors import refusal
from neurosim.recipes.overrides import overridden
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.stimuli.images.images import PHOTOGRAPHS, embedded_photographs
from neurosim.stimuli.images.patches import sample_patches
from neurosim.stimuli.kinds.image_parts import Images, split
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.stimuli import PATCHES, ImageSpace, Stimuli

Floats = NDArray[np.float64]

_PHOTOGRAPHS_OF = "lca"  # the recipe whose choice of photographs all have
_N_TRAINING, _N_HELD_OUT = 1_000, 200  # patches: for the gain, and for whether codes have signs


@dataclass(frozen=True, eq=False)
class NetworkAlone:
    """The network of a file, and what stands for the rest of a run.

    Attributes
    ----------
    network : estimator
        Fitted, with a front end.
    recipe : Recipe
        Its laboratory is what was asked for.
    text : str
        For ``recipe.toml``: what is known.
    """

    network: Any
    recipe: Recipe
    text: str

    def stimuli(self, *, training_rng: np.random.Generator, held_out_rng: np.random.Generator) -> Stimuli:
        """Return patches of the photographs that shipped recipes learn from, through the network's front end."""
        section, own, side = (
            load_recipe(_PHOTOGRAPHS_OF).stimuli,
            self.network.front_end_,
            _side(self.network),
        )
        assert isinstance(section, PhotographSection)
        margin = reach(own, self.recipe.analysis.margin)
        images = embedded_photographs(section.photographs or PHOTOGRAPHS)
        parts = split(images, fraction=section.held_out_fraction, least_width=side + 2 * margin)
        background = float(np.mean([image.mean() for image in parts[0].values()]))

        def rows(part: Images, n: int, rng: np.random.Generator) -> Floats:
            wide = side + 2 * margin
            windows = np.asarray(sample_patches(part, n_patches=n, size=wide, rng=rng, border=0), np.float64)
            return _rows(own, windows.reshape(-1, wide, wide) - background, margin)

        return Stimuli(
            training={PATCHES: rows(parts[0], _N_TRAINING, training_rng)},
            held_out={PATCHES: rows(parts[1], _N_HELD_OUT, held_out_rng)},
            shapes={PATCHES: (side, side)},
            image_space=ImageSpace(_one_channel(own), tuple(parts[0].values())),
            front_end=own,
            sources={"images": sorted(images)},
        )


def network_alone(file: str | Path, assignments: Sequence[str], command: Sequence[str]) -> NetworkAlone:
    """Read the file of a network that the laboratory can be shown to.

    Parameters
    ----------
    file : str or Path
        Written by ``net.save``.
    assignments : sequence of str
        ``laboratory.key=value`` each.
    command : sequence of str
        The command line, for the page.

    Raises
    ------
    ValueError
        If it holds no fitted network with a front end on square patches, or assignments are impossible.
    """
    network = load(file)
    model = declared(network)
    _require_front_end(network, str(file))
    table = overridden({"network": {"model": model.name}}, ["laboratory.control=all", *assignments])
    try:
        recipe = Recipe.model_validate(table)
    except ValidationError as error:
        raise refusal(error, model=Recipe, origin=repr(str(file))) from error
    section, parameters = recipe.laboratory, network.get_params(deep=False)
    assert section is not None
    require_pools(section.pools, model, parameters)
    kept = {key: value for key, value in parameters.items() if key in model.parameters and _is_plain(value)}
    text = {
        "run": {
            "name": Path(file).stem,
            "description": "A network without its run, in the laboratory of V1 properties.",
            "command": shlex.join(command) or f"neurosim lab {shlex.quote(str(file))}",
        },
        "network": {"model": model.name, **kept},
        "laboratory": section.model_dump(exclude_none=True),
    }
    return NetworkAlone(network, recipe, tomli_w.dumps(text))


def _require_front_end(network: Any, file: str) -> None:
    if getattr(network, "front_end_", None) is None:
        raise ValueError(
            f"expected a network with its front end, which says what it is shown of an image, got one without in "
            f"{file!r}: give the folder of its run, or assign net.front_end_ = neurosim.front_end.FrontEnd(filter, "
            "gain=…) as it learned and save it again"
        )
    if not hasattr(network, "dictionary_"):
        raise ValueError(f"expected a fitted network, got one that has learned nothing in {file!r}")
    side = _side(network)
    if network.front_end_.n_channels * side * side != _n_values(network):
        raise ValueError(
            f"expected fields on square patches with {network.front_end_.n_channels} channel(s) of the front end, got "
            f"{_n_values(network)} values in {file!r}"
        )


def _side(network: Any) -> int:
    return round(float(np.sqrt(_n_values(network) / network.front_end_.n_channels)))


def _n_values(network: Any) -> int:
    """Return how many values a stimulus has: where fields stand at every position that is more than a field."""
    shown = network.middle_fields_ if declared(network).has("positions") else network.dictionary_
    return int(np.shape(shown)[1])


def _rows(own: Any, windows: Floats, margin: int) -> Floats:
    """Return what the network is shown of the middle of windows; each patch is divided by itself, not by its margin."""

    def inside(filtered: Floats) -> Floats:
        height, width = filtered.shape[2:]
        return filtered[:, :, margin : height - margin, margin : width - margin]

    if own.normalise != "patch":
        shown = inside(own.apply(windows))
        return np.asarray(shown.reshape(len(shown), -1))
    signed = inside(_one_channel(own).apply(windows))[:, 0]
    varied = np.ptp(signed, axis=(1, 2)) > 0
    return FrontEnd(on_off=own.on_off, normalise="patch").rows(signed[varied])


def _one_channel(own: Any) -> Any:
    """Return filter and gain alone; several relays side by side as they are."""
    return replace(own.at_fixed_gain(), on_off=None, mean=None) if isinstance(own, FrontEnd) else own


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return isinstance(value, str | bool | int | float)
