"""Pages that are made of the code tell of every public name, key, number and command; Sphinx is not needed for it."""

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

from neurosim.measures import MEASURES
from neurosim.networks.models import MODELS
from neurosim.stimuli.kinds import KINDS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def _docs():
    sys.path.insert(0, str(ROOT / "docs"))
    yield
    sys.path.remove(str(ROOT / "docs"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory, _docs):
    from made_pages import write_pages

    folder = tmp_path_factory.mktemp("docs")
    (folder / "tutorial.ipynb").write_bytes((ROOT / "docs" / "tutorial.ipynb").read_bytes())
    write_pages(folder)
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in (folder / "made").glob("*.*")
        if path.suffix != ".png"
    }


def _described(pages):
    """Return every name that a directive of some page describes, in full."""
    found = set()
    for text in pages.values():
        face = ""
        for line in text.splitlines():
            word, _, name = line.strip().partition(":: ")
            if word == ".. currentmodule":
                face = name
            elif word in {".. autoclass", ".. autofunction", ".. autodata", ".. py:data"}:
                found.add(f"{face}.{name}")
    return found


def test_every_public_name_is_on_a_page(pages):
    from public_names import FACES, public_names, unlisted

    assert unlisted(_described(pages)) == []
    assert sum(len(public_names(face)) for face in FACES) > 250
    assert unlisted(_described(pages) - {"neurosim.networks.LCA"}) == ["neurosim.networks.LCA"]


def test_every_package_with_names_of_its_own_is_public_or_said_not_to_be():
    from public_names import FACES, INNER

    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "packages"
    ]
    with_names = {name for name in packages if getattr(importlib.import_module(name), "__all__", None)}
    inner = {name for name in with_names if any(f"{name}.".startswith(f"{room}.") for room in INNER)}
    assert with_names - inner <= set(FACES)


def test_every_key_of_every_model_and_kind_is_on_the_page_of_keys(pages):
    text = pages["keys.md"]
    for declared, word in (*((model, "model") for model in MODELS), *((kind, "kind") for kind in KINDS)):
        part = text.split(f'{word} = "{declared.name}"')[1].split("\n## ")[0]
        for key in declared.section.model_fields:
            assert key == word or f"- `{key}" in part, (declared.name, key)


def test_every_number_is_on_the_page_of_numbers(pages):
    for measure in MEASURES:
        for name in measure.metrics:
            assert f"- `{name}`" in pages["numbers.md"]


def test_every_command_is_on_the_page_of_commands(pages):
    from typer.main import get_command

    from neurosim.cli import app

    assert len(get_command(app).commands) > 5
    for name in get_command(app).commands:
        assert f"## neurosim {name}\n" in pages["commands.md"]


def test_the_tutorial_is_a_page_with_its_figures(pages):
    assert pages["tutorial.md"].count("](tutorial_") >= 6


def test_the_gallery_runs_the_examples_that_take_seconds():
    sys.path.insert(0, str(ROOT / "tests"))
    from test_examples import EXAMPLES, SHORTER

    text = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    fast = {path.stem for path in EXAMPLES} - set(SHORTER)
    assert {stem for stem in (path.stem for path in EXAMPLES) if f'"{stem}"' in text} == fast


@pytest.mark.slow
def test_the_documentation_is_made_without_a_warning(tmp_path, monkeypatch):
    build = pytest.importorskip("sphinx.cmd.build")
    for name in ("furo", "myst_parser", "numpydoc", "sphinx_gallery"):
        pytest.importorskip(name)
    import subprocess

    assert build
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "docs", str(tmp_path / "html")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert (tmp_path / "html" / "objects.inv").stat().st_size > 1000
