"""Figures show the numbers they are given, leave no trace in matplotlib, and refuse what they cannot draw."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure

from neurosim.analysis import plots
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.sheet_correlation import similarity_with_distance
from neurosim.analysis.tuning.disparity import disparity_tuning
from neurosim.analysis.v1.properties import V1_PROPERTIES


def history(n_batches=200):
    batch = np.arange(1, n_batches + 1)
    columns = {"objective": 5 + 10 / batch, "active_fraction": 0.1 + 0.3 / batch, "learning_rate": 0.5}
    return pd.DataFrame({"batch": batch, **columns})


def fits(n_fields=20):
    rng = np.random.default_rng(0)
    columns = {"orientation": rng.uniform(0, np.pi, n_fields), "frequency": rng.uniform(0.05, 0.4, n_fields)}
    return pd.DataFrame({**columns, "r2": 0.9, "gabor_like": np.arange(n_fields) % 4 > 0})


def sparse_code(n_stimuli=300, n_neurons=15):
    rng = np.random.default_rng(0)
    return rng.laplace(size=(n_stimuli, n_neurons)) * (rng.random((n_stimuli, n_neurons)) < 0.2)


def sweep():
    rows = [(space, bound, bound / 10) for space in ("image", "whitened") for bound in (3.0, 1.1, 1.5)]
    return pd.DataFrame(rows, columns=["space", "amplitude_bound", "js_bits"])


def spikes():
    rows = {"time": [0.01, 0.03], "stimulus": [0, 1], "neuron": [2, 0]}
    attributes = {"n_stimuli": 2, "n_neurons": 3, "duration": 0.05}
    return xr.Dataset({name: ("spike", values) for name, values in rows.items()}, attrs=attributes)


STIMULI = np.random.default_rng(0).normal(size=(30, 6, 6))
SHAPES = {"image": [[0.4, 0.5], [0.01, 0.4]], "whitened": np.empty((0, 2))}
DIVERGENCES = {"image": (0.2, 0.15, 0.1, 0.3), "whitened": (np.nan, np.nan, np.nan, np.nan)}
TUNING = disparity_tuning(np.random.default_rng(0).poisson(5, size=(60, 4)), np.arange(60) % 6)
SHEET = Sheet(5, 6, torus=True)
SIMILARITY = similarity_with_distance(-SHEET.distances(), SHEET, rng=np.random.default_rng(0), n_draws=5)
MODEL = pd.DataFrame({"nx": [0.2, 0.4], "ny": [0.3, 0.5], "gabor_like": True})
MODEL_SWEEP = pd.DataFrame({
    "arm": "wlsc", "amplitude_bound": [1.1, 1.5], "js_bits": 0.1, "js_min": 0.05, "js_max": 0.2
})  # fmt: skip


def properties():
    edges = {each.name: each.edges[:3] for each in V1_PROPERTIES}
    return pd.DataFrame(edges).assign(**{each.responsive: True for each in V1_PROPERTIES})


EVERY_FIGURE = {
    "models": lambda: plots.models_over_macaque({"wlsc": [MODEL]}),
    "models sweep": lambda: plots.models_sweep(MODEL_SWEEP),
    "mosaic": lambda: plots.dictionary_mosaic(STIMULI, sort_by="frequency"),
    "learning": lambda: plots.learning_curve(history()),
    "nx_ny": lambda: plots.nx_ny_against_macaque(SHAPES, divergences=DIVERGENCES),
    "sweep": lambda: plots.amplitude_bound_sweep(sweep()),
    "tuning": lambda: plots.orientation_frequency(fits()),
    "properties": lambda: plots.plot_v1_properties(properties()),
    "unit properties": lambda: plots.plot_unit_properties({"index": pd.Series([0.1, 0.5, np.nan])}),
    "reconstruction": lambda: plots.reconstruction_examples(STIMULI, 0.5 * STIMULI),
    "sparsity": lambda: plots.sparsity_overview(sparse_code()),
    "filters": lambda: plots.plot_filters(
        pd.DataFrame({"fall_nats": [2.0, -1.0], "divergence_nats": 1.0, "norm": 1.0, "active": [True, False]})
    ),
    "raster": lambda: plots.plot_raster(spikes(), stimulus=[0, 1]),
    "rates": lambda: plots.plot_rates([[1, 0], [2, 1]], duration=0.05),
    "blocks": lambda: plots.plot_block_activity(pd.DataFrame(np.eye(3))),
    "disparity": lambda: plots.plot_disparity(TUNING, dominance=np.linspace(-1, 1, 4)),
    "disparity of units": lambda: plots.plot_disparity_of_units(
        pd.DataFrame({"preferred_disparity": [0.2, -0.1], "ddi": [0.5, 0.6], "p_value": [0.001, 0.002]}),
        {"0": pd.Series([1.0, 9.0], index=[-0.2, 0.2])},
    ),
    "embedding": lambda: plots.plot_embedding({"code": STIMULI[:, 0, :2]}, np.arange(30) % 10),
    "linked": lambda: plots.plot_linked_fields({"left": STIMULI, "right": STIMULI[:, :4, :4]}),
    "orientation map": lambda: plots.plot_orientation_map(np.exp(0.3j * np.arange(30)), SHEET),
    "fields on the sheet": lambda: plots.plot_fields_on_sheet(STIMULI, SHEET),
    "similarity": lambda: plots.plot_similarity_distance(SIMILARITY),
    "membranes": lambda: plots.plot_membranes(
        pd.DataFrame({4: [0.0, 0.5], 9: [0.0, -0.2]}, index=[0.0, 0.01])
    ),
    "weights": lambda: plots.plot_weights({"lateral": [[0.0, 0.5], [-0.5, 0.0]]}, order="by orientation"),
    "recall": lambda: plots.plot_recall(STIMULI, 0.5 * STIMULI, STIMULI, rebuilt=STIMULI),
}


def settings():
    # The backend is left out: to look at it is to choose it.
    return {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"}


@pytest.mark.parametrize("draw", EVERY_FIGURE.values(), ids=EVERY_FIGURE.keys())
def test_a_figure_is_saved_without_warning_and_leaves_the_settings_alone(draw, tmp_path):
    before = settings()
    figure = draw()
    figure.savefig(tmp_path / "figure.png")
    assert isinstance(figure, Figure)
    assert settings() == before
    assert (tmp_path / "figure.png").stat().st_size > 1000


def test_pyplot_is_never_imported():
    lines = (
        "import sys, numpy, neurosim.analysis.plots as plots",
        "plots.sparsity_overview(numpy.eye(5)).savefig('/dev/null', format='png')",
        "assert 'matplotlib.pyplot' not in sys.modules",
    )
    subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True)


def test_a_property_that_no_unit_has_is_drawn_empty():
    figure = plots.plot_unit_properties({"index": pd.Series([np.nan])})
    figure.savefig("/dev/null", format="png")
    assert figure.axes[0].get_xlim()[1] >= 1


def test_every_public_plot_is_listed():
    assert len({getattr(plots, name) for name in plots.__all__}) == len(EVERY_FIGURE)
    assert all(callable(getattr(plots, name)) for name in plots.__all__)


def test_the_learning_curve_has_a_line_at_the_held_out_value():
    drawn = plots.learning_curve(history(), held_out=1.25).axes[0].lines[-1]
    assert set(drawn.get_ydata()) == {1.25}
    assert "1.25" in drawn.get_label()


def test_the_learning_curve_shows_percent_and_every_batch():
    objective, active, _ = plots.learning_curve(history()).axes
    np.testing.assert_allclose(objective.lines[0].get_ydata(), history()["objective"])
    np.testing.assert_allclose(active.lines[0].get_ydata(), 100 * history()["active_fraction"])


def test_the_parts_of_a_bound_have_panels_of_their_own_where_there_are_some():
    bound = history().drop(columns="active_fraction")
    bound["log_likelihood"], bound["divergence"] = -bound["objective"] - 2, 2.0
    axes = plots.learning_curve(bound).axes
    assert [each.get_ylabel().partition("\n")[0] for each in axes] == [
        "minus the bound", "log likelihood", "divergence", "learning rate"
    ]  # fmt: skip
    np.testing.assert_allclose(axes[1].lines[0].get_ydata(), bound["log_likelihood"])


def test_a_start_that_would_flatten_a_curve_from_below_is_cut_too():
    start = history().assign(log_likelihood=-3.0, divergence=1.0)
    start.loc[0, "log_likelihood"] = -1e6
    low, high = plots.learning_curve(start).axes[1].get_ylim()
    assert -10 < low < -3 < high


def test_a_start_that_would_flatten_the_curve_is_cut_and_its_value_is_written():
    start = history()
    start.loc[0, "objective"] = 1e6
    axes = plots.learning_curve(start).axes[0]
    assert axes.get_ylim()[1] < 100
    assert "first batch: 1e+06" in [text.get_text() for text in axes.texts]


def test_a_history_without_a_column_is_refused_by_name():
    with pytest.raises(ValueError, match="missing: learning_rate"):
        plots.learning_curve(history().drop(columns="learning_rate"))


def test_a_history_with_a_hole_is_refused():
    broken = history()
    broken.loc[3, "objective"] = np.nan
    with pytest.raises(ValueError, match="1 NaN"):
        plots.learning_curve(broken)


def test_only_gabor_like_fields_are_drawn_each_with_its_opposite_wave_vector():
    polar, _, orientations, _ = plots.orientation_frequency(fits()).axes
    angles, radii = polar.collections[0].get_offsets().T
    kept = fits()[fits()["gabor_like"]]
    np.testing.assert_allclose(angles[:15], kept["orientation"])
    np.testing.assert_allclose(angles[15:] - angles[:15], np.pi)
    np.testing.assert_allclose(radii[:15], kept["frequency"])
    assert sum(bar.get_height() for bar in orientations.patches) == 15


def test_a_point_grows_with_usage():
    usage = np.linspace(0.01, 0.2, 20)
    sizes = plots.orientation_frequency(fits(), usage=usage).axes[0].collections[0].get_sizes()
    np.testing.assert_allclose(sizes[:15] / sizes[0], (usage / usage[1])[fits()["gabor_like"]])


def test_a_population_without_a_gabor_is_drawn_empty():
    none = fits().assign(gabor_like=False)
    assert "0 of 20" in plots.orientation_frequency(none).axes[0].get_title(loc="left")


def test_usage_of_another_population_is_refused():
    with pytest.raises(ValueError, match="20, got 3"):
        plots.orientation_frequency(fits(), usage=[1, 2, 3])
