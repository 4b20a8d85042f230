"""Groups of neurons that are active together."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

# The eigenvalues of so many neurons, and of their shuffles, still take a few seconds.
_MOST_NEURONS = 1000


def neuron_groups(
    code: NDArray[np.floating], *, silence: float, rng: np.random.Generator
) -> tuple[dict[str, Any], NDArray[np.int64] | None]:
    """Cluster neurons by whom they are active with; a neuron's group is -1 where it is never active with another.

    There are no groups of more than a thousand neurons, or without two that are active together.
    """
    from neurosim.analysis.codes.neuron_clusters import cluster_neurons

    active = np.abs(code) > silence
    together = active[active.sum(axis=1) > 1].any(axis=0).sum()
    if active.shape[1] > _MOST_NEURONS or together < 2:
        return {}, None
    found = cluster_neurons(np.where(active, code, 0), rng=rng, isolated="leave_out")
    return {"clusters": found.n_clusters, "isolated_neurons": len(found.isolated)}, found.labels


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    metrics: dict[str, Any] = {}
    labels = None
    if context.has("merges"):
        metrics["merged_neurons"] = len(context.network.merged_neurons_)
    # Spikes are too few for it.
    if context.response.own_counts is None:
        groups, labels = neuron_groups(context.code, silence=context.silence, rng=rng)
        metrics |= groups
    return Measured(metrics=metrics, columns=None if labels is None else pd.DataFrame({"cluster": labels}))


def _sentence(run: RunFolder) -> Iterator[str]:
    if (clusters := run.number("clusters")) is not None:
        yield (
            f"By whom they are active with, the neurons fall into {clusters:.0f} groups."
            if clusters > 1
            else "By whom they are active with, the neurons fall into no groups beyond chance."
        )


NEURON_GROUPS = Measure(
    name="neuron_groups",
    # Neurons that all respond to every stimulus have no groups.
    applies=lambda context: context.network is not None and context.filters is None,
    compute=_measured,
    metrics={
        "clusters": Metric(
            "count",
            "Groups of neurons that are active together on held-out stimuli: spectral clustering of their co-activity, "
            "the number by the largest gap between eigenvalues; 1 if the gap is none beyond chance.",
        ),
        "isolated_neurons": Metric(
            "count", "Neurons never active together with another one, which belong to no group."
        ),
        "merged_neurons": Metric("count", "Pairs of neurons whose fields became the same, to a thousandth."),
    },
    sentences=_sentence,
)
