"""What a fit starts from, keeps to, and says at its end."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from neurosim.networks import LCA
from neurosim.networks.estimator.training_history import order_of

RNG = np.random.default_rng(0)
STIMULI = RNG.laplace(size=(400, 6)) @ RNG.standard_normal((6, 16))


def network(**changed: Any) -> LCA:
    return LCA(**{"n_neurons": 8, "batch_size": 20, "backend": "numpy", "random_state": 0, **changed})


def test_a_film_is_learned_in_its_order_and_other_stimuli_are_not() -> None:
    rng = np.random.default_rng(0)
    assert_array_equal(order_of(network(carry_over=True, n_epochs=2), 40, rng=rng), np.tile(np.arange(40), 2))
    shuffled = order_of(network(n_epochs=2), 40, rng=rng)
    assert (shuffled[:40] != np.arange(40)).any()
    assert_array_equal(np.sort(shuffled[:40]), np.arange(40))


@pytest.mark.filterwarnings("ignore:the code is dense:sklearn.exceptions.ConvergenceWarning")
def test_fitting_a_film_is_learning_its_frames_one_batch_after_the_other() -> None:
    film = STIMULI[:60]
    whole = network(carry_over=True, initial_dictionary=np.eye(8, 16)).fit(film)
    parts = network(carry_over=True, initial_dictionary=np.eye(8, 16)).partial_fit(film)
    assert_array_equal(whole.dictionary_, parts.dictionary_)


def test_a_film_of_several_epochs_has_to_fill_its_batches() -> None:
    with pytest.raises(ValueError, match=r"whole batches of batch_size=20 .* leave out the last 10"):
        network(carry_over=True, n_epochs=2).fit(STIMULI[:50])


def test_a_threshold_above_all_stimuli_leaves_a_silent_population_that_says_so() -> None:
    with pytest.warns(
        ConvergenceWarning, match=r"8 of 8 neurons stayed silent .* lower the threshold of 1e\+03"
    ):
        network(threshold=1000.0).fit(STIMULI)


def test_a_low_threshold_makes_a_dense_code_that_says_so() -> None:
    with pytest.warns(ConvergenceWarning, match=r"the code is dense: \d+% .* raise the threshold of 0.001"):
        network(threshold=0.001, learning_rate=0.1).fit(STIMULI)


@pytest.mark.filterwarnings("ignore:the population explains less than the zero code")
def test_a_population_that_learning_makes_worse_says_so() -> None:
    # It starts from the causes, and a rate that is far too large makes noise of them.
    rng = np.random.default_rng(1)
    shown = np.eye(16)[rng.integers(16, size=2000)] + 0.1 * rng.standard_normal((2000, 16))
    steady: dict[str, Any] = {"learning_rate": 50.0, "learning_rate_schedule": "constant", "batch_size": 100}
    net = network(n_neurons=16, threshold=0.2, initial_dictionary=np.eye(16), **steady)
    with pytest.warns(ConvergenceWarning, match="learning made the population worse"):
        net.fit(shown)


def test_a_population_that_learns_says_nothing() -> None:
    net = network(n_neurons=24, threshold=3.0).fit(STIMULI)
    assert net.history_["objective"].tail(5).mean() < net.history_["objective"].iloc[0]


@pytest.mark.parametrize("kind", ["hard", "firm"])
def test_fields_that_change_fast_inside_a_run_do_not_outrun_the_steps(kind: str) -> None:
    # With steps of the starting dictionary's bound this diverged after some twenty batches.
    for seed in range(3):
        net = network(n_neurons=64, threshold_kind=kind, threshold=2.0, learning_rate=1.0, random_state=seed)
        net.fit(np.tile(STIMULI, (3, 1)))
        assert np.isfinite(net.dictionary_).all()


def test_the_message_of_a_divergence_advises_nothing_that_is_set_already() -> None:
    from neurosim.engine.errors import DivergenceError

    rate: dict[str, Any] = {"threshold": 1.0, "membrane_terms": "+ growth*u", "namespace": {"growth": 5.0}}
    with pytest.raises(DivergenceError) as caught:
        network(**rate).fit(STIMULI)
    assert "dt=None" not in str(caught.value)
    assert "membrane_terms" in str(caught.value)
    with pytest.raises(DivergenceError, match="dt=None"), pytest.warns(UserWarning, match="stability bound"):
        LCA.from_dictionary(np.ones((40, 16)), dt="9 ms", threshold=0.1, backend="numpy").transform(STIMULI)
