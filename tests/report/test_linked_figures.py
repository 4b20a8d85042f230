"""One call draws every figure of a run on modalities, or nothing."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.codes.blocks import block_activity
from neurosim.analysis.tuning.disparity import disparity_tuning
from neurosim.registry.captions import CAPTIONS
from neurosim.report.linked_figures import LinkedFields, write_linked_figures

_N_NEURONS, _N_STIMULI = 6, 40


class _Panels(NamedTuple):
    coordinates: dict[str, dict[str, np.ndarray]]
    labels: np.ndarray


@pytest.fixture
def arrays() -> dict[str, Any]:
    """What `write_linked_figures` takes of a network that does not spike."""
    rng = np.random.default_rng(0)
    labels = np.arange(_N_STIMULI) % 2
    code = rng.random((_N_STIMULI, _N_NEURONS)) * (rng.random((_N_STIMULI, _N_NEURONS)) < 0.5)
    shown, batch = rng.random((_N_STIMULI, 4, 4)), np.arange(1, 20)
    planes = {"raw": rng.random((_N_STIMULI, 2)), "code": rng.random((_N_STIMULI, 2))}
    pictures = dict.fromkeys(("given", "rebuilt", "recalled", "wanted"), shown[:3])
    return {
        "fields": LinkedFields(
            {"seen": rng.normal(size=(_N_NEURONS, 4, 4)), "heard": rng.normal(size=(_N_NEURONS, 1, 9))},
            np.arange(_N_NEURONS)[::-1],
        ),
        "code": code,
        "stimuli": shown,
        "reconstructions": 0.9 * shown,
        "history": pd.DataFrame(
            {"batch": batch, "objective": 5 + 1 / batch, "active_fraction": 0.1, "learning_rate": 0.5}
        ),
        "recall": {**pictures, "labels": labels[:3]},
        "panels": _Panels({"pca": planes, "tsne": planes}, labels),
        "blocks": block_activity(code, labels, np.array([0, 0, 0, 1, 1, -1])),
        "tuning": disparity_tuning(code, np.arange(_N_STIMULI) % 5),
        "dominance": np.linspace(-1, 1, _N_NEURONS),
    }


def test_a_whole_run_gives_every_figure_with_a_caption(arrays, tmp_path):
    stems = {path.stem for path in write_linked_figures(tmp_path, **arrays)}
    assert stems == {path.stem for path in tmp_path.iterdir()} == {
        "linked_fields", "learning_curve", "sparsity", "reconstructions", "recall", "pca", "tsne", "blocks",
        "disparity",
    }  # fmt: skip
    assert stems <= set(CAPTIONS)


def test_what_is_not_there_is_left_out(arrays, tmp_path, monkeypatch):
    monkeypatch.setattr("neurosim.report.linked_figures.saved", lambda _, path: path)
    for name in ("recall", "panels", "blocks", "tuning", "dominance"):
        del arrays[name]
    stems = {path.stem for path in write_linked_figures(tmp_path, **arrays)}
    assert stems == {"linked_fields", "learning_curve", "sparsity", "reconstructions"}


def test_a_network_that_guesses_has_a_figure_of_filters_in_place_of_sparsity(arrays, tmp_path, monkeypatch):
    monkeypatch.setattr("neurosim.report.linked_figures.saved", lambda _, path: path)
    filters = pd.DataFrame(
        {"fall_nats": [1.0, 0.0], "divergence_nats": 0.2, "norm": 1.0, "active": [True, False]}
    )
    stems = {path.stem for path in write_linked_figures(tmp_path, **arrays, filters=filters)}
    assert "filters" in stems
    assert "sparsity" not in stems


def test_panels_are_called_by_what_they_show(arrays, tmp_path, monkeypatch):
    titles = {}

    def noted(figure, path):
        titles[path.stem] = [axes.get_title(loc="left") for axes in figure.axes]
        return path

    monkeypatch.setattr("neurosim.report.linked_figures.saved", noted)
    write_linked_figures(tmp_path, **arrays)
    assert titles["pca"] == titles["tsne"] == ["stimuli themselves", "code"]
    assert titles["linked_fields"] == ["seen", "heard"]


def test_a_late_fault_writes_nothing(arrays, tmp_path):
    arrays["dominance"] = np.full(_N_NEURONS, 3.0)
    with pytest.raises(ValueError, match="dominance"):
        write_linked_figures(tmp_path / "figures", **arrays)
    assert not (tmp_path / "figures").exists()
