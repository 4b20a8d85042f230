"""Presentations simulated whole, stimulus by stimulus, against those that Brian2 takes step by step."""

import numpy as np
import pytest
from reference_lca import random_dictionary, random_stimuli

from neurosim.engine.errors import DivergenceError
from neurosim.networks import LCA

N_NEURONS, N_PIXELS, N_STIMULI = 21, 14, 7
RNG = np.random.default_rng(51)
DICTIONARY = random_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = 2 * random_stimuli(N_STIMULI, N_PIXELS, RNG)
FORMS = ("lateral", "residual")
ADAPTATION = {"membrane_terms": "- strength*g", "extra_equations": "dg/dt = (a - g)/(5*tau) : 1"}
KINDS = [(kind, nonnegative) for kind in ("soft", "hard", "firm") for nonnegative in (False, True)]


def network(**changed):
    return LCA.from_dictionary(DICTIONARY, **{"threshold": 0.1, "batch_size": N_STIMULI, **changed})


def every_change(**changed):
    return network(**{"dt": "2 ms", "presentation": "60 ms", "epsilon": 0, **changed})


def both_ways(net, stimuli=STIMULI):
    """The code of presentations taken whole, and of the same network taken step by step."""
    circuit = net.assemble(n_replicas=len(stimuli), dtype=stimuli.dtype)
    assert circuit.step_by_step
    return net.settle(stimuli).code, net.show(circuit, stimuli)


@pytest.mark.parametrize(("kind", "nonnegative"), KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_the_code_is_that_of_the_step_by_step_simulation(form, kind, nonnegative):
    whole, stepped = both_ways(
        every_change(form=form, threshold_kind=kind, nonnegative=nonnegative, backend="numpy")
    )
    np.testing.assert_allclose(whole, stepped, atol=1e-12)
    assert np.abs(whole).max() > 0.3


@pytest.mark.parametrize("form", FORMS)
def test_the_code_is_that_in_single_precision_too(form):
    whole, stepped = both_ways(every_change(form=form, backend="numpy"), STIMULI.astype(np.float32))
    assert whole.dtype == stepped.dtype == np.float32
    np.testing.assert_allclose(whole, stepped, atol=1e-5)


@pytest.mark.parametrize("form", FORMS)
def test_the_users_states_take_part(form):
    weak, strong = (
        both_ways(every_change(form=form, namespace={"strength": strength}, backend="numpy", **ADAPTATION))
        for strength in (0.0, 0.5)
    )
    np.testing.assert_allclose(strong[0], strong[1], atol=1e-12)
    assert np.abs(strong[0]).sum() < 0.95 * np.abs(weak[0]).sum()


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "nonnegative"), KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_the_code_is_that_of_the_step_by_step_simulation_when_compiled(
    compiled_backend, form, kind, nonnegative
):
    options = {"form": form, "threshold_kind": kind, "nonnegative": nonnegative}
    expected = both_ways(every_change(backend="numpy", **options))[1]
    np.testing.assert_allclose(
        every_change(backend=compiled_backend, **options).settle(STIMULI).code, expected, atol=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_the_users_states_take_part_when_compiled(compiled_backend, form):
    options = {"form": form, "namespace": {"strength": 0.5, "n_neurons": 3.0}, **ADAPTATION}
    expected = both_ways(every_change(backend="numpy", **options))[1]
    np.testing.assert_allclose(
        every_change(backend=compiled_backend, **options).settle(STIMULI).code, expected, atol=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_compiled_backends_take_the_same_steps_as_numpy_by_default(compiled_backend, form):
    plain, net = (
        network(threshold=0.3, form=form, backend=name, learning=False).partial_fit(STIMULI)
        for name in ("numpy", compiled_backend)
    )
    np.testing.assert_allclose(net.transform(STIMULI), plain.transform(STIMULI), atol=1e-9)
    np.testing.assert_allclose(net.history_["duration"], plain.history_["duration"], rtol=1e-9)


@pytest.mark.parametrize(
    ("terms", "step_by_step"),
    [("", False), ("- 0.1*tanh(u)", False), ("+ 0.1*sqrt(tau)*xi", True), ("+ sin(t/tau)", True)],
)
def test_only_random_terms_and_time_are_taken_step_by_step(monkeypatch, terms, step_by_step):
    from neurosim.networks.lca import rate_network

    circuits, original = [], rate_network.chosen_circuit

    def seen(*given, **named):
        circuits.append(original(*given, **named))
        return circuits[-1]

    monkeypatch.setattr(rate_network, "chosen_circuit", seen)
    network(membrane_terms=terms, backend="numpy").transform(STIMULI)
    assert circuits[0].step_by_step == step_by_step


# What a whole presentation may leave out.


# Fewer fields than pixels: presentations come to rest.
FEW = random_dictionary(10, 30, np.random.default_rng(3))
MIXTURES = np.random.default_rng(4).standard_normal((8, 10)) @ FEW


@pytest.mark.parametrize("epsilon", [0.0, 0.003])
def test_an_early_end_is_where_endless_time_would_lead(epsilon, backend):
    options = {"threshold": 1.0, "epsilon": epsilon, "dt": "5 ms", "batch_size": 1, "learning": False}
    options["backend"] = backend
    # With every change sent, membranes approach their end for ever; a tolerance far below what is compared.
    early = LCA.from_dictionary(FEW, tolerance=epsilon or 1e-11, presentation="1 s", **options)
    late = LCA.from_dictionary(FEW, tolerance=0, presentation="3 s", **options)
    np.testing.assert_allclose(early.transform(MIXTURES[:2]), late.transform(MIXTURES[:2]), atol=1e-9)
    assert early.partial_fit(MIXTURES[:2]).history_["duration"].max() < 0.9
    np.testing.assert_allclose(late.partial_fit(MIXTURES[:2]).history_["duration"], 3)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("nonnegative", [False, True])
@pytest.mark.parametrize("epsilon", [1e-4, 1e-3, 1e-2])
def test_the_code_is_as_far_from_the_fixed_point_as_unsent_changes_allow(form, nonnegative, epsilon):
    # The code solves the LASSO for a drive that is off by the overlaps times what was not sent, epsilon per neuron
    # (in the residual form by one's own field and by the last change of activity too), and a smallest overlap above
    # zero bounds how far a change of drive moves the solution.
    fields = random_dictionary(10, 30, np.random.default_rng(3))
    options = {
        "threshold": 0.1,
        "form": form,
        "nonnegative": nonnegative,
        "batch_size": 8,
        "presentation": "4 s",
    }
    stimuli = np.random.default_rng(4).standard_normal((8, 10)) @ fields
    code, fixed = (
        LCA.from_dictionary(fields, epsilon=size, **options).transform(stimuli) for size in (epsilon, 0)
    )
    overlaps = np.linalg.eigvalsh(fields @ fields.T)
    off = np.abs(overlaps - 1).max() if form == "lateral" else overlaps[-1] + 2
    distance = np.linalg.norm(code - fixed, axis=1)
    assert (distance <= off * epsilon * np.sqrt(10) / overlaps[0]).all()
    assert distance.max() > 0.1 * epsilon


# Stimuli do not see each other. Only the products of a batch with the fields may round otherwise.


@pytest.mark.parametrize("n_together", [1, 3, 7, 40])
def test_a_code_does_not_depend_on_its_place_or_its_batch(n_together, backend):
    # A threshold at which everybody settles soon: fewer neurons respond than there are pixels.
    options = {"threshold": 0.3}
    net = network(batch_size=n_together, backend=backend, **options)
    many = np.concatenate([STIMULI, 3 * STIMULI[::-1], STIMULI])
    code = net.transform(many)
    np.testing.assert_allclose(code[-N_STIMULI:], code[:N_STIMULI], atol=1e-11)
    np.testing.assert_allclose(
        code[:N_STIMULI], network(backend="numpy", **options).transform(STIMULI), atol=1e-11
    )


def test_each_stimulus_takes_its_own_time():
    strong, weak = STIMULI[:1], 0.01 * STIMULI[:1]
    times = [
        network(threshold=0.4, batch_size=len(batch), learning=False)
        .partial_fit(batch)
        .history_["duration"][0]
        for batch in (strong, weak, np.concatenate([strong, weak]))
    ]
    assert times[1] == 0
    assert times[0] > 0.01
    assert times[2] == pytest.approx((times[0] + times[1]) / 2)


@pytest.mark.filterwarnings("ignore:dt = .* exceeds the stability bound")
@pytest.mark.parametrize("scale", [1.0, 1e3])
def test_membranes_that_overflow_are_a_divergence_and_no_code(scale, backend):
    # Within eight steps the membranes of huge fields are no numbers any more.
    fields = (scale * np.random.default_rng(0).standard_normal((30, 8))).astype(np.float32)
    net = LCA.from_dictionary(
        fields, threshold=0.1, dt="5 ms", presentation="2 s", batch_size=3, backend=backend
    )
    with pytest.raises(DivergenceError, match="use a shorter dt"):
        net.transform(np.random.default_rng(1).standard_normal((3, 8)).astype(np.float32))
