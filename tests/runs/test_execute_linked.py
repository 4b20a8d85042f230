"""Recipes on modalities from beginning to end, tiny, on the numpy target."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure
from PIL import Image
from stored_run import stored_in, summary_of

import neurosim
from neurosim.measures import metric_of, writes
from neurosim.networks.lca.lca import LCA
from neurosim.networks.linked.linked_lca import LinkedLCA
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.results.run_files import MARKER
from neurosim.results.store import RUN_FILES
from neurosim.runs.execute import execute
from neurosim.stimuli.kinds.stimuli import Stimuli

_NETWORK = ("network.n_neurons=24", "network.batch_size=50", "network.backend=numpy", "network.n_epochs=1")
_DIGITS = (
    "stimuli.n_train=300", "stimuli.n_test=60", "stimuli.font=DejaVu Sans", 'linked.classifiers=["logistic"]',
    "linked.n_embedding=20",
)  # fmt: skip
_EYES = (
    "stimuli.n_train=400", "stimuli.n_test=60", "stimuli.patch_size=8", "analysis.n_starts=2",
    "disparity.largest=2", "disparity.n_trials=5", "disparity.n_patterns=2",
)  # fmt: skip
_RECIPES = {
    "linked": ("linked", (*_DIGITS, *_NETWORK)),
    "three": ("linked-three", (*_DIGITS, *_NETWORK)),
    "ordinal": ("linked", (*_DIGITS, "network.model=ordinal-linked-lca", *_NETWORK, "network.threshold=0.2")),
    "single": ("linked", (*_DIGITS, 'stimuli.modalities=["handwriting"]', "network.model=lca", *_NETWORK)),
    "binocular": ("binocular", (*_EYES, *_NETWORK)),
}
_TABLES = {
    "linked": {"classification.csv", "recall.csv"},
    "three": {"classification.csv", "recall.csv", "missing.csv"},
    "ordinal": {"classification.csv", "recall.csv", "blocks.csv"},
    "single": {"classification.csv"},
    "binocular": {"disparity.csv"},
}
_FIGURES = {"linked_fields", "membranes", "learning_curve", "sparsity", "reconstructions", "weights"}


def _tiny(name: str, *more: str) -> Recipe:
    shipped, assignments = _RECIPES[name]
    return load_recipe(shipped, assignments=[*assignments, *more])


@pytest.fixture
def without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out figures and page, which take most of a tiny run's time."""
    monkeypatch.setattr("neurosim.runs.analyze.save_figure", lambda *_: None)
    monkeypatch.setattr("neurosim.report.page.write_report", lambda *_: None)


def _drawn_small(draw: Callable[[], Figure], path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new("L", (2, 2)).save(path)


@pytest.fixture(scope="module")
def runs() -> dict[str, Path]:
    return {}


@pytest.fixture(params=_RECIPES)
def run(
    request: pytest.FixtureRequest, runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Each recipe's run, made once."""
    if request.param not in runs:
        folder = tmp_path_factory.mktemp("runs") / request.param
        with pytest.MonkeyPatch.context() as patched:
            if request.param != "ordinal":  # drawing takes most of a tiny run's time
                patched.setattr("neurosim.runs.analyze.save_figure", _drawn_small)
            execute(_tiny(request.param), out=folder)
        runs[request.param] = folder
    return runs[request.param]


def _timeless(summary: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in summary.items() if not name.startswith("seconds_")}


def _modalities(stored: xr.Dataset) -> Iterator[str]:
    return (str(name).removeprefix("dictionary_") for name in stored if str(name).startswith("dictionary_"))


def test_a_run_writes_its_tables_and_figures_and_nothing_else(run: Path) -> None:
    written = {path.name for path in run.iterdir()}
    always = {
        "recipe.toml", "provenance.json", "network.nc", "fields.csv", "summary.json", "figures", "report.html", MARKER,
        "equations.csv", "learning_rules.csv", "membranes.csv",
    }  # fmt: skip
    assert written == always | _TABLES[run.name]
    assert all(name in RUN_FILES or writes(name) for name in written)
    own = {
        "linked": {"recall", "pca", "tsne"}, "ordinal": {"recall", "pca", "tsne", "blocks"},
        "three": {"recall", "missing", "pca", "tsne"},
        "single": {"pca", "tsne"}, "binocular": {"disparity"},
    }[run.name]  # fmt: skip
    assert {path.stem for path in (run / "figures").iterdir()} == _FIGURES | own


def test_every_number_of_the_summary_is_documented_and_belongs_to_its_kind(run: Path) -> None:
    summary = summary_of(run)
    assert all(metric_of(name) for name in summary)
    has_classes = run.name != "binocular"
    assert ("accuracy_logistic" in summary) == ("accuracy_logistic_raw" in summary) == has_classes
    assert ("recall_accuracy" in summary) == (run.name in {"linked", "three", "ordinal"})
    assert ("recall_accuracy_least" in summary) == (run.name == "three")
    assert ("block_purity" in summary) == (run.name == "ordinal")
    assert ("disparity_sd" in summary) == ("gabor_fraction" in summary) == (run.name == "binocular")


@pytest.mark.usefixtures("without_pictures")
def test_the_stored_recipe_gives_the_same_again(run: Path, tmp_path: Path) -> None:
    execute(load_recipe(run / "recipe.toml"), out=tmp_path / "again")
    assert _timeless(summary_of(tmp_path / "again")) == _timeless(summary_of(run))
    assert (tmp_path / "again" / "recipe.toml").read_bytes() == (run / "recipe.toml").read_bytes()
    for name in {"fields.csv"} | _TABLES[run.name]:
        first, second = (pd.read_csv(folder / name) for folder in (run, tmp_path / "again"))
        pd.testing.assert_frame_equal(
            first.drop(columns="seconds", errors="ignore"), second.drop(columns="seconds", errors="ignore")
        )


@pytest.mark.usefixtures("without_pictures")
def test_another_seed_gives_another_run(run: Path, tmp_path: Path) -> None:
    other = execute(_tiny(run.name, "run.seed=1"), out=tmp_path / "other")
    assert other["objective"] != summary_of(run)["objective"]


def test_the_network_file_is_labelled(run: Path) -> None:
    stored = stored_in(run)
    assert all({"units", "long_name"} <= set(variable.attrs) for variable in stored.data_vars.values())
    for name in _modalities(stored):
        assert stored[f"dictionary_{name}"].dims == ("neuron", f"pixel_{name}")
        assert stored[f"held_out_{name}"].dims == ("stimulus", f"pixel_{name}")
        assert stored.attrs[f"shape_{name}"].tolist() == [8, 8]
    assert ("block" in stored) == (run.name == "ordinal")
    assert ("label" in stored) == (run.name != "binocular")


def test_the_summary_agrees_with_the_stored_network(run: Path) -> None:
    """Codes are found from the modalities presented, so only those count as reconstructed."""
    stored, summary = stored_in(run), summary_of(run)
    present = {"binocular": ["left", "right"]}.get(run.name, ["handwriting"])
    code = stored["code"].to_numpy().astype(float)
    errors, powers = 0.0, 0.0
    for name in present:
        shown = stored[f"held_out_{name}"].to_numpy().astype(float)
        errors += ((shown - code @ stored[f"dictionary_{name}"].to_numpy()) ** 2).sum(axis=1)
        powers += (shown**2).sum(axis=1)
    objective = (0.5 * errors + (stored["threshold"].to_numpy() * np.abs(code)).sum(axis=1)).mean()
    assert summary["objective"] == pytest.approx(objective, rel=1e-4)
    decibels = 10 * np.log10(powers.sum() / errors.sum())
    assert summary["reconstruction_snr_db"] == pytest.approx(decibels, rel=1e-3)
    assert summary["dead_neurons"] == (~(code != 0).any(axis=0)).sum()


@pytest.mark.parametrize("run", ["linked"], indirect=True)
def test_the_code_is_that_of_the_handwriting_alone(run: Path) -> None:
    stored = stored_in(run)
    dictionaries = {name: stored[f"dictionary_{name}"].to_numpy() for name in _modalities(stored)}
    network = LinkedLCA.from_dictionary(dictionaries, threshold=0.1, batch_size=50, backend="numpy")
    shown = {name: stored[f"held_out_{name}"].to_numpy() for name in dictionaries}
    alone, both = network.transform({"handwriting": shown["handwriting"]}), network.transform(shown)
    np.testing.assert_allclose(alone, stored["code"], atol=1e-4)
    assert not np.allclose(both, stored["code"], atol=1e-2)


@pytest.mark.parametrize("run", ["ordinal"], indirect=True)
def test_blocks_are_classes_and_the_rest_of_the_neurons_belong_to_none(run: Path) -> None:
    expected = [*np.repeat(np.arange(10), 2), -1, -1, -1, -1]
    assert stored_in(run)["block"].to_numpy().tolist() == expected
    assert pd.read_csv(run / "fields.csv")["block"].tolist() == expected
    assert pd.read_csv(run / "blocks.csv")["class"].tolist() == [*map(str, range(10)), "all", "shuffled"]
    summary = summary_of(run)
    assert summary["block_purity"] > 4 * summary["block_purity_shuffled"]
    assert summary["recall_accuracy"] > 4 * summary["recall_accuracy_shuffled"]


@pytest.mark.usefixtures("without_pictures")
def test_labels_reach_the_network_while_it_learns_and_never_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deal out held-out labels anew: learned weights and codes stay, only what counts with labels changes."""
    shown: list[set[str]] = []

    def watched(method: Any) -> Any:
        def watching(self: LCA, X: Any) -> Any:
            shown.append(set(X))
            return method(self, X)

        return watching

    for name in ("transform", "settle"):
        monkeypatch.setattr(LCA, name, watched(getattr(LCA, name)))
    execute(_tiny("ordinal"), out=tmp_path / "right")
    assert shown == [{"handwriting"}] * 2

    init = Stimuli.__init__

    def dealt_anew(self: Stimuli, **values: Any) -> None:
        wrong = values["labels"]._replace(held_out=np.roll(values["labels"].held_out, 1))
        init(self, **values | {"labels": wrong})

    monkeypatch.setattr(Stimuli, "__init__", dealt_anew)
    execute(_tiny("ordinal"), out=tmp_path / "wrong")
    right, wrong = (stored_in(tmp_path / name) for name in ("right", "wrong"))
    assert not right["label"].equals(wrong["label"])
    for name in set(right) - {"label"}:
        xr.testing.assert_identical(right[name], wrong[name])
    first, second = (summary_of(tmp_path / name) for name in ("right", "wrong"))
    assert first["accuracy_logistic"] > second["accuracy_logistic"]
    assert first["objective"] == second["objective"]


@pytest.mark.parametrize("run", ["linked"], indirect=True)
def test_the_record_names_font_file_and_what_codes_were_found_from(run: Path) -> None:
    record = json.loads((run / "provenance.json").read_text(encoding="utf-8"))
    assert record["font"]["family"] == "DejaVu Sans"
    assert len(record["files"]["digits.csv.gz"]["sha256"]) == 64
    assert (record["n_train"], record["n_test"]) == (300, 60)
    assert (record["modalities"], record["present"]) == (["handwriting", "printed"], ["handwriting"])
    assert record["recalled"] == "printed"


def test_the_page_says_what_was_shown_and_found(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    words = {
        "linked": "(linked LCA, Brian2) learned from 300 embedded digits, shown in handwriting and print; every "
        "code below is for 60 it never saw, found from handwriting alone",
        "three": "Whichever modality is missing, what the others recall of it is nearest to the right class for",
        "ordinal": "Of the activity in neurons that belong to a class",
        "single": "24 neurons (LCA, Brian2) learned from 300 embedded digits, handwritten",
        "binocular": "learned from 400 pairs of patches of 8 × 8 pixels, one for each eye, from a stereo pair",
    }[run.name]
    assert words in page
    assert ('id="tables"' in page) == (run.name != "binocular")
    assert ('id="fields"' in page) == (run.name == "binocular")
    assert "Not documented" not in page


@pytest.mark.usefixtures("without_pictures")
def test_arrays_of_ones_own_are_linked_and_recalled(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    classes = rng.integers(3, size=200)
    stored = {
        "seen": rng.random((200, 4, 5)) * 0.2 + rng.random((3, 4, 5))[classes],
        "heard": rng.random((200, 7)) * 0.2 + rng.random((3, 7))[classes],
    }
    np.savez(tmp_path / "own.npz", **stored, labels=classes)
    own = ("stimuli.kind=arrays", f"stimuli.path={tmp_path / 'own.npz'}", "stimuli.n_test=50")
    recipe = load_recipe("linked", assignments=[*own, *_NETWORK, 'linked.classifiers=["logistic"]'])
    summary = execute(recipe, out=tmp_path / "run")
    assert summary["recall_accuracy"] > 0.9
    assert summary["recall_accuracy_shuffled"] < 0.6
    assert stored_in(tmp_path / "run").attrs["shape_seen"].tolist() == [4, 5]


def test_what_only_the_file_tells_is_refused_before_learning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LCA, "fit", lambda *_, **__: pytest.fail("trained"))
    np.savez(tmp_path / "own.npz", seen=np.ones((90, 4)), heard=np.ones((90, 4)))
    own = ("stimuli.kind=arrays", f"stimuli.path={tmp_path / 'own.npz'}", "stimuli.n_test=9")
    recipe = load_recipe("linked", assignments=[*own, "network.model=ordinal-linked-lca", *_NETWORK])
    with pytest.raises(ValueError, match=r"network.model: 'ordinal-linked-lca' learns from .* stimuli.path"):
        execute(recipe, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_its_folder_loads_as_the_network_that_gave_the_stored_code(run: Path) -> None:
    net = neurosim.load(run)
    with xr.open_dataset(run / "network.nc", engine="h5netcdf") as stored:
        present = {"binocular": ["left", "right"]}.get(run.name, ["handwriting"])
        held_out = {name: stored[f"held_out_{name}"].to_numpy() for name in present}
        shown = held_out if hasattr(net, "modalities_") else held_out["handwriting"]
        assert net.transform(shown).tobytes() == stored["code"].to_numpy().tobytes()
