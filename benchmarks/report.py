"""The table and the record of a benchmark run."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.pairs import Spread

__all__ = ["Row", "Target", "machine", "markdown_table", "write_results"]

_PACKAGES = ("neurosim-v1", "brian2", "numpy", "scipy", "scikit-learn", "spams-bin")


@dataclass(frozen=True)
class Target:
    """What a figure has to reach.

    Parameters
    ----------
    value : float
    at_least : bool, default=True
        False: the figure may be at most that.
    """

    value: float
    at_least: bool = True

    def met(self, figure: float) -> bool:
        """Tell whether a figure reaches it; NaN never does."""
        return figure >= self.value if self.at_least else figure <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


@dataclass(frozen=True)
class Row:
    """One comparison.

    Parameters
    ----------
    section, name : str
        The part of the benchmark and what is compared.
    figure : Spread
        Over the rounds: a ratio unless `unit` says otherwise.
    unit : str, default="×"
    target : Target, optional
    details : mapping of str to float or str
        What the figure was made from.
    """

    section: str
    name: str
    figure: Spread
    unit: str = "×"
    target: Target | None = None
    details: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """Tell whether the target is reached, or None without one."""
        return None if self.target is None else self.target.met(self.figure.median)


def markdown_table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table.

    Examples
    --------
    >>> print(markdown_table([Row("encoding", "N = 256", Spread(2.0, 1.5, 2.5, 5), target=Target(1.5))]))
    | section | what | figure | [min, max] | n | wanted | met | details |
    |---|---|---|---|---|---|---|---|
    | encoding | N = 256 | 2.00 × | [1.50, 2.50] | 5 | ≥ 1.5 | yes |  |
    """
    lines = [
        "| section | what | figure | [min, max] | n | wanted | met | details |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join(lines + [_line(row) for row in rows])


def write_results(
    rows: Sequence[Row], *, curves: Mapping[str, Any], conditions: Mapping[str, Any], path: Path
) -> None:
    """Write the record as JSON and the table as Markdown.

    Parameters
    ----------
    rows : sequence of Row
    curves : mapping
        Points of the cost curves and the roofline.
    conditions : mapping
        What the run was asked for.
    path : Path
        Of both files, without their endings.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "conditions": dict(conditions),
        "machine": machine(),
        "rows": [{**asdict(row), "met": row.met} for row in rows],
        "curves": dict(curves),
    }
    text = json.dumps(_finite(record), indent=1, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown_table(rows) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """Describe the processor, the load on it and the versions; no host or user names."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": list(os.getloadavg()),
        "python": platform.python_version(),
        "system": platform.system(),
        "versions": {name: _version(name) for name in _PACKAGES},
        "commit": _commit(),
    }


def _line(row: Row) -> str:
    met = {None: "", True: "yes", False: "**no**"}[row.met]
    details = "; ".join(f"{name} {_number(value)}" for name, value in row.details.items())
    figure = row.figure
    cells = [
        row.section,
        row.name,
        f"{_number(figure.median)} {row.unit}",
        f"[{_number(figure.low)}, {_number(figure.high)}]",
        str(figure.n),
        str(row.target or ""),
        met,
        details,
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float | str) -> str:
    """Write three significant digits, with separators where there are more."""
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return "—"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.2g}"


def _finite(value: Any) -> Any:
    """Put null where JSON has no number, and unpack numpy's scalars."""
    if isinstance(value, Mapping):
        return {str(name): _finite(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
