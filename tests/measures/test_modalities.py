"""Fields in every modality, and what a page says was shown."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from neurosim.measures.context import Context
from neurosim.measures.modalities import MODALITIES, in_order_of_use, shown_together
from neurosim.networks import LinkedLCA
from neurosim.recipes.recipe import Recipe
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.stimuli import ImageSpace, Stimuli


def _run(stimuli: dict[str, Any], **provenance: Any) -> RunFolder:
    return RunFolder(
        path=Path(), summary={}, recipe={"stimuli": stimuli}, recipe_text="", provenance=provenance,
        fields=pd.DataFrame(), tables={}, figures={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stimuli", "words"),
    [
        ({"kind": "digits", "source": "mnist", "classes": [3, 4]}, "digits of MNIST (3, 4), handwritten"),
        (
            {"kind": "digits", "modalities": ["handwriting", "printed"]},
            "digits, shown in handwriting and print",
        ),
        (
            {"kind": "stereo", "source": "motorcycle", "patch_size": 12},
            "pairs of patches of 12 × 12 pixels, one for each eye, from a stereo pair",
        ),
        ({"kind": "arrays"}, "samples of the user's own"),
        (
            {"source": "embedded", "patch_size": 8, "whitening": {"kind": "zca"}},
            "patches of 8 × 8 pixels, drawn from the embedded photographs after ZCA whitening",
        ),
        (
            {"kind": "photographs", "source": "a.png", "n_train": 9, "n_test": 4},
            "9 patches, drawn from the user's images; every code below is for 4 it never saw",
        ),
    ],
)
def test_what_was_shown_is_told_in_words(stimuli: dict[str, Any], words: str) -> None:
    assert shown_together(_run(stimuli)) == words


def test_how_much_was_shown_and_what_codes_were_found_from_is_told_where_it_is_known() -> None:
    run = _run({"kind": "arrays"}, n_train=1200, n_test=90, modalities=["a", "b"], present=["a"])
    assert shown_together(run) == (
        "1,200 samples of the user's own; every code below is for 90 it never saw, found from a alone"
    )


def test_neurons_stand_in_falling_order_of_use_within_their_blocks() -> None:
    usage = np.array([0.1, 0.5, 0.3, 0.9, 0.7])
    assert in_order_of_use(usage, None).tolist() == [3, 4, 1, 2, 0]
    assert in_order_of_use(usage, np.array([1, 0, 0, -1, 1])).tolist() == [1, 2, 4, 0, 3]


def test_every_modality_has_its_fields_and_their_norms() -> None:
    fields = {"seen": np.eye(4), "heard": 2 * np.eye(4)[:, :2]}
    network = LinkedLCA.from_dictionary(fields, threshold=0.1, backend="numpy")
    rows = {"seen": np.eye(4), "heard": np.eye(4)[:, :2]}
    stimuli = Stimuli(training=rows, held_out=rows, shapes={"seen": (2, 2), "heard": (1, 2)}, sources={})
    context = Context(network, stimuli, recipe=Recipe())
    assert MODALITIES.applies(context)
    measured = MODALITIES.compute(context, np.random.default_rng(0))
    assert measured.columns is not None
    assert measured.columns.to_dict("list") == {
        f"norm_{name}": np.linalg.norm(network.dictionaries_[name], axis=1).tolist() for name in fields
    }
    assert set(measured.figures) == set(MODALITIES.figures)
    figure = measured.figures["linked_fields"]()
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["seen", "heard"]


def test_patches_of_photographs_have_figures_of_their_own() -> None:
    rows = {"patches": np.eye(4)}
    stimuli = Stimuli(
        training=rows, held_out=rows, shapes={"patches": (2, 2)}, sources={}, image_space=ImageSpace(None)
    )
    assert not MODALITIES.applies(Context(LinkedLCA(), stimuli, recipe=Recipe()))
