"""How far classes lie apart among codes, among the stimuli themselves, and where labels are shuffled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Measure, Measured, Metric

# Neighbours that purity is measured on, fewer where there are fewer stimuli.
_NEIGHBOURS = 10


def separated(
    points: Mapping[str, NDArray[np.floating]],
    *,
    classes: NDArray[np.int64],
    rng: np.random.Generator,
    silence: float = 0.0,
) -> dict[str, Any]:
    """Return how far classes lie apart, by the names of `summary.json`; NaN where too few stimuli have a response.

    ``"code"`` and ``"raw"``, (n_test, n), are measured on the same stimuli: those to which some neuron responds by
    more than `silence`.
    """
    from neurosim.analysis.codes.clusters import cluster_separation

    any_response = np.any(np.abs(points["code"]) > silence, axis=1)
    of_these = classes[any_response]
    seed = int(rng.integers(2**32))
    metrics: dict[str, Any] = {"silent_stimuli": int((~any_response).sum())}
    for name, rows in points.items():
        found = {}
        if 2 <= len(np.unique(of_these)) < len(of_these):
            k = min(_NEIGHBOURS, len(of_these) - 1)
            found = cluster_separation(
                rows[any_response], of_these, rng=np.random.default_rng(seed), k=k
            ).to_dict()
        suffix = "" if name == "code" else f"_{name}"
        metrics[f"silhouette{suffix}"] = float(found.get("silhouette", np.nan))
        metrics[f"neighbour_purity{suffix}"] = float(found.get("purity", np.nan))
        if name == "code":
            metrics["silhouette_shuffled"] = float(found.get("shuffled_silhouette", np.nan))
            metrics["neighbour_purity_shuffled"] = float(found.get("shuffled_purity", np.nan))
    return metrics


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    assert context.labels is not None
    points = {"raw": context.side_by_side(context.stimuli.held_out), "code": context.code}
    metrics = separated(points, classes=context.labels.held_out, rng=rng, silence=context.silence)
    if context.has("dense"):  # whose neurons respond to every stimulus
        del metrics["silent_stimuli"]
    return Measured(metrics=metrics)


_BY_CHANCE = "The same with labels shuffled: what chance gives."

SEPARATION = Measure(
    name="separation",
    applies=lambda context: context.network is not None and context.labels is not None,
    compute=_compute,
    step=lambda context: "separation of classes",
    metrics={
        "silent_stimuli": Metric(
            "count",
            "Held-out stimuli that no neuron responds to; silhouettes and neighbour purities leave them out.",
        ),
        "silhouette": Metric(
            "ratio",
            "Silhouette of the classes among held-out codes (cosine distance): 1 for tight classes far apart, 0 for "
            "classes that overlap.",
        ),
        "silhouette_shuffled": Metric("ratio", _BY_CHANCE),
        "silhouette_raw": Metric("ratio", "The same of the stimuli themselves."),
        "neighbour_purity": Metric(
            "fraction",
            "Share of the ten nearest held-out codes (cosine distance) that are of the same class.",
        ),
        "neighbour_purity_shuffled": Metric("fraction", _BY_CHANCE),
        "neighbour_purity_raw": Metric("fraction", "The same of the stimuli themselves."),
    },
)
