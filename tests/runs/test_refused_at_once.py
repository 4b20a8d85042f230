"""What is refused before anything is computed is refused before Brian2 is imported, which takes seconds."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from neurosim.runs.needs.memory import free_memory

_CPU_SECONDS = 5.0


def _refusal(*words: str) -> str:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    command = [sys.executable, "-m", "neurosim", "run", "lca", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < _CPU_SECONDS
    return done.stderr


@pytest.mark.parametrize(
    ("assignment", "figure"),
    [("network.n_neurons=10000000", "1.6 PB"), ("stimuli.n_train=100000000", "102 GB")],
)
def test_what_does_not_fit_in_memory_is_refused_within_five_seconds_of_a_processor(
    assignment: str, figure: str, tmp_path: Path
) -> None:
    if figure.endswith("GB") and (free_memory() or 0) > 10**11:
        pytest.skip("it fits here")
    said = _refusal("--set", assignment, "--out", str(tmp_path / "run"))
    assert f"needs about {figure} of memory" in said
    assert list(tmp_path.iterdir()) == []


def test_so_is_a_place_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    assert "got the file" in _refusal("--out", str(tmp_path / "thesis.tex"))
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
