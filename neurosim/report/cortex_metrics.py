"""Numbers of ``summary.json`` about the shape of fields and its distance to macaque V1."""

from neurosim.report.metric import Metric

__all__ = ["CORTEX_METRICS"]

CORTEX_METRICS: dict[str, Metric] = {
    "nx_median": Metric(
        "cycles",
        "Median n_x = σ_x·f of the Gabor-like dictionary rows (whitened space): envelope width across the bars in "
        "carrier cycles; nx_median_image is the one to set beside macaque.",
    ),
    "ny_median": Metric(
        "cycles",
        "Median n_y = σ_y·f of the Gabor-like dictionary rows (whitened space): envelope length along the bars in "
        "carrier cycles; ny_median_image is the one to set beside macaque.",
    ),
    "nx_median_image": Metric(
        "cycles",
        "Median n_x of the fields that are Gabor-like in image space, the space of the claim (macaque .365).",
    ),
    "ny_median_image": Metric(
        "cycles",
        "Median n_y of the fields that are Gabor-like in image space, the space of the claim (macaque .445).",
    ),
    "broadly_tuned_share": Metric(
        "fraction",
        "Share of the Gabor-like fields in image space with n_x and n_y both below .302 cycles (macaque: 19 of 79).",
    ),
    "v1_nxny_js_bits": Metric(
        "bits",
        "Joint Jensen–Shannon divergence between (n_x, n_y) of the Gabor-like fields in image space and 79 "
        "macaque simple cells (Ringach 2002); 0 is identical, 1 is disjoint. As measured: few cells and fields put it "
        "too high.",
    ),
    "v1_nxny_js_bits_corrected": Metric(
        "bits",
        "The same without its bias, as far as resampling the 79 cells and the fields shows it; 0 or more. This is the "
        "claim.",
    ),
    "v1_nxny_js_interval": Metric(
        "bits",
        "Reflected 95 % bootstrap interval of the true divergence in image space, around v1_nxny_js_bits_corrected; "
        "resamples both the model's fields and the 79 cells. Up to 0 only: closer than another 79 cells would be.",
    ),
    "v1_nxny_floor_bits": Metric(
        "bits",
        "What v1_nxny_js_bits would be on average for as many fields, and 79 cells, of macaque's own distribution.",
    ),
    "v1_nxny_fields": Metric(
        "count", "Fields that are compared with macaque: those that are Gabor-like in image space."
    ),
    "v1_nxny_left_out_no_fit": Metric(
        "count", "Fields not compared because they are constant: there is no fit."
    ),
    "v1_nxny_left_out_r2": Metric(
        "count", "Fields not compared because a Gabor explains 70 % of their variance or less (image space)."
    ),
    "v1_nxny_left_out_participation": Metric(
        "count",
        "Fields with R² above .7 not compared because they are a few pixels: participation ratio below 6.",
    ),
    "v1_nxny_left_out_bound": Metric(
        "count",
        "Other fields not compared because a parameter of the fit is at its bound, so that n_x and n_y are not "
        "identified.",
    ),
    "v1_nxny_left_out_amplitude_bound": Metric(
        "count",
        "Of v1_nxny_left_out_bound, those at the amplitude's bound: odd fields with n_x below about .23, some of which "
        "may be broadly tuned.",
    ),
    "v1_nxny_js_bits_whitened": Metric(
        "bits",
        "The same divergence for the dictionary rows (whitened space), beside the claim and not part of it.",
    ),
    "v1_nxny_js_bits_corrected_whitened": Metric("bits", "The same without its bias (whitened space)."),
    "v1_nxny_js_interval_whitened": Metric(
        "bits", "Reflected 95 % bootstrap interval around v1_nxny_js_bits_corrected_whitened."
    ),
}
