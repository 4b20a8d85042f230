"""One call draws every figure of a run, or nothing."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from neurosim.analysis.maps.pinwheels import find_pinwheels
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.maps.sheet_correlation import similarity_with_distance
from neurosim.registry.captions import CAPTIONS
from neurosim.report.figures import write_figures

FIGURES = {
    "dictionary", "image_fields", "learning_curve", "nx_ny", "amplitude_bound", "orientation_frequency", "sparsity",
    "rates", "raster", "reconstructions",
}  # fmt: skip


def test_a_whole_run_gives_every_figure_with_a_caption(drawn):
    assert {path.stem for path in drawn.iterdir()} == FIGURES
    assert set(CAPTIONS) >= FIGURES
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn.iterdir())


def test_the_same_run_gives_the_same_bytes_whatever_the_users_style(arrays, drawn, tmp_path):
    with mpl.rc_context(
        {"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "red", "ytick.right": True}
    ):
        written = write_figures(tmp_path, **arrays)
    assert written
    assert all(path.read_bytes() == (drawn / path.name).read_bytes() for path in written)


def test_what_is_not_there_is_left_out(arrays, tmp_path):
    arrays |= {"image_fields": None, "comparison": {}}
    stems = {path.stem for path in write_figures(tmp_path, **arrays)}
    assert FIGURES - stems == {"image_fields", "nx_ny", "amplitude_bound"}


def test_a_graded_network_has_no_figures_of_spikes(arrays, tmp_path):
    del arrays["counts"], arrays["spikes"]
    stems = {path.stem for path in write_figures(tmp_path, **arrays)}
    assert FIGURES - stems == {"rates", "raster"}


def test_a_code_of_counts_is_drawn_as_spikes(arrays, tmp_path, monkeypatch):
    how = []

    def drawn(code, **options):
        how.append(options)
        return Figure()

    monkeypatch.setattr("neurosim.report.figures.sparsity_overview", drawn)
    write_figures(tmp_path, **arrays, silence=0.1)
    counts = np.abs(np.sign(arrays["code"]))
    write_figures(tmp_path, **arrays | {"code": counts, "counts": counts})
    assert how == [{"unit": "stimulus unit", "silence": 0.1}, {"unit": "spikes", "silence": 0.0}]


def test_a_network_that_guesses_has_a_figure_of_filters_in_place_of_sparsity(arrays, tmp_path, monkeypatch):
    usages = []
    monkeypatch.setattr(
        "neurosim.report.figures.dictionary_mosaic", lambda *_, usage, **__: usages.append(usage) or Figure()
    )
    fall = np.linspace(-0.1, 1, len(arrays["fields"]))
    arrays["fields"] = arrays["fields"].assign(
        fall_nats=fall, divergence_nats=0.2, norm=1.0, active=fall > 0.05
    )
    stems = {path.stem for path in write_figures(tmp_path, **arrays)}
    assert stems == FIGURES - {"sparsity"} | {"filters"}
    assert stems <= set(CAPTIONS)
    assert usages[0].tolist() == np.where(fall > 0.05, fall, 0).tolist()


def test_a_sheet_is_drawn_with_what_is_known_of_it(arrays, tmp_path):
    sheet = Sheet(3, 4, torus=True)
    topography = {"sheet": sheet, "fields": arrays["dictionary"]}
    stems = {path.stem for path in write_figures(tmp_path, **arrays, topography=topography)}
    assert stems - FIGURES == {"sheet_fields"}
    tables = {"fields": similarity_with_distance(sheet.distances(), sheet, rng=np.random.default_rng(0))}
    vectors = np.exp(1j * np.arange(12))
    topography |= {"vectors": vectors, "pinwheels": find_pinwheels(vectors, sheet), "similarity": tables}
    drawn = {path.stem for path in write_figures(tmp_path, **arrays, topography=topography)} - FIGURES
    assert drawn == {"sheet_fields", "orientation_map", "sheet_similarity"}
    assert set(CAPTIONS) >= drawn


def test_other_numbers_of_neurons_are_refused_and_nothing_is_written(arrays, tmp_path):
    arrays["fields"] = arrays["fields"].iloc[:-1]
    with pytest.raises(ValueError, match="code 12, dictionary 12, fields 11, image_fields 12"):
        write_figures(tmp_path / "figures", **arrays)
    assert not (tmp_path / "figures").exists()


def test_a_late_fault_writes_nothing_either(arrays, tmp_path):
    arrays["fields"] = arrays["fields"].drop(columns="image_nx")
    with pytest.raises(ValueError, match="missing: image_nx"):
        write_figures(tmp_path / "figures", **arrays)
    assert not (tmp_path / "figures").exists()


def test_a_flat_code_is_refused(arrays, tmp_path):
    with pytest.raises(ValueError, match=r"\(n_stimuli, n_neurons\), got \(12,\)"):
        write_figures(tmp_path, **arrays | {"code": arrays["code"][0]})
