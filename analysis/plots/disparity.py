"""Disparity tuning of model neurons, beside that of cortical ones."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import finite_array
from neurosim.analysis.plots.style import COLOURS, house_style
from neurosim.analysis.tuning.disparity import DisparityTuning, disparity_measures
from neurosim.analysis.v1.disparity import CorticalDisparity

__all__ = ["plot_disparity"]

_CURVE_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#000000")
_SIGNIFICANT = 0.01  # the rule by which the cortical cells were chosen


def plot_disparity(
    tuning: DisparityTuning,
    *,
    dominance: ArrayLike | None = None,
    cortex: CorticalDisparity | None = None,
    neurons: ArrayLike | None = None,
    unit: str = "pixels",
) -> Figure:
    """Draw tuning curves, preferred disparities, discrimination indices and ocular dominance.

    The distributions of preferred disparity and of the index are of neurons tuned at p < .01, in the model as
    in the cortical sample; titles say how many of how many those are.

    Parameters
    ----------
    tuning : DisparityTuning
        From `disparity_tuning`.
    dominance : array_like, shape (n_neurons,), optional
        From `ocular_dominance`, of the same neurons: NaN without fields.
    cortex : CorticalDisparity, optional
        From `cortical_disparity_tuning`. Its indices are drawn over the model's; its preferred disparities
        only if `unit` is ``"degrees"``, of cells tested with horizontal disparity; those beyond the model's
        disparities count in the outer bins.
    neurons : array_like of int, optional
        Whose curves are drawn, six at most. Default the six of largest index.
    unit : str
        Unit of the disparities.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels, four with `dominance`.

    Raises
    ------
    ValueError
        If `dominance` is of other neurons or out of [-1, 1], or `neurons` are unknown or too many.

    References
    ----------
    Prince, Pointon, Cumming & Parker 2002, J Neurophysiol 87:191, doi:10.1152/jn.00465.2000 (index).

    Examples
    --------
    >>> from neurosim.analysis.tuning.disparity import disparity_tuning
    >>> counts = np.random.default_rng(0).poisson(5.0, size=(60, 8))
    >>> figure = plot_disparity(disparity_tuning(counts, np.arange(60) % 6), dominance=np.zeros(8))
    >>> len(figure.axes)
    4
    """
    n_neurons = len(tuning.mean)
    balance = _dominance(dominance, n_neurons)
    chosen = _chosen(tuning, neurons)
    measures = disparity_measures(tuning)
    with house_style():
        figure = canvas(width=7.5, height=6.0)
        panels = figure.subplots(2, 2).ravel()
        _curves(panels[0], tuning, chosen, unit)
        _preferred(panels[1], measures, tuning, cortex.cells if cortex and unit == "degrees" else None, unit)
        _indices(panels[2], measures, cortex.cells if cortex else None)
        if balance is None:
            panels[3].remove()
        else:
            _balance(panels[3], balance)
    return figure


def plot_disparity_of_units(measures: pd.DataFrame, curves: "Mapping[str, pd.Series[float]]") -> Figure:
    """Draw some tuning curves, and the preferred disparities and indices of units that may each have seen others.

    Parameters
    ----------
    measures : DataFrame
        One row per unit: ``preferred_disparity`` (degrees), ``ddi``, ``p_value`` as in `disparity_measures`. Those of
        p < .01 are drawn.
    curves : mapping of str to Series
        Mean responses (spikes/s) by disparity (degrees, the index), by the unit's name.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> measures = pd.DataFrame({"preferred_disparity": [0.2], "ddi": [0.5], "p_value": [0.001]})
    >>> figure = plot_disparity_of_units(measures, {"0": pd.Series([1.0, 9.0], index=[-0.2, 0.2])})
    >>> [axes.get_xlabel() for axes in figure.axes]
    ['disparity (°)', 'preferred disparity (°)', 'discrimination index']
    """
    tuned = measures[measures["p_value"] < _SIGNIFICANT]
    with house_style():
        figure = canvas(width=10.0, height=3.3)
        first, preferred, indices = figure.subplots(1, 3)
        for name, curve in curves.items():
            first.plot(curve.index, curve.to_numpy(), marker="o", markersize=2.5, linewidth=1.2, label=name)
        first.set(
            xlabel="disparity (°)", ylabel="response (spikes/s)", title="Largest indices; negative is near"
        )
        _zero(first)
        middle = float(tuned["preferred_disparity"].abs().quantile(0.98)) if len(tuned) else 1.0
        edges = np.linspace(-middle, middle, 26)
        for axes, column, bins in (
            (preferred, "preferred_disparity", edges),
            (indices, "ddi", np.linspace(0, 1, 21)),
        ):
            _shares(axes, tuned[column].dropna().to_numpy(dtype=np.float64), bins, "units", filled=True)
            axes.set_ylabel("share of units")
        _zero(preferred)
        preferred.set(
            xlabel="preferred disparity (°)", title=f"{len(tuned)} of {len(measures)} tuned, p < .01"
        )
        indices.set(xlabel="discrimination index", xlim=(0, 1), title="Those tuned")
    return figure


def _dominance(dominance: ArrayLike | None, n_neurons: int) -> NDArray[np.float64] | None:
    if dominance is None:
        return None
    balance = np.asarray(dominance, dtype=np.float64)
    if balance.shape != (n_neurons,) or (np.abs(balance) > 1).any():
        raise ValueError(
            f"`dominance` must hold one number from -1 to 1 for each of {n_neurons} neurons, got shape "
            f"{balance.shape}: pass what `ocular_dominance` returns"
        )
    return balance


def _chosen(tuning: DisparityTuning, neurons: ArrayLike | None) -> NDArray[np.intp]:
    if neurons is None:
        tuned = np.flatnonzero(np.isfinite(tuning.ddi))
        return tuned[np.argsort(-tuning.ddi[tuned], kind="stable")][: len(_CURVE_COLOURS)]
    chosen = finite_array("neurons", neurons, ndim=1).astype(np.intp)
    if len(chosen) > len(_CURVE_COLOURS) or (chosen < 0).any() or (chosen >= len(tuning.mean)).any():
        raise ValueError(
            f"`neurons` must be {len(_CURVE_COLOURS)} at most, from 0 to {len(tuning.mean) - 1}, got {neurons!r}"
        )
    return chosen


def _curves(axes: Axes, tuning: DisparityTuning, chosen: NDArray[np.intp], unit: str) -> None:
    for neuron, colour in zip(chosen, _CURVE_COLOURS, strict=False):
        peak = np.abs(tuning.mean[neuron]).max() or 1.0
        axes.plot(tuning.disparities, tuning.mean[neuron] / peak, "o-", color=colour, markersize=3)
    _zero(axes)
    axes.set(title="Tuning curves", xlabel=f"disparity ({unit})", ylabel="mean response / its largest")
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.05)


def _preferred(
    axes: Axes, measures: pd.DataFrame, tuning: DisparityTuning, cells: pd.DataFrame | None, unit: str
) -> None:
    tuned = measures["p_value"] < _SIGNIFICANT
    wanted = measures.loc[tuned, "preferred_disparity"].to_numpy()
    middle = (tuning.disparities[1:] + tuning.disparities[:-1]) / 2
    ends = 2 * tuning.disparities[[0, -1]] - middle[[0, -1]]
    edges = np.concatenate([ends[:1], middle, ends[1:]])
    _shares(axes, wanted, edges, "model", filled=True)
    if cells is not None:
        theirs = cells.loc[cells["horizontal"], "preferred_disparity"].to_numpy()
        _shares(axes, theirs, edges, "cortex", filled=False)
        axes.legend()
    _zero(axes)
    axes.set(
        title=f"{tuned.sum()} of {len(measures)} neurons tuned",
        xlabel=f"preferred disparity ({unit})",
        ylabel="share of neurons",
    )


def _indices(axes: Axes, measures: pd.DataFrame, cells: pd.DataFrame | None) -> None:
    edges = np.linspace(0, 1, 21)
    tuned = measures["p_value"] < _SIGNIFICANT
    _shares(axes, measures.loc[tuned, "ddi"].to_numpy(), edges, "model", filled=True)
    if cells is not None:
        _shares(axes, cells["ddi"].to_numpy(), edges, f"cortex, {len(cells)} cells", filled=False)
        axes.legend()
    axes.set(
        title="Discrimination index of those tuned", xlabel="index (0 none, 1 without noise)", xlim=(0, 1)
    )
    axes.set_ylabel("share of neurons")


def _balance(axes: Axes, balance: NDArray[np.float64]) -> None:
    known = balance[np.isfinite(balance)]
    _shares(axes, known, np.linspace(-1, 1, 22), "model", filled=True)
    without = len(balance) - len(known)
    axes.set(
        title="Ocular dominance" + (f" ({without} without fields)" if without else ""),
        xlabel="(left − right) / (left + right)",
        ylabel="share of neurons",
        xlim=(-1, 1),
    )


def _shares(
    axes: Axes, values: NDArray[np.float64], edges: NDArray[np.float64], name: str, *, filled: bool
) -> None:
    """Draw a histogram of shares; values beyond the edges count in the outer bins."""
    if not values.size:
        return
    inside = np.clip(values, edges[0], edges[-1])
    counts, _ = np.histogram(inside, edges)
    shares = counts / len(values)
    colour = COLOURS["model"] if filled else COLOURS["data"]
    axes.stairs(
        shares, edges, fill=filled, color=colour, alpha=0.75 if filled else 1.0, label=name, linewidth=1.6
    )


def _zero(axes: Axes) -> None:
    axes.axvline(0, color=COLOURS["faint"], linewidth=1, zorder=0)
