"""The rates of a spiking LCA come to solve the LASSO, which scikit-learn finds by coordinate descent."""

import functools

import numpy as np
import pytest
from reference_lca import random_dictionary, random_stimuli
from sklearn.linear_model import Lasso

from neurosim.networks.spiking.spiking_lca import SpikingLCA

N_FIELDS, N_PIXELS, N_STIMULI, THRESHOLD, CHARGE = 128, 64, 10, 0.1, 0.1
RNG = np.random.default_rng(5)
DICTIONARY = random_dictionary(N_FIELDS, N_PIXELS, RNG)
STIMULI = random_stimuli(N_STIMULI, N_PIXELS, RNG)
# In time constants of a millisecond.
TIMES = (10, 20, 40, 80)


def network(*, pairs, backend="numpy", **changed):
    options = {"threshold": THRESHOLD, "charge": CHARGE, "dt": "0.04 ms", "presentation": "80 ms"}
    return SpikingLCA.from_dictionary(
        DICTIONARY, pairs=pairs, batch_size=N_STIMULI, backend=backend, **{**options, **changed}
    )


@functools.cache
def lasso(*, nonnegative):
    solver = Lasso(
        alpha=THRESHOLD / N_PIXELS, fit_intercept=False, positive=nonnegative, tol=1e-14, max_iter=10**6
    )
    return np.array([solver.fit(DICTIONARY.T, stimulus).coef_ for stimulus in STIMULI])


@functools.cache
def spikes(*, pairs):
    return network(pairs=pairs).simulate(STIMULI)


def rates(time, *, pairs):
    """Rates of the spikes up to a time."""
    table = spikes(pairs=pairs)
    shown = table["time"] < (time - 0.02) * 1e-3
    counts = np.zeros((N_STIMULI, N_FIELDS * (1 + pairs)))
    np.add.at(counts, (table["stimulus"][shown].to_numpy(), table["neuron"][shown].to_numpy()), 1)
    signed = counts[:, :N_FIELDS] - counts[:, N_FIELDS:] if pairs else counts
    return signed * CHARGE / time


def errors(pairs):
    solution = lasso(nonnegative=not pairs)
    return [np.linalg.norm(rates(time, pairs=pairs) - solution, axis=1).mean() for time in TIMES]


@pytest.mark.parametrize("pairs", [True, False])
def test_the_error_falls_as_one_over_time(pairs):
    slope = np.polyfit(np.log(TIMES), np.log(errors(pairs)), 1)[0]
    assert slope == pytest.approx(-1, abs=0.15)


@pytest.mark.parametrize("pairs", [True, False])
def test_pairs_solve_the_signed_lasso_and_single_neurons_the_non_negative_one(pairs):
    code, solution, other = rates(80, pairs=pairs), lasso(nonnegative=not pairs), lasso(nonnegative=pairs)
    assert np.abs(code - solution).max() < 0.02
    assert np.abs(code - other).max() > 0.1
    assert (code < 0).any() == pairs


@pytest.mark.parametrize("pairs", [True, False])
def test_the_objective_comes_within_a_percent_of_the_smallest(pairs):
    net = network(pairs=pairs)
    best = net.objective(STIMULI, lasso(nonnegative=not pairs)).mean()
    excess = [net.objective(STIMULI, rates(time, pairs=pairs)).mean() / best - 1 for time in (2, *TIMES)]
    assert excess[0] > 0.01 > excess[2]
    assert (np.diff(excess) < 0).all()
    assert excess[-1] >= 0


def test_codes_of_a_presentation_are_the_rates_of_its_spikes(backend):
    code = network(pairs=True, backend=backend).transform(STIMULI)
    np.testing.assert_allclose(code, rates(80, pairs=True), atol=1e-12)


def test_a_finer_charge_is_a_finer_code():
    solution = lasso(nonnegative=False)
    coarse, fine = (
        np.abs(network(pairs=True, charge=charge, presentation="40 ms").transform(STIMULI) - solution).mean()
        for charge in (0.4, 0.05)
    )
    assert fine < coarse / 2


def test_twice_the_threshold_is_another_problem():
    code = network(pairs=True, threshold=2 * THRESHOLD).transform(STIMULI)
    assert np.abs(code - lasso(nonnegative=False)).max() > 0.05
