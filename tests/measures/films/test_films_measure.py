"""The measure of fields in space and time, on a small run."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from neurosim.measures.films.groups import groups_of
from neurosim.measures.films.measure import FILMS
from neurosim.networks import LCA
from neurosim.registry.measure import Measured, undeclared
from neurosim.stimuli.kinds.films.film_clips import film_clips
from neurosim.stimuli.kinds.films.section import FilmSection


@pytest.fixture(scope="module")
def context() -> Any:
    section = FilmSection(
        photographs=["camera", "china"],
        motion="move",
        patch_size=8,
        n_frames=6,
        n_kept=60,
        n_train=6000,
        n_test=50,
    )
    rngs = np.random.default_rng(0), np.random.default_rng(1)
    stimuli = film_clips(section, training_rng=rngs[0], held_out_rng=rngs[1])
    options = {"threshold": 0.2, "batch_size": 100, "learning_rate": 15.0, "n_epochs": 2}
    network = LCA(40, **options, backend="numpy", random_state=0).fit(stimuli.training["clips"])
    return SimpleNamespace(network=network, stimuli=stimuli, usage=network.usage_, say=lambda step: None)


@pytest.fixture(scope="module")
def measured(context: Any) -> Measured:
    return FILMS.compute(context, np.random.default_rng(0))


def test_motion_makes_fields_selective_and_its_control_does_not(measured: Measured) -> None:
    numbers = measured.metrics
    assert numbers["direction_selective_fraction"] > 0.3
    assert numbers["direction_selective_fraction_still"] < 0.1
    assert numbers["direction_selective_fraction_untrained"] > 0.3
    assert numbers["separable_fraction_untrained"] < 0.1 < numbers["separable_fraction_still"]
    assert numbers["direction_selective_of_inseparable"] > 0.8


def test_all_it_gives_is_declared_and_drawn(context: Any, measured: Measured) -> None:
    assert FILMS.applies(context)
    assert not FILMS.applies(SimpleNamespace(network=context.network, stimuli=None))
    assert not undeclared(FILMS, measured)
    assert measured.columns is not None
    assert len(measured.columns) == 40
    assert set(FILMS.columns) <= set(measured.columns)
    assert measured.tables["space_time"]["learned_from"].tolist() == ["film", "still", "untrained"]
    for draw in measured.figures.values():
        assert draw().axes


def test_without_the_control_nothing_learns_again(context: Any) -> None:
    stimuli = SimpleNamespace(whitening=context.stimuli.whitening, still=None)
    groups = groups_of(context.network, stimuli, rng=np.random.default_rng(0))  # type: ignore[arg-type]
    assert list(groups) == ["film", "untrained"]


def test_the_page_says_that_no_camera_took_it() -> None:
    numbers = {
        "direction_selective_fraction": 0.45,
        "direction_selective_fraction_still": 0.01,
        "direction_selective_fraction_untrained": 0.5,
        "direction_selective_of_separable": 0.02,
        "direction_selective_of_inseparable": 0.99,
    }
    made = {"film": "made from 9 photographs: drift 0.2", "share_aliased": 0.012}
    run = SimpleNamespace(number=numbers.get, provenance=made)
    text = " ".join(FILMS.sentences(run))
    assert (
        "45% are direction-selective, beside 1% of those learned from the same clips without motion" in text
    )
    assert "Of the separable ones, 2% are selective, of the inseparable ones 99%." in text
    assert "No camera took this film: it was made from 9 photographs" in text
    assert "Of its contrast, 1.2% moves by more than half a cycle per frame" in text
