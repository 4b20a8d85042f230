"""The tutorial is a notebook that runs, with figures in it."""

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"
# In the quick ring it has less to learn from, fewer neurons to show gratings to, and fewer draws.
SHORTER = {
    "n_patches=12_000": "n_patches=3_500",
    "n_neurons=100": "n_neurons=16",
    "SIZE = 12": "SIZE = 8",
    "n_bootstrap=50": "n_bootstrap=3, n_draws=20",
}
_QUIET = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:(jupyter_client|nbclient|zmq|nbformat|asyncio)"
)


def _read():
    return pytest.importorskip("nbformat").read(NOTEBOOK, as_version=4)


def _figures(notebook):
    """Return how many figures each cell of code shows."""
    return [
        sum("image/png" in output.get("data", {}) for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def _executed(notebook, folder, monkeypatch):
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(folder)}}
    ).execute()  # raises where a cell does
    return notebook


@_QUIET
def test_the_tutorial_runs_and_draws_its_figures(tmp_path, monkeypatch):
    notebook = _read()
    kept = _figures(notebook)
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert all(long in source for long in SHORTER)
    for cell in notebook.cells:
        for long, short in SHORTER.items():
            cell.source = cell.source.replace(long, short) if cell.cell_type == "code" else cell.source
        cell.pop("outputs", None) if cell.cell_type == "markdown" else cell.update(outputs=[])
    assert _figures(_executed(notebook, tmp_path, monkeypatch)) == kept
    assert sum(kept) == 7


@_QUIET
@pytest.mark.slow
def test_the_tutorial_prints_what_is_kept_in_it(tmp_path, monkeypatch):
    notebook = _read()
    kept = [_printed(cell) for cell in notebook.cells]
    assert [_printed(cell) for cell in _executed(notebook, tmp_path, monkeypatch).cells] == kept


def _printed(cell):
    return [
        re.sub(r"\d\.\d\d", "#", output["text"]) for output in cell.get("outputs", []) if "text" in output
    ]


def test_the_kept_notebook_is_whole_and_small():
    notebook = _read()
    assert sum(_figures(notebook)) == 7
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")
    assert NOTEBOOK.stat().st_size < 600_000
    assert "/home/" not in NOTEBOOK.read_text(encoding="utf-8")
