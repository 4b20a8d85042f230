"""Models over macaque: a panel for each, the distances and intervals that were computed, no model dropped."""

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis.plots.v1_models import models_over_macaque, models_sweep
from neurosim.analysis.v1.model_comparison import compare_models, seed_divergences


def fits(n_units, seed):
    shape = 0.4 * np.exp(np.random.default_rng(seed).normal(scale=0.3, size=(n_units, 2)))
    return pd.DataFrame({"nx": shape[:, 0], "ny": shape[:, 1], "gabor_like": True})


MODELS = {
    "two seeds": [fits(30, 0), fits(40, 1)],
    "one": fits(20, 2),
    "dead": [fits(9, 3).assign(gabor_like=False)],
    "three": [fits(5, seed) for seed in range(3)],
}
COMPARISON = compare_models(MODELS, reference="one", rng=np.random.default_rng(0), n_bootstrap=30)


def sweep(n_models=8):
    rows = [
        (f"model {model}", bound, bound / 10, bound / 20, bound / 5)
        for model in range(n_models)
        for bound in (3.0, 1.1)
    ]
    return pd.DataFrame(rows, columns=["arm", "amplitude_bound", "js_bits", "js_min", "js_max"])


@pytest.mark.parametrize("comparison", [None, COMPARISON])
def test_every_model_has_a_panel_and_the_distances_one_more_without_a_warning(comparison, tmp_path):
    figure = models_over_macaque(MODELS, comparison=comparison, wanted=0.1)
    figure.savefig(tmp_path / "models.png")
    assert len(figure.axes) == len(MODELS) + 1
    assert (tmp_path / "models.png").stat().st_size > 1000


def test_titles_say_distance_and_interval_and_the_points_are_all_seeds_fields():
    panels = models_over_macaque(MODELS, comparison=COMPARISON).axes
    row = COMPARISON.iloc[0]
    within = f"[{row['js_low']:.2f}, {row['js_high']:.2f}]"
    words = f"JS {row['js_bits']:.2f} bits, corrected {row['js_bits_corrected']:.2f} {within}"
    assert panels[0].get_title(loc="left") == f"two seeds\n70 fields, 2 seeds\n{words}"
    assert panels[2].get_title(loc="left") == "dead\n0 fields, 1 seed\nno distance"
    expected = np.concatenate([table[["nx", "ny"]].to_numpy() for table in MODELS["two seeds"]])
    np.testing.assert_allclose(panels[0].collections[1].get_offsets(), expected)


def test_the_last_panel_shows_mean_seeds_and_interval_of_every_model():
    last = models_over_macaque(MODELS, comparison=COMPARISON, wanted=0.1).axes[-1]
    means, seeds = last.lines[0:8:2], last.lines[1:8:2]
    np.testing.assert_allclose([line.get_xdata()[0] for line in means], COMPARISON["js_bits_corrected"])
    np.testing.assert_allclose(seeds[3].get_xdata(), seed_divergences(MODELS["three"]))
    drawn = [bar.get_segments()[0] for bar in last.collections]
    ends = [segment[:, 0] for segment in drawn if len(segment) and np.isfinite(segment).all()]
    alive = COMPARISON.dropna()
    np.testing.assert_allclose(ends, alive[["js_low", "js_high"]])
    assert last.lines[-1].get_xdata()[0] == 0.1
    assert [text.get_text() for text in last.texts] == ["two seeds", "one", "dead: no distance", "three"]


def test_a_comparison_of_other_models_or_other_tables_is_refused():
    with pytest.raises(ValueError, match="missing: new"):
        models_over_macaque(MODELS | {"new": fits(5, 0)}, comparison=COMPARISON)
    with pytest.raises(ValueError, match="bits for 'one'"):
        models_over_macaque(MODELS | {"one": fits(20, 9)}, comparison=COMPARISON)
    with pytest.raises(ValueError, match="at least one model"):
        models_over_macaque({})


def test_the_sweep_draws_every_model_differently_with_the_range_over_seeds(tmp_path):
    figure = models_sweep(sweep())
    figure.savefig(tmp_path / "sweep.png")
    containers = figure.axes[0].containers
    looks = {(drawn.lines[0].get_color(), drawn.lines[0].get_marker()) for drawn in containers}
    assert len(looks) == len(containers) == 8
    (bars,) = containers[0].lines[2]
    np.testing.assert_allclose(
        [segment[:, 1] for segment in bars.get_segments()], [[0.055, 0.22], [0.15, 0.6]]
    )


def test_a_sweep_without_seeds_range_is_refused():
    with pytest.raises(ValueError, match="missing: js_max"):
        models_sweep(sweep().drop(columns="js_max"))
