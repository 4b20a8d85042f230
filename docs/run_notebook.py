"""Run the tutorial and keep what its cells print and draw: ``make notebook``, after its text or the package changed."""

import base64
import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbclient
import nbformat
from PIL import Image

NOTEBOOK = Path(__file__).with_name("tutorial.ipynb")
_COLOURS = 128  # enough for figures, and a third of the bytes


def executed(notebook: Any, *, timeout: float = 600) -> Any:
    """Return a notebook with the outputs of its cells, run in a folder of its own."""
    os.environ.pop("MPLBACKEND", None)  # what pyplot draws on is the notebook's choice
    os.environ["PYTHONPATH"] = os.pathsep.join([str(NOTEBOOK.parents[1]), os.environ.get("PYTHONPATH", "")])
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        nbclient.NotebookClient(notebook, timeout=timeout, resources=resources).execute()
    return notebook


def smaller(notebook: Any) -> Any:
    """Return a notebook whose pictures have few colours, without the times at which its cells ran."""
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
                small = io.BytesIO()
                picture.quantize(_COLOURS).save(small, format="PNG", optimize=True)
                data["image/png"] = base64.b64encode(small.getvalue()).decode()
    return notebook


if __name__ == "__main__":
    nbformat.write(smaller(executed(nbformat.read(NOTEBOOK, as_version=4))), NOTEBOOK)
    sys.stdout.write(f"{NOTEBOOK}: {NOTEBOOK.stat().st_size / 1e3:.0f} kB\n")
