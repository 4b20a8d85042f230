"""The shape of the fields, n_x and n_y, against macaque simple cells."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import canvas, figure_of, one_panel
from neurosim.analysis.plots.checks import finite_array, table_with
from neurosim.analysis.plots.style import COLOURS, house_style
from neurosim.datasets.v1 import PublishedTable, published_table

__all__ = [
    "amplitude_bound_sweep",
    "divergence_in_words",
    "draw_over_macaque",
    "legend_over_macaque",
    "nx_ny_against_macaque",
]

# The house's three, then others of Okabe & Ito's palette.
_LINE_COLOURS = (COLOURS["model"], COLOURS["data"], COLOURS["second"], "#CC79A7", "#E69F00", "#000000")
_SPACES = {"image": "In the image", "whitened": "On whitened patches"}


def nx_ny_against_macaque(
    shapes: Mapping[str, ArrayLike], *, divergences: Mapping[str, tuple[float, float, float, float]]
) -> Figure:
    """Draw each space's fields over the published counts of macaque simple cells, one panel per space.

    Parameters
    ----------
    shapes : mapping of str to array_like, shape (n_fields, 2)
        n_x and n_y (cycles, 0 or more) of the Gabor-like fields, by space: ``"image"``, ``"whitened"`` or a
        name of your own. A field outside the table is drawn as a triangle on its border: it counts in the
        outer bin.
    divergences : mapping of str to (float, float, float, float)
        Joint Jensen-Shannon divergence in bits of each space, the same without its bias, and the interval's low and
        high end; NaN where there is none.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If an array has a wrong shape, a value is negative or not finite, or a space has no divergence of four numbers.

    References
    ----------
    Ringach 2002, J Neurophysiol 88:455, doi:10.1152/jn.2002.88.1.455 (the cells and their fits).

    Examples
    --------
    >>> figure = nx_ny_against_macaque({"image": [[0.4, 0.5]]}, divergences={"image": (0.2, 0.15, 0.1, 0.2)})
    >>> figure.axes[0].get_title(loc="left")
    'In the image: 1 field\\nJS 0.20 bits, corrected 0.15 [0.10, 0.20]'
    """
    points = {space: _checked_shapes(space, values) for space, values in shapes.items()}
    missing = sorted(set(points) - set(divergences))
    if missing or not points:
        raise ValueError(f"`divergences` must cover every space, missing: {', '.join(missing) or 'all'}")
    if any(np.shape(divergences[space]) != (4,) for space in points):
        raise ValueError(
            "`divergences` must hold four numbers for each space: divergence, corrected divergence, low and high end"
        )
    with house_style():
        figure = canvas(width=4.0 * len(points) + 0.5, height=5.0)
        panels = figure.subplots(1, len(points), squeeze=False, sharex=True, sharey=True)[0]
        for axes, (space, values) in zip(panels, points.items(), strict=True):
            draw_over_macaque(axes, values)
            words = divergence_in_words(divergences[space])
            axes.set_title(f"{_SPACES.get(space, space)}: {_counted(values)}\n{words}")
            axes.set_xlabel("$n_x$ (cycles across the bars)")
        panels[0].set_ylabel("$n_y$ (cycles along the bars)")
        legend_over_macaque(figure, ncols=3 if len(points) > 1 else 1)
    return figure


def amplitude_bound_sweep(
    sweep: pd.DataFrame, *, chosen_bound: float = 1.5, ax: Axes | None = None
) -> Figure:
    """Draw the distance to macaque against the bound on the Gabor amplitude.

    Parameters
    ----------
    sweep : DataFrame
        ``space`` (str), ``amplitude_bound`` (multiple of a field's largest magnitude), ``js_bits`` and, if
        there, ``js_bits_corrected``, which is drawn in its place, and the ends ``low`` and ``high`` of a bar.
    chosen_bound : float
        The bound fixed beforehand; marked.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing or there are no rows.

    Examples
    --------
    >>> import pandas as pd
    >>> sweep = pd.DataFrame({"space": ["image"] * 2, "amplitude_bound": [1.1, 1.5], "js_bits": [0.1, 0.2]})
    >>> amplitude_bound_sweep(sweep).axes[0].get_ylabel()
    'JS divergence from macaque (bits)'
    """
    table_with("sweep", sweep, ("space", "amplitude_bound", "js_bits"))
    corrected = "js_bits_corrected" in sweep
    sweep = sweep.assign(drawn=sweep["js_bits_corrected" if corrected else "js_bits"])
    sweep = sweep.sort_values("amplitude_bound", kind="stable")
    # Six colours and five markers: thirty looks before the first comes again.
    looks = zip(itertools.cycle(_LINE_COLOURS), itertools.cycle("os^Dv"))
    with house_style():
        axes = one_panel(ax, width=5.6, height=4.2)
        for position, (space, rows) in enumerate(sweep.groupby("space", sort=False)):
            colour, marker = next(looks)
            # Side by side, so that the intervals of two spaces can be told apart.
            bound = rows["amplitude_bound"] * (1 + 0.012 * position)
            axes.errorbar(
                bound, rows["drawn"], yerr=_error_bars(rows), color=colour, marker=marker, capsize=3,
                elinewidth=1, label=_SPACES.get(str(space), str(space)),
            )  # fmt: skip
        axes.axvline(chosen_bound, color=COLOURS["muted"], linestyle="--", linewidth=1, label="bound used")
        words = "corrected JS divergence" if corrected else "JS divergence"
        axes.set(xlabel="amplitude bound (× largest |field|)", ylabel=f"{words} from macaque (bits)")
        axes.set_xticks(sorted(set(sweep["amplitude_bound"])))
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", color=COLOURS["faint"], linewidth=0.6)
        if ax is None:
            figure_of(axes).legend(loc="outside upper left", ncols=2)
        else:
            axes.legend()
    return figure_of(axes)


def _error_bars(rows: pd.DataFrame) -> NDArray[np.float64] | None:
    """Return the lengths of the two arms; a bar need not hold the value itself."""
    if not {"low", "high"} <= set(rows.columns):
        return None
    arms = np.stack([rows["drawn"] - rows["low"], rows["high"] - rows["drawn"]])
    return np.asarray(np.maximum(arms, 0.0), dtype=np.float64)


def _checked_shapes(space: str, values: ArrayLike) -> NDArray[np.float64]:
    if np.size(values) == 0:
        return np.empty((0, 2))
    shapes = finite_array(f"shapes[{space!r}]", values, ndim=2)
    if shapes.shape[1] != 2 or (shapes < 0).any():
        raise ValueError(
            f"`shapes[{space!r}]` must have two columns, n_x and n_y, of 0 or more; got shape {shapes.shape} "
            f"and smallest value {shapes.min():.3g}: keep the Gabor-like fields only"
        )
    return shapes


def _counted(shapes: NDArray[np.float64]) -> str:
    return f"{len(shapes)} field" + ("" if len(shapes) == 1 else "s")


def divergence_in_words(divergence: tuple[float, float, float, float]) -> str:
    """Return a divergence (bits), corrected, and its interval as a panel says them; a NaN interval is left unsaid.

    Examples
    --------
    >>> divergence_in_words((0.2, 0.15, 0.1, 0.2)), divergence_in_words((float("nan"),) * 4)
    ('JS 0.20 bits, corrected 0.15 [0.10, 0.20]', 'no distance')
    """
    bits, corrected, low, high = divergence
    if not np.isfinite(bits):  # a dictionary without one Gabor-like field has no distribution to compare
        return "no distance"
    known = np.isfinite([corrected, low, high]).all()
    return f"JS {bits:.2f} bits" + (f", corrected {corrected:.2f} [{low:.2f}, {high:.2f}]" if known else "")


def draw_over_macaque(axes: Axes, shapes: NDArray[np.float64], *, size: float = 14.0) -> None:
    """Draw the published counts of macaque cells and, over them, fields (n_fields, 2) as points of `size`."""
    table = published_table("nx_ny")
    _recorded_cells(axes, table)
    _model_fields(axes, shapes, table.edges, size)


def legend_over_macaque(figure: Figure, *, ncols: int) -> None:
    """Say below a figure what `draw_over_macaque` drew and whatever else has a label."""
    cells = published_table("nx_ny").n_cells
    handles: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    shaded = Patch(facecolor="#9ecae1", label=f"{cells} macaque simple cells, number per bin")
    figure.legend(handles=[shaded, *handles.values()], loc="outside lower center", ncols=ncols)


def _recorded_cells(axes: Axes, table: PublishedTable) -> None:
    """Shade the table and write each count into its bin's corner."""
    across, along = table.edges
    largest = float(table.counts.max())
    # Half the colour map's range: numbers and points stay readable on the darkest bin.
    axes.pcolormesh(
        across, along, table.counts.T, cmap="Blues", vmin=0, vmax=2 * largest,
        edgecolor=COLOURS["faint"], linewidth=0.4,
    )  # fmt: skip
    axes.set(xscale="log", yscale="log", box_aspect=1)
    for row, column in np.argwhere(table.counts > 0):
        count = str(table.counts[row, column])
        axes.annotate(
            count, (across[row], along[column + 1]), (3, -3), textcoords="offset points",
            ha="left", va="top", fontsize=9, color=COLOURS["data"], weight="bold",
            zorder=4, path_effects=[withStroke(linewidth=2, foreground="white")],
        )  # fmt: skip
    ticks = (0.1, 0.2, 0.4, 0.8, 1.5)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        axis.set_ticks([], minor=True)


def _model_fields(
    axes: Axes, shapes: NDArray[np.float64], edges: Sequence[NDArray[np.float64]], size: float
) -> None:
    """Draw the fields; those outside the table sit on its border as triangles."""
    low = np.array([edge[0] for edge in edges])
    high = np.array([edge[-1] for edge in edges])
    inside = ((shapes >= low) & (shapes <= high)).all(axis=1)
    across, along = shapes[inside].T
    axes.scatter(
        across, along, s=size, color=COLOURS["model"], alpha=0.75, edgecolors="white", linewidths=0.3,
        label="field",
    )  # fmt: skip
    across, along = np.clip(shapes[~inside], low, high).T
    if across.size:
        axes.scatter(
            across, along, s=2 * size, marker="^", facecolors="none", edgecolors=COLOURS["model"], clip_on=False,
            label="field beyond the table",
        )  # fmt: skip
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
