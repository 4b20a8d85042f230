"""Held-out stimuli and their codes in the plane: principal components and t-SNE."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What t-SNE takes for the number of neighbours, less where there are fewer stimuli.
_PERPLEXITY = 30.0
_INPUTS = {"raw": "stimuli themselves", "code": "code"}


class Panels(NamedTuple):
    """The same held-out stimuli in several planes."""

    coordinates: dict[str, dict[str, NDArray[np.float64]]]
    """By figure (``"pca"``, ``"tsne"``) and input, shape (n_drawn, 2) each."""
    labels: NDArray[np.int64]
    """Shape (n_drawn,)."""

    def figures(self) -> "dict[str, Callable[[], Figure]]":
        """What draws each figure."""
        from neurosim.analysis.plots import plot_embedding

        return {
            stem: partial(plot_embedding, {_INPUTS[name]: rows for name, rows in planes.items()}, self.labels)
            for stem, planes in self.coordinates.items()
        }


def embedded(
    points: Mapping[str, NDArray[np.floating]],
    *,
    classes: NDArray[np.int64],
    n_points: int,
    rng: np.random.Generator,
) -> Panels | None:
    """Return at most `n_points` stimuli in the plane, or None where there are too few, or all are alike.

    The same stimuli are drawn of each input, ``"code"`` and ``"raw"``, (n_test, n). One whose points are all alike,
    as the code of a silent network, is left out.
    """
    from neurosim.analysis.codes.embedding import pca, tsne
    from neurosim.analysis.codes.point_scale import all_alike

    n_drawn = min(n_points, len(classes))
    if n_drawn < 5:
        return None
    drawn = np.sort(rng.choice(len(classes), n_drawn, replace=False))
    seed = int(rng.integers(2**32))
    perplexity = min(_PERPLEXITY, (n_drawn - 1) / 3)
    planes: dict[str, dict[str, NDArray[np.float64]]] = {"pca": {}, "tsne": {}}
    for name, each in points.items():
        rows = each[drawn]
        if all_alike(rows):  # points that are all alike have no directions to be drawn in
            continue
        own = np.random.default_rng(seed)
        planes["pca"][name] = pca(rows).coordinates
        planes["tsne"][name] = tsne(rows, rng=own, max_points=n_drawn, perplexity=perplexity).coordinates
    return Panels(planes, classes[drawn]) if planes["pca"] else None


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    assert context.labels is not None
    points = {"raw": context.side_by_side(context.stimuli.held_out), "code": context.code}
    n_points = context.recipe.linked.n_embedding
    panels = embedded(points, classes=context.labels.held_out, n_points=n_points, rng=rng)
    return Measured() if panels is None else Measured(figures=panels.figures())


_TWO_SCATTERS = "Two scatter plots of digits, one of stimuli and one of codes."

EMBEDDING = Measure(
    name="embedding",
    applies=lambda context: context.network is not None and context.labels is not None,
    compute=_compute,
    step=lambda context: "principal components and t-SNE of held-out stimuli",
    metrics={},
    figures={
        "pca": Caption(
            "Principal components",
            "Held-out stimuli, each drawn as its class, on the two directions of largest variance of the stimuli "
            "themselves and of their codes.",
            _TWO_SCATTERS,
        ),
        "tsne": Caption(
            "t-SNE",
            "The same stimuli, placed so that neighbours stay neighbours. Distances between clusters and their sizes "
            "mean nothing here: silhouette and neighbour_purity measure separation in the space itself.",
            _TWO_SCATTERS,
        ),
    },
)
