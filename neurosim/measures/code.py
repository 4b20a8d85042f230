"""What every code is measured by, whatever was shown: cost, reconstruction, sparseness, whether it has settled."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def code_metrics(context: Context) -> dict[str, Any]:
    """Return the numbers of the held-out code by the names of `summary.json`.

    Of a network all of whose neurons respond to every stimulus, how many respond is left out, and a neuron is dead
    that is not ``active``.
    """
    from neurosim.analysis.codes import sparsity

    code, silence, filters = context.code, context.silence, context.filters
    active = np.abs(code) > silence
    shown, rebuilt = context.side_by_side(context.reference), context.side_by_side(context.rebuilt)
    metrics = {
        "objective": context.objective,
        "reconstruction_snr_db": float(sparsity.reconstruction_snr_db(shown, rebuilt)),
        "lifetime_sparseness": _mean(sparsity.lifetime_sparseness(code)),
        "population_sparseness": _mean(sparsity.population_sparseness(code)),
    }
    if filters is not None:
        return metrics | {"dead_neurons": int((~filters["active"]).sum())}
    return metrics | {
        "active_fraction": float(sparsity.active_fraction(code, above=silence)),
        "mean_active": float(np.count_nonzero(active) / len(code)),
        "dead_neurons": int((~active.any(axis=0)).sum()),
    }


def _mean(values: NDArray[np.floating]) -> float:
    """Return the mean without the silent neurons or stimuli, which have no sparseness."""
    return float(np.mean(values[~np.isnan(values)])) if not np.isnan(values).all() else float("nan")


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    return Measured(
        metrics=code_metrics(context) | context.encoded.unsettled_metrics, figures=_figures(context)
    )


def _figures(context: Context) -> "dict[str, Callable[[], Figure]]":
    from neurosim.analysis.plots import reconstruction_examples, sparsity_overview

    first = context.present[0]
    shown, rebuilt = (
        context.stimuli.pictures({first: arrays[first]})[first]
        for arrays in (context.reference, context.rebuilt)
    )
    unit = "spikes" if context.response.is_counted else "stimulus unit"
    figures: dict[str, Callable[[], Figure]] = {
        "reconstructions": lambda: reconstruction_examples(shown, rebuilt)
    }
    if context.filters is None:
        figures["sparsity"] = lambda: sparsity_overview(context.code, unit=unit, silence=context.silence)
    return figures


def _sentence(run: RunFolder) -> Iterator[str]:
    """Say how many neurons respond to a stimulus, and how well it is reconstructed."""
    parts = []
    if (active := run.number("active_fraction")) is not None:
        parts.append(f"{active:.1%} of the neurons respond to a stimulus on average")
    if (snr := run.number("reconstruction_snr_db")) is not None:
        parts.append(f"the stimulus is reconstructed at {snr:.1f} dB signal-to-noise ratio")
    if parts:
        yield f"On these held-out stimuli, {' and '.join(parts)}."


CODE = Measure(
    name="code",
    applies=lambda context: context.network is not None,
    compute=_measured,
    metrics={
        "objective": Metric(
            "stimulus unit²; nats",
            "Cost per held-out stimulus, ½‖s − Φᵀa‖² plus the threshold's penalty, averaged; lower is better. SAILnet "
            "and E-I Net have no penalty, and their a is the gain times the spike counts. Of an autoencoder minus "
            "elbo_nats, in nats (1 nat is 1.44 bits).",
        ),
        "reconstruction_snr_db": Metric(
            "dB",
            "Power of the held-out stimuli over the power of the reconstruction error; higher is better.",
        ),
        "unsettled_fraction": Metric(
            "fraction",
            "Share of the held-out stimuli whose code would still have moved when their time was up. Such codes are "
            "not the minimum that the other figures speak of; 0 is what to expect.",
        ),
        "active_fraction": Metric(
            "fraction",
            "Share of the neurons that respond to a held-out stimulus, averaged over stimuli; lower is sparser. "
            "The little activity that silent neurons of topographic networks keep is no response.",
        ),
        "mean_active": Metric("count", "Neurons that respond to a held-out stimulus, averaged over stimuli."),
        "lifetime_sparseness": Metric(
            "fraction",
            "Sparseness S of each neuron over the held-out stimuli, or of a recording over the conditions, averaged; 0 "
            "of one that responds to all alike, 1 of one that responds to a single stimulus.",
        ),
        "population_sparseness": Metric(
            "fraction",
            "Sparseness S over the neurons for each held-out stimulus, averaged; 0 all respond alike, 1 one alone "
            "responds.",
        ),
        "dead_neurons": Metric(
            "count",
            "Neurons that respond to no held-out stimulus; of an autoencoder, all of whose neurons respond, those that "
            "are no active_filters.",
        ),
    },
    figures={
        "sparsity": Caption(
            "Sparsity of the code",
            "Held-out stimuli. Activity that is not zero (of topographic networks, above the little that silent "
            "neurons keep); sparseness of each living neuron over stimuli (Vinje & Gallant 2000); active neurons per "
            "stimulus; and how often each neuron responds.",
            "Four panels: histogram of activity, of lifetime sparseness, of active neurons per stimulus, and usage by "
            "rank.",
        ),
        "reconstructions": Caption(
            "Reconstruction of held-out stimuli",
            "Stimuli, what the code says of them, and the error on the same grey scale, evenly spaced from the best "
            "to the worst reconstructed. Above each, its signal-to-noise ratio. ON and OFF are shown as ON minus OFF; "
            "relays of several kinds stand side by side, in the recipe's order.",
            "Rows of small grey images: stimuli, their reconstructions and the errors.",
        ),
    },
    sentences=_sentence,
)
