"""Means and intervals over seeds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tiny_sweep import TINY

from neurosim.owned_folders import process_mark
from neurosim.sweeps import SweepError, over_seeds, plan_of, sweep_table
from neurosim.sweeps.attempt import keep_failure
from neurosim.sweeps.figure import sweep_figure
from neurosim.sweeps.table import store_plan, store_table


def _runs(settings: list[object], values: list[float]) -> pd.DataFrame:
    table = pd.DataFrame({"network.threshold": settings, "run.seed": range(len(values)), "objective": values})
    table.attrs["swept"] = ["network.threshold"]
    return table


def test_the_interval_is_scipys() -> None:
    values = [1.0, 2.5, 2.0, 4.0]
    row = over_seeds(_runs([1.0] * 4, values), "objective", level=0.9).iloc[0]
    expected = stats.t.interval(0.9, 3, loc=np.mean(values), scale=stats.sem(values))
    np.testing.assert_allclose([row["low"], row["high"]], expected)


def test_settings_are_not_averaged_together_where_a_table_forgot_what_was_swept(tmp_path: Path) -> None:
    runs = _runs([1.0, 1.0, 2.0], [1.0, 3.0, 9.0])
    runs.to_csv(tmp_path / "table.csv", index=False)
    with pytest.raises(SweepError, match=r"attrs\['swept'\] .* settings would be averaged together"):
        over_seeds(pd.read_csv(tmp_path / "table.csv"), "objective")
    assert over_seeds(runs, "objective")["mean"].tolist() == [2.0, 9.0]


def test_the_interval_covers_the_mean_of_all_seeds_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(7.0, 3.0, size=(2000, 3))
    table = _runs(list(np.repeat(np.arange(2000.0), 3)), list(values.ravel()))
    found = over_seeds(table, "objective", level=0.8)
    covered = ((found["low"] <= 7) & (found["high"] >= 7)).mean()
    assert abs(covered - 0.8) < 4 * np.sqrt(0.8 * 0.2 / 2000)


def test_settings_that_are_lists_or_words_or_missing_are_told_apart() -> None:
    table = _runs([["camera"], ["camera"], ["china"], None, "lca"], [1.0, 3.0, 5.0, 6.0, 7.0])
    assert over_seeds(table, "objective")["mean"].tolist() == [2.0, 5.0, 6.0, 7.0]


def test_runs_without_the_number_do_not_count() -> None:
    found = over_seeds(_runs([1.0, 1.0, 2.0], [1.0, np.nan, np.nan]), "objective")
    assert found[["n", "mean"]].to_numpy().tolist() == [[1, 1.0]]
    assert np.isnan(found["low"].iloc[0])


def test_a_number_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(SweepError, match="did you mean 'objective'"):
        over_seeds(_runs([1.0], [1.0]), "objectve")
    with pytest.raises(SweepError, match="they have objective"):
        over_seeds(_runs([1.0], [1.0]), "run.seed")


def test_runs_that_failed_or_wait_are_in_the_table_with_their_reason(tmp_path: Path) -> None:
    plan = plan_of(TINY)
    store_plan(plan, tmp_path)
    keep_failure(tmp_path, plan.runs[1].key, "it diverged")
    table = sweep_table(tmp_path)
    assert table["state"].tolist() == ["waiting", "failed", "waiting", "waiting"]
    assert table["reason"].iloc[1] == "it diverged"
    assert table.attrs["swept"] == ["network.threshold"]


def test_a_half_written_summary_is_no_finished_run(tmp_path: Path) -> None:
    plan = plan_of(TINY)
    store_plan(plan, tmp_path)
    place = tmp_path / "runs" / plan.runs[0].key
    place.mkdir(parents=True)
    (place / "recipe.toml").write_text("")
    (place / "summary.json").write_text('{"objective": 1')
    assert sweep_table(tmp_path)["state"].iloc[0] == "waiting"


def _crossed(n_others: int) -> pd.DataFrame:
    rows = [(x, other, seed) for x in (0.1, 1.0, 10.0) for other in range(n_others) for seed in (0, 1)]
    table = pd.DataFrame(rows, columns=["network.threshold", "network.n_neurons", "run.seed"])
    table["objective"] = table.sum(axis=1)
    table.attrs["swept"] = ["network.threshold", "network.n_neurons"]
    return table


def test_the_figure_has_a_panel_for_each_key_and_a_line_for_each_setting_of_the_others() -> None:
    panels = sweep_figure(_crossed(2), "objective").axes
    assert [panel.get_xlabel() for panel in panels] == ["network.threshold", "network.n_neurons"]
    means = [line for line in panels[0].get_lines() if not line.get_label().startswith("_")]
    assert [line.get_label() for line in means] == ["0", "1"]
    np.testing.assert_allclose(means[0].get_ydata(), [0.6, 1.5, 10.5])  # the mean of seeds 0 and 1
    assert panels[0].get_xscale() == "log"
    low, high = np.asarray(panels[0].collections[0].get_segments()[0])[:, 1]
    expected = over_seeds(_crossed(2), "objective").iloc[0]
    np.testing.assert_allclose([low, high], expected[["low", "high"]].astype(float))


def test_more_settings_than_a_reader_tells_apart_are_points() -> None:
    panel = sweep_figure(_crossed(8), "objective").axes[0]
    assert panel.get_legend() is None
    assert {line.get_linestyle() for line in panel.get_lines()} == {"None"}


def test_words_and_seeds_alone_are_drawn_too() -> None:
    words = sweep_figure(_runs(["soft", "hard"], [1.0, 2.0]), "objective").axes[0]
    assert [tick.get_text() for tick in words.get_xticklabels()] == ["soft", "hard"]
    seeds = _runs([1.0, 1.0], [1.0, 2.0])
    assert sweep_figure(seeds, "objective").axes[0].get_xlabel() == "run.seed"


def test_half_tables_of_killed_sweeps_go_and_those_of_others_stay(tmp_path: Path) -> None:
    machine, _, start = process_mark().split("-")
    killed, elsewhere = f"{machine}-{2**22 + 1}-{start}", f"{'0' * 8}-1-{start}"
    for mark in (killed, elsewhere):
        (tmp_path / f".table.csv.{mark}").write_text("half a ta")
    store_table(_runs([1.0], [2.0]), tmp_path / "table.csv")
    assert {path.name for path in tmp_path.iterdir()} == {"table.csv", f".table.csv.{elsewhere}"}
