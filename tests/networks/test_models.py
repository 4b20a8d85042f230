"""What a network's parameters are is stated once: the estimator and the section of a recipe agree."""

import inspect
import math
import pickle
import re
import sys
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import ValidationError

import neurosim.networks
from neurosim.engine.backend import BACKENDS
from neurosim.networks import LCA, SVAE
from neurosim.networks.estimator.parameters import check_parameters
from neurosim.networks.lca.circuit import FORMS
from neurosim.networks.lca.model import LCAParameters, LCASection
from neurosim.networks.models import MODELS, built
from neurosim.networks.parameters import BACKENDS as CHOSEN_BACKENDS
from neurosim.networks.parameters import SCHEDULES
from neurosim.networks.spiking.homeostasis import HOMEOSTASES
from neurosim.networks.spiking.model import SAILnetSection
from neurosim.networks.svae.model import PRIOR_NAMES, SVAESection
from neurosim.networks.svae.priors import PRIORS
from neurosim.networks.topographic.model import TopographicLCASection
from neurosim.networks.topographic.topographic_lca import TopographicLCA
from neurosim.networks.wlsc.circuit import CODES
from neurosim.networks.wlsc.unrolled_parameters import CODES as CODE_NAMES
from neurosim.registry.model import Model
from neurosim.registry.parameter_types import microseconds
from neurosim.registry.parameters import (
    Flag,
    Limit,
    Number,
    OneOf,
    Other,
    Parameter,
    Time,
    Whole,
    parameters_of,
)

# What a recipe does not offer: arrays, equations and their names are for Python, a run learns, once, and has the seed.
_OF_PYTHON = {
    *("membrane_terms", "extra_equations", "namespace", "random_state"),
    *("learning", "warm_start", "blocks"),
}
# What only the estimator takes, and for which networks: fields that do not learn, and a threshold of none.
_NARROWER = {("learning_rate", 0.0)} | {
    ("threshold", 0.0, name)
    for name in (
        "lca",
        "linked-lca",
        "ordinal-linked-lca",
        "parallel-lca",
        "convolutional-lca",
        "convolutional-linked-lca",
    )
}
_BAD: dict[type[Limit], tuple[Any, ...]] = {
    Whole: (0, -1, 2.5, "3", True, math.nan),
    Number: (-1.0, math.nan, math.inf, 1e101, True, "one", [1.0]),
    Time: ("10", "0 ms", "-1 ms", 10, "ten ms", "10 mV"),
    OneOf: ("", "nothing of the kind"),
    Flag: (1, 0, "no", 1.0),
}
EVERY = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
ESTIMATORS = sorted(set(neurosim.networks.__all__) - {"hidden_pixel_score"})


def _parameters(model: Model) -> Iterator[Parameter]:
    yield from parameters_of(model.estimator_class())


@EVERY
def test_a_section_offers_its_networks_parameters_with_their_defaults(model: Model) -> None:
    own = model.estimator_class()().get_params()
    if "hidden" in own:  # TOML has lists alone
        own["hidden"] = list(own["hidden"])
    offered = model.section().model_dump(exclude={"model"})
    assert offered == {name: own[name] for name in own.keys() - _OF_PYTHON}


@EVERY
def test_a_section_makes_its_own_network_with_the_runs_seed(model: Model) -> None:
    if model.name == "svae":
        pytest.importorskip("jax", reason="needs the extra `svae`")
    network = built(model.section(n_neurons=9), random_state=5)  # type: ignore[arg-type]
    assert type(network) is model.estimator_class()
    assert (network.n_neurons, network.random_state) == (9, 5)


@EVERY
def test_estimator_and_recipe_refuse_the_same_values(model: Model) -> None:
    tried = 0
    for parameter in _parameters(model):
        if parameter.name in _OF_PYTHON or isinstance(parameter.limit, Other):
            continue
        array = getattr(parameter.limit, "or_else", "")  # is checked with the stimuli it has to fit
        bad = [*_BAD[type(parameter.limit)], *([] if parameter.optional or array else [None])]
        for value in [[each] if getattr(parameter.limit, "several", False) else each for each in bad]:
            assert _refused_by_estimator(model, parameter.name, value), (parameter.name, value)
            assert _refused_by_recipe(model, parameter.name, value), (parameter.name, value)
            tried += 1
    assert tried > 50


@EVERY
def test_zero_is_taken_by_both_or_by_neither_but_where_a_recipe_is_narrower(model: Model) -> None:
    for parameter in _parameters(model):
        if not isinstance(parameter.limit, Number):
            continue
        narrower = {(parameter.name, 0.0), (parameter.name, 0.0, model.name)} & _NARROWER
        assert _refused_by_estimator(model, parameter.name, 0.0) == (not parameter.limit.or_zero)
        assert _refused_by_recipe(model, parameter.name, 0.0) == (
            bool(narrower) or not parameter.limit.or_zero
        )


def _refused_by_estimator(model: Model, name: str, value: Any) -> bool:
    try:
        check_parameters(model.estimator_class()(**{name: value}))
    except ValueError as error:
        return str(error).startswith(f"{name}: expected")
    return False


def _refused_by_recipe(model: Model, name: str, value: Any) -> bool:
    try:
        model.section.model_validate({name: value})
    except ValidationError as error:
        return error.errors()[0]["loc"][0] == name
    return False


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_docstring_tells_every_parameter_with_type_default_and_meaning(name: str) -> None:
    kind = getattr(neurosim.networks, name)
    told = kind.__doc__.split("Parameters\n----------\n")[1].split("\n\nAttributes\n")[0]
    entries = re.findall(r"^(\w+) : (.+)((?:\n    .+)*)$", told, re.MULTILINE)
    signature = inspect.signature(kind).parameters
    assert [entry[0] for entry in entries] == list(signature)
    for parameter, words, meaning in entries:
        default = signature[parameter].default
        shown = f'"{default}"' if isinstance(default, str) else repr(default)
        assert words.endswith((f", default={shown}", *([", optional"] if default is None else []))), words
        assert meaning.strip()
    assert max(map(len, told.splitlines())) <= 116


@pytest.mark.parametrize("name", ESTIMATORS)
def test_parameters_are_stated_once(name: str) -> None:
    kind = getattr(neurosim.networks, name)
    statements = [each for each in kind.__mro__ if "__dataclass_fields__" in vars(each)]
    for each in kind.__mro__:
        if each.__module__.startswith("neurosim") and each not in statements:
            assert not {"__init__", *inspect.signature(kind).parameters} & set(vars(each)) - {"carry_over"}, (
                each
            )
            assert "Parameters\n    ---" not in inspect.getsource(each).split("    def ")[0], each
    limits = [
        (parameter, each)
        for each in statements
        for parameter, said in inspect.get_annotations(each).items()
        if any(isinstance(part, Limit) for part in get_args(said))
    ]
    # Again only where a base's limit does not hold: E-I Net has fewer kinds of homeostasis.
    again = {parameter for parameter, _ in limits if [p for p, _ in limits].count(parameter) > 1}
    assert again <= {"homeostasis"}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_number_of_neurons_alone_can_be_given_by_place(name: str) -> None:
    kind = getattr(neurosim.networks, name)
    assert kind(7).n_neurons == 7
    with pytest.raises(TypeError, match="positional"):
        kind(7, 0.1)
    assert kind(7) != kind(7)
    assert hash(kind(7)) is not None
    assert repr(kind(7)) == f"{name}(n_neurons=7)"


@EVERY
def test_a_section_says_what_the_estimator_says_of_every_parameter(model: Model) -> None:
    meanings = {parameter.name: parameter.meaning for parameter in _parameters(model)}
    for name, field in model.section.model_fields.items():
        assert field.description == meanings.get(name, "Which network.")


@EVERY
def test_a_section_can_be_sent_to_another_process(model: Model) -> None:
    section = model.section(n_neurons=16)  # type: ignore[call-arg]
    assert pickle.loads(pickle.dumps(section)) == section


def test_without_jax_an_autoencoder_is_refused_before_it_sees_a_stimulus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ImportError, match=r"not installed; run .*\[svae\]"):
        built(SVAESection(), random_state=0)


def test_the_names_to_choose_from_are_those_the_networks_know() -> None:
    assert ("auto", *BACKENDS) == CHOSEN_BACKENDS
    assert tuple(PRIORS) == PRIOR_NAMES
    assert tuple(CODES) == CODE_NAMES
    (form,) = (parameter.limit for parameter in parameters_of(LCAParameters) if parameter.name == "form")
    assert form == OneOf(tuple(FORMS))
    assert get_args(SAILnetSection.model_fields["homeostasis"].annotation) == (*HOMEOSTASES, "none")
    assert get_args(LCASection.model_fields["learning_rate_schedule"].annotation) == SCHEDULES


@pytest.mark.parametrize(("text", "value"), [("1 s", 1e6), ("0.01 ms", 10), ("10. us", 10)])
def test_times_are_exact(text: str, value: float) -> None:
    assert microseconds(text) == value


@pytest.mark.parametrize("text", ["0 ms", "10", "10ms", "ten ms", "-1 ms", "10 parsec", "1e3 ms"])
def test_other_texts_are_no_times(text: str) -> None:
    with pytest.raises(ValueError, match="a time longer than nothing"):
        microseconds(text)


def test_a_delay_is_compared_with_the_step_exactly() -> None:
    """In doubles .3 ms is no multiple of .1 ms."""
    delayed = SAILnetSection(dt="0.1 ms", delay="0.3 ms")
    assert delayed.delay == "0.3 ms"
    with pytest.raises(ValueError, match="a whole number of time steps"):
        SAILnetSection(dt="0.1 ms", delay="0.35 ms")


def test_an_upper_threshold_is_above_the_threshold_and_in_recipes_goes_with_a_firm_one() -> None:
    values = {"threshold": 0.5, "upper_threshold": 0.4, "threshold_kind": "firm"}
    message = "upper_threshold: expected more than the threshold of 0.5, got 0.4"
    with pytest.raises(ValueError, match=message):
        LCASection.model_validate(values)
    with pytest.raises(ValueError, match=message):
        check_parameters(LCA(**values))
    with pytest.raises(ValueError, match="upper_threshold: goes with threshold_kind"):
        LCASection(upper_threshold=0.4)
    check_parameters(LCA(upper_threshold=0.4))


@pytest.mark.parametrize(
    ("n_neurons", "sheet", "pooling", "possible"),
    [(16, None, 3, True), (12, [3, 4], 3, True), (12, [1, 12], 1, True), (12, None, 3, False),
     (12, [3, 5], 3, False), (12, [12], 1, False), (12, [2, 3, 2], 1, False), (12, [3, 4], 2, False),
     (12, [3, 4], 5, False), (16, None, 5, False), (16, None, 4, False)],
)  # fmt: skip
def test_a_recipe_refuses_the_sheets_that_the_network_refuses(
    n_neurons: int, sheet: list[int] | None, pooling: int, possible: bool
) -> None:
    values: dict[str, Any] = {"n_neurons": n_neurons, "sheet": sheet, "pooling": pooling}
    if possible:
        TopographicLCASection.model_validate(values)
        check_parameters(TopographicLCA(**values))
        return
    with pytest.raises(ValueError, match=r"(sheet|pooling): "):
        TopographicLCASection.model_validate(values)
    with pytest.raises(ValueError, match=r"(sheet|pooling): "):
        check_parameters(TopographicLCA(**values))


def test_the_autoencoders_layers_are_a_list_in_a_recipe() -> None:
    assert SVAESection(hidden=[4]).hidden == [4]
    assert SVAE(hidden=(4,)).hidden == (4,)
