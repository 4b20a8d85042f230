"""Several trained models over macaque V1: the shape of their fields, their distances, the sweep of the bound."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import table_with
from neurosim.analysis.plots.style import COLOURS, house_style
from neurosim.analysis.plots.v1 import (
    amplitude_bound_sweep,
    divergence_in_words,
    draw_over_macaque,
    legend_over_macaque,
)
from neurosim.analysis.v1.model_comparison import FitTables, gabor_like_shapes, seed_divergences

__all__ = ["arms_over_macaque", "arms_sweep", "models_over_macaque", "models_sweep"]

_Floats = NDArray[np.float64]
_Estimate = tuple[float, float, float]  # corrected divergence, low and high end

_MOST_COLUMNS = 4
_ROUNDING = 1e-9  # bits
_HALO = withStroke(linewidth=2, foreground="white")


def models_over_macaque(
    models: Mapping[str, FitTables], *, comparison: pd.DataFrame | None = None, wanted: float | None = None
) -> Figure:
    """Draw the fields of each model over the published counts of macaque cells, and all distances beside them.

    Parameters
    ----------
    models : mapping of str to DataFrame or sequence of DataFrame
        Tables of `fit_gabors`, one per seed; the Gabor-like fields of all seeds are drawn.
    comparison : DataFrame, optional
        From `compare_models` of the same tables: gives corrected values and intervals. Without it only plain means and
        seeds are shown.
    wanted : float, optional
        A divergence (bits) to mark in the last panel.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each model, one of the divergences: a filled point is the mean over seeds, corrected where it can,
        a line its interval, a ring one seed as measured, so rather too high.

    Raises
    ------
    ValueError
        If there are no models, a table lacks a column, or the comparison is of other models or other tables.

    References
    ----------
    Ringach 2002, J Neurophysiol 88:455, doi:10.1152/jn.2002.88.1.455 (the cells and their fits).

    Examples
    --------
    >>> fits = pd.DataFrame({"nx": [0.4, 0.2], "ny": [0.4, 0.2], "gabor_like": True})
    >>> figure = models_over_macaque({"one": fits, "two": [fits, fits]})
    >>> len(figure.axes), figure.axes[1].get_title(loc="left")
    (3, 'two\\n4 fields, 2 seeds\\nJS 0.45 bits')
    """
    if not models:
        raise ValueError("expected at least one model to draw, got none")
    shapes = {model: gabor_like_shapes(fits, name=model) for model, fits in models.items()}
    bits = {model: seed_divergences(fits, name=model) for model, fits in models.items()}
    estimates = _estimates(comparison, bits)
    n_columns = min(len(models) + 1, _MOST_COLUMNS)
    n_rows = -(-(len(models) + 1) // n_columns)
    with house_style():
        figure = canvas(width=3.4 * n_columns, height=4.3 * n_rows + 0.7)
        for position, (model, seeds) in enumerate(shapes.items()):
            axes = figure.add_subplot(n_rows, n_columns, position + 1)
            _fields(axes, seeds)
            words = divergence_in_words((float(bits[model].mean()), *estimates[model]))
            axes.set_title(f"{model}\n{_counted(seeds)}\n{words}")
            if position % n_columns == 0:
                axes.set_ylabel("$n_y$ (cycles along the bars)")
        _distances(figure.add_subplot(n_rows, n_columns, len(models) + 1), bits, estimates, wanted)
        legend_over_macaque(figure, ncols=3)
    return figure


arms_over_macaque = models_over_macaque  # the former name


def models_sweep(table: pd.DataFrame, *, chosen_bound: float = 1.5, ax: Axes | None = None) -> Figure:
    """Draw the distance of each model to macaque against the bound on the Gabor amplitude.

    Parameters
    ----------
    table : DataFrame
        From `sweep_models`: ``arm``, ``amplitude_bound``, ``js_bits``, ``js_min`` and ``js_max`` are used.
    chosen_bound : float
        The bound fixed beforehand; marked.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure
        A line per model, the mean over seeds; bars are the range over seeds.

    Raises
    ------
    ValueError
        If a column is missing or there are no rows.

    Examples
    --------
    >>> bits = {"js_bits": [0.1, 0.2], "js_min": [0.1, 0.1], "js_max": [0.2, 0.2]}
    >>> figure = models_sweep(pd.DataFrame({"arm": "one", "amplitude_bound": [1.1, 1.5], **bits}))
    >>> figure.axes[0].get_xlabel()
    'amplitude bound (× largest |field|)'
    """
    table_with("table", table, ("arm", "amplitude_bound", "js_bits", "js_min", "js_max"))
    renamed = table.rename(columns={"arm": "space", "js_min": "low", "js_max": "high"})
    # The range over seeds is of divergences as measured.
    renamed = renamed[["space", "amplitude_bound", "js_bits", "low", "high"]]
    figure = amplitude_bound_sweep(renamed, chosen_bound=chosen_bound, ax=ax)
    (figure.axes[0] if ax is None else ax).set_title(
        "bars: range over seeds", loc="left", fontsize=9, color=COLOURS["muted"]
    )
    return figure


arms_sweep = models_sweep  # the former name


def _estimates(comparison: pd.DataFrame | None, bits: Mapping[str, _Floats]) -> dict[str, _Estimate]:
    """Return each model's corrected value and interval, after making sure that the comparison is of what is drawn."""
    if comparison is None:
        return dict.fromkeys(bits, (np.nan, np.nan, np.nan))
    wanted = ("js_bits_corrected", "js_low", "js_high")
    rows = table_with("comparison", comparison, ("arm", "js_bits", *wanted)).set_index("arm")
    missing = [model for model in bits if model not in rows.index]
    if missing or not rows.index.is_unique:
        raise ValueError(
            f"`comparison` must have one row for every model, missing: {', '.join(missing) or 'none'}; make it of "
            "the same mapping with `compare_models`"
        )
    estimates = {}
    for model, seeds in bits.items():
        compared, corrected, low, high = map(float, rows.loc[model, ["js_bits", *wanted]].to_numpy())
        if not np.isclose(compared, seeds.mean(), rtol=0, atol=_ROUNDING, equal_nan=True):
            raise ValueError(
                f"`comparison` says {compared:.4f} bits for {model!r}, its tables {seeds.mean():.4f}: make it of "
                "the same tables with `compare_models`"
            )
        estimates[model] = (corrected, low, high)
    return estimates


def _fields(axes: Axes, seeds: list[_Floats]) -> None:
    fields = np.concatenate(seeds)
    # A thousand points as large as a hundred would hide the cells.
    draw_over_macaque(axes, fields, size=float(np.clip(2000 / max(len(fields), 1), 6, 14)))
    axes.set_xlabel("$n_x$ (cycles across the bars)")


def _distances(
    axes: Axes, bits: Mapping[str, _Floats], estimates: Mapping[str, _Estimate], wanted: float | None
) -> None:
    """Draw mean, seeds and interval of every model, the first on top."""
    for row, (model, seeds) in enumerate(bits.items()):
        corrected, low, high = estimates[model]
        mean, known = seeds.mean(), bool(np.isfinite(seeds).all())
        mean, words = (corrected, "corrected mean") if np.isfinite(corrected) else (mean, "mean over seeds")
        labels = ("95 % interval", "one seed, as measured", words) if row == 0 else ("_", "_", "_")
        axes.hlines(row, low, high, color=COLOURS["muted"], linewidth=1.6, zorder=1, label=labels[0])
        axes.plot(mean, row, "o", markersize=6, color=COLOURS["model"], label=labels[2])
        axes.plot(
            seeds, np.full(len(seeds), row + 0.2), "o", markersize=4, markerfacecolor="white",
            color=COLOURS["muted"], linestyle="none", label=labels[1],
        )  # fmt: skip
        # Inside the panel: names beside the axis would push all panels of its column aside.
        axes.annotate(
            model if known else f"{model}: no distance", (0, row), (4, 5), fontsize=9, path_effects=[_HALO],
            xycoords=("axes fraction", "data"), textcoords="offset points",
        )  # fmt: skip
    if wanted is not None:
        axes.axvline(wanted, color=COLOURS["second"], linestyle="--", linewidth=1, label="wanted")
    axes.set_yticks([])
    axes.set(ylim=(len(bits) - 0.6, -0.8), box_aspect=1, xlabel="JS divergence (bits)")
    axes.set_xlim(left=0)
    axes.set_title("Distance from macaque")
    axes.grid(axis="x", color=COLOURS["faint"], linewidth=0.6)
    axes.set_axisbelow(True)


def _counted(seeds: list[_Floats]) -> str:
    n_fields = sum(map(len, seeds))
    fields = f"{n_fields} field" + ("" if n_fields == 1 else "s")
    return f"{fields}, {len(seeds)} seed" + ("" if len(seeds) == 1 else "s")
