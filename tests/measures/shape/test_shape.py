"""Distance to cortex where there is something to compare, and where there is nothing."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.fields.fields import spectral_bandwidths
from neurosim.measures.context import Context
from neurosim.measures.shape import V1
from neurosim.measures.shape.measure import _bandwidths
from neurosim.measures.shape.sentences import verdict
from neurosim.networks import LCA
from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.registry.measure import Measured, undeclared
from neurosim.stimuli.kinds.stimuli import ImageSpace, Stimuli

_N = 12


def _fits(*, like: bool) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    shapes = {"nx": rng.uniform(0.2, 0.6, _N), "ny": rng.uniform(0.2, 0.6, _N), "gabor_like": like}
    fit = {"r2": 0.9 if like else 0.3, "participation_ratio": 9.0, "at_bound": False, "bound": ""}
    return pd.DataFrame(shapes | fit)


def _measured(**like: bool) -> Measured:
    stimuli = Stimuli(
        training={"patches": np.zeros((2, 4))}, held_out={"patches": np.zeros((2, 4))},
        shapes={"patches": (2, 2)}, sources={}, image_space=ImageSpace(None),
    )  # fmt: skip
    section = AnalysisSection(bound_sweep=[1.5], n_bootstrap=100)
    context = Context(LCA(), stimuli, recipe=Recipe().model_copy(update={"analysis": section}))
    waves = np.random.default_rng(0).standard_normal((_N, 6, 6))
    vars(context)["fields"] = dict.fromkeys(like, waves)
    vars(context)["fits"] = {space: _fits(like=each) for space, each in like.items()}
    assert V1.applies(context)
    found = V1.compute(context, np.random.default_rng(0))
    assert not undeclared(V1, found)
    return found


def test_the_claim_is_the_image_and_the_patches_stand_beside_it() -> None:
    found = _measured(whitened=True, image=True)
    assert found.metrics["v1_nxny_fields"] == _N
    assert 0 < found.metrics["v1_nxny_js_bits"] < 1
    assert found.metrics["gabor_fraction_image"] == 1
    sweep = found.tables["bound_sweep"].set_index("space")["js_bits"]
    assert sweep["image"] == found.metrics["v1_nxny_js_bits"]
    assert sweep["whitened"] == found.metrics["v1_nxny_js_bits_whitened"]
    assert set(found.figures) == {"nx_ny", "amplitude_bound"}


def test_a_space_without_a_gabor_like_field_has_no_distance_and_no_panel() -> None:
    found = _measured(whitened=False, image=True)
    assert np.isnan(found.metrics["v1_nxny_js_bits_whitened"])
    assert len([axes for axes in found.figures["nx_ny"]().axes if axes.get_xlabel()]) == 1


def test_without_any_there_is_nothing_to_draw() -> None:
    found = _measured(whitened=False, image=False)
    assert found.metrics["v1_nxny_fields"] == 0
    assert found.metrics["v1_nxny_left_out_r2"] == _N
    assert not found.figures


@pytest.mark.parametrize(("low", "words"), [(0.0, "holds 0"), (0.1, "begins at 0.100 bits")])
def test_the_verdict_is_that_of_the_interval(low: float, words: str) -> None:
    assert words in verdict([low, 0.4])


def test_what_spectra_tell_without_a_fit_is_the_median_over_fields() -> None:
    metrics = _measured(whitened=True, image=True).metrics
    waves = np.random.default_rng(0).standard_normal((_N, 6, 6))
    known = spectral_bandwidths(waves)
    half = known["orientation_half_bandwidth_degrees"].median()
    assert metrics["half_bandwidth_deg_image"] == pytest.approx(half)


def test_fields_half_of_which_reach_to_frequency_0_have_no_median_bandwidth() -> None:
    blobs = np.exp(-((np.indices((9, 9)) - 4) ** 2).sum(axis=0) / 8)[None].repeat(3, axis=0)
    assert np.isnan(_bandwidths(blobs)["bandwidth_octaves_image"])
