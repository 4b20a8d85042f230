"""Kinds of stimuli × networks × measures: what goes together, and what is refused by the keys' names."""

from typing import Any

import numpy as np
import pytest

from neurosim.networks.linked.model import LinkedLCASection, OrdinalLinkedLCASection
from neurosim.recipes.compatibility import known_traits, present_modalities, wanted_modality
from neurosim.recipes.loaded_stimuli import require_loaded
from neurosim.recipes.recipe import Recipe, RecipeError, load_recipe
from neurosim.recipes.run_sections import LinkedSection
from neurosim.stimuli.kinds.arrays import ArraySection
from neurosim.stimuli.kinds.digits import DigitSection
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.stereo import StereoSection
from neurosim.stimuli.kinds.stimuli import Labels, Stimuli

_ONE = 'stimuli.modalities=["handwriting"]'
_OWN = ("stimuli.kind=arrays", "stimuli.path=a.npz")
_LINKED = ("linked-lca", "ordinal-linked-lca")
_MODELS = ("lca", "spiking-lca", "sailnet", "einet", "wlsc", "topographic-lca", "svae", *_LINKED)


def _loaded(name: str, *assignments: str) -> Recipe:
    return load_recipe(name, assignments=assignments)


@pytest.mark.parametrize("model", _MODELS)
def test_photographs_are_for_networks_that_link_nothing(model: str) -> None:
    if model in _LINKED:
        with pytest.raises(
            RecipeError, match=rf"network.model: '{model}' links modalities, which stimuli.kind = 'p"
        ):
            _loaded("lca", f"network.model={model}")
    else:
        assert _loaded("lca", f"network.model={model}").network.model == model


@pytest.mark.parametrize("model", _MODELS)
def test_two_modalities_are_for_networks_that_link_them(model: str) -> None:
    if model in _LINKED:
        assert _loaded("linked", f"network.model={model}").network.model == model
    else:
        with pytest.raises(
            RecipeError, match=rf"network.model: '{model}' sees one modality, but stimuli.modalities"
        ):
            _loaded("linked", f"network.model={model}")


@pytest.mark.parametrize("model", _MODELS)
def test_one_modality_is_for_every_network(model: str) -> None:
    assert _loaded("linked", _ONE, f"network.model={model}").network.model == model


@pytest.mark.parametrize("model", _MODELS)
def test_two_eyes_have_no_classes(model: str) -> None:
    if model == "linked-lca":
        assert _loaded("binocular", f"network.model={model}").network.model == model
        return
    reason = "sees one modality" if model not in _LINKED else "learns from the stimuli's classes"
    with pytest.raises(RecipeError, match=rf"network.model: '{model}' {reason}.* stimuli.kind = 'stereo'"):
        _loaded("binocular", f"network.model={model}")


@pytest.mark.parametrize("model", _MODELS)
def test_only_the_file_tells_what_goes_with_arrays(model: str) -> None:
    assert _loaded("linked", *_OWN, f"network.model={model}").network.model == model


@pytest.mark.parametrize(
    ("name", "assignments", "message"),
    [
        ("linked", ['linked.present=["print"]'], "linked.present: expected a modality, handwriting and printed, got"),
        ("linked", ['linked.present=["print"]'], "'print'; did you mean 'printed'?"),
        ("linked", ["linked.want=handwriting"], "linked.want: expected a modality that is not shown"),
        ("linked", ['linked.present=["printed", "printed"]'], "linked.present: expected each modality once"),
        ("svae-mnist", ["linked.clustering=true"], "linked.clustering: groups neurons by whom they are active with"),
        ("linked", ["likelihood.n_samples=3"], "likelihood: goes with network.model = 'svae', got 'linked-lca'"),
        ("linked", ["network.weights={print = 2.0}"], "network.weights: expected a modality, handwriting and printed"),
        ("linked", ["network.weights={printed = 0.0}"], "network.weights.printed: expected greater than 0, got 0.0"),
        ("linked", ["network.completion={print = 20}"], "network.completion: expected a modality, handwriting and p"),
        ("linked", ["network.completion={printed = 0}"], "network.completion.printed: expected greater than 0, got 0"),
        ("linked", ["analysis.n_starts=3"], "analysis: goes with stimuli.kind = 'photographs' or 'stereo', got 'dig"),
        ("linked", ["disparity.largest=3"], "disparity: goes with stimuli.kind = 'stereo', got 'digits'"),
        ("lca", ["linked.raw=false"], "linked: goes with stimuli.kind = 'digits' or 'stereo' or 'arrays', got"),
        ("linked", ["stimuli.patch_size=8"], "goes with stimuli.kind = 'photographs' or 'stereo'"),
        ("linked", ['stimuli.modalities=["printed"]'], 'stimuli.modalities: expected "handwriting"'),
        ("linked", ["stimuli.download=true"], 'stimuli: download goes with source = "mnist"'),
        ("linked", ["linked.classifiers=[logistc]"], "--set expects a TOML value"),
        ("linked", ['linked.classifiers=["logistc"]'], "linked.classifiers[0]: expected 'logistic'"),
        ("binocular", ["stimuli.source=camera"], "stimuli.source: expected 'motorcycle' or 'embedded', got 'camera'"),
        ("binocular", ['stimuli.photographs=["camera"]'], 'photographs goes with source = "embedded"'),
        ("binocular", ["disparity.largest=16"], "disparity.largest: expected less than stimuli.patch_size = 16"),
        ("linked", ["stimuli.kind=arrays"], "stimuli.path: expected a value, got none"),
        ("linked", ["stimuli.n_train=20"], "network.batch_size: expected at most stimuli.n_train = 20, got 100"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_key(name: str, assignments: list[str], message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        _loaded(name, *assignments)
    assert message in str(caught.value)


def test_codes_are_found_from_the_first_modality_unless_they_are_eyes() -> None:
    three = ["seen", "heard", "felt"]
    assert present_modalities(LinkedSection(), three) == ("seen",)
    assert wanted_modality(LinkedSection(), three) == "heard"
    assert wanted_modality(LinkedSection(want="felt"), three) == "felt"
    assert wanted_modality(LinkedSection(present=["heard"]), three) == "seen"
    assert present_modalities(LinkedSection(), ["left", "right"]) == ("left", "right")
    assert wanted_modality(LinkedSection(), ["left", "right"]) is None
    assert wanted_modality(LinkedSection(present=["right"]), ["left", "right"]) == "left"


@pytest.mark.parametrize("section", [PhotographSection(), StereoSection(), DigitSection()])
def test_what_is_shown_is_known_without_a_file(section: Any) -> None:
    traits = known_traits(section)
    assert traits is not None
    assert section.kind in traits.where or "modalities" in traits.where
    assert known_traits(ArraySection(path="a.npz")) is None


def _stimuli(*names: str, labels: Labels | None = None, n: int = 8) -> Stimuli:
    rows = {name: np.ones((n, 4)) for name in names}
    return Stimuli(
        training=rows, held_out=rows, shapes=dict.fromkeys(names, (2, 2)), sources={}, labels=labels
    )


def _labels(training: list[int], held_out: list[int]) -> Labels:
    return Labels(np.array(training), np.array(held_out))


@pytest.mark.parametrize(
    ("stimuli", "network", "linked", "message"),
    [
        (_stimuli("a", "b"), OrdinalLinkedLCASection(batch_size=2), {}, "stimuli.path = 'a.npz' has none"),
        (_stimuli("a", "b"), LinkedLCASection(batch_size=2), {"want": "c"}, "linked.want: expected a modality, a"),
        (_stimuli("a", "b"), LinkedLCASection(batch_size=9), {}, "network.batch_size: expected at most the 8 stimuli"),
        (
            _stimuli("a", labels=_labels([0] * 4 + [1] * 4, [0, 2])), LinkedLCASection(batch_size=2), {},
            "expected stimuli of every class among those learned from, got none of 2",
        ),
        (
            _stimuli("a", labels=_labels([0] * 7 + [1], [0, 1])), LinkedLCASection(batch_size=2), {},
            "got n_search = 10000 and 1 of class 1",
        ),
        (
            _stimuli("a", labels=_labels([0] * 4 + [1] * 4, [0, 1])), LinkedLCASection(batch_size=2), {"n_search": 3},
            "got n_search = 3 and 4 of class 0",
        ),
        (_stimuli("a", labels=_labels([1] * 8, [1])), LinkedLCASection(batch_size=2), {}, "got 1 alone"),
    ],
)  # fmt: skip
def test_what_only_a_file_tells_is_refused_before_learning(
    stimuli: Stimuli, network: Any, linked: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        require_loaded(
            stimuli, section=ArraySection(path="a.npz"), network=network, linked=LinkedSection(**linked)
        )


def test_what_goes_together_is_let_through() -> None:
    labels = _labels([0, 0, 1, 1, 0, 0, 1, 1], [0, 1])
    require_loaded(
        _stimuli("a", "b", labels=labels),
        section=ArraySection(path="a.npz"),
        network=OrdinalLinkedLCASection(batch_size=8),
        linked=LinkedSection(n_search=4),
    )
