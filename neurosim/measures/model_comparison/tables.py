"""The tables of several networks: one row per network, per network and bound, per network and space, per neuron."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.measures.code import code_metrics
from neurosim.measures.context import Context
from neurosim.measures.fields import fits_by_neuron
from neurosim.measures.likelihood import density_metrics
from neurosim.recipes.run_sections import AnalysisSection

SPACES = ("image", "whitened")
"""In the order of the tables: the claim first."""

# How the columns of arms.csv begin that count fields not compared.
_LEFT_OUT = "left_out_"
# Of autoencoders alone, by the names of `summary.json`.
_OF_AUTOENCODERS = (
    "active_filters", "active_gabor_filters", "active_filters_norm", "worthwhile_filters",
    "elbo_nats", "elbo_nats_low", "elbo_nats_high", "iwae_nats", "ais_nats", "ais_gap_nats",
)  # fmt: skip
OF_CODES = ("active_fraction", "mean_active", "reconstruction_snr_db", "dead_neurons", *_OF_AUTOENCODERS)
"""Columns of arms.csv that are numbers of a network's code, those it has."""


@dataclass(frozen=True)
class Condition:
    """What one network gives by itself."""

    of_code: dict[str, Any]
    """Numbers by the names of `summary.json`."""
    neurons: pd.DataFrame
    """One row per neuron."""
    usage: NDArray[np.float64]
    fields: Mapping[str, NDArray[np.float64]]
    """Shape (n_neurons, height, width) by space."""
    fits: Mapping[str, pd.DataFrame]
    """By space."""


def condition(context: Context, rng: np.random.Generator) -> Condition:
    """Measure one network by itself."""
    of_code = code_metrics(context) | density_metrics(context, rng)
    if "elbo_nats_interval" in of_code:
        of_code["elbo_nats_low"], of_code["elbo_nats_high"] = of_code["elbo_nats_interval"]
    neurons = pd.concat([context.neurons, fits_by_neuron(context)], axis=1)
    return Condition(of_code, neurons, context.usage, context.fields, context.fits)


def compared(
    conditions: Mapping[str, Condition], *, n_bootstrap: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the distance of every network to macaque and its difference from the first one's, in both spaces."""
    from neurosim.analysis.v1.model_comparison import compare_models

    tables = []
    codes = pd.DataFrame(
        [
            {"arm": name} | {column: each.of_code[column] for column in OF_CODES if column in each.of_code}
            for name, each in conditions.items()
        ]
    )
    for space in SPACES:
        fits = {name: each.fits[space] for name, each in conditions.items()}
        table = compare_models(fits, reference=next(iter(fits)), rng=rng, n_bootstrap=n_bootstrap)
        table.insert(0, "space", space)
        tables.append(table.merge(_left_out(fits), on="arm").merge(codes, on="arm"))
    return pd.concat(tables, ignore_index=True)


def swept(
    conditions: Mapping[str, Condition],
    comparison: pd.DataFrame,
    *,
    section: AnalysisSection,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the comparison in image space for every bound; that for the one the recipe fixed is there already."""
    from neurosim.analysis.v1.model_fields import sweep_models

    own = comparison[comparison["space"] == "image"].drop(columns=["space", *OF_CODES], errors="ignore")
    own = own.drop(columns=[column for column in own.columns if str(column).startswith(_LEFT_OUT)])
    own.insert(1, "amplitude_bound", section.amplitude_bound)
    others = [bound for bound in section.bound_sweep if bound != section.amplitude_bound]
    if others:
        fields = {name: [each.fields["image"]] for name, each in conditions.items()}
        further = sweep_models(
            fields, rng=rng, bounds=others, n_bootstrap=section.n_bootstrap, n_starts=section.n_starts
        )
        own = pd.concat([own, further], ignore_index=True)
    # In the order of the networks within a bound.
    return own.sort_values("amplitude_bound", kind="stable", ignore_index=True)


def bandwidths(conditions: Mapping[str, Condition]) -> pd.DataFrame:
    """Return quartiles of the bandwidth of every network's fields, without fitting, in both spaces."""
    from neurosim.analysis.v1.model_fields import bandwidth_medians

    tables = []
    for space in SPACES:
        table = bandwidth_medians({name: [each.fields[space]] for name, each in conditions.items()})
        table.insert(0, "space", space)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def every_neuron(conditions: Mapping[str, Condition]) -> pd.DataFrame:
    """Return the neurons of all networks, one network after the other."""
    tables = []
    for name, each in conditions.items():
        table = each.neurons.copy()
        table.insert(0, "arm", name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _left_out(fits: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how many fields of each network are not compared, by reason."""
    from neurosim.analysis.v1.left_out import fields_left_out

    rows = []
    for name, table in fits.items():
        counted = fields_left_out(table)
        rows.append({"arm": name} | {f"{_LEFT_OUT}{reason}": number for reason, number in counted.items()})
    return pd.DataFrame(rows)
