"""What every number of ``summary.json`` is called, its unit and its meaning: said here and nowhere else."""

from neurosim.report.cortex_metrics import CORTEX_METRICS
from neurosim.report.metric import Metric
from neurosim.report.spiking_metrics import SPIKING_METRICS

__all__ = ["ARM_METRICS", "METRICS", "Metric", "metric_of"]


_CLASSIFIERS = {
    "logistic": "a logistic regression",
    "linear_svm": "a linear support vector machine",
    "rbf_svm": "a support vector machine with a Gaussian kernel",
}

_CLASSES = {
    **{
        f"accuracy_{name}": Metric(
            "fraction",
            f"Share of the held-out stimuli whose class {words} tells from the code, which is found without labels.",
        )
        for name, words in _CLASSIFIERS.items()
    },
    **{
        f"accuracy_{name}_raw": Metric(
            "fraction", f"The same for {words} that sees the stimuli themselves in place of their code."
        )
        for name, words in _CLASSIFIERS.items()
    },
    "silent_stimuli": Metric(
        "count", "Held-out stimuli that no neuron answers; silhouettes and neighbour purities leave them out."
    ),
    "silhouette": Metric(
        "ratio",
        "Silhouette of the classes among held-out codes (cosine distance): 1 for tight classes far apart, 0 for "
        "classes that overlap.",
    ),
    "silhouette_shuffled": Metric("ratio", "The same with labels shuffled: what chance gives."),
    "silhouette_raw": Metric("ratio", "The same of the stimuli themselves."),
    "neighbour_purity": Metric(
        "fraction", "Share of the ten nearest held-out codes (cosine distance) that are of the same class."
    ),
    "neighbour_purity_shuffled": Metric("fraction", "The same with labels shuffled: what chance gives."),
    "neighbour_purity_raw": Metric("fraction", "The same of the stimuli themselves."),
    "block_purity": Metric(
        "fraction",
        "Share of the activity in neurons that belong to a class that is in those of the right one, averaged over "
        "held-out stimuli.",
    ),
    "block_purity_shuffled": Metric("fraction", "The same with labels shuffled: what chance gives."),
    "block_accuracy": Metric(
        "fraction",
        "Share of the held-out stimuli for which the neurons of the right class are on average the most active.",
    ),
    "block_accuracy_shuffled": Metric("fraction", "The same with labels shuffled: what chance gives."),
}

_RECALL = {
    "recall_accuracy": Metric(
        "fraction",
        "Share of the held-out stimuli whose recall in the modality that was not shown is nearest (cosine) to the "
        "mean training stimulus of the right class.",
    ),
    "recall_accuracy_shuffled": Metric("fraction", "The same with labels shuffled: what chance gives."),
    "recall_cosine": Metric(
        "ratio", "Cosine between what is recalled and what belongs there, averaged over held-out stimuli."
    ),
    "recall_cosine_shuffled": Metric(
        "ratio", "The same with what belongs to other stimuli: what chance gives."
    ),
    "recall_relative_error": Metric(
        "ratio", "Squared distance between them over the squared norm of what belongs there; 1 for no recall."
    ),
}

_EYES = {
    "ocular_dominance_median_abs": Metric(
        "ratio",
        "Median over neurons of |L − R|/(L + R), L and R the norms of the fields in each eye; 0 both alike, 1 one "
        "eye only.",
    ),
    "binocular_fraction": Metric(
        "fraction",
        "Share of the neurons for which that is ½ or less: the weaker field a third of the other's norm.",
    ),
    "disparity_sd": Metric(
        "pixels",
        "Standard deviation, over binocular neurons, of the shift at which the fields of both eyes match best.",
    ),
    "disparity_discrimination_median": Metric(
        "ratio",
        "Median over neurons of the disparity discrimination index for random dots (Prince et al. 2002, on square "
        "roots of the activity averaged over the patterns of a trial).",
    ),
    "disparity_discrimination_median_shuffled": Metric(
        "ratio", "The same with disparities shuffled over the trials: what chance gives."
    ),
    "disparity_tuned_fraction": Metric(
        "fraction",
        "Share of the neurons whose answer to dots depends on disparity (analysis of variance, p < .01).",
    ),
}

_CLUSTERS = {
    "clusters": Metric(
        "count",
        "Groups of neurons that are active together on held-out stimuli: spectral clustering of their co-activity, the "
        "number by the largest gap between eigenvalues; 1 if the gap is none beyond chance.",
    ),
    "isolated_neurons": Metric(
        "count", "Neurons never active together with another one, which belong to no group."
    ),
    "merged_neurons": Metric("count", "Pairs of neurons whose fields became the same, to a thousandth."),
    "clustering_accuracy": Metric(
        "fraction",
        "Share of the held-out stimuli in the cluster of their class: clusters are found without labels, through the "
        "graph of neurons active together on training stimuli, as many as there are classes, and matched one to one.",
    ),
    "clustering_accuracy_train": Metric("fraction", "The same for the stimuli learned from."),
    "clustering_accuracy_shuffled": Metric(
        "fraction", "The same for held-out stimuli with labels shuffled: what chance gives."
    ),
}

_MAPS = {
    "oriented_neurons": Metric(
        "count",
        "Neurons on the sheet whose Gabor fit has R² above .7 and so an orientation; with fewer than half of them "
        "there is no map.",
    ),
    "neighbour_orientation_difference_deg": Metric(
        "degrees",
        "Mean difference in preferred orientation between the eight neighbours on the sheet; unrelated ones differ by "
        "45.",
    ),
    "neighbour_orientation_difference_deg_shuffled": Metric(
        "degrees", "The same with neurons in shuffled places: what chance gives."
    ),
    "local_homogeneity": Metric(
        "ratio",
        "Mean length of the average of the unit vectors of doubled orientation around a neuron, under a Gaussian of "
        "one neuron: 1 for one orientation, 0 at a pinwheel.",
    ),
    "local_homogeneity_shuffled": Metric(
        "ratio", "The same with neurons in shuffled places: what chance gives."
    ),
    "morans_i": Metric(
        "correlation",
        "Moran's I of the map: correlation of neighbours' doubled orientations; 1 for equal neighbours.",
    ),
    "morans_i_shuffled": Metric(
        "correlation", "The same with neurons in shuffled places: what chance gives."
    ),
    "pinwheels": Metric(
        "count", "Points around which all orientations lie, in the map smoothed by one neuron."
    ),
    "pinwheels_noise": Metric(
        "count",
        "Mean number of pinwheels of random maps with the smoothed map's power spectrum, phases drawn anew.",
    ),
    "pinwheels_noise_ratio": Metric(
        "ratio",
        "pinwheels over pinwheels_noise: 1 if the map is no more orderly than noise of its spectrum, below 1 if it has "
        "fewer pinwheels; needs no wavelength.",
    ),
    "pinwheels_noise_ratio_interval": Metric(
        "ratio", "95 % interval of pinwheels_noise_ratio: exact Poisson interval of the count, which is wide."
    ),
    "pinwheel_density": Metric(
        "per wavelength²",
        "Pinwheels in a square of one wavelength, for a map that has one; near π in ferret, tree shrew and galago, and "
        "π or more in noise.",
    ),
    "pinwheel_density_interval": Metric(
        "per wavelength²",
        "95 % interval of pinwheel_density: exact Poisson interval of the count, which is wide.",
    ),
    "pinwheel_density_shuffled": Metric(
        "per wavelength²",
        "Pinwheels of the same neurons in shuffled places, smoothed alike, in a square of the map's own wavelength.",
    ),
    "map_wavelength": Metric(
        "neurons",
        "Distance over which orientations repeat: one over the mean wave number, where the power spectrum has a ring; "
        "white and low-pass maps have none.",
    ),
    "map_ring_missing": Metric("text", "Why the map has no wavelength, and so no density and no quality."),
    "map_quality": Metric(
        "ratio",
        "How near pinwheel_density is to π, 0 to 1 (Stevens et al. 2013), for 10 pinwheels or more; noise scores high "
        "too: see pinwheels_noise_ratio.",
    ),
    "map_quality_interval": Metric(
        "ratio", "Lowest and highest quality of the densities in pinwheel_density_interval."
    ),
    "map_selectivity": Metric(
        "ratio",
        "Mean length of the smoothed map's orientation vectors: long where neurons are tuned and neighbours agree.",
    ),
    "map_selectivity_shuffled": Metric(
        "ratio", "The same with neurons in shuffled places: what chance gives."
    ),
}

_DENSITY = {
    "active_filters": Metric(
        "count",
        "Filters without which the bound on a held-out stimulus falls by more than .05 nats on average: one is set to "
        "zero, and the guessed activities stay.",
    ),
    "active_filters_norm": Metric(
        "count", "Filters longer than half of the longest; says nothing where all are kept at unit norm."
    ),
    "worthwhile_filters": Metric(
        "count",
        "Filters whose fall is larger than the divergence of their guessed activities from the prior, by more than .05 "
        "nats: the bound is better with the neuron than without it.",
    ),
    "active_gabor_filters": Metric(
        "count",
        "Active filters that are Gabor-like in whitened space: R² above .7 and participation ratio of 6 or more, at a "
        "bound or not, which gabor_fraction does not allow. Blobs and differences of Gaussians count too.",
    ),
    "elbo_nats": Metric(
        "nats",
        "Lower bound on the log likelihood of a held-out stimulus, how probable the network takes it to be, averaged; "
        "higher is better, and one nat is a factor of e. It is that of a density, so stimuli in another unit shift it "
        "by a constant: c times larger ones of n pixels by −n·log c.",
    ),
    "elbo_nats_interval": Metric(
        "nats", "95 % bootstrap interval of elbo_nats; resamples the held-out stimuli."
    ),
    "elbo_over_noise_nats": Metric(
        "nats",
        "By how much elbo_nats is above the log density of white noise: independent normal pixels with the root mean "
        "square of the training stimuli. It does not depend on the unit of the stimuli.",
    ),
    "iwae_nats": Metric(
        "nats",
        "The importance-weighted bound, which is tighter: elbo_nats plus what likelihood.n_samples samples add to it, "
        "on the first likelihood.n_stimuli held-out stimuli.",
    ),
    "ais_nats": Metric(
        "nats",
        "The log likelihood by annealed importance sampling, from below: elbo_nats plus what it adds, on the first "
        "likelihood.n_annealed held-out stimuli.",
    ),
    "ais_gap_nats": Metric(
        "nats",
        "What to expect ais_nats to miss at most: its bounds from above and below, on as many stimuli drawn from the "
        "trained network itself, are so far apart on average.",
    ),
}

METRICS: dict[str, Metric] = {
    "objective": Metric(
        "stimulus unit²; nats",
        "Cost per held-out stimulus, ½‖s − Φᵀa‖² plus the threshold's penalty, averaged; lower is better. SAILnet "
        "and E-I Net have no penalty, and their a is the gain times the spike counts. Of an autoencoder minus "
        "elbo_nats.",
    ),
    "reconstruction_snr_db": Metric(
        "dB", "Power of the held-out stimuli over the power of the reconstruction error; higher is better."
    ),
    "unsettled_fraction": Metric(
        "fraction",
        "Share of the held-out stimuli whose code would still have moved when their time was up. Such codes are not "
        "the minimum that the other figures speak of; 0 is what to expect.",
    ),
    "active_fraction": Metric(
        "fraction",
        "Share of the neurons that answer a held-out stimulus, averaged over stimuli; lower is sparser. "
        "Activity up to a network's softening, which its silent neurons keep, is no answer.",
    ),
    "mean_active": Metric("count", "Neurons that answer a held-out stimulus, averaged over stimuli."),
    "lifetime_sparseness": Metric(
        "fraction",
        "Sparseness S of each neuron over the held-out stimuli, averaged; 0 answers all alike, 1 answers "
        "one only.",
    ),
    "population_sparseness": Metric(
        "fraction",
        "Sparseness S over the neurons for each held-out stimulus, averaged; 0 all answer alike, 1 one "
        "alone answers.",
    ),
    "dead_neurons": Metric(
        "count",
        "Neurons that answer no held-out stimulus; of an autoencoder, all of whose neurons answer, those that are no "
        "active_filters.",
    ),
    **_DENSITY,
    **SPIKING_METRICS,
    "residual_rms": Metric(
        "stimulus unit",
        "Root mean square of stimulus minus reconstruction, both at unit standard deviation; lower is better.",
    ),
    **_CLUSTERS,
    **_CLASSES,
    **_RECALL,
    **_EYES,
    **_MAPS,
    "gabor_fraction": Metric(
        "fraction",
        "Share of the neurons whose field is Gabor-like: dictionary rows (whitened space), R² above .7, "
        "participation ratio of 6 or more, no parameter at its bound; of two eyes' fields, the stronger one. It does "
        "not show orientation or bars: a blob and a difference of Gaussians count too, with small n_x and n_y.",
    ),
    "gabor_r2_median": Metric(
        "fraction",
        "Median over neurons of R², the variance of a dictionary row that its fitted Gabor explains. A blob, a single "
        "pixel and a full grating are explained well too; gabor_fraction leaves the last two out.",
    ),
    **CORTEX_METRICS,
    "seconds_compile": Metric("s", "Wall time of generating and compiling the simulation's code."),
    "seconds_train": Metric("s", "Wall time of learning, without the compilation."),
    "seconds_analyze": Metric("s", "Wall time of encoding the held-out stimuli, measuring and drawing."),
}

ARM_METRICS: dict[str, Metric] = {
    **{
        name: METRICS[name]
        for name in ("v1_nxny_js_bits", "v1_nxny_js_bits_corrected", "v1_nxny_floor_bits", "v1_nxny_fields")
    },
    "difference": Metric(
        "bits",
        "v1_nxny_js_bits minus the first arm's: negative is closer to macaque; puts an arm of fewer fields too far.",
    ),
    "difference_corrected": Metric(
        "bits", "The same without its bias: negative is closer to macaque; arms.csv has its interval."
    ),
    "broadly_tuned_share": METRICS["broadly_tuned_share"],
    "gabor_fraction": Metric(
        "fraction",
        "Share of the arm's neurons whose field in image space is Gabor-like, blobs and differences of Gaussians among "
        "them.",
    ),
    "active_fraction": METRICS["active_fraction"],
    "reconstruction_snr_db": METRICS["reconstruction_snr_db"],
    **{
        name: METRICS[name]
        for name in ("active_filters", "active_gabor_filters", "elbo_nats", "iwae_nats", "ais_nats")
    },
}
"""By name without the arm's, which ends the names of a run that compares several networks."""


def metric_of(name: str) -> Metric | None:
    """Return what a number is, or None if nobody knows it.

    Parameters
    ----------
    name : str
        As in ``summary.json``; of a run on several networks with the arm's name behind it.

    Examples
    --------
    >>> metric_of("active_fraction").unit, metric_of("difference_l1").unit, metric_of("difference")
    ('fraction', 'bits', None)
    """
    if name in METRICS:
        return METRICS[name]
    known = [key for key in ARM_METRICS if name.startswith(f"{key}_")]
    # The name of one kind of number may begin with that of another.
    return ARM_METRICS[max(known, key=len)] if known else None
