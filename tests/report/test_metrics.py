"""Every number a run reports is explained in one place."""

import pytest

from neurosim.report.metrics import ARM_METRICS, METRICS, metric_of

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
    assert name in METRICS


@pytest.mark.parametrize("name", METRICS)
def test_an_explanation_has_a_unit_and_is_one_sentence_line(name):
    unit, meaning = METRICS[name]
    assert unit
    assert meaning.endswith(".")
    assert "\n" not in meaning


@pytest.mark.parametrize("name", METRICS)
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
            assert METRICS[name].unit == unit


def test_the_number_of_an_arm_has_the_meaning_of_its_kind():
    assert metric_of("difference_wlsc_0.1") is ARM_METRICS["difference"]
    assert metric_of("v1_nxny_js_bits_whitened") is METRICS["v1_nxny_js_bits_whitened"]
    assert metric_of("v1_nxny_js_bits_l1") is METRICS["v1_nxny_js_bits"]
    assert metric_of("v1_nxny_js_bits_corrected_l1") is METRICS["v1_nxny_js_bits_corrected"]
    assert metric_of("difference_corrected_l1") is ARM_METRICS["difference_corrected"]
    assert metric_of("active_gabor_filters_free") is METRICS["active_gabor_filters"]
    assert metric_of("differences") is None
