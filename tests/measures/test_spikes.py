from typing import Any

import numpy as np
import pytest
import xarray as xr

from neurosim.measures import spikes as module
from neurosim.measures.context import Context
from neurosim.measures.response import Response
from neurosim.measures.spikes import SPIKES, firing_metrics
from neurosim.networks import LCA, SAILnet, SpikingLCA
from neurosim.networks.spiking.reconstruction import rescaled_residual
from neurosim.recipes.recipe import Recipe
from neurosim.stimuli.kinds.stimuli import Stimuli

_DURATION = 0.05


class _Network(SpikingLCA):
    """Decodes with fields that were given."""

    def __init__(self, fields: np.ndarray) -> None:
        self.fields = fields

    def residual_rms(self, stimuli: np.ndarray, code: np.ndarray) -> float:
        return rescaled_residual(stimuli, code @ self.fields)


def _table(counts: np.ndarray) -> xr.Dataset:
    """Spread each neuron's spikes evenly over each presentation."""
    rows = [
        ((k + 0.5) * _DURATION / number, stimulus, neuron)
        for (stimulus, neuron), number in np.ndenumerate(counts.astype(int))
        for k in range(number)
    ]
    time, stimulus, neuron = zip(*sorted(rows), strict=True) if rows else ([], [], [])
    variables: dict[str, Any] = {
        "time": ("spike", np.array(time, dtype=float)),
        "stimulus": ("spike", np.array(stimulus, dtype=int)),
        "neuron": ("spike", np.array(neuron, dtype=int)),
    }
    attributes = {"n_stimuli": counts.shape[0], "n_neurons": counts.shape[1], "duration": _DURATION}
    return xr.Dataset(variables, attrs=attributes)


def _context(network: Any, response: Response, held_out: np.ndarray) -> Context:
    shown = {"patches": held_out}
    context = Context(
        network, Stimuli(training=shown, held_out=shown, shapes={}, sources={}), recipe=Recipe()
    )
    context.encoded = context.response = response  # type: ignore[misc]
    return context


def _metrics(counts: np.ndarray, held_out: np.ndarray | None = None, **others: np.ndarray) -> dict[str, Any]:
    counts = np.asarray(counts, dtype=np.float32)
    shown = np.tile([[1.0, -1.0]], (len(counts), 1)) if held_out is None else held_out
    response = Response(counts, {"neurons": counts, **others}, _table(counts))
    fields = np.tile([[1.0, -1.0]], (counts.shape[1], 1))
    return firing_metrics(_context(_Network(fields), response, shown))


def test_a_graded_network_has_none() -> None:
    assert not SPIKES.applies(_context(LCA(), Response(np.ones((2, 3))), np.ones((2, 4))))


def test_rates_are_means_over_all_neurons_and_stimuli() -> None:
    found = _metrics(np.array([[2, 0, 0], [0, 1, 0]]))
    assert found["spikes_per_stimulus"] == 0.5
    assert found["rate_hz_mean"] == pytest.approx(10.0)
    assert found["silent_neurons"] == 1


def test_other_populations_are_named() -> None:
    found = _metrics(np.ones((4, 2)), inhibitory=np.array([[3, 0], [0, 0], [1, 0], [0, 0]]))
    assert found["inhibitory_spikes_per_stimulus"] == 0.5
    assert found["spikes_per_stimulus"] == 1


def test_a_clock_has_no_irregularity_and_a_silent_neuron_takes_no_part() -> None:
    assert _metrics(np.array([[4, 0], [4, 0], [4, 0]]))["isi_cv_mean"] == pytest.approx(0, abs=1e-9)
    assert np.isnan(_metrics(np.array([[1, 0], [1, 0]]))["isi_cv_mean"])


def test_the_rate_while_active_and_the_intervals_within_a_stimulus_stand_beside_the_means() -> None:
    # Clocks of 8 and 20 spikes in .05 s, to two stimuli of a hundred.
    counts = np.zeros((100, 2))
    counts[3, 0], counts[70, 0] = 8, 20
    found = _metrics(counts)
    assert found["rate_hz_active"] == pytest.approx(14 / _DURATION)
    assert found["rate_hz_mean"] == pytest.approx(0.14 / _DURATION)
    assert found["isi_cv_within_stimulus"] == pytest.approx(0, abs=1e-9)
    assert found["isi_cv_trains"] == 2
    assert found["isi_cv_mean"] > 3


def test_few_spikes_a_stimulus_have_no_intervals_within_it() -> None:
    found = _metrics(np.array([[4, 0], [4, 0]]))
    assert np.isnan(found["isi_cv_within_stimulus"])
    assert found["isi_cv_trains"] == 0


def test_the_residual_is_that_of_standardised_stimuli_where_the_network_standardises() -> None:
    class Standardising(SAILnet):
        residual_rms = _Network.residual_rms

        def __init__(self, fields: np.ndarray) -> None:
            self.fields = fields

        def standardised(self, stimuli: np.ndarray) -> np.ndarray:
            return stimuli / stimuli.std(axis=1, keepdims=True)

    counts, shown = np.array([[1.0], [0.0]]), 3 * np.array([[1.0, -1.0], [-1.0, 1.0]])
    response = Response(counts, {"neurons": counts}, _table(counts))
    network = Standardising(np.array([[1.0, -1.0]]))
    assert "residual_rms" in firing_metrics(_context(network, response, shown))


def test_correlated_neurons_are_told_from_independent_ones() -> None:
    rng = np.random.default_rng(0)
    alone = rng.poisson(0.3, size=(2000, 6))
    together = alone + rng.poisson(0.3, size=(2000, 1))
    apart, common = _metrics(alone), _metrics(together)
    assert apart["count_correlation_floor"] == pytest.approx(1 / np.sqrt(1999))
    assert apart["count_correlation_rms"] < 2 * apart["count_correlation_floor"]
    assert common["count_correlation_rms"] == pytest.approx(0.5, abs=0.05)


def test_the_residual_is_for_stimuli_of_unit_deviation_only() -> None:
    counts, unit = np.array([[1], [0]]), np.array([[1.0, -1.0], [-1.0, 1.0]])
    # The first is rebuilt exactly; of the second, to which nobody responds, all is left.
    assert _metrics(counts, unit)["residual_rms"] == pytest.approx(np.sqrt(0.5))
    assert "residual_rms" not in _metrics(counts, 1.1 * unit)


def test_without_the_extra_only_the_irregularity_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _metrics(np.ones((4, 2)))
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "elephant" else object())
    assert set(whole) - set(_metrics(np.ones((4, 2)))) == {"isi_cv_mean"}
