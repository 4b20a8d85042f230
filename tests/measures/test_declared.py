"""Every number, figure and table a run gives is explained where it is measured."""

import pytest

from neurosim import measures
from neurosim.measures import caption_of, in_order, metric_of, metrics, tables, writes
from neurosim.registry.measure import CONDITION

# The names that the design fixes; comparisons and sweeps read them.
FIXED = [
    "objective",
    "reconstruction_snr_db",
    "active_fraction",
    "lifetime_sparseness",
    "population_sparseness",
    "spikes_per_stimulus",
    "rate_hz_mean",
    "rate_hz_active",
    "isi_cv_mean",
    "isi_cv_within_stimulus",
    "isi_cv_trains",
    "count_correlation_rms",
    "count_correlation_floor",
    "residual_rms",
    "silent_neurons",
    "gabor_fraction",
    "gabor_r2_median",
    "nx_median",
    "ny_median",
    "nx_median_image",
    "ny_median_image",
    "broadly_tuned_share",
    "v1_nxny_js_bits",
    "v1_nxny_js_bits_corrected",
    "v1_nxny_js_interval",
    "v1_nxny_floor_bits",
    "v1_nxny_fields",
    "v1_nxny_left_out_no_fit",
    "v1_nxny_left_out_r2",
    "v1_nxny_left_out_participation",
    "v1_nxny_left_out_bound",
    "v1_nxny_left_out_amplitude_bound",
    "v1_nxny_js_bits_whitened",
    "v1_nxny_js_bits_adjoint",
    "v1_nxny_js_bits_corrected_adjoint",
    "v1_nxny_js_interval_adjoint",
    "v1_nxny_js_bits_reverse_correlated",
    "nx_median_image_adjoint",
    "broadly_tuned_share_reverse_correlated",
    "gabor_fraction_image",
    "bandwidth_octaves_image",
    "half_bandwidth_deg_image",
    "reverse_correlation_frames",
    "reverse_correlation_rms",
    "reverse_correlation_silent_units",
    "reverse_correlation_significant_share",
    "reverse_correlation_halves_r2",
    "v1_nxny_js_bits_half_the_frames",
    "accuracy_logistic",
    "accuracy_linear_svm",
    "accuracy_rbf_svm",
    "accuracy_logistic_raw",
    "accuracy_linear_svm_raw",
    "accuracy_rbf_svm_raw",
    "recall_accuracy",
    "block_purity",
    "block_purity_shuffled",
    "block_accuracy",
    "silhouette",
    "silhouette_shuffled",
    "silhouette_raw",
    "neighbour_purity",
    "neighbour_purity_shuffled",
    "ocular_dominance_median_abs",
    "binocular_fraction",
    "disparity_sd",
    "disparity_discrimination_median",
    "neighbour_orientation_difference_deg",
    "neighbour_orientation_difference_deg_shuffled",
    "local_homogeneity",
    "morans_i",
    "pinwheels",
    "pinwheel_density",
    "map_wavelength",
    "map_ring_missing",
    "map_quality_interval",
    "pinwheel_density_interval",
    "pinwheels_noise_ratio",
    "clusters",
    "clustering_accuracy",
    "mean_active",
    "active_filters",
    "active_filters_norm",
    "active_gabor_filters",
    "worthwhile_filters",
    "elbo_nats",
    "elbo_nats_interval",
    "elbo_over_noise_nats",
    "iwae_nats",
    "ais_nats",
    "ais_gap_nats",
    "seconds_compile",
    "seconds_train",
    "seconds_analyze",
]


@pytest.mark.parametrize("name", FIXED)
def test_every_fixed_name_is_explained(name):
    assert name in metrics()


@pytest.mark.parametrize("name", metrics())
def test_an_explanation_has_a_unit_and_is_one_sentence_line(name):
    unit, meaning = metrics()[name]
    assert unit
    assert meaning.endswith(".")
    assert "\n" not in meaning


@pytest.mark.parametrize("name", metrics())
def test_the_unit_agrees_with_the_name(name):
    units = {"seconds": "s", "db": "dB", "bits": "bits", "fraction": "fraction", "sparseness": "fraction"}
    units |= {
        "accuracy": "fraction",
        "purity": "fraction",
        "silhouette": "ratio",
        "cosine": "ratio",
        "nats": "nats",
    }
    for part, unit in units.items():
        if part in name.split("_"):
            assert metrics()[name].unit == unit


def test_the_number_of_a_condition_has_the_meaning_of_its_kind():
    known = metrics()
    assert metric_of("difference_wlsc_0.1") is known[f"difference_{CONDITION}"]
    assert metric_of("v1_nxny_js_bits_whitened") is known["v1_nxny_js_bits_whitened"]
    assert metric_of("v1_nxny_js_bits_l1") is known["v1_nxny_js_bits"]
    assert metric_of("v1_nxny_js_bits_corrected_l1") is known["v1_nxny_js_bits_corrected"]
    assert metric_of("difference_corrected_l1") is known[f"difference_corrected_{CONDITION}"]
    assert metric_of("active_gabor_filters_free") is known["active_gabor_filters"]
    assert metric_of("differences") is None


def test_the_figure_of_a_condition_is_called_by_it():
    assert caption_of("dictionary_l1").title == "Receptive fields of l1 as learned"
    assert caption_of("dictionary").title == "Receptive fields as learned"
    assert caption_of("dictionaries") is None


@pytest.mark.parametrize("measure", measures.MEASURES, ids=lambda measure: measure.name)
def test_figures_have_words_for_those_who_see_them_and_those_who_do_not(measure):
    for caption in measure.figures.values():
        assert caption.title
        assert caption.text.endswith(".")
        assert caption.alternative.endswith(".")
    assert all(f"({stem}.csv)" in caption for stem, caption in measure.tables.items())


def test_measures_have_names_of_their_own():
    names = [measure.name for measure in measures.MEASURES]
    assert len(set(names)) == len(names)
    assert all(name == name.lower().replace(" ", "_") for name in names)


def test_tables_and_figures_are_known_by_the_places_they_are_written_to():
    assert all(writes(f"{stem}.csv") for stem in tables())
    assert writes("disparity.csv")
    assert writes("figures/dictionary_l1.png")
    assert writes("figures/dictionary.svg")
    for foreign in (
        "thesis.csv",
        "figures/thesis.png",
        "figures/thesis.svg",
        "figures/dictionary.gif",
        "old/arms.csv",
        "figures/a/arms.png",
    ):
        assert not writes(foreign)


def test_numbers_of_conditions_stand_where_their_kind_does_and_unknown_ones_at_the_end():
    names = ["mine", "seconds_train", "difference_l1", "v1_nxny_js_bits_l1", "objective", "difference_l2"]
    assert in_order(names, metrics()) == [
        "objective", "v1_nxny_js_bits_l1", "difference_l1", "difference_l2", "seconds_train", "mine",
    ]  # fmt: skip


def test_what_two_measures_call_alike_is_the_same():
    for kind in ("metrics", "tables", "figures", "columns"):
        declared = [item for measure in measures.MEASURES for item in getattr(measure, kind).items()]
        first = dict(reversed(declared))
        assert all(words is first[name] for name, words in declared)
