"""Networks tell the rules they learn by: those that their circuits are built with."""

import re

import numpy as np
import pytest

from neurosim import networks
from neurosim.measures.circuit import meanings
from neurosim.networks.learning_rules import rule_text
from neurosim.networks.spiking.homeostasis import HOMEOSTASES, RULES

_MORE = {"EINet": {"n_inhibitory": 3}}


def rules_of(name):
    return getattr(networks, name)(12, **_MORE.get(name, {})).learning_rules


@pytest.mark.parametrize("name", ["LCA", "SAILnet", "EINet", "SpikingLCA", "WLSC", "LinkedLCA"])
def test_every_name_in_a_rule_is_explained(name):
    lines = [line for line in rules_of(name).splitlines() if line and not line.startswith("#")]
    assert lines
    used = {word for line in lines for word in re.findall(r"[A-Za-z_]\w*", line)} - {"abs", "sum"}
    assert used == {word for word, _ in meanings(lines)}


def test_spiking_networks_tell_every_connection_that_learns_and_their_homeostasis():
    text = rules_of("EINet")
    for words in ("# excite, from excitatory to inhibitory; kept to: non negative",
                  "# disinhibit, from inhibitory to inhibitory; kept to: non negative, no self connection",
                  "w += kappa*(n_post*n_pre - mean_n_post*mean_n_pre*(1 + w))",
                  "# homeostasis of excitatory", "theta += rate*(mean_n - target)"):  # fmt: skip
        assert words in text
    assert "homeostasis" not in networks.SAILnet(4, homeostasis="none").learning_rules


def test_what_is_set_after_a_rule_is_told_too():
    text = networks.SpikingLCA(4, pairs=True).learning_rules
    assert "# lateral, from neurons to neurons: set, not learned" in text
    assert "w_second = -w_first" in text
    assert "w_second" not in networks.SpikingLCA(4, pairs=False).learning_rules


def test_a_circuit_without_lateral_weights_tells_none():
    assert "lateral" in networks.LCA(4).learning_rules
    assert "lateral" not in networks.LCA(4, form="residual").learning_rules


@pytest.mark.parametrize("kind", sorted(RULES))
def test_homeostasis_is_told_as_it_runs(kind):
    """The arithmetic of the text, done by numpy, gives what the rule gives."""
    rng = np.random.default_rng(0)
    adapted, observed, memory = rng.uniform(1, 2, 5), rng.uniform(0, 3, (7, 5)), rng.uniform(1, 2, 5)
    names = {
        "theta": adapted.copy(), "gain": adapted.copy(), "memory": memory.copy(), "rate": 0.1, "target": 0.3,
        "mean_n": observed.mean(axis=0), "mean_square_n": (observed**2).mean(axis=0), "level": memory.mean(),
        "share_above": (observed > memory).mean(axis=0),
    }  # fmt: skip
    told, _, rest = RULES[kind].partition("\n")
    exec(told, names)
    names["level"] = names["memory"].mean()
    exec(rest, names)
    expected = HOMEOSTASES[kind][3](adapted, observed, 0.1, 0.3, memory)
    np.testing.assert_allclose(names[HOMEOSTASES[kind][0]], expected)


def test_no_rules_are_no_text():
    assert rule_text([]) == ""
