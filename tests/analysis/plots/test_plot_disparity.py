"""The figure of disparity: shares add up, untuned neurons are left out and counted, cortex lies over it."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.plots import plot_disparity
from neurosim.analysis.tuning.disparity import disparity_measures, disparity_tuning
from neurosim.analysis.v1.disparity import CorticalDisparity

SHOWN = np.repeat(np.linspace(-3, 3, 7), 20)
PREFERRED = np.array([-2.0, 0.0, 0.0, 1.0])


def tuning(n_untuned=6):
    rate = 3 + 30 * (SHOWN[:, None] == PREFERRED)
    counts = np.random.default_rng(0).poisson(np.column_stack([rate, np.full((len(SHOWN), n_untuned), 5)]))
    return disparity_tuning(counts, SHOWN)


def cortex():
    cells = {
        "ddi": [0.42, 0.62, 0.62],
        "preferred_disparity": [9.0, -1.0, 0.0],
        "horizontal": [True, True, False],
    }
    return CorticalDisparity(pd.DataFrame(cells), pd.DataFrame())


def test_the_curves_are_the_means_over_their_largest():
    curves = [
        line for line in plot_disparity(tuning(), neurons=[2, 0]).axes[0].lines if line.get_marker() == "o"
    ]
    for neuron, line in zip((2, 0), curves, strict=True):
        mean = tuning().mean[neuron]
        np.testing.assert_allclose(line.get_ydata(), mean / mean.max())


def test_the_most_discriminating_neurons_are_drawn_by_default():
    lines = [line for line in plot_disparity(tuning()).axes[0].lines if line.get_marker() == "o"]
    assert len(lines) == 6
    best = {int(np.argmax(line.get_ydata())) for line in lines[:4]}
    assert best == {1, 3, 4}


def test_preferred_disparities_are_shares_of_the_tuned_and_both_numbers_are_written():
    axes = plot_disparity(tuning()).axes[1]
    tuned = (disparity_measures(tuning())["p_value"] < 0.01).sum()
    assert axes.get_title(loc="left") == f"{tuned} of 10 neurons tuned"
    values = axes.patches[0].get_data()[0]
    assert values.sum() == pytest.approx(1)
    np.testing.assert_allclose(values[[1, 3, 4]] * tuned, [1, 2, 1])


def test_cortical_indices_lie_over_the_models():
    figure = plot_disparity(tuning(), cortex=cortex())
    drawn = figure.axes[2].patches[-1].get_data()[0]
    assert drawn[8] == pytest.approx(1 / 3)
    assert drawn[12] == pytest.approx(2 / 3)
    assert len(figure.axes[1].patches) == 1  # pixels and degrees are not drawn over each other


def test_cortical_preferences_are_drawn_in_degrees_only_horizontal_ones_and_none_is_lost():
    values = plot_disparity(tuning(), cortex=cortex(), unit="degrees").axes[1].patches[-1].get_data()[0]
    np.testing.assert_allclose(values, [0, 0, 0.5, 0, 0, 0, 0.5])


def test_ocular_dominance_is_a_fourth_panel_that_counts_neurons_without_fields():
    dominance = np.append(np.linspace(-1, 1, 9), np.nan)
    axes = plot_disparity(tuning(), dominance=dominance).axes[3]
    assert axes.get_title(loc="left") == "Ocular dominance (1 without fields)"
    assert axes.patches[0].get_data()[0].sum() == pytest.approx(1)
    assert len(plot_disparity(tuning()).axes) == 3


def test_a_population_without_a_tuned_neuron_is_drawn_empty():
    noise = disparity_tuning(np.zeros((len(SHOWN), 3)), SHOWN)
    figure = plot_disparity(noise)
    assert figure.axes[1].get_title(loc="left") == "0 of 3 neurons tuned"


def test_other_neurons_are_refused():
    with pytest.raises(ValueError, match="each of 10 neurons"):
        plot_disparity(tuning(), dominance=[0.5])
    with pytest.raises(ValueError, match="from -1 to 1"):
        plot_disparity(tuning(), dominance=np.full(10, 1.5))
    with pytest.raises(ValueError, match="from 0 to 9"):
        plot_disparity(tuning(), neurons=[10])
