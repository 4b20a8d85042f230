"""The picture of the cost curves."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.plot import draw_curves, speed_curves


def curves() -> dict[str, Any]:
    sizes = (128, 256, 512)
    cost = [{"n_neurons": n, "seconds": n * 1e-7, "low": n * 9e-8, "high": n * 2e-7} for n in sizes]
    sweep = [{"active_fraction": f, "ours": f * 1e-4, "SPAMS": f * 2e-4} for f in (0.02, 0.1)]
    return {
        "neurons": {"ours": cost, "SPAMS": cost},
        "neurons_fixed_active": {"ours": cost, "SPAMS": cost},
        "active_fraction": {"256": sweep},
        "batch_size": {"256": [{"batch_size": b, "seconds": 1e-5} for b in (10, 100)]},
        "roofline": {
            "peaks": {
                "multiply-adds in registers": 80.0,
                "matrix product": 60.0,
                "second-level cache": 100.0,
                "third-level cache": 80.0,
                "main memory": 20.0,
            },
            "achieved": [{"n_neurons": n, "rows": 20.0, "encoding": None} for n in sizes],
        },
    }


def test_all_panels_are_drawn_with_their_points(tmp_path: Path) -> None:
    axes = speed_curves(curves()).axes
    assert [one.get_title(loc="left")[:4] for one in axes] == ["Cost", "Cost", "Cost", "Roof"]
    ours = axes[0].get_lines()[0]
    assert ours.get_ydata().tolist() == pytest.approx([12.8, 25.6, 51.2])
    draw_curves(curves(), tmp_path / "pictures" / "curves.png")
    assert (tmp_path / "pictures" / "curves.png").stat().st_size > 10_000


def test_a_section_that_was_not_measured_has_no_panel() -> None:
    assert len(speed_curves({"batch_size": curves()["batch_size"]}).axes) == 1


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="expected points"):
        speed_curves({})
