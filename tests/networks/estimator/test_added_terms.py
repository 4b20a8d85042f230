"""What users add to equations has fitting units and values, whichever door, network and backend it comes through."""

import warnings

import numpy as np
import pytest
from brian2 import TimedArray, ms, mV
from linked_cases import ordinal
from sklearn.exceptions import ConvergenceWarning
from spiking_cases import einet, sailnet, spiking_lca

from neurosim.networks import LCA, WLSC, ConvolutionalLCA, LinkedLCA, ParallelLCA, TopographicLCA
from neurosim.networks.estimator.added_terms import AddedTerms, check_units, refuse_unset

STIMULI = np.random.default_rng(2).standard_normal((60, 25))
LABELS = np.arange(60) % 3
SETTLING = {"n_neurons": 9, "batch_size": 20, "random_state": 0, "backend": "numpy"}
NETWORKS = {
    "LCA": lambda: LCA(**SETTLING),
    "residual LCA": lambda: LCA(form="residual", **SETTLING),
    "linked LCA": lambda: LinkedLCA(**SETTLING),
    "ordinal LCA": lambda: ordinal(**SETTLING),
    "parallel LCA": lambda: ParallelLCA(**SETTLING),
    "convolutional LCA": lambda: ConvolutionalLCA(field=3, stride=2, **SETTLING),
    "topographic LCA": lambda: TopographicLCA(**SETTLING),
    "WLSC": lambda: WLSC(**SETTLING),
    "SAILnet": sailnet,
    "E-I Net": einet,
    "spiking LCA": spiking_lca,
}
SPIKING = ("SAILnet", "E-I Net", "spiking LCA")
DOORS = {
    "fit": lambda net: net.fit(STIMULI, LABELS),
    "partial_fit": lambda net: net.partial_fit(STIMULI, LABELS),
    "transform": lambda net: net.transform(STIMULI),
    "simulate": lambda net: net.simulate(STIMULI[:2], record=("u",)),
    "assemble": lambda net: net.assemble(n_replicas=2),
}
CURRENT = {"membrane_terms": "- I0", "namespace": {"I0": 5 * mV}}
EQUATIONS = """
du/dt = (drive - u{terms}) / tau : 1
a = clip(u, 0, inf) : 1
drive : 1
tau : second (shared)
"""


def learned(name):
    with warnings.catch_warnings():
        # How well it learned from a few patches of noise does not matter here.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return NETWORKS[name]().partial_fit(STIMULI, LABELS)


def checked(terms="", extra="", **namespace):
    added = AddedTerms(terms, extra)
    check_units(EQUATIONS.format(terms=f" {terms}") + extra, added, namespace=namespace)


def refused(terms, extra):
    refuse_unset(EQUATIONS.format(terms=f" {terms}") + extra, AddedTerms(terms, extra))


# Every network and every door.


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_current_in_millivolt_is_refused_at_every_door_of_every_network(name, door):
    net = learned(name).set_params(**CURRENT)
    with pytest.raises(
        ValueError, match=r"membrane_terms: expected terms without unit, .*got 'I0' in V; divide"
    ):
        DOORS[door](net)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", NETWORKS)
def test_an_equation_with_a_wrong_unit_is_refused_at_every_door_of_every_network(name, door):
    net = learned(name).set_params(membrane_terms="- g", extra_equations="dg/dt = u - g : 1")
    with pytest.raises(
        ValueError, match=r"extra_equations: expected dg/dt in Hz, got 'u - g' in 1; multiply"
    ):
        DOORS[door](net)


@pytest.mark.parametrize("door", [door for door in DOORS if door != "assemble"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_time_constant_that_nothing_sets_is_named_at_every_door_of_every_network(name, door):
    extra = "dg/dt = (u - g)/tau_g : 1\ntau_g : second (shared)"
    net = learned(name).set_params(membrane_terms="- g", extra_equations=extra)
    # Spiking networks refuse every parameter that nothing sets, whether or not an equation divides by it.
    message = (
        r"got the parameter tau_g, which nothing sets and so stays 0: take its line out and pass its value in namesp"
        if name in SPIKING
        else r"the parameter tau_g is 0, .*equation of g infinite; leave its declar"
    )
    with pytest.raises(ValueError, match=f"extra_equations: .*{message}"):
        DOORS[door](net)


def test_an_assembled_network_can_be_given_its_parameters():
    extra = "dg/dt = (a - g)/tau_g : 1\ntau_g : second (shared)"
    net = LCA.from_dictionary(np.eye(2), presentation="2 second", membrane_terms="- g", extra_equations=extra)
    circuit = net.assemble()
    circuit.neurons.tau_g = 50 * ms
    # At rest u = s - g and g = a = u - threshold.
    np.testing.assert_allclose(net.show(circuit, [[1.0, 0.0]]), [[0.45, 0.0]], atol=1e-9)


@pytest.mark.parametrize("net", [LCA(**SETTLING), sailnet()], ids=["LCA", "SAILnet"])
def test_every_backend_refuses_the_same(net, backend):
    with pytest.raises(ValueError, match="got 'I0' in V"):
        net.set_params(backend=backend, **CURRENT).fit(STIMULI)


def test_a_current_divided_by_its_unit_is_the_number_it_stands_for():
    net = LCA.from_dictionary(np.eye(2), threshold=0.1, membrane_terms="- I0/mV", namespace={"I0": 0.2 * mV})
    np.testing.assert_allclose(net.transform([[1.0, 0.0]])[0, 0], 1 - 0.2 - 0.1, atol=1e-4)


# What is said of which addition.


@pytest.mark.parametrize(
    ("terms", "extra", "namespace", "message"),
    [
        ("- 5*mV", "", {}, r"got '5 \* mV' in V"),
        ("- 0.2 + 2*I0*x", "", {"I0": 5 * mV, "x": 3}, r"got '2 \* I0 \* x' in V"),
        ("- I(t)", "", {"I": TimedArray([1, 2] * mV, dt=1 * ms)}, r"got 'I\(t\)' in V"),
        ("+ sigma*xi", "", {"sigma": 0.1}, r"got 'sigma \* xi' in s\^-0.5"),
        (
            "- int(u > I0)",
            "",
            {"I0": 5 * mV},
            r"membrane_terms: expected sums and comparisons .*'I0' has units",
        ),
        ("- exp(I0)", "", {"I0": 5 * mV}, r"membrane_terms: expected .*function exp"),
        ("- g", "g : volt", {}, r"membrane_terms: .*got 'g' in V"),
        ("- g", "g = a*mV : 1", {}, r"extra_equations: expected g in 1, got 'a\*mV' in V; .*declare g"),
        ("- g", "dg/dt = (5*mV - g)/tau : 1", {}, r"extra_equations: expected sums .*'5 \* mV' has unit V"),
        ("- adaptatoin", "", {}, r"membrane_terms: Unknown identifier adaptatoin .*namespace"),
    ],
)
def test_each_wrong_unit_is_told_with_its_place(terms, extra, namespace, message):
    with pytest.raises(ValueError, match=message):
        checked(terms, extra, **namespace)


@pytest.mark.parametrize(
    ("terms", "extra", "namespace"),
    [
        ("", "", {}),
        ("- I0/mV", "", {"I0": 5 * mV}),
        ("+ sigma*sqrt(tau)*xi", "", {"sigma": 0.1}),
        ("- I(t)", "", {"I": TimedArray([1.0, 2.0], dt=1 * ms)}),
        ("- int(t > 5*ms)*g", "dg/dt = (a - g)/(50*ms) : 1", {}),
        ("- v/mV", "dv/dt = (a*mV - v)/tau_v : volt", {"tau_v": 20 * ms}),
        ("+ lift", "lift = I0/(mV) : 1 (constant over dt)", {"I0": 1 * mV}),
    ],
)
def test_terms_whose_units_fit_are_accepted(terms, extra, namespace):
    checked(terms, extra, **namespace)


@pytest.mark.parametrize(
    ("terms", "extra", "message"),
    [
        ("- a/gain", "gain : 1", "parameter gain is 0, .*equation of u infinite"),
        ("- a*exp(-t/tau_g)", "tau_g : second", "parameter tau_g is 0, .*equation of u"),
        ("- g", "g = log(h) : 1\nh : 1", "parameter h is 0, .*equation of g"),
        ("- a/(b + c)", "b : 1\nc : 1", "parameter b, c is 0"),
        ("- a*b**-0.5", "b : 1", "parameter b is 0"),
    ],
)
def test_a_parameter_that_makes_its_equation_infinite_is_named(terms, extra, message):
    with pytest.raises(ValueError, match=message):
        refused(terms, extra)


def test_a_parameter_that_only_scales_is_a_warning_and_one_in_the_namespace_is_none():
    with pytest.warns(
        UserWarning, match="the parameter b is 0, as nothing sets it; leave its declaration out"
    ):
        refused("- b*a", "b : 1")
    refused("- b*g", "dg/dt = (a - g)/tau_g : 1")
