"""What is masked is missing: no door takes a mask away and looks at what lies behind it."""

import numpy as np
import pandas as pd
import pytest

from neurosim import analysis, stimuli
from neurosim.laboratory import map_fields
from neurosim.networks import (
    LCA,
    SVAE,
    WLSC,
    ComplexCells,
    ConvolutionalLCA,
    LinkedLCA,
    LocalLowDimensionality,
    OrdinalLinkedLCA,
    SAILnet,
)

rng = np.random.default_rng(0)
BEHIND = -9999.0


def masked(*shape: int) -> np.ma.MaskedArray:
    """Return values of which the first marks something that was not measured."""
    values = rng.random(shape)
    values.flat[0] = BEHIND
    return np.ma.masked_equal(values, BEHIND)


ANGLES = np.arange(0.0, 180.0, 15.0)
SHEET = analysis.Sheet(4, 4, torus=False)
NOISE = stimuli.white_noise(20, field=stimuli.VisualField(4, 4, pixels_per_degree=8), rms=0.1, rng=0)

DOORS = {
    "Film": lambda: stimuli.Film(masked(1, 3, 4, 4), rate_hz=25.0),
    "SpaceTimeWhitening": lambda: stimuli.SpaceTimeWhitening(3).fit(masked(20, 3, 4, 4)),
    "stilled": lambda: stimuli.stilled(masked(2, 3, 4, 4), rng=0),
    "images_as_stimuli": lambda: stimuli.images_as_stimuli(masked(3, 4, 4), pixels_per_degree=8),
    "LCA.fit": lambda: LCA(4).fit(masked(20, 9)),
    "LCA.fit films": lambda: LCA(4, carry_over=True, batch_size=3).fit(masked(3, 2, 9)),
    "LCA.transform": lambda: LCA.from_dictionary(np.eye(9), threshold=0.5).transform(masked(20, 9)),
    "LCA.transform_film": lambda: LCA.from_dictionary(np.eye(9), threshold=0.5).transform_film(
        masked(3, 2, 9), frame_seconds=0.01
    ),
    "LCA.from_dictionary": lambda: LCA.from_dictionary(masked(4, 9), threshold=0.5),
    "LCA.inverse_transform": lambda: LCA.from_dictionary(np.eye(9), threshold=0.5).inverse_transform(
        masked(2, 9)
    ),
    "initial_dictionary": lambda: LCA(4, initial_dictionary=masked(4, 9)).fit(rng.random((20, 9))),
    "LinkedLCA": lambda: LinkedLCA(4).fit({"left": rng.random((20, 9)), "right": masked(20, 9)}),
    "labels": lambda: OrdinalLinkedLCA(4).fit({"left": rng.random((20, 9))}, masked(20)),
    "graph": lambda: WLSC(4).fit(rng.random((20, 9)), graph=masked(20, 4)),
    "LocalLowDimensionality": lambda: LocalLowDimensionality(4).fit(masked(20, 3, 9)),
    "ConvolutionalLCA.from_dictionary": lambda: ConvolutionalLCA.from_dictionary(
        masked(2, 3, 3), threshold=0.5
    ),
    "SAILnet": lambda: SAILnet(4).fit(masked(20, 9)),
    "SVAE": lambda: SVAE(4).fit(masked(20, 9)),
    "ConvolutionalLCA": lambda: ConvolutionalLCA(2, field=(3, 3), stride=1).fit(masked(4, 6, 6)),
    "ComplexCells": lambda: ComplexCells(2).fit(masked(20, 2, 4)),
    "fit_gabors": lambda: analysis.fit_gabors(masked(2, 8, 8)),
    "spectral_bandwidths": lambda: analysis.spectral_bandwidths(masked(2, 8, 8)),
    "motion_properties": lambda: analysis.motion_properties(masked(2, 3, 8, 8)),
    "reverse_correlation": lambda: analysis.reverse_correlation(rng.random((5, 4)), masked(5, 2)),
    "map_fields": lambda: map_fields(NOISE, masked(20, 2)),
    "lifetime_sparseness": lambda: analysis.lifetime_sparseness(masked(5, 3)),
    "pca": lambda: analysis.pca(masked(5, 3)),
    "class_selectivity": lambda: analysis.class_selectivity(rng.random((5, 3)), masked(5), rng=0),
    "count_correlations": lambda: analysis.count_correlations(masked(5, 3)),
    "orientation_properties": lambda: analysis.orientation_properties(masked(2, 12), orientations_deg=ANGLES),
    "circular_variance": lambda: analysis.circular_variance(masked(2, 12), orientations_deg=ANGLES),
    "response_grid": lambda: analysis.response_grid(
        masked(2, 3), pd.DataFrame({"contrast": [0.5, 1.0]}), axes=("contrast",)
    ),
    "phase_components": lambda: analysis.phase_components(masked(4), phases_deg=[0, 90, 180, 270]),
    "field_places": lambda: analysis.field_places(masked(1, 4, 4), x=np.arange(4), y=np.arange(4)),
    "orientation_vectors": lambda: analysis.orientation_vectors(masked(2, 12), np.deg2rad(ANGLES)),
    "map_smoothness": lambda: analysis.map_smoothness(masked(16), SHEET, rng=0, n_shuffles=1),
    "tuning_maps": lambda: analysis.tuning_maps(masked(16), SHEET),
}


@pytest.mark.parametrize("door", DOORS)
def test_values_behind_a_mask_are_not_taken_for_measured(door):
    with pytest.raises(ValueError, match=r"expected a value everywhere, got 1 masked of \d+"):
        DOORS[door]()


def test_an_array_that_could_be_masked_and_is_not_is_taken():
    whole = np.ma.masked_invalid(rng.random((5, 3)))
    assert np.isfinite(analysis.lifetime_sparseness(whole)).all()
