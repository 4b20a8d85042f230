"""Maps on the sheet: orientation as a colour wheel with pinwheels, fields in their places, similarity by distance."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.maps.maps import checked_vectors
from neurosim.analysis.maps.sheet import Sheet
from neurosim.analysis.plots.canvas import canvas, figure_of, one_panel, require_one
from neurosim.analysis.plots.checks import finite_array, table_with
from neurosim.analysis.plots.style import COLOURS, house_style

__all__ = ["plot_fields_on_sheet", "plot_orientation_map", "plot_similarity_distance"]

Floats = NDArray[np.float64]

_TABLE = ("distance", "similarity", "low", "high", "shuffled_low", "shuffled_high")


def plot_orientation_map(
    vectors: ArrayLike, sheet: Sheet, *, pinwheels: pd.DataFrame | None = None, title: str | None = None
) -> Figure:
    """Draw the orientation of every neuron in a colour, paler where it is less selective, and mark the pinwheels.

    Parameters
    ----------
    vectors : array_like of complex, shape (n_neurons,)
        Selectivity · e^{2i·orientation}, from `map_vectors`; NaN is drawn grey.
    sheet : Sheet
        Where the neurons are.
    pinwheels : DataFrame, optional
        From `find_pinwheels`: white discs turn with the walk around them (sign 1), black ones against it (-1).
    title : str, optional
        Default says how many neurons have an orientation, and how many pinwheels there are.

    Returns
    -------
    matplotlib.figure.Figure
        The map and its key: a bar per orientation, drawn as the bars of its grating lie. The colours also differ
        in lightness (0° light, 90° dark) and between yellow and blue (45°, 135°).

    Raises
    ------
    ValueError
        If there is another number of neurons than on the sheet, or the table lacks a column.

    Examples
    --------
    >>> from neurosim.analysis.maps.pinwheels import find_pinwheels
    >>> sheet = Sheet(9, 9, torus=False)
    >>> vectors = (sheet.positions - 4.2) @ (1j, 1)
    >>> figure = plot_orientation_map(vectors, sheet, pinwheels=find_pinwheels(vectors, sheet))
    >>> figure.axes[0].get_title(loc="left")
    '81 of 81 neurons with an orientation\\npinwheels: 1 white (+), 0 black (−)'
    """
    checked = checked_vectors(vectors, sheet)
    if pinwheels is not None and {"row", "column", "sign"} - set(pinwheels.columns):
        raise ValueError(
            "`pinwheels` needs the columns row, column and sign: pass what `find_pinwheels` returned"
        )
    colours = _colours(checked).reshape(sheet.height, sheet.width, 3)
    with house_style():
        figure = canvas(width=6.4, height=max(3.2, 5.0 * min(1.6, sheet.height / sheet.width)) + 0.8)
        axes, key = figure.subplots(1, 2, width_ratios=[8, 1])
        axes.imshow(colours, interpolation="nearest")
        axes.set(xlabel="column", ylabel="row")
        if pinwheels is not None:
            for sign, face, edge in ((1, "white", "black"), (-1, "black", "white")):
                chosen = pinwheels[pinwheels["sign"] == sign]
                axes.scatter(_on_image(chosen["column"], sheet.width), _on_image(chosen["row"], sheet.height), s=26,
                             c=face, edgecolors=edge, linewidths=1.2, zorder=3)  # fmt: skip
        # A torus goes on behind its edge: a pinwheel there may stand half a step outside.
        axes.set(xlim=(-0.5, sheet.width - 0.5), ylim=(sheet.height - 0.5, -0.5))
        axes.set_title(title or _heading(checked, pinwheels), fontsize=10)
        _key(key)
    return figure


def plot_fields_on_sheet(
    fields: ArrayLike, sheet: Sheet, *, title: str | None = None, ax: Axes | None = None
) -> Figure:
    """Draw every field where its neuron sits, each scaled symmetrically about zero.

    Parameters
    ----------
    fields : array_like, shape (n_neurons, height, width)
        Receptive fields, any unit; mid-grey is zero and each field's largest magnitude is black or white.
    sheet : Sheet
        Where the neurons are.
    title : str, optional
        Default names the sheet.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is another number of fields than neurons on the sheet, or a pixel is not finite.

    Examples
    --------
    >>> fields = np.random.default_rng(0).normal(size=(12, 6, 6))
    >>> plot_fields_on_sheet(fields, Sheet(3, 4, torus=True)).axes[0].get_title(loc="left")
    'Fields on the 3 × 4 torus'
    """
    array = finite_array("fields", fields, ndim=3)
    sheet.require_neurons(len(array))
    peak = np.abs(array).max(axis=(1, 2), keepdims=True)
    scaled = np.divide(array, peak, out=np.zeros_like(array), where=peak > 0)
    # One empty pixel between fields, so that edges of neighbours do not run together.
    framed = np.pad(scaled, ((0, 0), (0, 1), (0, 1)), constant_values=np.nan)
    _, height, width = framed.shape
    laid_out = framed.reshape(sheet.height, sheet.width, height, width).transpose(0, 2, 1, 3)
    image = laid_out.reshape(sheet.height * height, sheet.width * width)[:-1, :-1]
    with house_style():
        axes = one_panel(ax, width=7.0, height=7.0 * image.shape[0] / image.shape[1] + 0.3)
        axes.imshow(image, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_axis_off()
        kind = "torus" if sheet.torus else "sheet"
        axes.set_title(title or f"Fields on the {sheet.height} × {sheet.width} {kind}")
    return figure_of(axes)


def plot_similarity_distance(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame], *, ax: Axes | None = None
) -> Figure:
    """Draw the similarity of neurons against their distance on the sheet, over the band of shuffled places.

    Parameters
    ----------
    tables : DataFrame or mapping of str to DataFrame
        From `similarity_with_distance`; by name, such as ``"fields"`` and ``"activity"``, one panel each.
    ax : matplotlib.axes.Axes, optional
        Where to draw a single table; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no table, one has no rows or lacks a column, or there is more than one for `ax`.

    Examples
    --------
    >>> from neurosim.analysis.maps.sheet_correlation import similarity_with_distance
    >>> sheet = Sheet(8, 8, torus=True)
    >>> table = similarity_with_distance(1 / (1 + sheet.distances()), sheet, rng=np.random.default_rng(0))
    >>> plot_similarity_distance({"fields": table}).axes[0].get_title(loc="left")
    'fields'
    """
    named = {"": tables} if isinstance(tables, pd.DataFrame) else dict(tables)
    if not named:
        raise ValueError("expected a table of `similarity_with_distance` or more, got none")
    for name, table in named.items():
        table_with(name or "tables", table, _TABLE)
    with house_style():
        if ax is None:
            figure = canvas(width=0.6 + 3.6 * len(named), height=3.6)
            panels = figure.subplots(1, len(named), squeeze=False)[0]
        else:
            panels = np.array([require_one(len(named), "tables", ax)])
        for axes, (name, table) in zip(panels, named.items(), strict=True):
            _similarity_panel(axes, table)
            axes.set_title(name)
        panels[0].set_ylabel("mean similarity of pairs")
        if ax is None:
            figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        else:
            ax.legend()
    return figure_of(panels[0])


def _similarity_panel(axes: Axes, table: pd.DataFrame) -> None:
    distance = table["distance"].to_numpy(dtype=float)
    columns = {name: table[name].to_numpy(dtype=float) for name in _TABLE[1:]}
    axes.fill_between(
        distance,
        columns["shuffled_low"],
        columns["shuffled_high"],
        color=COLOURS["faint"],
        label="shuffled places (95 %)",
    )
    axes.axhline(0, color=COLOURS["muted"], linewidth=0.8)
    ends = np.abs([columns["similarity"] - columns["low"], columns["high"] - columns["similarity"]])
    axes.errorbar(
        distance,
        columns["similarity"],
        yerr=ends,
        color=COLOURS["model"],
        marker="o",
        markersize=4,
        capsize=2,
        label="neurons (95 % interval)",
    )
    axes.set(xlabel="distance on the sheet (neurons)", xlim=(0, 1.04 * distance.max()))


def _heading(vectors: NDArray[np.complex128], pinwheels: pd.DataFrame | None) -> str:
    text = f"{int((~np.isnan(vectors)).sum())} of {len(vectors)} neurons with an orientation"
    if pinwheels is None:
        return text
    positive, negative = (int((pinwheels["sign"] == sign).sum()) for sign in (1, -1))
    return f"{text}\npinwheels: {positive} white (+), {negative} black (−)"


def _on_image(places: "pd.Series[float]", side: int) -> Floats:
    """Move what lies behind the last neuron of a torus by more than half a step to before the first."""
    values = places.to_numpy(dtype=float)
    return np.asarray(np.where(values > side - 0.5, values - side, values))


def _wheel(orientation: Floats) -> Floats:
    """Return an RGB colour for each orientation (radians), even around the wheel.

    Lightness and red against green follow cos 2θ, yellow against blue sin 2θ: who cannot see red from green sees
    the first in the lightness.
    """
    from skimage.color import lab2rgb

    across, along = np.cos(2 * orientation), np.sin(2 * orientation)
    lab = np.stack([65 + 18 * across, 24 * across, 46 * along], axis=-1)
    return np.asarray(lab2rgb(lab))


def _colours(vectors: NDArray[np.complex128]) -> Floats:
    present = ~np.isnan(vectors)
    strength = np.abs(vectors[present])
    # The upper tenth is drawn in full colour, so that one long vector does not bleach the map.
    strong = np.quantile(strength, 0.9) or 1.0
    share = np.minimum(strength / strong, 1)[:, None]
    colours = np.full((len(vectors), 3), 0.5)
    colours[present] = share * _wheel(np.angle(vectors[present]) / 2) + (1 - share)
    return colours


def _key(axes: Axes) -> None:
    angles = np.arange(0, 180, 22.5)
    shades = ListedColormap(_wheel(np.radians(angles)).tolist())
    for place, angle in enumerate(angles):
        # Bars lie across the wave vector; rows are counted downwards here as they are in the map.
        lie = np.radians(angle + 90)
        ends = 0.36 * np.array([-1, 1])
        axes.plot(ends * np.cos(lie), place + ends * np.sin(lie), color=shades(place), linewidth=5)
        axes.text(0.62, place, f"{angle:g}°", va="center", fontsize=8)
    axes.set(xlim=(-0.5, 1.6), ylim=(len(angles) - 0.4, -0.6), aspect="equal")
    axes.set_axis_off()
