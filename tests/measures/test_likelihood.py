"""Counting filters and bounding likelihoods, on networks whose bounds are known."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.measures.likelihood import (
    LIKELIHOOD,
    bootstrap_interval,
    filter_metrics,
    likelihood_metrics,
)
from neurosim.networks import LCA, SVAE
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import LikelihoodSection
from neurosim.stimuli.kinds.stimuli import Stimuli

_SHOWN = np.arange(40.0)[:, None]


class _Known(SVAE):
    """A network whose bound is the stimulus, and whose better bound is larger by a number."""

    def __init__(self) -> None:
        pass

    def bound(self, stimuli: NDArray[np.float64]) -> NDArray[np.float64]:
        return stimuli[:, 0]

    def bound_over_noise(self, stimuli: NDArray[np.float64]) -> NDArray[np.float64]:
        return stimuli[:, 0] + 3

    def importance_bound(
        self, stimuli: NDArray[np.float64], *, n_samples: int, random_state: np.random.Generator
    ) -> NDArray[np.float64]:
        assert isinstance(random_state, np.random.Generator)
        return stimuli[:, 0] + n_samples


def test_what_samples_add_on_a_few_stimuli_is_added_to_the_bound_on_all() -> None:
    section = LikelihoodSection(n_samples=7, n_stimuli=5, n_annealed=0)
    found = likelihood_metrics(_Known(), _SHOWN, section=section, rng=np.random.default_rng(0))
    assert found.keys() == {"elbo_nats", "elbo_nats_interval", "elbo_over_noise_nats", "iwae_nats"}
    assert found["elbo_over_noise_nats"] == 22.5
    assert (found["elbo_nats"], found["iwae_nats"]) == (19.5, 26.5)
    low, high = found["elbo_nats_interval"]
    assert low < 19.5 < high


def test_a_network_that_is_no_density_has_no_likelihood_and_no_filters() -> None:
    stimuli = Stimuli(training={"patches": _SHOWN}, held_out={"patches": _SHOWN}, shapes={}, sources={})
    assert not LIKELIHOOD.applies(Context(LCA(), stimuli, recipe=Recipe()))
    assert LIKELIHOOD.applies(Context(_Known(), stimuli, recipe=Recipe()))


def test_the_interval_is_the_normal_one_of_a_mean() -> None:
    values = np.random.default_rng(0).normal(3.0, 2.0, size=1000)
    half = 1.96 * values.std() / np.sqrt(len(values))
    interval = bootstrap_interval(values, rng=np.random.default_rng(1))
    np.testing.assert_allclose(interval, [values.mean() - half, values.mean() + half], atol=0.05 * half)
    assert bootstrap_interval(values, rng=np.random.default_rng(1)) == interval


def test_filters_are_counted_and_those_at_a_bound_count_as_gabors_too() -> None:
    filters = pd.DataFrame(
        {
            "active": [True, True, True, False],
            "active_norm": [True] * 4,
            "worthwhile": [True, False, False, False],
        }
    )
    fits = pd.DataFrame(
        {"r2": [0.9, 0.7, 0.8, 0.9], "participation_ratio": [6.0, 9.0, 5.9, 9.0], "gabor_like": False}
    )
    assert filter_metrics(filters) == {
        "active_filters": 3, "active_filters_norm": 4, "worthwhile_filters": 1
    }  # fmt: skip
    assert filter_metrics(filters, fits)["active_gabor_filters"] == 1


def test_annealing_agrees_with_the_closed_form_of_a_gaussian_network() -> None:
    pytest.importorskip("jax", reason="needs the extra `svae`")
    from neurosim.networks.svae.bounds import Decoder, exact_gaussian

    rng = np.random.default_rng(0)
    decoder = Decoder(0.7 * np.eye(3, 4), np.full(4, 0.2), 0.6)

    class _Gaussian(_Known):
        prior = "gaussian"

        def decoder(self) -> Decoder:
            return decoder

        def bound(self, stimuli: NDArray[np.float64]) -> NDArray[np.float64]:
            return exact_gaussian(stimuli, decoder) - 5

    shown = rng.normal(size=(30, 4))
    section = LikelihoodSection(n_samples=1, n_annealed=12, n_temperatures=60, n_chains=4)
    found = likelihood_metrics(_Gaussian(), shown, section=section, rng=rng)
    assert found["ais_nats"] == pytest.approx(exact_gaussian(shown, decoder).mean(), abs=0.05)
    assert found["ais_gap_nats"] == pytest.approx(0, abs=0.05)
