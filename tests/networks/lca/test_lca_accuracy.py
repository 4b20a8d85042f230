"""How near the defaults come to the LASSO solution, on whitened patches of photographs with a learned dictionary."""

import functools

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso

from neurosim.networks import LCA
from neurosim.stimuli import OlshausenField, embedded_photographs, filter_images, sample_patches

# In standard deviations of a patch: a tenth of the neurons is active.
THRESHOLD = 1.5


@functools.cache
def patches(n_patches, seed):
    images = filter_images(embedded_photographs(), by=OlshausenField())
    rng = np.random.default_rng(seed)
    return sample_patches(images, n_patches=n_patches, size=16, rng=rng, variance_floor=0.1, normalise="std")


@functools.cache
def dictionary():
    """256 fields, no longer patches: learned from 2,000 of them."""
    net = LCA(
        256, threshold=THRESHOLD, batch_size=200, learning_rate_schedule="linear", initial_dictionary="stimuli",
        random_state=0, backend="numpy",
    )  # fmt: skip
    return net.fit(patches(2000, seed=0)).dictionary_


@functools.cache
def best():
    """Smallest possible objective of each of the thirty patches."""
    solver = Lasso(alpha=THRESHOLD / 256, fit_intercept=False, tol=1e-10, max_iter=10**5)
    codes = [solver.fit(dictionary().T, patch).coef_ for patch in patches(30, seed=1)]
    return network().objective(patches(30, seed=1), np.array(codes))


def network(**parameters):
    return LCA.from_dictionary(dictionary(), **{"threshold": THRESHOLD, "backend": "numpy", **parameters})


@functools.cache
def excess(**parameters):
    """By which share the mean objective of the codes exceeds the smallest possible one."""
    stimuli, net = patches(30, seed=1), network(**parameters)
    return net.objective(stimuli, net.transform(stimuli)).mean() / best().mean() - 1


@pytest.mark.parametrize("form", ["lateral", "residual"])
def test_the_defaults_come_within_a_thousandth_of_the_lasso_optimum(form):
    assert 0 < excess(form=form) < 1e-3


@pytest.mark.slow
def test_the_defaults_come_as_near_in_single_precision_when_compiled(compiled_backend):
    stimuli, net = patches(30, seed=1).astype(np.float32), network(backend=compiled_backend)
    assert net.objective(stimuli, net.transform(stimuli)).mean() / best().mean() - 1 < 1e-3


def test_the_zero_code_is_far_from_the_optimum():
    zero_code = (patches(30, seed=1) ** 2).sum(axis=1).mean() / 2
    assert zero_code / best().mean() - 1 > 0.3


def test_smaller_changes_sent_give_a_better_code():
    # Of the threshold.
    shares = (0.0, 0.01, 0.1, 0.3, 1.0)
    found = [excess(epsilon=share * THRESHOLD, presentation="2 s") for share in shares]
    assert found == sorted(found)
    assert found[0] < 1e-5
    assert found[-1] > 10 * found[2] > 0


def test_a_smaller_tolerance_gives_a_better_code():
    found = [
        excess(epsilon=0, tolerance=share * THRESHOLD, presentation="2 s") for share in (0, 0.01, 0.1, 1.0)
    ]
    assert found == sorted(found)
    assert found[-1] > 0.01


def test_neurons_that_hardly_send_have_a_code_far_from_the_solution():
    with pytest.warns(ConvergenceWarning, match="cost more than the zero code"):
        assert excess(epsilon=3 * THRESHOLD) > 0.5


def test_hardly_any_time_gives_a_code_far_from_the_solution():
    with pytest.warns(ConvergenceWarning, match="30 of 30 codes are not settled"):
        assert excess(presentation="10 ms") > 0.01


# Dictionaries that make a crowd swing as one.


@functools.cache
def near_copies(spread):
    """300 fields of unit norm in three bundles, and 100 random stimuli."""
    rng = np.random.default_rng(1)
    three = rng.standard_normal((3, 64))
    fields = three[rng.integers(0, 3, 300)] + spread * rng.standard_normal((300, 64))
    return fields / np.linalg.norm(fields, axis=1, keepdims=True), rng.standard_normal((100, 64))


@pytest.mark.parametrize("spread", [0.05, 0.2, 1.0])
def test_no_code_costs_more_than_the_zero_code_even_where_fields_are_nearly_copies(spread):
    fields, stimuli = near_copies(spread)
    for threshold in (1.0, 2.0):
        net = LCA.from_dictionary(fields, threshold=threshold, backend="numpy")
        objective = net.objective(stimuli, net.transform(stimuli))
        assert (objective <= 1.05 * (stimuli**2).sum(axis=1) / 2).all()
