from pathlib import Path

import pytest

from neurosim.recipes import recipe_names
from neurosim.recipes.errors import RecipeError
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.needs import memory
from neurosim.runs.needs.memory import free_memory, require_memory
from neurosim.runs.needs.run_size import folder_size, memory_needs

_GIGABYTE = 10**9


def _needs(name: str, *assignments: str) -> dict[str, int]:
    return {need.what: need.n_bytes for need in memory_needs(load_recipe(name, assignments=assignments))}


@pytest.mark.parametrize("name", recipe_names())
def test_every_shipped_recipe_fits_in_eight_gigabytes_and_a_few_hundred_megabytes_of_disc(name: str) -> None:
    recipe = load_recipe(name)
    assert sum(need.n_bytes for need in memory_needs(recipe)) < 8 * _GIGABYTE
    assert folder_size(recipe) < _GIGABYTE / 2


def test_arrays_have_the_sizes_they_are_made_with() -> None:
    found = _needs("lca", "stimuli.n_train=1000", "network.n_neurons=100", "stimuli.dtype=float64")
    assert found["training stimuli"] == 1000 * 256 * 8
    assert found["dictionary"] == 100 * 256 * 8
    assert found["lateral weights"] == 100 * 100 * (8 + 2 * 8)
    relays = "stimuli.relays=[{name='a', filter={kind='olshausen'}}, {name='b', filter={kind='none'}}]"
    assert _needs("lca", relays)["dictionary"] == 4 * _needs("lca")["dictionary"]
    assert _needs("lca", relays)["training stimuli"] == 4 * _needs("lca")["training stimuli"]
    assert _needs("lca", "stimuli.on_off=true")["dictionary"] == 2 * _needs("lca")["dictionary"]


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("lca", "network.n_neurons", 10**7), ("lca", "stimuli.n_train", 10**8), ("lca", "stimuli.n_test", 10**8),
        ("lca", "analysis.n_bootstrap", 10**9), ("sailnet", "network.n_neurons", 10**7),
        ("svae", "network.n_neurons", 10**8), ("einet", "network.n_inhibitory", 10**7),
        ("binocular", "stimuli.n_train", 10**8), ("linked", "network.n_neurons", 10**7),
        ("wlsc-arms", "stimuli.n_train", 10**9), ("lca", "network.n_neurons", 10**90),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_figure_and_the_key(
    name: str, key: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 24 * _GIGABYTE)
    with pytest.raises(RecipeError, match=rf"needs about .* of memory, and 24 GB are free: .*lower {key}"):
        require_memory(load_recipe(name, assignments=[f"{key}={value}"]))


def test_a_number_of_thousands_of_digits_is_refused_too() -> None:
    with pytest.raises(RecipeError, match="more than 1000 EB of memory"):
        require_memory(load_recipe("lca", assignments=[f"network.n_neurons={'9' * 4000}"]))


def test_what_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 4 * _GIGABYTE)
    require_memory(load_recipe("lca"))
    monkeypatch.setattr(memory, "free_memory", lambda: None)
    require_memory(load_recipe("lca", assignments=["network.n_neurons=10000000"]))


@pytest.mark.parametrize(
    ("line", "folder", "names"),
    [("0::/job/step", "job", ("memory.max", "memory.current")),
     ("4:memory:/job/step", "memory/job", ("memory.limit_in_bytes", "memory.usage_in_bytes"))],
)  # fmt: skip
def test_the_limit_of_a_container_or_job_counts_also_from_above(
    line: str, folder: str, names: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit, taken = names
    root, proc = tmp_path / "cgroup", tmp_path / "proc"
    (root / folder).mkdir(parents=True)
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text(f"{line}\n9:name=systemd:/\n")
    (proc / "meminfo").write_text("MemTotal: 99 kB\nMemAvailable: 1000000 kB\nSwapFree: 1000 kB\n")
    monkeypatch.setattr(memory, "_PROC", proc)
    monkeypatch.setattr(memory, "_CGROUPS", root)
    assert free_memory() == 1024 * 1_001_000
    (root / folder / limit).write_text("max\n")
    assert free_memory() == 1024 * 1_001_000
    (root / folder / limit).write_text("5000\n")
    (root / folder / taken).write_text("3000\n")
    (root / folder / "memory.stat").write_text("anon 1\ninactive_file 1000\n")
    assert free_memory() == 3000


def test_whitening_and_splitting_hold_the_stimuli_several_times() -> None:
    plain = _needs("lca")["training stimuli"]
    assert _needs("lca", "stimuli.on_off=true")["training stimuli"] == 2 * 2 * plain
    assert _needs("lca", "stimuli.whitening.kind=zca")["training stimuli"] == 5 * plain
