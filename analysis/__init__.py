"""Analysis: from codes, fields and spikes to numbers, and to figures (`neurosim.analysis.plots`).

The names below are imported when they are first used, so that ``import neurosim.analysis`` costs next to nothing and
loads neither matplotlib nor scikit-learn. Functions that are called as their module is are only in that module, such as
`neurosim.analysis.gabor.gabor`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurosim.analysis import plots
    from neurosim.analysis.binocular_fields import field_disparity, ocular_dominance
    from neurosim.analysis.blocks import block_activity, block_purity, shuffled_block_purity
    from neurosim.analysis.classification import CLASSIFIERS, accuracy_table, classify
    from neurosim.analysis.clusters import cluster_separation, nearest_neighbour_purity, silhouette
    from neurosim.analysis.cortical_disparity import CorticalDisparity, cortical_disparity_tuning
    from neurosim.analysis.count_correlations import CountCorrelations, correlation_rms
    from neurosim.analysis.disparity import DisparityTuning, disparity_measures, disparity_tuning
    from neurosim.analysis.disparity_gabor import DISPARITY_SHAPES, fit_disparity_gabors
    from neurosim.analysis.divergence import jensen_shannon_bits
    from neurosim.analysis.embedding import Embedding, pca, tsne
    from neurosim.analysis.fields import participation_ratio, reverse_correlation, spectral_bandwidths
    from neurosim.analysis.gabor import GABOR_PARAMETERS, LEAST_PARTICIPATION, LEAST_R2, fit_gabors
    from neurosim.analysis.left_out import fields_left_out
    from neurosim.analysis.map_noise import same_spectrum_maps
    from neurosim.analysis.map_ring import MapRing
    from neurosim.analysis.map_smoothness import (
        local_homogeneity,
        morans_i,
        neighbour_difference,
        scalar_smoothness,
    )
    from neurosim.analysis.map_spectrum import map_wavelength, narrow_band_map, radial_spectrum
    from neurosim.analysis.maps import (
        gabor_maps,
        gabor_selectivity,
        map_vectors,
        orientation_vectors,
        smoothed_vectors,
        tuning_maps,
    )
    from neurosim.analysis.neuron_clusters import (
        NeuronClusters,
        cluster_neurons,
        cluster_stimuli,
        clustering_accuracy,
        coactivity,
    )
    from neurosim.analysis.pinwheel_density import count_interval, density_with_interval, map_quality
    from neurosim.analysis.pinwheels import count_pinwheels, find_pinwheels, pinwheel_summary
    from neurosim.analysis.progress import show_progress
    from neurosim.analysis.recall import recall_accuracy, recall_error
    from neurosim.analysis.sheet import Sheet
    from neurosim.analysis.sheet_correlation import (
        activity_similarity,
        field_similarity,
        similarity_distance_correlation,
        similarity_with_distance,
    )
    from neurosim.analysis.spaces import fields_in_both_spaces
    from neurosim.analysis.sparsity import (
        active_fraction,
        gini,
        hoyer,
        kurtosis,
        lifetime_sparseness,
        population_sparseness,
        reconstruction_snr_db,
    )
    from neurosim.analysis.spike_trains import WithinStimulus, train_statistics, within_stimulus
    from neurosim.analysis.spikes import firing_statistics, spike_counts, to_neo
    from neurosim.analysis.v1 import (
        NxNyComparison,
        broadly_tuned_share,
        compare_nx_ny,
        nx_ny_counts,
        sampling_floor_bits,
        sweep_amplitude_bounds,
    )
    from neurosim.analysis.v1_arm_fields import bandwidth_medians, sweep_arms
    from neurosim.analysis.v1_arms import PairedDifference, compare_arms, paired_difference, seed_divergences

__all__ = [
    "CLASSIFIERS",
    "DISPARITY_SHAPES",
    "GABOR_PARAMETERS",
    "LEAST_PARTICIPATION",
    "LEAST_R2",
    "CorticalDisparity",
    "CountCorrelations",
    "DisparityTuning",
    "Embedding",
    "MapRing",
    "NeuronClusters",
    "NxNyComparison",
    "PairedDifference",
    "Sheet",
    "WithinStimulus",
    "accuracy_table",
    "active_fraction",
    "activity_similarity",
    "bandwidth_medians",
    "block_activity",
    "block_purity",
    "broadly_tuned_share",
    "classify",
    "cluster_neurons",
    "cluster_separation",
    "cluster_stimuli",
    "clustering_accuracy",
    "coactivity",
    "compare_arms",
    "compare_nx_ny",
    "correlation_rms",
    "cortical_disparity_tuning",
    "count_interval",
    "count_pinwheels",
    "density_with_interval",
    "disparity_measures",
    "disparity_tuning",
    "field_disparity",
    "field_similarity",
    "fields_in_both_spaces",
    "fields_left_out",
    "find_pinwheels",
    "firing_statistics",
    "fit_disparity_gabors",
    "fit_gabors",
    "gabor_maps",
    "gabor_selectivity",
    "gini",
    "hoyer",
    "jensen_shannon_bits",
    "kurtosis",
    "lifetime_sparseness",
    "local_homogeneity",
    "map_quality",
    "map_vectors",
    "map_wavelength",
    "morans_i",
    "narrow_band_map",
    "nearest_neighbour_purity",
    "neighbour_difference",
    "nx_ny_counts",
    "ocular_dominance",
    "orientation_vectors",
    "paired_difference",
    "participation_ratio",
    "pca",
    "pinwheel_summary",
    "plots",
    "population_sparseness",
    "radial_spectrum",
    "recall_accuracy",
    "recall_error",
    "reconstruction_snr_db",
    "reverse_correlation",
    "same_spectrum_maps",
    "sampling_floor_bits",
    "scalar_smoothness",
    "seed_divergences",
    "show_progress",
    "shuffled_block_purity",
    "silhouette",
    "similarity_distance_correlation",
    "similarity_with_distance",
    "smoothed_vectors",
    "spectral_bandwidths",
    "spike_counts",
    "sweep_amplitude_bounds",
    "sweep_arms",
    "to_neo",
    "train_statistics",
    "tsne",
    "tuning_maps",
    "within_stimulus",
]

_HOMES = {
    "CLASSIFIERS": "classification",
    "CorticalDisparity": "cortical_disparity",
    "CountCorrelations": "count_correlations",
    "DISPARITY_SHAPES": "disparity_gabor",
    "DisparityTuning": "disparity",
    "Embedding": "embedding",
    "GABOR_PARAMETERS": "gabor",
    "LEAST_PARTICIPATION": "gabor",
    "LEAST_R2": "gabor",
    "MapRing": "map_ring",
    "NeuronClusters": "neuron_clusters",
    "NxNyComparison": "v1",
    "PairedDifference": "v1_arms",
    "Sheet": "sheet",
    "WithinStimulus": "spike_trains",
    "accuracy_table": "classification",
    "active_fraction": "sparsity",
    "activity_similarity": "sheet_correlation",
    "bandwidth_medians": "v1_arm_fields",
    "block_activity": "blocks",
    "block_purity": "blocks",
    "broadly_tuned_share": "v1",
    "classify": "classification",
    "cluster_neurons": "neuron_clusters",
    "cluster_separation": "clusters",
    "cluster_stimuli": "neuron_clusters",
    "clustering_accuracy": "neuron_clusters",
    "coactivity": "neuron_clusters",
    "compare_arms": "v1_arms",
    "compare_nx_ny": "v1",
    "correlation_rms": "count_correlations",
    "cortical_disparity_tuning": "cortical_disparity",
    "count_interval": "pinwheel_density",
    "count_pinwheels": "pinwheels",
    "density_with_interval": "pinwheel_density",
    "disparity_measures": "disparity",
    "disparity_tuning": "disparity",
    "field_disparity": "binocular_fields",
    "field_similarity": "sheet_correlation",
    "fields_in_both_spaces": "spaces",
    "fields_left_out": "left_out",
    "find_pinwheels": "pinwheels",
    "firing_statistics": "spikes",
    "fit_disparity_gabors": "disparity_gabor",
    "fit_gabors": "gabor",
    "gabor_maps": "maps",
    "gabor_selectivity": "maps",
    "gini": "sparsity",
    "hoyer": "sparsity",
    "jensen_shannon_bits": "divergence",
    "kurtosis": "sparsity",
    "lifetime_sparseness": "sparsity",
    "local_homogeneity": "map_smoothness",
    "map_quality": "pinwheel_density",
    "map_vectors": "maps",
    "map_wavelength": "map_spectrum",
    "morans_i": "map_smoothness",
    "narrow_band_map": "map_spectrum",
    "nearest_neighbour_purity": "clusters",
    "neighbour_difference": "map_smoothness",
    "nx_ny_counts": "v1",
    "ocular_dominance": "binocular_fields",
    "orientation_vectors": "maps",
    "paired_difference": "v1_arms",
    "participation_ratio": "fields",
    "pca": "embedding",
    "pinwheel_summary": "pinwheels",
    "population_sparseness": "sparsity",
    "radial_spectrum": "map_spectrum",
    "recall_accuracy": "recall",
    "recall_error": "recall",
    "reconstruction_snr_db": "sparsity",
    "reverse_correlation": "fields",
    "same_spectrum_maps": "map_noise",
    "sampling_floor_bits": "v1",
    "scalar_smoothness": "map_smoothness",
    "seed_divergences": "v1_arms",
    "shuffled_block_purity": "blocks",
    "show_progress": "progress",
    "silhouette": "clusters",
    "similarity_distance_correlation": "sheet_correlation",
    "similarity_with_distance": "sheet_correlation",
    "smoothed_vectors": "maps",
    "spectral_bandwidths": "fields",
    "spike_counts": "spikes",
    "sweep_amplitude_bounds": "v1",
    "sweep_arms": "v1_arm_fields",
    "to_neo": "spikes",
    "train_statistics": "spike_trains",
    "tsne": "embedding",
    "tuning_maps": "maps",
    "within_stimulus": "spike_trains",
}


def __getattr__(name: str) -> Any:
    if name == "plots":
        return import_module("neurosim.analysis.plots")
    if name not in _HOMES:
        raise AttributeError(
            f"module 'neurosim.analysis' has no attribute {name!r}; it has {', '.join(__all__)}"
        )
    value = getattr(import_module(f"neurosim.analysis.{_HOMES[name]}"), name)
    # Kept, so that the next use does not come here again.
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
