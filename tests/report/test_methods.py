"""The paragraph says what the run's files say, and cites whom it names."""

import re

from neurosim.report.methods import methods
from neurosim.results.run_folder import read_run_folder


def test_every_reference_is_cited_and_every_citation_has_a_reference(run_dir):
    found = methods(read_run_folder(run_dir))
    cited = {int(number) for group in re.findall(r"\[([\d, ]+)\]", found.text) for number in group.split(",")}
    assert cited == set(range(1, len(found.references) + 1))
    assert all("doi:" in reference for reference in found.references)


def test_the_paragraph_names_model_stimuli_and_versions(run_dir):
    text = methods(read_run_folder(run_dir)).text
    for words in ("12 neurons (LCA, Brian2)", "1,200 patches", "measured on 60 it never saw",
                  "neurosim 0.1.0 with numpy 2.3.5",
                  "the seed was 0"):  # fmt: skip
        assert words in text


def test_what_was_not_done_is_not_said(run_dir):
    (run_dir / "summary.json").write_text("{}")
    found = methods(read_run_folder(run_dir))
    assert "macaque" not in found.text
    assert not any("Ringach" in reference for reference in found.references)


def test_parameters_are_given_with_their_values(run_dir):
    recipe = (run_dir / "recipe.toml").read_text().replace('model = "lca"', 'model = "lca"\nthreshold = 0.25')
    (run_dir / "recipe.toml").write_text(recipe)
    assert "threshold 0.25" in methods(read_run_folder(run_dir)).text
