"""Which runs a sweep is made of, and what is said of one that cannot be run."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from neurosim.recipes.recipe import Recipe, RecipeError, load_recipe
from neurosim.sweeps import SweepError, plan_of
from neurosim.sweeps.plan import recipe_key


def _sweep(**parts: Any) -> dict[str, Any]:
    return {"sweep": {"recipe": "lca"}, **parts}


def _settings(**parts: Any) -> list[tuple[Any, ...]]:
    plan = plan_of(_sweep(**parts))
    return [(*run.settings.values(), run.recipe.run.seed) for run in plan.runs]


def test_a_grid_is_every_combination_with_every_seed() -> None:
    parts = {"grid": {"network.threshold": [1.0, 2.0], "network.n_neurons": [64, 128]}}
    plan = plan_of({"sweep": {"recipe": "lca", "seeds": [3, 5]}, **parts})
    assert plan.swept == ("network.threshold", "network.n_neurons")
    assert [(*run.settings.values(), run.recipe.run.seed) for run in plan.runs] == [
        (threshold, n_neurons, seed) for threshold in (1, 2) for n_neurons in (64, 128) for seed in (3, 5)
    ]


def test_keys_may_be_written_with_dots_or_as_tables() -> None:
    dotted = _settings(grid={"network.threshold": [1.0, 2.0]})
    assert dotted == _settings(grid={"network": {"threshold": [1.0, 2.0]}}) == [(1.0, 0), (2.0, 0)]


def test_listed_settings_are_taken_together_and_crossed_with_the_grid() -> None:
    plan = plan_of(
        _sweep(
            list=[{"network.threshold": 1.0, "network.tau": "5 ms"}, {"network.threshold": 2.0}],
            grid={"network.n_neurons": [64, 128]},
        )
    )
    assert [tuple(run.settings.values()) for run in plan.runs] == [
        (1.0, "5 ms", 64), (1.0, "5 ms", 128), (2.0, "10 ms", 64), (2.0, "10 ms", 128),
    ]  # fmt: skip


def test_models_are_swept_with_the_keys_that_go_with_them() -> None:
    points = [{"network.model": "sailnet", "network.n_neurons": 64}, {"network.model": "lca"}]
    assert _settings(list=points, set={"network.backend": "numpy"}) == [
        ("sailnet", 64, 0),
        ("lca", 256, 0),
    ]


def test_draws_lie_in_their_range_and_begin_alike_when_there_are_more_or_other_keys() -> None:
    drawn = {"network.threshold": {"from": 0.1, "to": 10.0, "scale": "log"}}
    few = [run[0] for run in _settings(random={"draws": 5, "seed": 1, **drawn})]
    more = [
        run[1] for run in _settings(random={"draws": 50, "seed": 1, "network.n_neurons": [64, 128], **drawn})
    ]
    other = [run[0] for run in _settings(random={"draws": 5, "seed": 2, **drawn})]
    assert more[:5] == few != other
    assert all(0.1 <= value <= 10 for value in more)
    assert 15 <= sum(value < 1 for value in more) <= 35  # half of them, on a log scale


def test_what_a_run_computes_decides_its_folder_and_its_words_do_not() -> None:
    keys = [recipe_key(load_recipe("lca", assignments=[each])) for each in (
        "run.name=a", "run.description=b", "run.seed=1", "network.threshold=1.9", "network.threshold=1.8"
    )]  # fmt: skip
    assert keys[0] == keys[1] == keys[3]
    assert len(set(keys)) == 3
    again = Recipe.model_validate(tomllib.loads(load_recipe("lca").to_toml()))
    assert recipe_key(again) == keys[0]


def test_combinations_that_mean_the_same_are_one_run() -> None:
    plan = plan_of(_sweep(list=[{"network.tau": "10 ms"}, {"network.threshold": 1.9}]))
    assert (len(plan.runs), plan.n_asked) == (1, 2)


def test_paths_start_from_the_sweeps_file(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    file = tmp_path / "a.toml"
    file.write_text('[sweep]\nrecipe = "lca"\nseeds = 1\n[set]\nstimuli.source = "pictures"\n')
    plan = plan_of(file)
    assert plan.sweep.name == "a"
    assert plan.runs[0].recipe.model_dump()["stimuli"]["source"] == str(tmp_path / "pictures")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"grid": {"network.treshold": [1.0]}}, "did you mean 'network.threshold'"),
        ({"grid": {"network.threshold": [1.0, -1.0]}}, "refuses 1 of 2 runs; nothing was run"),
        ({"grid": {"network.threshold": [1.0, -1.0]}}, r"threshold: expected .* got -1.0 .*network.threshold = -1"),
        ({"grid": {"network.threshold": []}}, "expected at least one value, got an empty list"),
        ({"grid": {"network.threshold": 1.0}}, r"write \[1.0\] for one value"),
        ({"grid": {"network.threshold": [1.0, 1.0]}}, "got 1.0 twice"),
        ({"grid": {"network.threshold": {"from": 1, "to": 2}}}, "expected steps"),
        ({"grid": {"network.threshold": {"from": 2, "to": 1, "steps": 3}}}, "from less than to"),
        ({"grid": {"network.threshold": {"from": 0, "to": 1, "steps": 3, "scale": "log"}}}, "from above 0"),
        ({"grid": {"network.threshold": {"from": 1, "to": 2, "steps": 3, "scale": "lin"}}}, "did you mean 'linear'"),
        ({"grid": {"network.threshold": {"from": 1, "too": 2, "steps": 3}}}, "did you mean 'to'"),
        ({"grid": {"threshold": [1.0]}}, "expected section.key as in a recipe"),
        ({"grid": {"run.seed": [1, 2]}}, r"say seeds = \[0, 1, 2\]"),
        ({"grid": {"run.name": ["a"]}}, "changes no number"),
        ({"grd": {"network.threshold": [1.0]}}, "did you mean 'grid'"),
        ({}, "nothing differs between runs"),
        ({"set": {"network.threshold": 1.0}}, "nothing differs between runs"),
        ({"grid": {"network.tau": ["1 ms"]}, "set": {"network.tau": "2 ms"}}, r"got \[set\] and \[grid\]"),
        ({"random": {"draws": 3}}, "at least one key to draw"),
        ({"random": {"network.threshold": [1.0]}}, "draws: expected how many"),
        ({"random": {"draws": 3, "network.threshold": 1.0}}, "expected what to draw from"),
        ({"random": {"draws": 3, "network.threshold": {"one_of": []}}}, "expected one_of with a list"),
        ({"list": []}, "expected tables"),
        ({"grid": {f"network.{key}": {"from": 0, "to": 99, "steps": 100} for key in "abc"}}, "at most 100,000 runs"),
    ],
)  # fmt: skip
def test_a_sweep_that_cannot_be_run_says_what_to_change(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(SweepError, match=message):
        plan_of(_sweep(**parts))


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({}, "recipe: expected a shipped name"),
        ({"recipe": "lca", "seeds": 0}, "seeds: expected how many"),
        ({"recipe": "lca", "seeds": [1, 1]}, "different whole numbers"),
        ({"recipe": "lca", "seeds": 2, "name": "../a"}, "expected letters, digits"),
        ({"recipe": "lca", "sedes": 2}, r"\[sweep\] sedes: unknown in a sweep; did you mean 'seeds'"),
    ],
)
def test_what_a_sweep_says_of_itself_is_checked(about: dict[str, Any], message: str) -> None:
    with pytest.raises(SweepError, match=message):
        plan_of({"sweep": about})


def test_what_is_wrong_with_the_recipe_itself_is_said_in_its_words() -> None:
    with pytest.raises(RecipeError, match="did you mean 'lca'"):
        plan_of({"sweep": {"recipe": "lac", "seeds": 2}})


@pytest.mark.parametrize(("text", "message"), [(None, "found no file"), ("[sweep", "expected TOML in")])
def test_a_file_that_is_none_is_named(text: str | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SweepError, match=message):
        plan_of(file)


def test_the_sweep_of_the_documentation_can_be_run(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
    file = tmp_path / "thresholds.toml"
    file.write_text(text.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    plan = plan_of(file)
    assert len(plan.runs) == 50
    assert sorted({run.settings["network.threshold"] for run in plan.runs}) == [0.5, 1.0, 2.0, 4.0, 8.0]
