"""The numbers of ``summary.json`` that speak of spikes."""

from neurosim.report.metric import Metric

__all__ = ["SPIKING_METRICS"]

SPIKING_METRICS: dict[str, Metric] = {
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
    "inhibitory_spikes_per_stimulus": Metric("count", "spikes_per_stimulus of the inhibitory population."),
    "silent_neurons": Metric(
        "count",
        "Neurons without a spike to any held-out stimulus; where each field has two neurons, each counts.",
    ),
    "isi_cv_mean": Metric(
        "ratio",
        "Standard deviation over mean of a neuron's intervals between spikes (0 a clock, 1 Poisson), averaged over "
        "those with two or more intervals; held-out stimuli one after the other, intervals across onsets included. "
        "High where a neuron answers few stimuli, however regularly: see isi_cv_within_stimulus.",
    ),
    "isi_cv_within_stimulus": Metric(
        "ratio",
        "The same of the intervals of one neuron in one presentation, averaged over those with five intervals or more: "
        "how regularly a neuron fires while it fires (0 a clock, .8 to 1 Poisson; cortical cells are near 1, Softky & "
        "Koch 1993).",
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
}
"""By name, in the order of a page."""
