"""Which networks, measures and stimuli go together, told before anything is computed."""

from collections.abc import Mapping, Sequence

from neurosim.networks.models import MODELS, Network, model_of, models_with
from neurosim.recipes.run_sections import LinkedSection
from neurosim.registry.model import Model
from neurosim.registry.names import near_name
from neurosim.registry.stimulus import StimulusTraits
from neurosim.stimuli.kinds import KINDS, StimuliSection, kind_of
from neurosim.stimuli.kinds.stereo import EYES

NO_MODALITIES: tuple[str, ...] = ()
"""Of stimuli that are not named."""

MEASURES = {
    name: tuple(kind.name for kind in KINDS if name in kind.measures)
    for name in ("arms", "analysis", "linked", "disparity", "laboratory")
}
"""Sections that say what is measured, and the kinds of stimuli they go with."""

# The first that links modalities, whatever they are.
_LINKED = next(models_with("modalities"))

NETWORK_MEASURES = {"likelihood": tuple(models_with("likelihood"))}
"""Sections that say what is measured, and the networks they go with."""


def known_traits(section: StimuliSection) -> StimulusTraits | None:
    """Return what a section says of its stimuli, or None where only its file can tell."""
    return kind_of(section).traits(section)


def require_match(traits: StimulusTraits, *, network: Network, linked: LinkedSection) -> None:
    """Raise `ValueError` if a network cannot see what is shown, or a measure asks for what is not; names the keys."""
    model = model_of(network)
    if model.has("modalities"):
        _require_modalities(traits, network)
    elif len(traits.modalities) > 1:
        raise ValueError(
            f"network.model: {network.model!r} sees one modality, but {traits.where} shows "
            f"{_words(traits.modalities)}; use {_LINKED!r}"
        )
    if linked.clustering and model.has("dense"):
        raise ValueError(
            f"linked.clustering: groups neurons by whom they are active with, but every neuron of {network.model!r} "
            "responds to every stimulus; leave it out"
        )
    _require_names("linked.present", linked.present or [], traits.modalities)
    _require_names("linked.want", [linked.want] if linked.want is not None else [], traits.modalities)
    if linked.want is not None and linked.want in present_modalities(linked, traits.modalities):
        raise ValueError(
            f"linked.want: expected a modality that is not shown, got {linked.want!r}, but linked.present is "
            f"{list(present_modalities(linked, traits.modalities))}; recall it from another one"
        )


def require_pools(pools: str, model: Model, parameters: Mapping[str, object]) -> None:
    """Raise `ValueError` if pools are to be those of a sheet, and the network has none whose edges meet."""
    if pools != "sheet":
        return
    sheets = " or ".join(map(repr, models_with("sheet")))
    if not model.has("sheet"):
        got = f"network.model = {model.name!r}"
    elif not parameters["torus"]:
        got = "a sheet with edges, at which pools are smaller"
    elif parameters["pooling"] == 1:
        got = "network.pooling = 1, which pools nothing"
    else:
        return
    raise ValueError(
        f"laboratory.pools: 'sheet' takes the squares that neurons on a sheet learned in: network.model = {sheets} "
        f"with network.torus = true, got {got}; use 'learned', 'matched' or 'random'"
    )


def present_modalities(linked: LinkedSection, modalities: Sequence[str]) -> tuple[str, ...]:
    """Return the modalities, of all there are, that codes are found from: the first, or both eyes.

    Examples
    --------
    >>> present_modalities(LinkedSection(), ["handwriting", "printed"])
    ('handwriting',)
    >>> present_modalities(LinkedSection(), ["left", "right"])
    ('left', 'right')
    """
    if linked.present is not None:
        return tuple(linked.present)
    return EYES if tuple(modalities) == EYES else tuple(modalities[:1])


def wanted_modality(linked: LinkedSection, modalities: Sequence[str]) -> str | None:
    """Return the modality that is recalled, or None where all are shown.

    Examples
    --------
    >>> wanted_modality(LinkedSection(), ["handwriting", "printed"])
    'printed'
    """
    present = present_modalities(linked, modalities)
    return linked.want or next((name for name in modalities if name not in present), None)


def _require_modalities(traits: StimulusTraits, network: Network) -> None:
    if traits.modalities == NO_MODALITIES:
        raise ValueError(
            f"network.model: {network.model!r} links modalities, which {traits.where} has none of; use "
            f"{MODELS[0].name!r}, or stimuli.kind = {' or '.join(map(repr, MEASURES['linked']))}"
        )
    if model_of(network).has("labels") and not traits.labelled:
        raise ValueError(
            f"network.model: {network.model!r} learns from the stimuli's classes, but {traits.where} has none; "
            f"use {_LINKED!r}"
        )
    for key in ("weights", "completion"):
        _require_names(f"network.{key}", list(network.model_dump().get(key) or {}), traits.modalities)


def _require_names(key: str, names: Sequence[str], modalities: Sequence[str]) -> None:
    for name in names:
        if name not in modalities:
            near = near_name(name, modalities)
            hint = f"; did you mean {near!r}?" if near else ""
            raise ValueError(f"{key}: expected a modality, {_words(modalities)}, got {name!r}{hint}")
    if len(set(names)) < len(names):
        raise ValueError(f"{key}: expected each modality once, got {list(names)}")


def _words(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
