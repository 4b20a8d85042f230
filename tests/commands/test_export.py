"""`neurosim export`: the command's words, and what it writes."""

import pandas as pd
import pytest
from typer.testing import CliRunner

from neurosim.commands.application import app
from neurosim.commands.export import _told


def _export(*words):
    return CliRunner().invoke(app, ["export", *map(str, words)])


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A saved LCA."""
    import numpy as np

    from neurosim.networks import LCA

    path = tmp_path_factory.mktemp("networks") / "net.nc"
    LCA.from_dictionary(np.eye(4), threshold=0.5, backend="numpy").save(path)
    return path


def test_a_table_is_written_and_the_file_named(network, tmp_path):
    out = tmp_path / "history.csv"
    told = _export(network, "--to", "csv", "--table", "learning", "--out", out)
    assert (told.exit_code, told.output) == (0, f"wrote {out}\n")
    assert "objective" in pd.read_csv(out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--to", "nwb", "--out", "net.nwb"], "NWB files need spikes, and LCA has none"),
        (["--to", "nir", "--out", "net.nir"], "expected a SAILnet or a SpikingLCA, got LCA"),
        (
            ["--to", "nir", "--out", "net.nir", "--n-stimuli", "5"],
            "--to nir takes no --n-stimuli; leave it out",
        ),
        (["--to", "nwb", "--out", "net.csv"], "NWB files need spikes"),
        (["--to", "csv", "--out", "net.txt"], "expected a file that ends in .csv"),
        (["--to", "csv", "--out", "none/net.csv"], "make the folder first"),
        (["--to", "csv", "--table", "units", "--out", "net.csv"], "--table: expected responses, counts"),
        (["--to", "nwb", "--about", "experimenter", "--out", "net.nwb"], "--about: expected NAME=VALUE"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_can_be_mended_is_one_message(words, message, network, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = _export(network, *words)
    assert told.exit_code == 2
    assert message in told.output.replace("\n", " ")
    assert "write_csv" not in told.output
    assert not list(tmp_path.iterdir())


def test_two_experimenters_are_both_named_and_two_laboratories_refused():
    several = ["experimenter=Last, First; Second, A", "lab=here", "experimenter=Third, B"]
    assert _told(several) == {"experimenter": ["Last, First", "Second, A", "Third, B"], "lab": "here"}
    with pytest.raises(ValueError, match="about: expected one lab, got 'here' and 'there'"):
        _told(["lab=here", "lab=there"])


def test_a_file_that_is_there_is_replaced_only_when_told(network, tmp_path):
    out = tmp_path / "history.csv"
    out.write_text("mine")
    words = (network, "--to", "csv", "--table", "learning", "--out", out)
    told = _export(*words)
    assert told.exit_code == 2
    assert "replace it with --overwrite" in told.output
    assert out.read_text() == "mine"
    assert _export(*words, "--overwrite").exit_code == 0
    assert "objective" in out.read_text()
