"""Sparsity and reconstructions: the drawn numbers are the code's own."""

import numpy as np
import pytest

from neurosim.analysis.plots import plot_weights, reconstruction_examples, sparsity_overview


def test_the_share_of_zeros_and_the_dead_are_written():
    code = np.zeros((10, 4))
    code[:5, 0], code[:, 1] = 1.0, -2.0
    activity, _, _, usage = sparsity_overview(code).axes
    assert activity.texts[0].get_text().startswith("62.5% exactly zero")
    assert usage.texts[0].get_text() == "2 dead"
    assert len(usage.lines[1].get_xdata()) == 2


def test_activity_up_to_the_silence_of_a_softened_network_is_drawn_as_silence():
    code = np.full((10, 4), 0.01)
    code[:5, 0], code[:, 1] = 1.0, -2.0
    activity, lifetime, per_stimulus, usage = sparsity_overview(code, silence=0.02).axes
    assert activity.texts[0].get_text().startswith("62.5% at most 0.02")
    assert usage.texts[0].get_text() == "2 dead"
    assert sum(bar.get_height() for bar in lifetime.patches) == 2
    assert sum(bar.get_height() for bar in per_stimulus.patches) == 10


def test_a_population_without_dead_neurons_says_so():
    usage = sparsity_overview(np.ones((5, 3))).axes[3]
    assert usage.texts[0].get_text() == "no dead neuron"
    assert len(usage.lines) == 1


def test_every_stimulus_and_every_response_is_counted_once():
    rng = np.random.default_rng(0)
    code = rng.normal(size=(137, 31)) * (rng.random((137, 31)) < 0.3)
    activity, lifetime, per_stimulus, _ = sparsity_overview(code).axes
    assert sum(bar.get_height() for bar in per_stimulus.patches) == 137
    assert sum(bar.get_height() for bar in activity.patches) == np.count_nonzero(code)
    assert sum(bar.get_height() for bar in lifetime.patches) == 31


def test_counts_have_a_bar_per_number_and_are_called_what_they_are():
    counts = np.array([[0, 1, 1], [3, 0, 1]])
    activity = sparsity_overview(counts, unit="spikes").axes[0]
    assert activity.get_xlabel() == "activity (spikes)"
    assert [bar.get_height() for bar in activity.patches] == [3, 0, 1]
    np.testing.assert_allclose([bar.get_x() for bar in activity.patches], [0.5, 1.5, 2.5])


def test_no_count_is_written_between_two_whole_numbers():
    activity = sparsity_overview(np.arange(13).reshape(1, 13), unit="spikes").axes[0]
    assert all(tick == round(tick) for tick in activity.get_xticks())


def test_graded_activity_keeps_its_fine_bars():
    code = np.random.default_rng(0).normal(size=(50, 4))
    activity = sparsity_overview(code).axes[0]
    assert activity.get_xlabel() == "activity (stimulus unit)"
    assert len(activity.patches) == 60


def test_usage_has_numbers_beside_its_axis_even_within_one_power_of_ten():
    rng = np.random.default_rng(0)
    code = rng.random((2000, 30)) < np.linspace(0.03, 0.08, 30)
    usage = sparsity_overview(code.astype(float)).axes[3]
    low, high = usage.get_ylim()
    written = [tick for tick in usage.get_yticks() if low <= tick <= high]
    assert 1 < low < high < 10
    assert len(written) >= 2


def test_a_silent_code_can_still_be_looked_at(tmp_path):
    figure = sparsity_overview(np.zeros((5, 3)))
    figure.savefig(tmp_path / "silent.png")
    assert figure.axes[3].texts[0].get_text() == "3 dead"


@pytest.mark.parametrize("code", [np.ones(4), np.array([[np.nan, 1.0]]), np.empty((0, 3))])
def test_a_code_that_is_no_finite_matrix_is_refused(code):
    with pytest.raises(ValueError, match="`code` must be"):
        sparsity_overview(code)


def test_examples_run_from_the_best_to_the_worst():
    stimuli = np.random.default_rng(0).normal(size=(40, 5, 5))
    gain = np.random.default_rng(1).permutation(np.linspace(0.1, 0.9, 40))[:, None, None]
    axes = reconstruction_examples(stimuli, gain * stimuli, n_examples=5).axes[0]
    decibels = [float(label.get_text().split()[0]) for label in axes.get_xticklabels()]
    assert decibels == sorted(decibels, reverse=True)
    # Only a share g is rebuilt, so the error is a share 1 - g: 20 log10(1 / (1 - g)).
    assert decibels[0] == pytest.approx(20.0, abs=0.05)
    assert decibels[-1] == pytest.approx(-20 * np.log10(0.9), abs=0.05)


def test_the_error_is_drawn_on_the_scale_of_its_stimulus():
    stimuli = np.full((1, 4, 4), 2.0)
    image = reconstruction_examples(stimuli, 0.75 * stimuli).axes[0].images[0].get_array()
    assert set(np.ma.compressed(np.ma.masked_invalid(image))) == {1.0, 0.75, 0.25}


def test_perfect_and_blank_stimuli_have_words_instead_of_numbers():
    stimuli = np.stack([np.ones((4, 4)), np.zeros((4, 4))])
    axes = reconstruction_examples(stimuli, np.stack([np.ones((4, 4)), np.ones((4, 4))])).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["exact", "blank"]


def test_rows_of_square_images_are_folded():
    stimuli = np.random.default_rng(0).normal(size=(3, 36))
    assert len(reconstruction_examples(stimuli, stimuli).axes[0].get_xticks()) == 3


def test_rows_that_are_no_square_images_are_refused():
    with pytest.raises(ValueError, match="rows of 37 pixels"):
        reconstruction_examples(np.ones((3, 37)), np.ones((3, 37)))


def test_reconstructions_of_other_stimuli_are_refused():
    with pytest.raises(ValueError, match=r"\(3, 6, 6\), got \(2, 6, 6\)"):
        reconstruction_examples(np.ones((3, 36)), np.ones((2, 36)))


def test_no_examples_are_refused():
    with pytest.raises(ValueError, match="got 0"):
        reconstruction_examples(np.ones((3, 36)), np.ones((3, 36)), n_examples=0)


def test_panels_keep_their_width_when_no_neuron_is_dead() -> None:
    code = np.random.default_rng(0).laplace(size=(300, 30))
    figure = sparsity_overview(code)
    figure.draw_without_rendering()
    assert min(axes.get_position().width for axes in figure.axes) > 0.3


def test_weights_are_drawn_in_grey_where_none_is_negative_and_about_zero_otherwise():
    figure = plot_weights({"one": [[0.0, 2.0], [1.0, 0.0]], "two": [[0.5, -1.0, 0.0]]}, order="by age")
    grey, signed = (axes.images[0] for axes in figure.axes[::2])
    assert (grey.get_cmap().name, grey.get_clim()[0]) == ("Greys", 0)
    low, high = signed.get_clim()
    assert low == -high
    assert figure._supxlabel.get_text() == "cells by age"


def test_few_large_weights_do_not_leave_the_others_pale_and_the_bar_says_so():
    weights = np.full((50, 50), 0.1)
    weights[0, 0] = 100.0
    axes, bar = plot_weights({"lateral": weights}).axes
    assert axes.images[0].get_clim()[1] == pytest.approx(0.1)
    assert bar._colorbar.extend == "max"


def test_no_weights_are_refused():
    with pytest.raises(ValueError, match="expected weights to draw, got none"):
        plot_weights({})
