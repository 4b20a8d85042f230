"""Every example runs and leaves its figure: the long ones shortened, and all as a reader would run them when slow."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

EXAMPLES = sorted(Path(__file__).parents[1].joinpath("examples").glob("*.py"))
# What trains for more than a few seconds is given less to learn from; every line is run all the same.
SHORTER = {
    "Barari_linked_dictionaries": {
        "embedded_digits(), n_test=360": "split_digits(embedded_digits(), n_test=450, rng=rng)[1], n_test=90",
        '"n_epochs": 4': '"n_epochs": 1',
        "n_search=600": "n_search=150",
    },
    "Barari_three_modalities": {
        "embedded_digits(), n_test=360": "split_digits(embedded_digits(), n_test=450, rng=rng)[1], n_test=90",
        '"n_epochs": 6': '"n_epochs": 1',
    },
    "Huml_2023_structured_sparsity": {"n_patches=20000": "n_patches=2000", "n_bootstrap=200": "n_bootstrap=20"},
    "Hyvarinen_topographic_maps": {
        "SIDE, SIZE = 14, 14": "SIDE, SIZE = 9, 10",
        "n_patches=42_000": "n_patches=5_000",
        "[40_000]": "[4_000]",
    },
    "Jiang_2021_unit_norm": {"N_TRAIN = 12, 169, 30_000": "N_TRAIN = 12, 169, 3_000", "n_epochs\": 8": "n_epochs\": 2"},
    "King_2013_inhibition_decorrelates": {"16, 8, 2000": "16, 8, 200"},
    "Olshausen_2003_fields_in_space_and_time": {"20_000, 200, 5": "1_000, 30, 1", "n_kept=200": "n_kept=60"},
    "Zylberberg_2011_sparse_and_independent": {"64, 10, 1500": "64, 10, 150"},
}  # fmt: skip


def test_there_are_examples():
    assert EXAMPLES
    assert {path.stem for path in EXAMPLES} >= set(SHORTER)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_and_saves_its_figure(example, tmp_path, monkeypatch):
    if example.stem not in SHORTER:
        _run_as_a_reader(example, tmp_path)
        return
    text = example.read_text(encoding="utf-8")
    for long, short in SHORTER[example.stem].items():
        assert text.count(long) == 1, f"{long!r} is to be shortened"
        text = text.replace(long, short)
    figure = tmp_path / "figure.png"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(example), str(figure)])
    plt.switch_backend("Agg")
    with warnings.catch_warnings():
        # A reader is shown warnings; with less to learn from there are more of them.
        warnings.simplefilter("default")
        exec(compile(text, example, "exec"), {"__name__": "__main__"})
    plt.close("all")
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("stem", sorted(SHORTER))
def test_a_long_example_runs_at_its_full_size(stem, tmp_path):
    _run_as_a_reader(EXAMPLES[0].with_name(f"{stem}.py"), tmp_path)


def _run_as_a_reader(example, folder):
    figure = folder / "figure.png"
    done = subprocess.run(
        [sys.executable, str(example), str(figure)],
        cwd=folder, env={**os.environ, "MPLBACKEND": "Agg"}, capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_opens_with_a_title_and_its_citation_and_fits_on_a_screen(example):
    text = example.read_text()
    assert text.startswith('"""')
    title, line, empty = text.removeprefix('"""').split("\n")[:3]
    assert title
    assert (line, empty) == ("=" * len(title), "")
    assert "doi:" in text.split('"""')[1]
    assert 40 <= len(text.splitlines()) <= 80
