"""Using one model loads no family but those it builds on, as the page of the architecture says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import neurosim.networks

ROOT = Path(__file__).parents[2]
_LOADED = """import sys, neurosim.networks
neurosim.networks.{name}
print(*sorted({{m.split(".")[2] for m in sys.modules if m.startswith("neurosim.networks.")}}))"""


def _told() -> dict[str, set[str]]:
    """Return the page's table: families by model."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (`\w+`(?:, `\w+`)*) \|$", page, re.MULTILINE)
    return {
        name: set(re.findall(r"\w+", families))
        for names, families in rows
        for name in re.findall(r"\w+", names)
    }


def test_the_page_tells_of_every_estimator() -> None:
    assert set(_told()) == set(neurosim.networks.__all__) - {"hidden_pixel_score"}


@pytest.mark.parametrize("name", ["LCA", "SAILnet", "SVAE", "OrdinalLinkedLCA", "UnrolledWLSC"])
def test_a_model_loads_no_family_but_those_it_builds_on(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED.format(name=name)], capture_output=True, text=True, check=True
    )
    assert (
        set(done.stdout.split()) - {"estimator", "lateral", "learning_rules", "parameters", "saving"}
        == _told()[name]
    )


@pytest.mark.parametrize("name", neurosim.networks.__all__)
def test_every_name_is_reached_and_documented(name: str) -> None:
    assert getattr(neurosim.networks, name).__doc__


def test_an_unknown_name_is_an_attribute_error_that_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"'LCAA'; it has .*LCA"):
        _ = neurosim.networks.LCAA
