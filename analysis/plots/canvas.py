"""What plotting functions draw on: figures that pyplot does not know and notebooks show, or axes of somebody else.

A figure is shown where a cell ends with it, or else after the cell that made it, once. In a terminal nothing opens.
"""

import io
import sys
from importlib import import_module
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neurosim.analysis.plots.style import house_style

__all__ = ["NotebookFigure", "canvas", "figure_of", "one_panel", "require_one", "withdraw"]

# As browsers count; the picture itself has the figure's own resolution.
_PIXELS_PER_INCH = 96
# Made in the cell that runs, and not shown yet.
_WAITING: list["NotebookFigure"] = []
_WATCHED: set[int] = set()


class NotebookFigure(Figure):
    """A figure with a picture of itself for IPython."""

    frames = 1
    """Pictures of equal width that stand side by side and may be shown one after the other."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        withdraw(self)
        picture = io.BytesIO()
        # Ticks are made on drawing, in the style that holds then.
        with house_style():
            self.savefig(picture, format="png")
        width, height = (round(_PIXELS_PER_INCH * inches) for inches in self.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}


def withdraw(figure: Figure) -> None:
    """Do not show a figure after its cell: it was shown already, or is for a file."""
    _WAITING[:] = [other for other in _WAITING if other is not figure]


def canvas(*, width: float, height: float) -> NotebookFigure:
    """Make an empty figure that lays its panels out without overlap.

    Parameters
    ----------
    width, height : float
        Size in inches.

    Returns
    -------
    matplotlib.figure.Figure
        A figure unknown to pyplot: it is freed with its last reference and opens no window. Notebooks show it.

    Examples
    --------
    >>> canvas(width=4, height=3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    figure = NotebookFigure(figsize=(width, height), layout="constrained")
    _show_later(figure)
    return figure


def one_panel(ax: Axes | None, *, width: float, height: float) -> Axes:
    """Return the axes a plotting function was given, or those of a new figure of a size in inches.

    Raises
    ------
    TypeError
        If `ax` is something else, such as the array of axes that ``subplots`` returns.
    """
    if ax is None:
        return canvas(width=width, height=height).add_subplot()
    if not isinstance(ax, Axes):
        several = f" of {len(ax)}: pass one of them" if hasattr(ax, "__len__") else ""
        raise TypeError(f"ax: expected axes of matplotlib to draw on, got {type(ax).__name__}{several}")
    return ax


def require_one(number: int, things: str, ax: Axes) -> Axes:
    """Return the axes for a figure that has a panel for each of some things, unless there is more than one thing."""
    if number != 1:
        raise ValueError(
            f"ax: expected one of the {things} to draw on it, got {number}; leave out ax for a panel each"
        )
    return one_panel(ax, width=1, height=1)


def figure_of(axes: Axes) -> Figure:
    """Return the figure that axes are part of, however deep."""
    figure: Any = axes.figure
    while figure.figure is not figure:
        figure = figure.figure
    whole: Figure = figure
    return whole


def _show_later(figure: NotebookFigure) -> None:
    """Have a figure shown after the cell of a notebook that runs; anywhere else nothing happens."""
    shell = _notebook()
    if shell is None:
        return
    if id(shell) not in _WATCHED:
        _WATCHED.add(id(shell))
        # Found before what pyplot registers for all figures, which would not tell that one was shown.
        shell.display_formatter.formatters["image/png"].for_type(NotebookFigure, NotebookFigure._repr_png_)
        shell.events.register("post_execute", _show_waiting)
    _WAITING.append(figure)


def _show_waiting() -> None:
    display = import_module("IPython.display").display
    while _WAITING:
        display(_WAITING.pop(0))


def _notebook() -> Any:
    """Return IPython's shell if it is a notebook's."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell if hasattr(shell, "kernel") else None
