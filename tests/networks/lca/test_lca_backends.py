"""One network gives the same numbers on every backend."""

import functools
import gc

import brian2
import numpy as np
import pytest
from reference_lca import random_dictionary, random_stimuli

from neurosim.networks import LCA
from neurosim.networks.estimator import backend_choice

# The sizes of test_lca_against_lasso: the same compiled circuit serves both.
N_NEURONS, N_PIXELS, BATCH = 128, 64, 10
RNG = np.random.default_rng(7)
DICTIONARY = random_dictionary(N_NEURONS, N_PIXELS, RNG)
STIMULI = random_stimuli(20 * BATCH, N_PIXELS, RNG)


@functools.cache
def trained(backend, form, **changed):
    net = LCA(
        N_NEURONS, threshold=0.1, batch_size=BATCH, form=form, initial_dictionary=DICTIONARY, random_state=0,
        learning_rate=0.08, learning_rate_schedule="linear", backend=backend, **changed,
    )  # fmt: skip
    return net.fit(STIMULI)


def check_same(backend, form):
    plain, net = trained("numpy", form), trained(backend, form)
    np.testing.assert_allclose(net.dictionary_, plain.dictionary_, atol=1e-6)
    np.testing.assert_allclose(net.lateral_, plain.lateral_, atol=1e-6)
    np.testing.assert_allclose(net.history_, plain.history_, atol=1e-6)
    np.testing.assert_array_equal(net.usage_, plain.usage_)
    np.testing.assert_allclose(net.transform(STIMULI), plain.transform(STIMULI), atol=1e-6)


def test_twenty_batches_of_learning_and_the_code_agree(compiled_backend):
    check_same(compiled_backend, "lateral")


@pytest.mark.slow
def test_twenty_batches_of_learning_and_the_code_agree_in_the_residual_form(compiled_backend):
    check_same(compiled_backend, "residual")


def test_both_forms_learn_the_same_dictionary():
    exact = {"epsilon": 0, "presentation": "1 s"}
    lateral, residual = (trained("numpy", form, **exact) for form in ("lateral", "residual"))
    np.testing.assert_allclose(residual.dictionary_, lateral.dictionary_, atol=1e-9)


def test_twenty_batches_change_the_dictionary_by_far_more_than_the_tolerance():
    assert np.abs(trained("numpy", "lateral").dictionary_ - DICTIONARY).max() > 1e-2


@pytest.mark.slow
def test_single_precision_agrees_across_backends(compiled_backend):
    stimuli = STIMULI.astype(np.float32)
    # With every change sent and steps alike, nobody's decision to send hangs on the last digit.
    options = {"batch_size": BATCH, "epsilon": 0, "dt": "2 ms", "presentation": "200 ms"}
    codes = [
        LCA.from_dictionary(DICTIONARY, backend=name, **options).settle(stimuli).code
        for name in ("numpy", compiled_backend)
    ]
    assert codes[1].dtype == np.float32
    np.testing.assert_allclose(codes[1], codes[0], atol=1e-4)


@pytest.mark.slow
def test_early_stop_and_carrying_over_agree_across_backends(compiled_backend):
    options = {"batch_size": BATCH, "tolerance": 1e-3, "carry_over": True, "presentation": "300 ms"}
    codes = [
        LCA.from_dictionary(DICTIONARY, backend=name, **options).transform(STIMULI)
        for name in ("numpy", compiled_backend)
    ]
    np.testing.assert_allclose(codes[1], codes[0], atol=1e-6)


@pytest.mark.slow
def test_dropping_one_compiled_network_leaves_the_next_ones_usable(monkeypatch):
    monkeypatch.setattr(backend_choice, "_KEPT", 1)
    # The numpy network pushes the standalone program out of the cache, and collecting it removes its folder.
    for n_neurons, backend in ((2, "cpp_standalone"), (3, "numpy"), (4, "cpp_standalone")):
        net = LCA.from_dictionary(np.eye(n_neurons), batch_size=1, backend=backend)
        assert net.transform(np.ones((1, n_neurons))).shape == (1, n_neurons)
        gc.collect()


def test_a_random_membrane_agrees_with_itself_but_not_with_another_seed(backend):
    codes = [noisy(backend, seed) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(codes[0], codes[1])
    assert np.abs(codes[0] - codes[2]).max() > 1e-3


def noisy(backend, seed):
    net = LCA.from_dictionary(
        DICTIONARY, batch_size=BATCH, backend=backend, random_state=seed,
        membrane_terms="+ sigma*sqrt(tau)*xi", namespace={"sigma": 0.1},
    )  # fmt: skip
    return net.transform(STIMULI[:BATCH])


@pytest.mark.slow
def test_standalone_networks_of_different_sizes_live_in_one_process_and_leave_brian_as_it_was():
    codes = []
    brian2.defaultclock.dt = 0.05 * brian2.ms
    try:
        for n in (3, 4, 3):
            net = LCA.from_dictionary(np.eye(n), threshold=0.5, backend="cpp_standalone")
            codes.append(net.transform(2.0 * np.eye(n)))
        assert brian2.defaultclock.dt == 0.05 * brian2.ms
    finally:
        brian2.defaultclock.dt = 0.1 * brian2.ms
    for code in codes:
        np.testing.assert_allclose(code, 1.5 * np.eye(len(code)), atol=0.02)
