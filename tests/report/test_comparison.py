"""Runs side by side: the fields, numbers and figures of each under its name, in one file."""

import json
import re
import shutil

import pytest
from stored_network import summary_with, with_network

from neurosim.report.comparison import write_comparison
from neurosim.runs.finished.compare import side_by_side


@pytest.fixture
def page(run_dir, tmp_path):
    other = tmp_path / "other <b>"
    shutil.copytree(run_dir, other)
    with_network(run_dir, 12)
    summary_with(other, active_fraction=0.5)
    folders = [run_dir, other]
    return write_comparison(folders, side_by_side(folders), path=tmp_path / "both.html")


def test_both_numbers_stand_in_one_row_under_the_runs_names(page, run_dir):
    source = page.read_text(encoding="utf-8")
    assert re.search(r"active_fraction.*?0\.125.*?0\.5.*?fraction", source, re.DOTALL)
    heads = re.findall(r"<th scope=\"col\"[^>]*>([^<]*)</th>", source)
    assert heads == ["name", "run", "other &lt;b&gt;", "unit", "meaning"]
    assert len(json.loads((run_dir / "summary.json").read_text())) == source.count('<th scope="row"')


def test_fields_are_shown_of_the_run_that_has_its_network(page):
    source = page.read_text(encoding="utf-8")
    assert source.count('class="mosaic"') == 1
    assert 'alt="fields of run: 12 neurons, in the image"' in source


def test_figures_that_both_have_stand_side_by_side(page):
    source = page.read_text(encoding="utf-8")
    assert source.count("Learning</h2>") == 1
    assert len(re.findall(r'alt="[^"]*: Line plots over the batches', source)) == 2


def test_nothing_is_loaded(page):
    source = page.read_text(encoding="utf-8")
    assert all(address.startswith("data:") for address in re.findall(r'(?:src|href)="([^"]*)"', source))
    assert not list(page.parent.glob(".*.unfinished"))
