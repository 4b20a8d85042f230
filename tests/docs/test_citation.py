"""The citation file says what is cited: this version, under this licence, and no person who was not asked."""

from pathlib import Path

import neurosim

ROOT = Path(__file__).parents[2]


def test_the_citation_file_is_of_this_version():
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    said = dict(line.split(": ", 1) for line in lines if ": " in line and not line.startswith((" ", "#")))
    assert said["cff-version"] == "1.2.0"
    assert said["version"] == neurosim.__version__
    assert {"title", "message", "license", "type"} <= set(said)
    assert any(line.startswith("authors:") for line in lines)
