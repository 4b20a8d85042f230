"""Stimuli in the plane, each class its own digit and colour."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from neurosim.analysis.codes.labelled_input import checked_labels
from neurosim.analysis.plots.canvas import canvas
from neurosim.analysis.plots.checks import finite_array
from neurosim.analysis.plots.style import house_style

__all__ = ["CLASS_COLOURS", "plot_embedding"]

CLASS_COLOURS = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#B8A900", "#0072B2", "#D55E00", "#CC79A7", "#882255", "#6E6E6E",
)  # fmt: skip
"""Okabe and Ito's eight (the yellow darkened, to show on white), a wine red and a grey."""


def plot_embedding(coordinates: Mapping[str, ArrayLike], labels: ArrayLike) -> Figure:
    """Draw the same stimuli in several embeddings side by side.

    Parameters
    ----------
    coordinates : mapping of str to array_like, shape (n_stimuli, 2)
        Panel titles and what `pca` or `tsne` returned, all of the same stimuli in the same order.
    labels : array_like of int, shape (n_stimuli,)
        Class of each stimulus. Each point is its class's number, so that the figure can be read without colour;
        after ten classes the colours start again.

    Returns
    -------
    matplotlib.figure.Figure
        One panel per embedding, axes without ticks: units mean nothing after t-SNE.

    Raises
    ------
    TypeError
        If labels are no integers.
    ValueError
        If there is no panel, or coordinates have a wrong shape or are not finite.

    Examples
    --------
    >>> figure = plot_embedding({"pixels": np.eye(2), "codes": 2 * np.eye(2)}, [3, 7])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['pixels', 'codes']
    """
    if not coordinates:
        raise ValueError("expected one embedding or more, got none")
    points = {name: finite_array(name, values, ndim=2) for name, values in coordinates.items()}
    n_stimuli = np.size(labels)
    for name, values in points.items():
        if values.shape != (n_stimuli, 2):
            raise ValueError(f"expected `{name}` of shape ({n_stimuli}, 2), as labels, got {values.shape}")
    classes = checked_labels("labels", labels, n=n_stimuli)
    with house_style():
        figure = canvas(width=3.1 * len(points), height=3.3)
        for axes, (name, values) in zip(
            figure.subplots(1, len(points), squeeze=False)[0], points.items(), strict=True
        ):
            for index, label in enumerate(np.unique(classes)):
                axes.scatter(
                    *values[classes == label].T, s=22, marker=f"${label}$", linewidths=0, alpha=0.8,
                    color=CLASS_COLOURS[index % len(CLASS_COLOURS)],
                )  # fmt: skip
            axes.set(title=name, xticks=[], yticks=[])
            axes.spines[:].set_color("#D9D9D9")
            axes.spines[:].set_visible(True)
    return figure
