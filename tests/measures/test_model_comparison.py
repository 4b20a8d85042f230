"""Several networks whose fields are planted: what is compared, and what a page says of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from neurosim.measures.code import code_metrics
from neurosim.measures.context import Context
from neurosim.measures.model_comparison import MODEL_COMPARISON
from neurosim.networks import LCA
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.registry.measure import CONDITION, Measured, declared_name
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.stimuli import ImageSpace, Stimuli

_SIZE, _N_FIELDS = 10, 6


def _gabors(n_x: float) -> np.ndarray:
    """Return upright fields, all of the same envelope in cycles, at several places."""
    y, x = np.mgrid[:_SIZE, :_SIZE] - (_SIZE - 1) / 2
    frequency, rows = 0.2, []
    for place in np.linspace(-1, 1, _N_FIELDS):
        envelope = np.exp(-((x - place) ** 2 + y**2) * frequency**2 / (2 * n_x**2))
        rows.append((envelope * np.cos(2 * np.pi * frequency * (x - place))).ravel())
    return np.array(rows) / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def context() -> Context:
    rows = {"patches": np.random.default_rng(0).normal(size=(30, _SIZE**2))}
    stimuli = Stimuli(
        training=rows,
        held_out=rows,
        shapes={"patches": (_SIZE, _SIZE)},
        sources={},
        image_space=ImageSpace(None),
    )
    section = AnalysisSection(bound_sweep=[1.2, 1.5], n_starts=2, n_bootstrap=100, margin=2)
    recipe = Recipe().model_copy(update={"analysis": section})
    networks = {
        name: LCA.from_dictionary(_gabors(n_x), threshold=0.3, backend="numpy")
        for name, n_x in {"like_cells": 0.3, "wide": 0.5}.items()
    }
    conditions = {name: Context(each, stimuli, recipe=recipe) for name, each in networks.items()}
    return Context(None, stimuli, recipe=recipe, conditions=conditions)


@pytest.fixture(scope="module")
def measured(context: Context) -> Measured:
    return MODEL_COMPARISON.compute(context, np.random.default_rng(0))


def test_a_single_network_is_not_compared(context: Context) -> None:
    assert MODEL_COMPARISON.applies(context)
    assert not any(MODEL_COMPARISON.applies(each) for each in context.conditions.values())


def test_each_network_is_measured_as_it_is_alone(context: Context, measured: Measured) -> None:
    for name, each in context.conditions.items():
        alone = code_metrics(each)
        for number in ("active_fraction", "reconstruction_snr_db"):
            assert measured.metrics[f"{number}_{name}"] == alone[number]


def test_the_first_network_is_what_the_others_are_compared_with(measured: Measured) -> None:
    bits = [measured.metrics[f"v1_nxny_js_bits_{name}"] for name in ("like_cells", "wide")]
    assert abs(bits[1] - bits[0]) > 0.01
    assert measured.metrics["difference_wide"] == pytest.approx(bits[1] - bits[0])
    assert measured.metrics["difference_like_cells"] == 0
    table = measured.tables["arms"]
    assert table[["space", "arm"]].to_numpy().tolist() == [
        [space, name] for space in ("image", "whitened") for name in ("like_cells", "wide")
    ]


def test_the_bound_that_was_fixed_is_swept_with_the_others_and_not_fitted_twice(measured: Measured) -> None:
    sweep, table = measured.tables["arms_sweep"], measured.tables["arms"]
    assert sweep["amplitude_bound"].tolist() == [1.2, 1.2, 1.5, 1.5]
    fixed = sweep[sweep["amplitude_bound"] == 1.5]["js_low"].to_numpy()
    np.testing.assert_array_equal(fixed, table[table["space"] == "image"]["js_low"].to_numpy())


def test_there_is_one_row_for_each_neuron_of_each_network(measured: Measured) -> None:
    assert measured.columns is not None
    assert measured.columns.columns[:3].tolist() == ["arm", "neuron", "usage"]
    assert measured.columns["neuron"].tolist() == [*range(_N_FIELDS)] * 2
    medians = measured.columns.groupby("arm")["image_nx"].median()
    np.testing.assert_allclose(medians[["like_cells", "wide"]], [0.3, 0.5], rtol=0.1)


def test_all_that_is_given_is_declared_under_the_name_of_its_network(measured: Measured) -> None:
    known = MODEL_COMPARISON.metrics
    assert all(declared_name(name, known) for name in measured.metrics)
    assert declared_name("v1_nxny_js_bits_corrected_wide", known) == f"v1_nxny_js_bits_corrected_{CONDITION}"
    assert declared_name("difference", known) is None
    assert set(measured.tables) == {*MODEL_COMPARISON.tables, *MODEL_COMPARISON.files}
    assert list(measured.figures) == ["arms", "arms_sweep", "dictionary_like_cells", "dictionary_wide"]
    assert all(declared_name(stem, MODEL_COMPARISON.figures) for stem in measured.figures)
    assert all(draw().axes for draw in measured.figures.values())


def _run(models: list[dict[str, Any]], table: pd.DataFrame, **summary: float) -> RunFolder:
    recipe = {"arms": models, "stimuli": {"n_train": 4000, "n_test": 50, "patch_size": 8}}
    return RunFolder(
        path=Path(), summary=summary, recipe=recipe, recipe_text="", provenance={}, fields=pd.DataFrame(),
        tables={"arms": table}, figures={},
    )  # fmt: skip


def test_a_page_says_who_is_told_from_the_first_and_whose_interval_holds_none() -> None:
    table = pd.DataFrame(
        {
            "space": "image",
            "arm": ["a", "b", "c"],
            "js_low": [0.0, 0.1, 0.2],
            "broadly_tuned_share": [0.1, 0.2, 0.0],
            "difference_low": [0.0, 0.05, -0.1],
            "difference_high": [0.0, 0.30, 0.4],
        }
    )
    models = [{"name": "a"}, {"name": "b"}, {"name": "c", "network": {"model": "svae"}}]
    said = list(MODEL_COMPARISON.sentences(_run(models, table, v1_nxny_js_bits_a=0.2, v1_nxny_js_bits_b=0.3)))
    assert said[0].startswith("3 networks (a, b, c; Brian2, but for c: variational autoencoders trained by ")
    assert "0.200 to 0.300 bits" in said[1]
    assert said[2].startswith("The 95 % interval of a holds 0")
    assert said[3].startswith("Broadly tuned (n_x and n_y below .302 cycles) are 0.0% to 20.0%")
    assert said[4].endswith("b is further from macaque than a; 1 of 2 cannot be told from a.")


def test_nothing_is_said_of_a_run_of_one_network() -> None:
    assert not list(MODEL_COMPARISON.sentences(_run([], pd.DataFrame())))
