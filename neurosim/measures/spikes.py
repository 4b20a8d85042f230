"""How often, how regularly and how independently neurons fire, and what their spikes leave unexplained."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.context import Context
from neurosim.registry.measure import Caption, Measure, Measured, Metric
from neurosim.results.run_folder import RunFolder

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

# By how much the standard deviation of a stimulus of unit standard deviation may differ from one: single precision.
_ROUNDING = 1e-4
# Stimuli whose spikes are drawn.
_RASTERS = 4
# Spikes per second, median over macaque V1 cells (Ringach, Shapley & Hawken 2002). Some cells respond several times as
# strongly; intervals of cortical cells vary nearly like chance (Softky & Koch 1993).
_BEST_RESPONSE, _FAST, _REGULAR = 33.8, 5.0, 0.5
# The variation of fewer trains is no statement about a population.
_TRAINS = 30


def firing_metrics(context: Context) -> dict[str, Any]:
    """Return the numbers of a network that spikes, by the names of `summary.json`.

    `isi_cv_mean` is missing without the extra ``spikes``, and `residual_rms` where the stimuli that are reconstructed
    have no unit standard deviation.
    """
    counts, spikes = context.response.own_counts, context.response.spikes
    assert counts is not None
    assert spikes is not None
    mean = float(np.mean(counts, dtype=np.float64))
    others = list(context.response.counts.items())[1:]
    return (
        {"spikes_per_stimulus": mean, "rate_hz_mean": mean / spikes.attrs["duration"]}
        | _while_active(spikes)
        | _irregularity(spikes)
        | _correlations(counts)
        | _residual(context)
        | {f"{name}_spikes_per_stimulus": float(np.mean(each, dtype=np.float64)) for name, each in others}
    )


def _while_active(spikes: "xr.Dataset") -> dict[str, Any]:
    from neurosim.analysis.spikes.spike_trains import within_stimulus

    found = within_stimulus(spikes)
    return {
        "rate_hz_active": found.rate_hz,
        "isi_cv_within_stimulus": found.isi_cv,
        "isi_cv_trains": found.n_trains,
    }


def _irregularity(spikes: "xr.Dataset") -> dict[str, float]:
    if find_spec("neo") is None or find_spec("elephant") is None:
        return {}
    from neurosim.analysis.spikes.spikes import firing_statistics

    # Neurons with fewer than two intervals have none: pandas leaves them out of the mean.
    return {"isi_cv_mean": float(firing_statistics(spikes)["isi_cv"].mean())}


def _correlations(counts: NDArray[np.floating]) -> dict[str, Any]:
    from neurosim.analysis.spikes.count_correlations import correlation_rms

    found = correlation_rms(counts)
    return {
        "count_correlation_rms": found.rms,
        "count_correlation_floor": found.floor,
        "silent_neurons": found.n_silent,
    }


def _residual(context: Context) -> dict[str, float]:
    deviations = context.side_by_side(context.reference).std(axis=1, dtype=np.float64)
    if np.abs(deviations - 1).max() > _ROUNDING:
        return {}
    return {"residual_rms": float(context.network.residual_rms(context.held_out, context.code))}


def _measured(context: Context, rng: np.random.Generator) -> Measured:
    from neurosim.analysis.plots import plot_raster, plot_rates

    counts, spikes = context.response.own_counts, context.response.spikes
    assert counts is not None
    assert spikes is not None
    drawn = range(min(_RASTERS, spikes.attrs["n_stimuli"]))
    figures: dict[str, Callable[[], Figure]] = {
        "rates": lambda: plot_rates(counts),
        "raster": lambda: plot_raster(spikes, stimulus=drawn),
    }
    return Measured(metrics=firing_metrics(context), figures=figures)


def _sentences(run: RunFolder) -> Iterator[str]:
    yield from _rates(run)
    yield from _trains(run)


def _rates(run: RunFolder) -> Iterator[str]:
    if (spikes := run.number("spikes_per_stimulus")) is None:
        return
    text = f"A neuron fires {spikes:.3g} times per stimulus on average"
    if (rate := run.number("rate_hz_mean")) is not None:
        text += f" ({rate:.3g} Hz)"
    rms, floor = run.number("count_correlation_rms"), run.number("count_correlation_floor")
    if rms is not None and floor is not None:
        text += f", and the counts of two neurons correlate by {rms:.3f} (rms; {floor:.3f} if independent)"
    yield f"{text}."


def _trains(run: RunFolder) -> Iterator[str]:
    """Say how neurons fire while they fire, and whether cortical cells do so."""
    if (rate := run.number("rate_hz_active")) is None:
        return
    text = f"In the presentations in which it fires, a neuron sends {rate:.3g} spikes a second"
    variation = run.number("isi_cv_within_stimulus")
    variation = variation if (run.number("isi_cv_trains") or 0) >= _TRAINS else None
    if variation is not None:
        text += (
            f", at intervals that vary by {variation:.2f} within a stimulus (standard deviation over mean)"
        )
    faster, regular = rate > _FAST * _BEST_RESPONSE, variation is not None and variation < _REGULAR
    unlike = " and ".join(word for word, holds in (("faster", faster), ("more regular", regular)) if holds)
    cells = f"cortical cells, whose median best response is {_BEST_RESPONSE} in macaque V1"
    cells += " and whose intervals vary by about 1" if variation is not None else ""
    yield f"{text}: {f'{unlike} than' if unlike else 'in the range of'} {cells}."


SPIKES = Measure(
    name="spikes",
    applies=lambda context: context.network is not None and context.response.own_counts is not None,
    compute=_measured,
    metrics={
        "spikes_per_stimulus": Metric(
            "count",
            "Spikes of a neuron per held-out stimulus, averaged over stimuli and neurons, silent ones too.",
        ),
        "rate_hz_mean": Metric("Hz", "The same per second shown: spikes_per_stimulus over the presentation."),
        "rate_hz_active": Metric(
            "Hz",
            "Spikes per second of a neuron in those presentations in which it fires, averaged over them: the first 500 "
            "held-out stimuli. The best response of a macaque V1 cell is 33.8 (median, Ringach et al. 2002).",
        ),
        "inhibitory_spikes_per_stimulus": Metric(
            "count", "spikes_per_stimulus of the inhibitory population."
        ),
        "silent_neurons": Metric(
            "count",
            "Neurons without a spike to any held-out stimulus; where each field has two neurons, each counts.",
        ),
        "isi_cv_mean": Metric(
            "ratio",
            "Standard deviation over mean of a neuron's intervals between spikes (0 a clock, 1 Poisson), averaged over "
            "those with two or more intervals; held-out stimuli one after the other, intervals across onsets included. "
            "High where a neuron responds to few stimuli, however regularly: see isi_cv_within_stimulus.",
        ),
        "isi_cv_within_stimulus": Metric(
            "ratio",
            "The same of the intervals of one neuron in one presentation, averaged over those with five intervals or "
            "more: how regularly a neuron fires while it fires (0 a clock, .8 to 1 Poisson; cortical cells are near "
            "1, Softky & Koch 1993).",
        ),
        "isi_cv_trains": Metric("count", "Spike trains of that many intervals, which it is averaged over."),
        "count_correlation_rms": Metric(
            "correlation",
            "Root mean square of the correlation of two neurons' spike counts over held-out stimuli, over all pairs.",
        ),
        "count_correlation_floor": Metric(
            "correlation",
            "What count_correlation_rms would be for independent neurons: 1/√(number of stimuli − 1).",
        ),
        "residual_rms": Metric(
            "stimulus unit",
            "Root mean square of stimulus minus reconstruction, both at unit standard deviation; lower is better.",
        ),
    },
    figures={
        "rates": Caption(
            "Firing rates",
            "Mean number of spikes of each neuron per held-out stimulus, over the population.",
            "Histogram of the neurons' mean spikes per stimulus with a line at the population's mean.",
        ),
        "raster": Caption(
            "Spikes of some held-out stimuli",
            "One mark per spike, one row per neuron; membranes start from rest when the stimulus appears. Where each "
            "field has two neurons, those that respond to its opposite are the upper half.",
            "Raster of spikes over time, neurons from the bottom up, one panel per stimulus.",
        ),
    },
    sentences=_sentences,
)
