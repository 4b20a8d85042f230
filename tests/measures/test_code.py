"""What every code is measured by, on codes that are given."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from neurosim.measures.code import CODE
from neurosim.measures.context import Context
from neurosim.measures.response import Response
from neurosim.networks import LCA, SVAE, SAILnet, TopographicLCA
from neurosim.recipes.recipe import Recipe
from neurosim.registry.measure import Measured
from neurosim.stimuli.kinds.stimuli import Stimuli

_RNG = np.random.default_rng(0)
_SHOWN = _RNG.normal(size=(6, 4)).astype(np.float32)
_CODE = np.array([[1, 0, 0], [0, 0.05, 0], [0.5, 0, 0], [0, 0, 0], [2, 0, 0], [1, 0, 0]], dtype=np.float32)


def _given(kind: type, **learned: Any) -> Any:
    """Return a network of a kind whose code is given and whose fields are the first pixels."""

    class Given(kind):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            self.__dict__ |= learned

        def objective(self, stimuli: np.ndarray, code: np.ndarray) -> np.ndarray:
            return np.arange(len(code), dtype=float)

        def inverse_transform(self, code: np.ndarray) -> np.ndarray:
            return code @ np.eye(3, 4, dtype=np.float32)

    return Given()


def _measured(
    network: Any, *, counts: np.ndarray | None = None, filters: pd.DataFrame | None = None
) -> Measured:
    rows = {"patches": _SHOWN}
    stimuli = Stimuli(training=rows, held_out=rows, shapes={"patches": (2, 2)}, sources={})
    context = Context(network, stimuli, recipe=Recipe())
    response = Response(_CODE, {} if counts is None else {"neurons": counts})
    vars(context).update(encoded=response, response=response, filters=filters)
    return CODE.compute(context, np.random.default_rng(0))


def test_cost_reconstruction_and_sparseness_are_those_of_the_code() -> None:
    metrics = _measured(_given(LCA)).metrics
    assert set(metrics) <= set(CODE.metrics)
    assert metrics["objective"] == 2.5
    assert (metrics["mean_active"], metrics["dead_neurons"]) == (5 / 6, 1)
    assert metrics["active_fraction"] == pytest.approx(5 / 18)
    error = _SHOWN - _CODE @ np.eye(3, 4)
    snr = 10 * np.log10(np.mean(_SHOWN**2) / np.mean(error**2))
    assert metrics["reconstruction_snr_db"] == pytest.approx(snr, abs=1e-4)


def test_activity_up_to_the_softening_is_no_response() -> None:
    softened = _given(TopographicLCA, softening=0.1)
    assert _measured(softened).metrics["dead_neurons"] == 2


def test_reconstructions_refer_to_standardised_stimuli_where_the_network_standardises() -> None:
    network = _given(SAILnet)
    network.standardised = lambda stimuli: 2 * stimuli
    error = 2 * _SHOWN - _CODE @ np.eye(3, 4)
    snr = 10 * np.log10(np.mean((2 * _SHOWN) ** 2) / np.mean(error**2))
    assert _measured(network).metrics["reconstruction_snr_db"] == pytest.approx(snr, abs=1e-4)


def test_where_all_neurons_respond_how_many_do_is_neither_counted_nor_drawn() -> None:
    filters = pd.DataFrame({"active": [True, False, False]})
    found = _measured(_given(SVAE), filters=filters)
    assert not {"active_fraction", "mean_active"} & set(found.metrics)
    assert found.metrics["dead_neurons"] == 2
    assert set(found.figures) == {"reconstructions"}


def test_a_code_of_counts_is_drawn_as_spikes(monkeypatch: pytest.MonkeyPatch) -> None:
    how = []
    monkeypatch.setattr(
        "neurosim.analysis.plots.sparsity_overview", lambda code, **options: how.append(options) or Figure()
    )
    for counts in (None, 2 * _CODE, _CODE):
        _measured(_given(LCA), counts=counts).figures["sparsity"]()
    assert [each["unit"] for each in how] == ["stimulus unit", "stimulus unit", "spikes"]
    assert [each["silence"] for each in how] == [0, 0, 0]
