"""The loop over measures: streams of random numbers by name, figures that depend on nothing else."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from neurosim import measures
from neurosim.analysis.plots import plot_rates
from neurosim.measures.context import Context
from neurosim.recipes.recipe import Recipe
from neurosim.registry.measure import Measured
from neurosim.runs.analyze import analyze, save_figure
from neurosim.stimuli.kinds.stimuli import Stimuli
from neurosim.stimuli.randomness import stream_of


def test_a_measure_has_a_stream_of_its_own_that_depends_on_its_name_alone() -> None:
    seed = np.random.SeedSequence(0).spawn(4)[3]
    first = {measure.name: stream_of(seed, measure.name).random() for measure in measures.MEASURES}
    seed.spawn(7)  # whatever else is taken from the run's seed
    again = {measure.name: stream_of(seed, measure.name).random() for measure in reversed(measures.MEASURES)}
    assert first == again
    assert len(set(first.values())) == len(measures.MEASURES)
    other = np.random.SeedSequence(1).spawn(4)[3]
    assert stream_of(other, "v1").random() != first["v1"]


def test_the_stream_of_a_name_is_the_same_on_every_machine() -> None:
    assert stream_of(np.random.SeedSequence(0), "v1").integers(1000, size=3).tolist() == [316, 289, 515]


def test_the_same_figure_gives_the_same_bytes_whatever_the_users_style(tmp_path: Path) -> None:
    def draw() -> Figure:
        return plot_rates(np.arange(12).reshape(3, 4))

    save_figure(draw, tmp_path / "plain" / "rates.png")
    with mpl.rc_context(
        {"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "red", "ytick.right": True}
    ):
        save_figure(draw, tmp_path / "loud" / "rates.png")
    plain, loud = ((tmp_path / folder / "rates.png").read_bytes() for folder in ("plain", "loud"))
    assert plain == loud
    assert b"Software" not in plain


def test_a_number_that_a_measure_does_not_declare_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    telling_nobody = measures.Measure(
        name="secret", compute=lambda *_: Measured(metrics={"secret_bits": 1.0})
    )
    monkeypatch.setattr("neurosim.measures.MEASURES", (telling_nobody,))
    monkeypatch.setattr("neurosim.runs.analyze.write_dataset", lambda *_: None)
    monkeypatch.setattr("neurosim.runs.analyze.network_dataset", lambda *_: None)
    context = Context(None, Stimuli(training={}, held_out={}, shapes={}, sources={}), recipe=Recipe())
    with pytest.raises(ValueError, match="'secret' declares, got secret_bits"):
        analyze(context, seed=np.random.SeedSequence(0), folder=tmp_path)
    assert not any(tmp_path.iterdir())
