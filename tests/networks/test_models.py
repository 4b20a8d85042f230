import sys
from collections.abc import Callable
from typing import get_args

import pytest
from pydantic import BaseModel

from neurosim.engine.backend import BACKENDS
from neurosim.networks import LCA, SVAE, WLSC, EINet, SAILnet, SpikingLCA, TopographicLCA
from neurosim.networks.estimator.training_course import SCHEDULES
from neurosim.networks.lca.model import LCASection
from neurosim.networks.linked.linked_lca import LinkedLCA
from neurosim.networks.linked.model import LinkedLCASection, OrdinalLinkedLCASection
from neurosim.networks.linked.ordinal_linked_lca import OrdinalLinkedLCA
from neurosim.networks.models import built
from neurosim.networks.spiking.homeostasis import HOMEOSTASES
from neurosim.networks.spiking.model import EINetSection, SAILnetSection, SpikingLCASection
from neurosim.networks.svae.model import SVAESection
from neurosim.networks.svae.priors import PRIORS
from neurosim.networks.svae.training_step import NORMS
from neurosim.networks.topographic.model import TopographicLCASection
from neurosim.networks.topographic.neighbours import require_sheet, sheet_of
from neurosim.networks.wlsc.model import WLSCSection
from neurosim.registry.parameter_types import Backend, Schedule, microseconds

# What a recipe does not offer: equations and their names are for Python, and the run has the seed.
_OF_PYTHON = {"membrane_terms", "extra_equations", "namespace", "random_state"}
_NETWORKS = [
    (LCASection(), LCA, _OF_PYTHON | {"learning"}),
    (SpikingLCASection(), SpikingLCA, _OF_PYTHON),
    (SAILnetSection(), SAILnet, _OF_PYTHON),
    (EINetSection(), EINet, _OF_PYTHON),
    (LinkedLCASection(), LinkedLCA, _OF_PYTHON | {"learning"}),
    (OrdinalLinkedLCASection(), OrdinalLinkedLCA, _OF_PYTHON | {"learning", "blocks"}),
    (WLSCSection(), WLSC, _OF_PYTHON | {"learning"}),
    (TopographicLCASection(), TopographicLCA, _OF_PYTHON | {"learning"}),
    (SVAESection(), SVAE, _OF_PYTHON),
]
_SECTIONS = [type(section) for section, _, _ in _NETWORKS]


@pytest.mark.parametrize(("section", "kind", "missing"), _NETWORKS)
def test_a_section_offers_its_networks_parameters_with_their_defaults(
    section: LCASection, kind: type, missing: set[str]
) -> None:
    own = kind().get_params()
    if "hidden" in own:  # TOML has lists alone
        own["hidden"] = list(own["hidden"])
    assert section.model_dump(exclude={"model"}) == {name: own[name] for name in own.keys() - missing}


@pytest.mark.parametrize(("section", "kind", "missing"), _NETWORKS)
def test_a_section_makes_its_own_network_with_the_runs_seed(
    section: LCASection, kind: type, missing: set[str]
) -> None:
    if kind is SVAE:
        pytest.importorskip("jax", reason="needs the extra `svae`")
    network = built(section.model_copy(update={"n_neurons": 9}), random_state=5)
    assert type(network) is kind
    assert (network.n_neurons, network.random_state) == (9, 5)


def test_without_jax_an_autoencoder_is_refused_before_it_sees_a_stimulus(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(ImportError, match=r"not installed; run .*\[svae\]"):
        built(SVAESection(), random_state=0)


@pytest.mark.parametrize("section", _SECTIONS)
def test_every_parameter_is_explained(section: type[BaseModel]) -> None:
    assert all(field.description for field in section.model_fields.values())


def test_the_names_to_choose_from_are_those_the_networks_know() -> None:
    assert get_args(Schedule) == SCHEDULES
    assert get_args(Backend) == ("auto", *BACKENDS)
    assert get_args(SVAESection.model_fields["prior"].annotation) == tuple(PRIORS)
    assert get_args(SVAESection.model_fields["decoder_norm"].annotation) == NORMS
    assert get_args(SAILnetSection.model_fields["homeostasis"].annotation) == (*HOMEOSTASES, "none")


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
    with pytest.raises(ValueError, match="whole time steps"):
        SAILnetSection(dt="0.1 ms", delay="0.35 ms")


@pytest.mark.parametrize(
    ("n_neurons", "sheet", "pooling"),
    [(16, None, 3), (12, [3, 4], 3), (12, [1, 12], 1), (12, None, 3), (12, [3, 5], 3), (12, [12], 1),
     (12, [2, 3, 2], 1), (12, [3, 4], 2), (12, [3, 4], 5), (16, None, 5), (16, None, 4)],
)  # fmt: skip
def test_a_recipe_refuses_the_sheets_that_the_network_refuses(
    n_neurons: int, sheet: list[int] | None, pooling: int
) -> None:
    def refused(check: Callable[[], object]) -> bool:
        try:
            check()
        except ValueError:
            return True
        return False

    def by_the_network() -> None:
        # A recipe's sides are a list, which the network takes as it is.
        require_sheet(*sheet_of(n_neurons, sheet), side=pooling)  # type: ignore[arg-type]

    values = {"n_neurons": n_neurons, "sheet": sheet, "pooling": pooling}
    assert refused(lambda: TopographicLCASection.model_validate(values)) == refused(by_the_network)
