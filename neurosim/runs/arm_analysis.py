"""Everything that is measured, stored and drawn of several networks on the same photographs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.recipes.recipe import Recipe
from neurosim.recipes.run_sections import AnalysisSection
from neurosim.results.network_file import write_dataset
from neurosim.runs.arms import Arms
from neurosim.runs.code_measures import code_metrics, neuron_table, reference_of, silence_of, usage_of
from neurosim.runs.cortex import Spaces, fitted
from neurosim.runs.dataset import arms_dataset
from neurosim.runs.progress import Progress
from neurosim.runs.svae_measures import filter_metrics, filters_of, likelihood_metrics
from neurosim.stimuli.kinds.stimuli import PATCHES, Stimuli, only

_SPACES = ("image", "whitened")
# Which columns of fields.csv belong to which space.
_PREFIX = {"whitened": "", "image": "image_"}
# How the columns of arms.csv begin that count fields not compared.
_LEFT_OUT = "left_out_"
# Of autoencoders alone, by the names of `summary.json`.
_OF_AUTOENCODERS = (
    "active_filters", "active_gabor_filters", "active_filters_norm", "worthwhile_filters",
    "elbo_nats", "elbo_nats_low", "elbo_nats_high", "iwae_nats", "ais_nats", "ais_gap_nats",
)  # fmt: skip
_OF_CODES = ("active_fraction", "mean_active", "reconstruction_snr_db", "dead_neurons", *_OF_AUTOENCODERS)
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
    **{
        name: name
        for name in ("active_filters", "active_gabor_filters", "elbo_nats", "iwae_nats", "ais_nats")
    },
}


@dataclass(frozen=True)
class _Measured:
    """What one arm gives."""

    neurons: pd.DataFrame
    of_code: dict[str, Any]
    fields: Spaces
    fits: dict[str, pd.DataFrame]


def analyse_arms(
    arms: Arms,
    stimuli: Stimuli,
    *,
    recipe: Recipe,
    rng: np.random.Generator,
    folder: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Encode held-out patches, fit the fields of every arm, compare all with cortex, and write the run's files.

    Parameters
    ----------
    arms : Arms
        Fitted.
    stimuli : Stimuli
        What they were fitted on.
    recipe : Recipe
        The run's.
    rng : numpy.random.Generator
        Source of the bootstraps.
    folder : Path
        Where to write ``network.nc``, tables and figures.
    progress : callable
        Told before each step.

    Returns
    -------
    dict
        Metrics by the names of `summary.json`, each with the arm's name behind it.
    """

    def say(step: str) -> None:
        progress({"stage": "analyse", "step": step})

    say(f"encoding {len(only(stimuli.held_out))} held-out patches by every arm")
    codes = {
        arm.name: arm.network.transform(only(stimuli.normalised(arm.normalise).held_out)) for arm in arms
    }
    write_dataset(arms_dataset(arms, stimuli=stimuli, codes=codes), folder / "network.nc")
    section, measured = recipe.analysis, {}
    assert stimuli.image_space is not None
    for arm, stream in zip(arms, rng.spawn(len(codes)), strict=True):
        say(f"Gabor fits of arm {arm.name} in both spaces")
        shown = only(stimuli.normalised(arm.normalise).held_out)
        fields = only(stimuli.pictures({PATCHES: arm.network.dictionary_}))
        spaces = {"image": stimuli.image_space.fields(fields, margin=section.margin), "whitened": fields}
        measured[arm.name] = _measured(
            arm.network, codes[arm.name], shown=shown, spaces=spaces, recipe=recipe, rng=stream
        )
    say("distance of every arm to macaque V1, bootstrap and bound sweep")
    table = _compared(measured, section=section, rng=rng)
    sweep = _swept(measured, table, section=section, rng=rng)
    table.to_csv(folder / "arms.csv", index=False)
    sweep.to_csv(folder / "arms_sweep.csv", index=False)
    _bandwidths(measured).to_csv(folder / "arms_bandwidths.csv", index=False)
    _fields(measured).to_csv(folder / "fields.csv", index=False)
    say("figures and page")
    _draw(measured, table, sweep, bound=section.amplitude_bound, folder=folder / "figures")
    return _metrics(table, measured)


def _measured(
    network: Any,
    code: NDArray[np.floating],
    *,
    shown: NDArray[np.floating],
    spaces: Spaces,
    recipe: Recipe,
    rng: np.random.Generator,
) -> _Measured:
    fits, filters = fitted(spaces, recipe.analysis), filters_of(network, shown)
    of_code = code_metrics(
        code,
        shown=reference_of(network, shown),
        rebuilt=network.inverse_transform(code),
        objective=network.objective(shown, code),
        silence=silence_of(network),
        filters=filters,
    )
    of_code |= filter_metrics(filters, fits["whitened"])
    of_code |= likelihood_metrics(network, shown, section=recipe.likelihood, rng=rng)
    if "elbo_nats_interval" in of_code:
        of_code["elbo_nats_low"], of_code["elbo_nats_high"] = of_code["elbo_nats_interval"]
    neurons = neuron_table(code, silence=silence_of(network), filters=filters)
    return _Measured(neurons, of_code, spaces, fits)


def _compared(
    measured: Mapping[str, _Measured], *, section: AnalysisSection, rng: np.random.Generator
) -> pd.DataFrame:
    from neurosim.analysis.v1.model_comparison import compare_arms

    tables = []
    codes = pd.DataFrame(
        [
            {"arm": arm} | {name: each.of_code[name] for name in _OF_CODES if name in each.of_code}
            for arm, each in measured.items()
        ]
    )
    for space in _SPACES:
        fits = {arm: each.fits[space] for arm, each in measured.items()}
        table = compare_arms(fits, reference=next(iter(fits)), rng=rng, n_bootstrap=section.n_bootstrap)
        table.insert(0, "space", space)
        tables.append(table.merge(_left_out(fits), on="arm").merge(codes, on="arm"))
    return pd.concat(tables, ignore_index=True)


def _left_out(fits: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how many fields of each arm are not compared, by reason."""
    from neurosim.analysis.v1.left_out import fields_left_out

    rows = []
    for arm, table in fits.items():
        counted = fields_left_out(table)
        rows.append({"arm": arm} | {f"{_LEFT_OUT}{reason}": number for reason, number in counted.items()})
    return pd.DataFrame(rows)


def _swept(
    measured: Mapping[str, _Measured],
    compared: pd.DataFrame,
    *,
    section: AnalysisSection,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the comparison in image space for every bound; that for the one the recipe fixed is there already."""
    from neurosim.analysis.v1.model_fields import sweep_arms

    own = compared[compared["space"] == "image"].drop(columns=["space", *_OF_CODES], errors="ignore")
    own = own.drop(columns=[column for column in own.columns if str(column).startswith(_LEFT_OUT)])
    own.insert(1, "amplitude_bound", section.amplitude_bound)
    others = [bound for bound in section.bound_sweep if bound != section.amplitude_bound]
    if others:
        fields = {arm: [each.fields["image"]] for arm, each in measured.items()}
        swept = sweep_arms(
            fields, rng=rng, bounds=others, n_bootstrap=section.n_bootstrap, n_starts=section.n_starts
        )
        own = pd.concat([own, swept], ignore_index=True)
    # In the order of the arms within a bound.
    return own.sort_values("amplitude_bound", kind="stable", ignore_index=True)


def _bandwidths(measured: Mapping[str, _Measured]) -> pd.DataFrame:
    from neurosim.analysis.v1.model_fields import bandwidth_medians

    tables = []
    for space in _SPACES:
        table = bandwidth_medians({arm: [each.fields[space]] for arm, each in measured.items()})
        table.insert(0, "space", space)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _fields(measured: Mapping[str, _Measured]) -> pd.DataFrame:
    tables = []
    for arm, each in measured.items():
        fits = [
            each.fits[space].add_prefix(prefix).reset_index(drop=True) for space, prefix in _PREFIX.items()
        ]
        table = pd.concat([each.neurons, *fits], axis=1)
        table.insert(0, "arm", arm)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _metrics(table: pd.DataFrame, measured: Mapping[str, _Measured]) -> dict[str, Any]:
    image = table[table["space"] == "image"].set_index("arm")
    return {
        f"{name}_{arm}": each.of_code[column] if column in each.of_code else float(image[column][arm])
        for name, column in _SUMMARISED.items()
        for arm, each in measured.items()
        if column in each.of_code or column not in _OF_CODES
    }


def _draw(
    measured: Mapping[str, _Measured],
    table: pd.DataFrame,
    sweep: pd.DataFrame,
    *,
    bound: float,
    folder: Path,
) -> None:
    from neurosim.report.arm_figures import write_arm_figures

    write_arm_figures(
        folder,
        dictionaries={arm: each.fields["whitened"] for arm, each in measured.items()},
        usage={arm: usage_of(each.neurons) for arm, each in measured.items()},
        fits={arm: each.fits["image"] for arm, each in measured.items()},
        comparison=table[table["space"] == "image"],
        sweep=sweep,
        bound=bound,
    )
