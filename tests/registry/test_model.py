"""What a model declares of itself."""

import pytest

from neurosim.networks.models import MODELS, declared, model_of, models_with
from neurosim.registry.model import CAPABILITIES, Model
from neurosim.registry.names import near_name
from neurosim.registry.section import Section


class _Section(Section):
    model: str = "a-model"
    n_neurons: int = 3


def test_a_model_is_called_what_its_section_says() -> None:
    model = Model(section=_Section, estimator="a.module:Class", title="", citation="")
    assert (model.name, model.parameters) == ("a-model", {"model", "n_neurons"})
    assert not any(model.has(capability) for capability in CAPABILITIES)


def test_an_unknown_capability_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"expected capabilities out of settles, spikes, .*, got flies"):
        Model(section=_Section, estimator="a:B", title="", citation="", capabilities=frozenset({"flies"}))  # type: ignore[arg-type]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_model_is_found_by_section_and_by_estimator(model: Model) -> None:
    kind = model.estimator_class()
    assert model_of(model.section()) is model  # type: ignore[arg-type]
    assert declared(kind()) is model
    assert declared(type("Derived", (kind,), {})()) is model
    assert model.title
    assert model.citation


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_what_a_model_learns_has_names_of_its_own_and_weights_are_counted_by_a_key(model: Model) -> None:
    names = [array.name for array in model.learned]
    assert len(set(names)) == len(names)
    for what, (key, number) in model.weights(model.section(), 64).items():
        assert what
        assert key in model.parameters
        assert number > 0


def test_models_with_a_capability_are_those_that_declare_it() -> None:
    assert list(models_with("likelihood")) == ["svae"]
    assert list(models_with("spikes")) == ["spiking-lca", "sailnet", "einet"]


def test_something_that_is_no_model_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected one of the models .*, got object"):
        declared(object())


def test_a_near_name_is_found_and_a_far_one_is_not() -> None:
    assert near_name("lcaa", ["lca", "sailnet"]) == "lca"
    assert near_name("zebra", ["lca", "sailnet"]) is None
