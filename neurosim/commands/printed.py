"""How commands print numbers."""

from pathlib import Path
from typing import Any

import typer


def print_summary(summary: dict[str, Any], folder: Path) -> None:
    """Print a summary, a number a line, and where the page is."""
    width = max(map(len, summary), default=0)
    for name, value in summary.items():
        typer.echo(f"{name:<{width}} {figure(value)}")
    typer.echo(f"\n{folder / 'report.html'}")


def figure(value: Any) -> str:
    """A number with four digits, an interval in brackets."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(figure, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
