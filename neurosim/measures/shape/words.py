"""What a reader is told of the shape of fields: numbers, tables and figures."""

from neurosim.registry.measure import Caption, Metric

OTHERS = {
    "adjoint": "of the fields computed from the weights, through the adjoint of the front end's filter",
    "reverse_correlated": "of the fields mapped by reverse correlation with white noise",
}
"""Fields in the image that may stand beside those compared with cortex; their numbers end so."""

CLAIM: dict[str, Metric] = {
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
        "Share of the Gabor-like fields in image space with n_x and n_y both below .302 cycles (macaque: 19 of "
        "79).",
    ),
    "v1_nxny_js_bits": Metric(
        "bits",
        "Joint Jensen–Shannon divergence between (n_x, n_y) of the Gabor-like fields in image space and 79 macaque "
        "simple cells (Ringach 2002); 0 is identical, 1 is disjoint. As measured: few cells and fields put it too "
        "high. Fields are computed from the weights, or mapped with noise where v1_nxny_js_bits_adjoint stands beside.",
    ),
    "v1_nxny_js_bits_corrected": Metric(
        "bits",
        "The same without its bias, as far as resampling the 79 cells and the fields shows it; 0 or more. This is "
        "the claim.",
    ),
    "v1_nxny_js_interval": Metric(
        "bits",
        "Reflected 95 % bootstrap interval of the true divergence in image space, around "
        "v1_nxny_js_bits_corrected; resamples both the model's fields and the 79 cells. Up to 0 only: closer than "
        "another 79 cells would be.",
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
        "count",
        "Fields not compared because a Gabor explains 70 % of their variance or less (image space).",
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
        "Of v1_nxny_left_out_bound, those at the amplitude's bound: odd fields with n_x below about .23, some of "
        "which may be broadly tuned.",
    ),
    "gabor_fraction_image": Metric(
        "fraction", "Share of all neurons whose field in the image is Gabor-like: those that are compared."
    ),
    "bandwidth_octaves_image": Metric(
        "octaves",
        "Median width of the fields' amplitude spectra at half height, along the preferred orientation; no model is "
        "fitted. Fields that are not constant, Gabor-like or not; null if half of them or more reach to frequency 0.",
    ),
    "half_bandwidth_deg_image": Metric(
        "degrees",
        "Median half-width in orientation of the same spectra, at half height and the preferred frequency; null if "
        "half of the fields or more have no orientation.",
    ),
}
"""Of the fields in the image that are compared with cortex, and, with a name of `OTHERS` behind, of others."""

_WHITENED = {
    "v1_nxny_js_bits_whitened": Metric(
        "bits",
        "The same divergence for the dictionary rows (whitened space), beside the claim and not part of it.",
    ),
    "v1_nxny_js_bits_corrected_whitened": Metric("bits", "The same without its bias (whitened space)."),
    "v1_nxny_js_interval_whitened": Metric(
        "bits", "Reflected 95 % bootstrap interval around v1_nxny_js_bits_corrected_whitened."
    ),
}

METRICS = (
    CLAIM
    | _WHITENED
    | {
        f"{name}_{space}": Metric(unit, f"The same as {name}, {words}.")
        for space, words in OTHERS.items()
        for name, (unit, _) in CLAIM.items()
    }
)

TABLES = {
    "bound_sweep": "Distance to macaque V1 by space and bound on the amplitude: divergence in bits as measured, "
    "without its bias and with its 95 % interval (low, high), what as many fields of the cells' own distribution "
    "would give (floor_bits), and the Gabor-like fields: their number, medians in cycles (macaque .365 and .445) "
    "and the share that is broadly tuned (macaque .24). The claim is image space at the bound of the recipe; "
    "fields computed from the weights (adjoint) or mapped with noise (reverse_correlated) may stand beside it "
    "(bound_sweep.csv).",
}

FIGURES = {
    "nx_ny": Caption(
        "Shape of the fields against macaque V1",
        "Envelope size in carrier cycles, across (n_x) and along (n_y) the bars, of the Gabor-like fields (points), "
        "over the counts of 79 macaque simple cells (shaded bins; Ringach 2002, J Neurophysiol 88:455). JS: joint "
        "Jensen–Shannon divergence as measured, and without its bias with a 95 % interval. Triangles lie beyond the "
        "table and count in its outer bins. The comparison with cortex is the first panel. Fields mapped with noise, "
        "where there are any, are those an electrode would find; the others are computed from the weights.",
        "Scatter of n_x against n_y on logarithmic axes over shaded macaque counts, one panel per space.",
    ),
    "amplitude_bound": Caption(
        "How much the amplitude bound matters",
        "A two-lobed field is fitted equally well by ever larger, slower Gabors, so the fit's amplitude is "
        "bounded. The bound was fixed beforehand (dashed); the divergence from macaque without its bias, and its "
        "95 % interval, are shown for others too.",
        "Line plot of the Jensen–Shannon divergence against the bound on the Gabor amplitude, one line per "
        "space.",
    ),
}
