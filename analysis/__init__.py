"""Analysis: from codes, fields and spikes to numbers, and to figures (`neurosim.analysis.plots`).

Names are imported when they are first used: ``import neurosim.analysis`` loads neither matplotlib nor scikit-learn.
"""

from typing import TYPE_CHECKING

from neurosim._faces import lazy_face

if TYPE_CHECKING:
    from neurosim.analysis import plots
    from neurosim.analysis.codes.blocks import block_activity, block_purity, shuffled_block_purity
    from neurosim.analysis.codes.class_selectivity import class_selectivity
    from neurosim.analysis.codes.classification import CLASSIFIERS, accuracy_table, classify
    from neurosim.analysis.codes.clusters import cluster_separation, nearest_neighbour_purity, silhouette
    from neurosim.analysis.codes.embedding import Embedding, pca, tsne
    from neurosim.analysis.codes.neuron_clusters import (
        NeuronClusters,
        cluster_neurons,
        cluster_stimuli,
        clustering_accuracy,
        coactivity,
    )
    from neurosim.analysis.codes.rate_smoothness import rate_smoothness
    from neurosim.analysis.codes.recall import recall_accuracy, recall_error
    from neurosim.analysis.codes.sparsity import (
        active_fraction,
        gini,
        hoyer,
        kurtosis,
        lifetime_sparseness,
        population_sparseness,
        reconstruction_snr_db,
    )
    from neurosim.analysis.fields.binocular_fields import field_disparity, ocular_dominance
    from neurosim.analysis.fields.fields import participation_ratio, reverse_correlation, spectral_bandwidths
    from neurosim.analysis.fields.gabor import (
        GABOR_PARAMETERS,
        LEAST_PARTICIPATION,
        LEAST_R2,
        fit_gabors,
        gabor,
    )
    from neurosim.analysis.fields.gabor_gratings import gabor_rates
    from neurosim.analysis.fields.spaces import fields_in_both_spaces
    from neurosim.analysis.films.drawing import motion_selectivity
    from neurosim.analysis.films.motion import motion_properties, motion_shares
    from neurosim.analysis.films.reel import film_reel
    from neurosim.analysis.films.slices import film_strips, space_time_slices
    from neurosim.analysis.maps.maps import (
        gabor_maps,
        gabor_selectivity,
        map_vectors,
        orientation_vectors,
        smoothed_vectors,
        tuning_maps,
    )
    from neurosim.analysis.maps.noise import same_spectrum_maps
    from neurosim.analysis.maps.pinwheel_density import (
        count_interval,
        density_with_interval,
        map_quality,
        pinwheel_density,
    )
    from neurosim.analysis.maps.pinwheels import count_pinwheels, find_pinwheels, pinwheel_summary
    from neurosim.analysis.maps.ring import MapRing
    from neurosim.analysis.maps.sheet import Sheet
    from neurosim.analysis.maps.sheet_correlation import (
        activity_similarity,
        field_similarity,
        similarity_distance_correlation,
        similarity_with_distance,
    )
    from neurosim.analysis.maps.smoothness import (
        local_homogeneity,
        map_smoothness,
        morans_i,
        neighbour_difference,
        scalar_smoothness,
    )
    from neurosim.analysis.maps.spectrum import map_ring, map_wavelength, narrow_band_map, radial_spectrum
    from neurosim.analysis.progress import show_progress
    from neurosim.analysis.protocol.drawn_gabors import draw_gabors, drawn_gabor_properties
    from neurosim.analysis.spikes.count_correlations import (
        CountCorrelations,
        correlation_rms,
        count_correlations,
    )
    from neurosim.analysis.spikes.spike_trains import WithinStimulus, train_statistics, within_stimulus
    from neurosim.analysis.spikes.spikes import firing_statistics, spike_counts, to_neo
    from neurosim.analysis.tuning.curve_input import response_grid
    from neurosim.analysis.tuning.direction import bars_of_directions, direction_properties
    from neurosim.analysis.tuning.disparity import DisparityTuning, disparity_measures, disparity_tuning
    from neurosim.analysis.tuning.disparity_gabor import (
        DISPARITY_SHAPES,
        disparity_gabor,
        fit_disparity_gabors,
    )
    from neurosim.analysis.tuning.frequency import frequency_properties
    from neurosim.analysis.tuning.orientation import circular_variance, orientation_properties
    from neurosim.analysis.tuning.phase import PhaseComponents, modulation_ratio, phase_components
    from neurosim.analysis.tuning.place import field_places
    from neurosim.analysis.tuning.responsive import RateScale, rate_scale
    from neurosim.analysis.tuning.size import size_properties
    from neurosim.analysis.v1.disparity import CorticalDisparity, cortical_disparity_tuning
    from neurosim.analysis.v1.divergence import jensen_shannon_bits
    from neurosim.analysis.v1.field_shape import (
        NxNyComparison,
        broadly_tuned_share,
        compare_nx_ny,
        nx_ny_counts,
        sampling_floor_bits,
        sweep_amplitude_bounds,
    )
    from neurosim.analysis.v1.joint_structure import joint_structure
    from neurosim.analysis.v1.left_out import fields_left_out
    from neurosim.analysis.v1.model_comparison import (
        PairedDifference,
        compare_arms,
        compare_models,
        paired_difference,
        seed_divergences,
    )
    from neurosim.analysis.v1.model_fields import bandwidth_medians, sweep_arms, sweep_models
    from neurosim.analysis.v1.properties import V1_PROPERTIES, V1Property, v1_property
    from neurosim.analysis.v1.scoreboard import Scoreboard, v1_scoreboard
    from neurosim.analysis.v1.similarity import distribution_similarity

__all__ = [
    "CLASSIFIERS",
    "DISPARITY_SHAPES",
    "GABOR_PARAMETERS",
    "LEAST_PARTICIPATION",
    "LEAST_R2",
    "V1_PROPERTIES",
    "CorticalDisparity",
    "CountCorrelations",
    "DisparityTuning",
    "Embedding",
    "MapRing",
    "NeuronClusters",
    "NxNyComparison",
    "PairedDifference",
    "PhaseComponents",
    "RateScale",
    "Scoreboard",
    "Sheet",
    "V1Property",
    "WithinStimulus",
    "accuracy_table",
    "active_fraction",
    "activity_similarity",
    "bandwidth_medians",
    "bars_of_directions",
    "block_activity",
    "block_purity",
    "broadly_tuned_share",
    "circular_variance",
    "class_selectivity",
    "classify",
    "cluster_neurons",
    "cluster_separation",
    "cluster_stimuli",
    "clustering_accuracy",
    "coactivity",
    "compare_arms",
    "compare_models",
    "compare_nx_ny",
    "correlation_rms",
    "cortical_disparity_tuning",
    "count_correlations",
    "count_interval",
    "count_pinwheels",
    "density_with_interval",
    "direction_properties",
    "disparity_gabor",
    "disparity_measures",
    "disparity_tuning",
    "distribution_similarity",
    "draw_gabors",
    "drawn_gabor_properties",
    "field_disparity",
    "field_places",
    "field_similarity",
    "fields_in_both_spaces",
    "fields_left_out",
    "film_reel",
    "film_strips",
    "find_pinwheels",
    "firing_statistics",
    "fit_disparity_gabors",
    "fit_gabors",
    "frequency_properties",
    "gabor",
    "gabor_maps",
    "gabor_rates",
    "gabor_selectivity",
    "gini",
    "hoyer",
    "jensen_shannon_bits",
    "joint_structure",
    "kurtosis",
    "lifetime_sparseness",
    "local_homogeneity",
    "map_quality",
    "map_ring",
    "map_smoothness",
    "map_vectors",
    "map_wavelength",
    "modulation_ratio",
    "morans_i",
    "motion_properties",
    "motion_selectivity",
    "motion_shares",
    "narrow_band_map",
    "nearest_neighbour_purity",
    "neighbour_difference",
    "nx_ny_counts",
    "ocular_dominance",
    "orientation_properties",
    "orientation_vectors",
    "paired_difference",
    "participation_ratio",
    "pca",
    "phase_components",
    "pinwheel_density",
    "pinwheel_summary",
    "plots",
    "population_sparseness",
    "radial_spectrum",
    "rate_scale",
    "rate_smoothness",
    "recall_accuracy",
    "recall_error",
    "reconstruction_snr_db",
    "response_grid",
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
    "size_properties",
    "smoothed_vectors",
    "space_time_slices",
    "spectral_bandwidths",
    "spike_counts",
    "sweep_amplitude_bounds",
    "sweep_arms",
    "sweep_models",
    "to_neo",
    "train_statistics",
    "tsne",
    "tuning_maps",
    "v1_property",
    "v1_scoreboard",
    "within_stimulus",
]

_HOMES = {
    "film_reel": "films.reel",
    "film_strips": "films.slices",
    "motion_properties": "films.motion",
    "motion_selectivity": "films.drawing",
    "motion_shares": "films.motion",
    "space_time_slices": "films.slices",
    "CLASSIFIERS": "codes.classification",
    "CorticalDisparity": "v1.disparity",
    "CountCorrelations": "spikes.count_correlations",
    "DISPARITY_SHAPES": "tuning.disparity_gabor",
    "DisparityTuning": "tuning.disparity",
    "Embedding": "codes.embedding",
    "GABOR_PARAMETERS": "fields.gabor",
    "LEAST_PARTICIPATION": "fields.gabor",
    "LEAST_R2": "fields.gabor",
    "MapRing": "maps.ring",
    "NeuronClusters": "codes.neuron_clusters",
    "NxNyComparison": "v1.field_shape",
    "PairedDifference": "v1.model_comparison",
    "PhaseComponents": "tuning.phase",
    "RateScale": "tuning.responsive",
    "Scoreboard": "v1.scoreboard",
    "Sheet": "maps.sheet",
    "V1Property": "v1.properties",
    "V1_PROPERTIES": "v1.properties",
    "WithinStimulus": "spikes.spike_trains",
    "accuracy_table": "codes.classification",
    "active_fraction": "codes.sparsity",
    "activity_similarity": "maps.sheet_correlation",
    "bandwidth_medians": "v1.model_fields",
    "bars_of_directions": "tuning.direction",
    "block_activity": "codes.blocks",
    "block_purity": "codes.blocks",
    "broadly_tuned_share": "v1.field_shape",
    "circular_variance": "tuning.orientation",
    "class_selectivity": "codes.class_selectivity",
    "classify": "codes.classification",
    "cluster_neurons": "codes.neuron_clusters",
    "cluster_separation": "codes.clusters",
    "cluster_stimuli": "codes.neuron_clusters",
    "clustering_accuracy": "codes.neuron_clusters",
    "coactivity": "codes.neuron_clusters",
    "compare_arms": "v1.model_comparison",
    "compare_models": "v1.model_comparison",
    "compare_nx_ny": "v1.field_shape",
    "correlation_rms": "spikes.count_correlations",
    "cortical_disparity_tuning": "v1.disparity",
    "count_correlations": "spikes.count_correlations",
    "count_interval": "maps.pinwheel_density",
    "count_pinwheels": "maps.pinwheels",
    "density_with_interval": "maps.pinwheel_density",
    "direction_properties": "tuning.direction",
    "disparity_gabor": "tuning.disparity_gabor",
    "disparity_measures": "tuning.disparity",
    "disparity_tuning": "tuning.disparity",
    "distribution_similarity": "v1.similarity",
    "draw_gabors": "protocol.drawn_gabors",
    "drawn_gabor_properties": "protocol.drawn_gabors",
    "field_disparity": "fields.binocular_fields",
    "field_places": "tuning.place",
    "field_similarity": "maps.sheet_correlation",
    "fields_in_both_spaces": "fields.spaces",
    "fields_left_out": "v1.left_out",
    "find_pinwheels": "maps.pinwheels",
    "firing_statistics": "spikes.spikes",
    "fit_disparity_gabors": "tuning.disparity_gabor",
    "fit_gabors": "fields.gabor",
    "frequency_properties": "tuning.frequency",
    "gabor": "fields.gabor",
    "gabor_maps": "maps.maps",
    "gabor_rates": "fields.gabor_gratings",
    "gabor_selectivity": "maps.maps",
    "gini": "codes.sparsity",
    "hoyer": "codes.sparsity",
    "jensen_shannon_bits": "v1.divergence",
    "joint_structure": "v1.joint_structure",
    "kurtosis": "codes.sparsity",
    "lifetime_sparseness": "codes.sparsity",
    "local_homogeneity": "maps.smoothness",
    "map_quality": "maps.pinwheel_density",
    "map_ring": "maps.spectrum",
    "map_smoothness": "maps.smoothness",
    "map_vectors": "maps.maps",
    "map_wavelength": "maps.spectrum",
    "modulation_ratio": "tuning.phase",
    "morans_i": "maps.smoothness",
    "narrow_band_map": "maps.spectrum",
    "nearest_neighbour_purity": "codes.clusters",
    "neighbour_difference": "maps.smoothness",
    "nx_ny_counts": "v1.field_shape",
    "ocular_dominance": "fields.binocular_fields",
    "orientation_properties": "tuning.orientation",
    "orientation_vectors": "maps.maps",
    "paired_difference": "v1.model_comparison",
    "participation_ratio": "fields.fields",
    "pca": "codes.embedding",
    "phase_components": "tuning.phase",
    "pinwheel_density": "maps.pinwheel_density",
    "pinwheel_summary": "maps.pinwheels",
    "population_sparseness": "codes.sparsity",
    "radial_spectrum": "maps.spectrum",
    "rate_scale": "tuning.responsive",
    "rate_smoothness": "codes.rate_smoothness",
    "recall_accuracy": "codes.recall",
    "recall_error": "codes.recall",
    "reconstruction_snr_db": "codes.sparsity",
    "response_grid": "tuning.curve_input",
    "reverse_correlation": "fields.fields",
    "same_spectrum_maps": "maps.noise",
    "sampling_floor_bits": "v1.field_shape",
    "scalar_smoothness": "maps.smoothness",
    "seed_divergences": "v1.model_comparison",
    "show_progress": "progress",
    "shuffled_block_purity": "codes.blocks",
    "silhouette": "codes.clusters",
    "similarity_distance_correlation": "maps.sheet_correlation",
    "similarity_with_distance": "maps.sheet_correlation",
    "size_properties": "tuning.size",
    "smoothed_vectors": "maps.maps",
    "spectral_bandwidths": "fields.fields",
    "spike_counts": "spikes.spikes",
    "sweep_amplitude_bounds": "v1.field_shape",
    "sweep_arms": "v1.model_fields",
    "sweep_models": "v1.model_fields",
    "to_neo": "spikes.spikes",
    "train_statistics": "spikes.spike_trains",
    "tsne": "codes.embedding",
    "tuning_maps": "maps.maps",
    "v1_property": "v1.properties",
    "v1_scoreboard": "v1.scoreboard",
    "within_stimulus": "spikes.spike_trains",
}

__getattr__, __dir__ = lazy_face(
    "neurosim.analysis", {n: f"neurosim.analysis.{home}" for n, home in _HOMES.items()}, modules=("plots",)
)
