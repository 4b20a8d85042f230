"""Several networks on the same photographs: what is computed, and all that a reader is told of it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from neurosim.measures.code import CODE
from neurosim.measures.context import Context
from neurosim.measures.fields import DICTIONARY
from neurosim.measures.likelihood import LIKELIHOOD
from neurosim.measures.model_comparison.sentences import comparison_sentences
from neurosim.measures.model_comparison.tables import (
    OF_CODES,
    Condition,
    bandwidths,
    compared,
    condition,
    every_neuron,
    swept,
)
from neurosim.measures.shape import V1
from neurosim.registry.measure import CONDITION, Caption, Measure, Measured, Metric

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OF_DENSITY = ("active_filters", "active_gabor_filters", "elbo_nats", "iwae_nats", "ais_nats")
# Columns of arms.csv, in image space, that stand in summary.json too, under these names.
_SUMMARISED = {
    "v1_nxny_js_bits": "js_bits",
    "v1_nxny_js_bits_corrected": "js_bits_corrected",
    "v1_nxny_floor_bits": "floor_bits",
    "v1_nxny_fields": "n_units",
    "difference": "difference",
    "difference_corrected": "difference_corrected",
    "broadly_tuned_share": "broadly_tuned_share",
    "gabor_fraction": "gabor_like_share",
    "active_fraction": "active_fraction",
    "reconstruction_snr_db": "reconstruction_snr_db",
    **{name: name for name in _OF_DENSITY},
}


def _compute(context: Context, rng: np.random.Generator) -> Measured:
    section = context.recipe.analysis
    # Spawned before the bootstraps, which take from the stream itself.
    streams = rng.spawn(len(context.conditions))
    conditions = {
        name: condition(each, stream)
        for (name, each), stream in zip(context.conditions.items(), streams, strict=True)
    }
    context.say("distance of every network to macaque V1, bootstrap and bound sweep")
    comparison = compared(conditions, n_bootstrap=section.n_bootstrap, rng=rng)
    sweep = swept(conditions, comparison, section=section, rng=rng)
    return Measured(
        metrics=_metrics(comparison, conditions),
        columns=every_neuron(conditions),
        tables={"arms": comparison, "arms_sweep": sweep, "arms_bandwidths": bandwidths(conditions)},
        figures=_figures(conditions, comparison, sweep, bound=section.amplitude_bound),
    )


def _metrics(comparison: pd.DataFrame, conditions: Mapping[str, Condition]) -> dict[str, Any]:
    image = comparison[comparison["space"] == "image"].set_index("arm")
    return {
        f"{name}_{condition}": each.of_code[column]
        if column in each.of_code
        else float(image[column][condition])
        for name, column in _SUMMARISED.items()
        for condition, each in conditions.items()
        if column in each.of_code or column not in OF_CODES
    }


def _figures(
    conditions: Mapping[str, Condition], comparison: pd.DataFrame, sweep: pd.DataFrame, *, bound: float
) -> "dict[str, Callable[[], Figure]]":
    from neurosim.analysis.plots import dictionary_mosaic, models_over_macaque, models_sweep

    image = comparison[comparison["space"] == "image"]
    fits = {name: each.fits["image"] for name, each in conditions.items()}
    figures: dict[str, Callable[[], Figure]] = {"arms": lambda: models_over_macaque(fits, comparison=image)}
    # A network without a Gabor-like field has no distance.
    known = sweep.dropna(subset=["js_bits"])
    if len(known):
        figures["arms_sweep"] = lambda: models_sweep(known, chosen_bound=bound)
    return figures | {
        f"dictionary_{name}": partial(
            dictionary_mosaic,
            each.fields["whitened"],
            usage=each.usage,
            title=f"{name}: fields on whitened patches",
        )
        for name, each in conditions.items()
    }


_OWN_METRICS = {
    "difference": Metric(
        "bits",
        "v1_nxny_js_bits minus the first network's: negative is closer to macaque; puts a network of fewer fields too "
        "far.",
    ),
    "difference_corrected": Metric(
        "bits", "The same without its bias: negative is closer to macaque; arms.csv has its interval."
    ),
    "gabor_fraction": Metric(
        "fraction",
        "Share of the network's neurons whose field in image space is Gabor-like, blobs and differences of Gaussians "
        "among them.",
    ),
}
_METRICS = {**V1.metrics, **CODE.metrics, **LIKELIHOOD.metrics, **_OWN_METRICS}

MODEL_COMPARISON = Measure(
    name="model_comparison",
    applies=lambda context: bool(context.conditions),
    compute=_compute,
    metrics={f"{name}_{CONDITION}": _METRICS[name] for name in _SUMMARISED},
    tables={
        "arms": "All networks in both spaces: divergence from macaque in bits, without its bias (corrected) and with "
        "its 95 % interval, the difference from the first network (negative is closer to macaque) with its interval "
        "against the same resampled cells, the Gabor-like fields, those left out by the first reason that holds, and "
        "held-out codes (arms.csv).",
        "arms_bandwidths": "Bandwidth of every network's fields without fitting, quartiles: spatial frequency in "
        "octaves, orientation in degrees (arms_bandwidths.csv).",
    },
    files=("arms_sweep",),
    figures={
        "arms": Caption(
            "All networks against macaque V1",
            "Envelope size in carrier cycles of the Gabor-like fields of every network in image space (points), over "
            "the counts of 79 macaque simple cells (shaded bins; Ringach 2002, J Neurophysiol 88:455), and the joint "
            "Jensen–Shannon divergence of each, as measured and without its bias, with the 95 % interval of the "
            "latter.",
            "One scatter of n_x against n_y over shaded macaque counts per network, and a panel of their distances.",
        ),
        "arms_sweep": Caption(
            "How much the amplitude bound matters",
            "Divergence of every network from macaque, in image space and as measured, for other bounds on the "
            "amplitude of the fit than the one fixed beforehand (dashed).",
            "Line plot of the Jensen–Shannon divergence against the bound on the Gabor amplitude, one line per "
            "network.",
        ),
        f"dictionary_{CONDITION}": DICTIONARY.figures["dictionary"]._replace(
            title=f"Receptive fields of {CONDITION} as learned"
        ),
    },
    sentences=comparison_sentences,
)
