"""Held-out stimuli beside what the code says of them, from the best to the worst."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from neurosim.analysis.plots.canvas import figure_of, one_panel
from neurosim.analysis.plots.checks import finite_fields
from neurosim.analysis.plots.style import house_style

__all__ = ["reconstruction_examples"]


def reconstruction_examples(
    stimuli: ArrayLike, reconstructions: ArrayLike, *, n_examples: int = 8, ax: Axes | None = None
) -> Figure:
    """Draw stimuli, reconstructions and errors, evenly spaced over the ranks of reconstruction quality.

    Parameters
    ----------
    stimuli : array_like, shape (n_stimuli, height, width) or (n_stimuli, size * size)
        What was shown, in any unit.
    reconstructions : array_like, same shape
        What the code makes of it, same unit. A column of images shares one grey scale, symmetric about zero.
    n_examples : int
        Number of stimuli shown; fewer if there are fewer.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own without it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the shapes differ, an entry is not finite, or `n_examples` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> stimuli = np.random.default_rng(0).normal(size=(20, 8, 8))
    >>> figure = reconstruction_examples(stimuli, 0.9 * stimuli, n_examples=4)
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['20.0 dB', '20.0 dB', '20.0 dB', '20.0 dB']
    """
    shown = finite_fields("stimuli", stimuli)
    rebuilt = finite_fields("reconstructions", reconstructions)
    if shown.shape != rebuilt.shape:
        raise ValueError(
            f"`reconstructions` must have the shape of `stimuli`, {shown.shape}, got {rebuilt.shape}: "
            "pass the reconstruction of each stimulus, in the same order"
        )
    if n_examples < 1:
        raise ValueError(f"`n_examples` must be 1 or more, got {n_examples}")
    quality = _signal_to_noise_db(shown, rebuilt)
    ranks = np.linspace(0, len(shown) - 1, min(n_examples, len(shown))).round().astype(int)
    chosen = np.argsort(-quality, kind="stable")[ranks]
    image = _tiled(shown[chosen], rebuilt[chosen])
    height, width = image.shape
    with house_style():
        axes = one_panel(ax, width=7.5, height=7.0 * height / width + 0.5)
        axes.imshow(image, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
        across, down = width / len(chosen), height / 3
        labels = [_decibels(value) for value in quality[chosen]]
        axes.set_xticks((np.arange(len(chosen)) + 0.5) * across, labels)
        axes.set_yticks((np.arange(3) + 0.5) * down, ["stimulus", "rebuilt", "error"])
        axes.tick_params(length=0, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)
        axes.set_title("Held-out stimuli, from the best to the worst reconstructed")
    return figure_of(axes)


def _tiled(shown: NDArray[np.float64], rebuilt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put stimuli, reconstructions and errors in three rows; each column on one scale, NaN in between."""
    rows = np.stack([shown, rebuilt, shown - rebuilt])
    limit = np.abs(rows).max(axis=(0, 2, 3), keepdims=True)
    scaled = np.divide(rows, limit, out=np.zeros_like(rows), where=limit > 0)
    gap = max(1, round(0.1 * shown.shape[2]))
    padded = np.pad(scaled, ((0, 0), (0, 0), (0, gap), (0, gap)), constant_values=np.nan)
    return np.concatenate([np.concatenate(row, axis=1) for row in padded])


def _signal_to_noise_db(shown: NDArray[np.float64], rebuilt: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 10 log10 of signal over error power per stimulus; -inf for a blank stimulus."""
    signal = (shown**2).sum(axis=(1, 2))
    error = ((shown - rebuilt) ** 2).sum(axis=(1, 2))
    with np.errstate(divide="ignore"):
        ratio = np.log10(signal) - np.log10(np.maximum(error, np.finfo(float).tiny))
    return np.asarray(10 * ratio, dtype=np.float64)


def _decibels(value: float) -> str:
    return f"{value:.1f} dB" if np.isfinite(value) and value < 200 else ("exact" if value > 0 else "blank")
