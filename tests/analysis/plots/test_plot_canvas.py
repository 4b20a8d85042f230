"""Functions that draw one panel draw it where they are told; notebooks show figures of their own, once."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure

from neurosim.analysis import plots
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.sheet_correlation import similarity_with_distance

FIELDS = np.random.default_rng(0).normal(size=(6, 5, 5))
SHEET = Sheet(2, 3, torus=False)
SWEEP = pd.DataFrame({"space": "image", "amplitude_bound": [1.1, 1.5], "js_bits": [0.1, 0.2]})
MODELS = pd.DataFrame({
    "arm": "wlsc", "amplitude_bound": [1.1, 1.5], "js_bits": 0.1, "js_min": 0.05, "js_max": 0.2
})  # fmt: skip
TABLE = similarity_with_distance(-SHEET.distances(), SHEET, rng=np.random.default_rng(0), n_draws=5)
SPIKES = xr.Dataset(
    {"time": ("spike", [0.01, 0.03]), "stimulus": ("spike", [0, 1]), "neuron": ("spike", [2, 0])},
    attrs={"n_stimuli": 2, "n_neurons": 3, "duration": 0.05},
)
ONE_PANEL = {
    "mosaic": lambda **k: plots.dictionary_mosaic(FIELDS, sort_by="frequency", **k),
    "blocks": lambda **k: plots.plot_block_activity(pd.DataFrame(np.eye(3)), **k),
    "recall": lambda **k: plots.plot_recall(FIELDS, FIELDS, FIELDS, **k),
    "reconstruction": lambda **k: plots.reconstruction_examples(FIELDS, 0.5 * FIELDS, **k),
    "rates": lambda **k: plots.plot_rates([[1, 0], [2, 1]], **k),
    "sweep": lambda **k: plots.amplitude_bound_sweep(SWEEP, **k),
    "models sweep": lambda **k: plots.models_sweep(MODELS, **k),
    "fields on the sheet": lambda **k: plots.plot_fields_on_sheet(FIELDS, SHEET, **k),
    "raster": lambda **k: plots.plot_raster(SPIKES, **k),
    "similarity": lambda **k: plots.plot_similarity_distance(TABLE, **k),
}


def drawn(axes):
    """What axes hold, in numbers and words that do not depend on their size."""
    words = [axes.get_title(loc="left"), *(text.get_text() for text in axes.texts)]
    values = [image.get_array().filled(np.nan) for image in axes.images]
    values += [line.get_xydata() for line in axes.lines if len(line.get_xydata())]
    return words, values, len(axes.patches)


@pytest.mark.parametrize("draw", ONE_PANEL.values(), ids=ONE_PANEL.keys())
def test_one_panel_is_drawn_on_given_axes_as_in_a_figure_of_its_own(draw):
    own = draw()
    figure = Figure(figsize=(8, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    assert draw(ax=right) is figure
    assert not left.has_data()
    for wanted, found in zip(drawn(own.axes[0])[:2], drawn(right)[:2], strict=True):
        assert len(wanted) == len(found)
        for one, other in zip(wanted, found, strict=True):
            np.testing.assert_array_equal(one, other)
    assert drawn(own.axes[0])[2] == drawn(right)[2]
    figure.draw_without_rendering()


@pytest.mark.parametrize("draw", ONE_PANEL.values(), ids=ONE_PANEL.keys())
def test_the_figure_of_nested_panels_is_the_whole_one(draw):
    figure = Figure(layout="constrained")
    inner = figure.subfigures(1, 2)[0].subfigures(2, 1)[1].subplots()
    assert draw(ax=inner) is figure


@pytest.mark.parametrize("draw", ONE_PANEL.values(), ids=ONE_PANEL.keys())
def test_anything_but_axes_is_refused(draw):
    with pytest.raises(TypeError, match=r"^ax: expected axes of matplotlib to draw on, got Figure$"):
        draw(ax=Figure())
    with pytest.raises(TypeError, match=r"got ndarray of 2: pass one of them"):
        draw(ax=Figure().subplots(1, 2))


def test_several_panels_do_not_fit_on_one():
    axes = Figure().subplots()
    with pytest.raises(ValueError, match=r"^ax: expected one of the stimuli .* got 2; leave out ax"):
        plots.plot_raster(SPIKES, stimulus=[0, 1], ax=axes)
    with pytest.raises(ValueError, match=r"^ax: expected one of the tables .* got 2; leave out ax"):
        plots.plot_similarity_distance({"fields": TABLE, "activity": TABLE}, ax=axes)


def test_a_figure_has_a_picture_of_itself_at_the_size_it_was_made_for():
    figure = ONE_PANEL["rates"]()
    picture, size = figure._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert size == {"width": round(96 * 5.6), "height": round(96 * 3.6)}


SETUP = """
import numpy as np
from neurosim.analysis.plots import plot_rates
counts = np.arange(12).reshape(3, 4)
"""
CELLS = {
    "last expression": ("plot_rates(counts)", 1),
    "with a semicolon": ("plot_rates(counts);", 1),
    "assigned": ("figure = plot_rates(counts)", 1),
    "shown again": ("figure", 1),
    "nothing new": ("figure.get_size_inches()", 0),
    "two in a loop": ("for _ in range(2): plot_rates(counts)", 2),
    "called before an error": ("plot_rates(counts); raise SystemError('afterwards')", 1),
    "the cell after it": ("1 + 1", 0),
    "saved for a page": (
        "import pathlib, tempfile\n"
        "from neurosim.runs.analyze import save_figure\n"
        "save_figure(lambda: plot_rates(counts), pathlib.Path(tempfile.mkdtemp(), 'rates.png'))",
        0,
    ),
    "on axes of pyplot": (
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(1, 2)\nplot_rates(counts, ax=axes[1]);",
        1,
    ),
    "once pyplot is in": ("plot_rates(counts)", 1),
    "with the magic": ("%matplotlib inline\nplot_rates(counts)", 1),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning:(jupyter_client|nbclient|zmq|nbformat|asyncio)")
def test_a_notebook_that_is_run_has_every_figure_in_its_output_once(monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    root = str(Path(__file__).resolve().parents[2])
    # What pyplot draws on is the notebook's choice then.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]))
    cells = [nbformat.v4.new_code_cell(text) for text in (SETUP, *(text for text, _ in CELLS.values()))]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    assert not notebook.cells[0].outputs
    for (name, (_, wanted)), cell in zip(CELLS.items(), notebook.cells[1:], strict=True):
        shown = [out for out in cell.outputs if "image/png" in out.get("data", {})]
        assert len(shown) == wanted, name
        failed = [out["evalue"] for out in cell.outputs if out.output_type == "error"]
        assert failed == (["afterwards"] if name == "called before an error" else []), name
