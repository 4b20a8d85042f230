"""The table and the record."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.pairs import Spread
from benchmarks.report import Row, Target, markdown_table, write_results


def row(median: float, target: Target | None) -> Row:
    return Row("encoding", "N = 256", Spread(median, median / 2, 2 * median, 5), target=target)


@pytest.mark.parametrize(
    ("figure", "target", "met"),
    [
        (1.5, Target(1.5), True),
        (1.49, Target(1.5), False),
        (16.0, Target(16, at_least=False), True),
        (16.1, Target(16, at_least=False), False),
        (math.nan, Target(1.5), False),
        (math.nan, Target(1.5, at_least=False), False),
        (1.0, None, None),
    ],
)
def test_a_target_is_met_or_not(figure: float, target: Target | None, met: bool | None) -> None:
    assert row(figure, target).met is met


def test_the_table_says_what_was_wanted_and_what_failed() -> None:
    lines = markdown_table([row(2.0, Target(1.5)), row(1.0, Target(1.5)), row(1234.5, None)]).splitlines()
    assert len(lines) == 5
    assert "| 2.00 × | [1.00, 4.00] | 5 | ≥ 1.5 | yes |" in lines[2]
    assert "| **no** |" in lines[3]
    assert "| 1,234 × | [617, 2,469] | 5 |  |  |" in lines[4]
    assert len({line.count("|") for line in lines}) == 1


def test_the_record_is_json_that_every_reader_takes(tmp_path: Path) -> None:
    noted = Row("roofline", "N", Spread(1.0, 1.0, 1.0, 1), details={"sends": math.nan, "who": "ours"})
    curves = {"neurons": {"ours": [{"n_neurons": np.int64(256), "seconds": np.float64(1e-5)}]}}
    write_results(
        [noted, row(2.0, Target(1.5))], curves=curves, conditions={"pairs": 5}, path=tmp_path / "a" / "bench"
    )

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    record = json.loads((tmp_path / "a" / "bench.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert record["conditions"] == {"pairs": 5}
    assert record["rows"][0]["details"] == {"sends": None, "who": "ours"}
    assert [entry["met"] for entry in record["rows"]] == [None, True]
    assert record["rows"][1]["figure"] == {"median": 2.0, "low": 1.0, "high": 4.0, "n": 5}
    assert record["curves"]["neurons"]["ours"] == [{"n_neurons": 256, "seconds": 1e-5}]
    assert record["machine"]["cores"] >= 1
    assert (tmp_path / "a" / "bench.md").read_text(encoding="utf-8").count("\n") == 4


def test_the_record_names_neither_folders_nor_the_user(tmp_path: Path) -> None:
    write_results([], curves={}, conditions={}, path=tmp_path / "bench")
    text = (tmp_path / "bench.json").read_text(encoding="utf-8")
    assert str(Path.home()) not in text
    assert str(tmp_path) not in text
