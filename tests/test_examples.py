"""Every example runs as a reader would run it, and leaves its figure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted(Path(__file__).parents[1].joinpath("examples").glob("*.py"))


def test_there_are_examples():
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_saves_its_figure(example, tmp_path):
    figure = tmp_path / "figure.png"
    done = subprocess.run(
        [sys.executable, str(example), str(figure)],
        cwd=tmp_path, env={**os.environ, "MPLBACKEND": "Agg"}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_opens_with_its_citation_and_fits_on_a_screen(example):
    text = example.read_text()
    assert text.startswith('"""')
    assert "doi:" in text.split('"""')[1]
    assert 40 <= len(text.splitlines()) <= 80
