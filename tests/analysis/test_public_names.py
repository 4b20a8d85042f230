"""The room's public names and where they live are pinned; asking for one loads no more than it needs."""

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import neurosim.analysis
from neurosim.analysis import plots

NAMES = {
    "films.drawing": "motion_selectivity",
    "films.motion": "motion_properties motion_shares",
    "films.reel": "film_reel",
    "films.slices": "film_strips space_time_slices",
    "fields.binocular_fields": "field_disparity ocular_dominance",
    "codes.blocks": "block_activity block_purity shuffled_block_purity",
    "codes.classification": "CLASSIFIERS accuracy_table classify",
    "codes.class_selectivity": "class_selectivity",
    "codes.rate_smoothness": "rate_smoothness",
    "codes.clusters": "cluster_separation nearest_neighbour_purity silhouette",
    "v1.disparity": "CorticalDisparity cortical_disparity_tuning",
    "spikes.count_correlations": "count_correlations CountCorrelations correlation_rms",
    "tuning.disparity": "DisparityTuning disparity_measures disparity_tuning",
    "tuning.disparity_gabor": "disparity_gabor DISPARITY_SHAPES fit_disparity_gabors",
    "v1.divergence": "jensen_shannon_bits",
    "codes.embedding": "Embedding pca tsne",
    "fields.fields": "participation_ratio reverse_correlation spectral_bandwidths",
    "fields.gabor": "gabor GABOR_PARAMETERS LEAST_PARTICIPATION LEAST_R2 fit_gabors",
    "v1.left_out": "fields_left_out",
    "maps.noise": "same_spectrum_maps",
    "maps.ring": "MapRing",
    "maps.smoothness": "map_smoothness local_homogeneity morans_i neighbour_difference scalar_smoothness",
    "maps.spectrum": "map_ring map_wavelength narrow_band_map radial_spectrum",
    "maps.maps": "gabor_maps gabor_selectivity map_vectors orientation_vectors smoothed_vectors tuning_maps",
    "codes.neuron_clusters": "NeuronClusters cluster_neurons cluster_stimuli clustering_accuracy coactivity",
    "maps.pinwheel_density": "pinwheel_density count_interval density_with_interval map_quality",
    "maps.pinwheels": "count_pinwheels find_pinwheels pinwheel_summary",
    "progress": "show_progress",
    "codes.recall": "recall_accuracy recall_error",
    "maps.sheet": "Sheet",
    "maps.sheet_correlation": "activity_similarity field_similarity similarity_distance_correlation "
    "similarity_with_distance",
    "fields.spaces": "fields_in_both_spaces",
    "codes.sparsity": "active_fraction gini hoyer kurtosis lifetime_sparseness population_sparseness "
    "reconstruction_snr_db",
    "spikes.spike_trains": "WithinStimulus train_statistics within_stimulus",
    "spikes.spikes": "firing_statistics spike_counts to_neo",
    "v1.field_shape": "NxNyComparison broadly_tuned_share compare_nx_ny nx_ny_counts sampling_floor_bits "
    "sweep_amplitude_bounds",
    "v1.model_fields": "bandwidth_medians sweep_arms sweep_models",
    "tuning.curve_input": "response_grid",
    "tuning.phase": "PhaseComponents modulation_ratio phase_components",
    "tuning.orientation": "circular_variance orientation_properties",
    "tuning.frequency": "frequency_properties",
    "tuning.size": "size_properties",
    "tuning.direction": "bars_of_directions direction_properties",
    "tuning.place": "field_places",
    "tuning.responsive": "RateScale rate_scale",
    "v1.properties": "V1_PROPERTIES V1Property v1_property",
    "v1.similarity": "distribution_similarity",
    "v1.scoreboard": "Scoreboard v1_scoreboard",
    "v1.joint_structure": "joint_structure",
    "protocol.drawn_gabors": "draw_gabors drawn_gabor_properties",
    "fields.gabor_gratings": "gabor_rates",
    "v1.model_comparison": "PairedDifference compare_arms compare_models paired_difference seed_divergences",
}
FACE = Path(inspect.getfile(neurosim.analysis))
ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    ".".join(path.relative_to(FACE.resolve().parent).with_suffix("").parts)
    for path in FACE.resolve().parent.rglob("*.py")
    if path.stem != "__init__"
}


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_the_public_names_are_these_and_live_there() -> None:
    wanted = {name: module for module, names in NAMES.items() for name in names.split()}
    assert {*wanted, "plots"} == set(neurosim.analysis.__all__)
    assert wanted == neurosim.analysis._HOMES


def test_former_names_are_the_same_functions() -> None:
    assert neurosim.analysis.compare_arms is neurosim.analysis.compare_models
    assert neurosim.analysis.sweep_arms is neurosim.analysis.sweep_models
    assert plots.arms_over_macaque is plots.models_over_macaque
    assert plots.arms_sweep is plots.models_sweep


def test_type_checkers_are_told_the_same() -> None:
    (guarded,) = (node for node in ast.parse(FACE.read_text()).body if isinstance(node, ast.If))
    imported = {
        alias.name: node.module.removeprefix("neurosim.analysis.")
        for node in guarded.body
        if isinstance(node, ast.ImportFrom) and node.module != "neurosim.analysis"
        for alias in node.names
    }
    assert imported == neurosim.analysis._HOMES


@pytest.mark.parametrize("name", neurosim.analysis.__all__)
def test_every_name_is_reached_listed_and_documented(name: str) -> None:
    found = getattr(neurosim.analysis, name)
    assert name in dir(neurosim.analysis)
    assert found.__doc__ or not callable(found)


def test_no_name_is_also_a_module_which_would_hide_it() -> None:
    beside = {path.stem for path in FACE.resolve().parent.iterdir()}
    assert beside & set(neurosim.analysis.__all__) == {"plots"}
    assert neurosim.analysis.plots is plots


def test_what_the_docs_name_is_in_one_of_the_two_faces() -> None:
    written = "".join(path.read_text() for path in [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"])
    named = set(re.findall(r"`(\w+)(?:\([^`]*)?`", written))
    public: set[str] = set()
    for module in MODULES:
        public.update(getattr(import_module(f"neurosim.analysis.{module}"), "__all__", ()))
    hidden = named & public - {*neurosim.analysis.__all__, *plots.__all__}
    assert named & public
    assert hidden <= {module.rpartition(".")[2] for module in MODULES}


def test_the_face_loads_nothing_heavy_and_a_name_what_it_needs() -> None:
    heavy = (
        "print(sorted({'matplotlib', 'sklearn', 'brian2', 'scipy', 'pandas', 'xarray'} & set(sys.modules)))"
    )
    assert python(f"import sys, neurosim.analysis; {heavy}").strip() == "[]"
    found = python(f"import sys; from neurosim.analysis import fit_gabors, compare_nx_ny; {heavy}")
    assert not {"matplotlib", "sklearn", "brian2"} & set(ast.literal_eval(found))


def test_an_unknown_name_is_an_attribute_error_that_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError, match=r"'fit_gabor'; it has .*fit_gabors"):
        _ = neurosim.analysis.fit_gabor
    with pytest.raises(ImportError):
        from neurosim.analysis import fit_gabor  # noqa: F401
