"""Fields by reverse correlation in a run: as the claim, beside it, or not at all, and what is told of them."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from neurosim.analysis.fields.gabor import gabor
from neurosim.measures.context import Context
from neurosim.measures.fields import DICTIONARY, GABOR_FITS
from neurosim.measures.mapping.measure import REVERSE_CORRELATION
from neurosim.measures.shape import V1
from neurosim.networks import LCA
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.registry.measure import Measured, undeclared
from neurosim.results.run_folder import RunFolder
from neurosim.stimuli.kinds.photograph_patches import photographs
from neurosim.stimuli.kinds.photographs import PhotographSection
from neurosim.stimuli.kinds.stimuli import ImageSpace, Stimuli

N = 16


class _Linear(LCA):
    """Units that weigh what they see and do not act on each other; the last one never answers."""

    def transform(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        code = X @ self.dictionary_.T
        code[:, -1] = 0.0
        return code

    def settle(self, X: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
        return self.transform(X), np.zeros(len(X), dtype=bool)


@cache
def stimuli() -> Stimuli:
    section = PhotographSection(
        photographs=["camera"], patch_size=12, n_train=300, n_test=20, normalise="std", dtype="float64"
    )
    return photographs(section, training_rng=np.random.default_rng(0), held_out_rng=np.random.default_rng(1))


@cache
def network() -> LCA:
    rng = np.random.default_rng(0)
    parameters = {
        "x0": rng.uniform(5, 6, N), "y0": rng.uniform(5, 6, N), "orientation": rng.uniform(0, np.pi, N),
        "frequency": 0.15, "phase": rng.uniform(0, 2 * np.pi, N), "sigma_x": 1.8, "sigma_y": 2.2, "amplitude": 1.0,
    }  # fmt: skip
    rows = gabor(pd.DataFrame(parameters), height=12, width=12).reshape(N, -1)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return _Linear.from_dictionary(rows, threshold=0.1, backend="numpy")


def context(fields: str, *, seed: int = 0) -> Context:
    section = AnalysisSection(
        fields=fields, margin=4, bound_sweep=[1.5, 2.0], n_starts=3, n_bootstrap=100, noise_frames=4_000
    )
    recipe = Recipe().model_copy(update={"analysis": section})
    recipe = recipe.model_copy(update={"run": recipe.run.model_copy(update={"seed": seed})})
    return Context(network(), stimuli(), recipe=recipe)


@cache
def measured(fields: str) -> tuple[Context, Measured, Measured]:
    of = context(fields)
    shape, mapping = (measure.compute(of, np.random.default_rng(0)) for measure in (V1, REVERSE_CORRELATION))
    assert not undeclared(V1, shape)
    assert not undeclared(REVERSE_CORRELATION, mapping)
    return of, shape, mapping


def told(*given: Measured, recipe: str = "") -> RunFolder:
    metrics = {name: value for each in given for name, value in each.metrics.items()}
    return RunFolder(Path(), metrics, {}, recipe, {}, pd.DataFrame(), {}, {})


def test_without_being_asked_nothing_is_mapped() -> None:
    of = context("adjoint")
    assert of.mapped is None
    assert list(of.fields) == ["whitened", "image"]
    assert not REVERSE_CORRELATION.applies(of)
    metrics = V1.compute(of, np.random.default_rng(0)).metrics
    assert not [name for name in metrics if name.endswith(("_adjoint", "_reverse_correlated"))]


def test_the_two_ways_change_places_and_the_keys_of_the_other_have_its_name() -> None:
    _, beside, _ = measured("both")
    _, claim, _ = measured("reverse_correlation")
    plain = V1.compute(context("adjoint"), np.random.default_rng(0)).metrics
    for name in ("v1_nxny_js_bits", "v1_nxny_fields", "nx_median_image", "bandwidth_octaves_image"):
        assert beside.metrics[name] == plain[name] == claim.metrics[f"{name}_adjoint"]
        assert claim.metrics[name] == beside.metrics[f"{name}_reverse_correlated"]
    assert {name.removesuffix("_adjoint") for name in claim.metrics} == {
        name.removesuffix("_reverse_correlated") for name in beside.metrics
    }


def test_the_sweep_over_bounds_has_every_space() -> None:
    for fields, other in (("both", "reverse_correlated"), ("reverse_correlation", "adjoint")):
        sweep = measured(fields)[1].tables["bound_sweep"]
        assert sweep.groupby("space").size().to_dict() == {"image": 2, "whitened": 2, other: 2}


def test_units_without_interactions_have_the_same_fields_both_ways() -> None:
    fields = measured("both")[0].fields
    for computed, mapped in list(zip(fields["image"], fields["reverse_correlated"], strict=True))[:-1]:
        assert np.corrcoef(computed.ravel(), mapped.ravel())[0, 1] > 0.95
    _, found, _ = measured("both")
    assert found.metrics["nx_median_image_reverse_correlated"] == pytest.approx(
        found.metrics["nx_median_image"], rel=0.05
    )


def test_a_unit_that_never_answers_is_counted_and_left_out_by_name() -> None:
    _, shape, mapping = measured("reverse_correlation")
    assert mapping.metrics["reverse_correlation_silent_units"] == 1
    assert mapping.metrics["reverse_correlation_significant_share"] == pytest.approx((N - 1) / N)
    assert shape.metrics["v1_nxny_left_out_no_fit"] == 1
    assert shape.metrics["v1_nxny_left_out_no_fit_adjoint"] == 0
    words = " ".join([*V1.sentences(told(shape)), *REVERSE_CORRELATION.sentences(told(shape, mapping))])
    assert "1 of units that answer all frames of noise alike" in words
    assert "1 answered every frame alike and has none" in words


def test_the_page_says_whose_fields_the_distance_is_of_and_how_noise_was_shown() -> None:
    _, shape, mapping = measured("reverse_correlation")
    first, *others = V1.sentences(told(shape))
    assert "the fields as noise maps them (n_x, n_y)" in first
    assert any("computed from the weights, which no electrode sees, are" in words for words in others)
    words = " ".join(REVERSE_CORRELATION.sentences(told(shape, mapping)))
    assert "4,000 frames of white noise" in words
    assert f"in place of {shape.metrics['v1_nxny_js_bits']:.3f}" in words
    _, shape, mapping = measured("both")
    assert "the fields (n_x, n_y)" in next(V1.sentences(told(shape)))
    words = " ".join(REVERSE_CORRELATION.sentences(told(shape, mapping)))
    assert f"in place of {shape.metrics['v1_nxny_js_bits_reverse_correlated']:.3f}" in words
    assert not list(REVERSE_CORRELATION.sentences(told()))


def test_frames_at_which_nothing_settled_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert measured("both")[2].metrics["reverse_correlation_unsettled_fraction"] == 0
    odd = lambda self, X: (self.transform(X), np.arange(len(X)) % 2 == 1)  # noqa: E731
    monkeypatch.setattr(_Linear, "settle", odd)
    assert context("both").mapped.unsettled == pytest.approx(0.5)


def test_stimuli_without_their_photographs_cannot_be_mapped_and_say_so() -> None:
    of = context("both")
    of.stimuli = replace(stimuli(), image_space=ImageSpace(stimuli().image_space.whitener))
    with pytest.raises(ValueError, match="expected stimuli with the photographs they were cut from"):
        _ = of.fields


def test_panels_are_called_by_how_fields_were_found() -> None:
    titles = [
        axes.get_title(loc="left") for axes in measured("reverse_correlation")[1].figures["nx_ny"]().axes
    ]
    assert titles[0].startswith("Mapped with noise: ")
    assert titles[1].startswith("Computed from the weights: ")


def test_the_figure_and_the_columns_of_fields_are_there() -> None:
    of, _, mapping = measured("both")
    assert mapping.figures["mapped_fields"]().axes
    assert len(mapping.columns) == N
    columns = GABOR_FITS.compute(of, np.random.default_rng(0)).columns
    assert {"nx", "image_nx", "reverse_correlated_nx"} <= set(columns)
    of, _, mapping = measured("reverse_correlation")
    assert not mapping.figures  # the figure of the fields in the image is of these
    assert of.fields["image"] is not of.fields["adjoint"]
    assert set(DICTIONARY.compute(of, np.random.default_rng(0)).figures) == {"dictionary", "image_fields"}


def test_the_noise_is_the_same_whoever_asks_first_and_another_with_another_seed() -> None:
    first = context("reverse_correlation").fields["image"]
    np.testing.assert_array_equal(first, context("both").mapped.fields)
    assert not np.array_equal(first, context("both", seed=1).mapped.fields)
