"""The room's public names are pinned, documented, and loaded without Brian2."""

import subprocess
import sys

import neurosim.laboratory

NAMES = {
    "CorrelatedStimuliWarning",
    "Pools",
    "ProtocolResponses",
    "Tiled",
    "answers",
    "centres_of_fields",
    "complex_pools",
    "contrast_response",
    "cross_orientation",
    "displaced_pairs",
    "energy_units",
    "feed_forward",
    "field_significance",
    "frequency_tuning",
    "grating_responses",
    "iso_response_curvature",
    "learned_pools",
    "length_tuning",
    "map_fields",
    "matched_pools",
    "mean_of_trials",
    "natural_pixels_per_degree",
    "natural_strength",
    "network_units",
    "one_sided",
    "orientation_tuning",
    "over_phases",
    "phase_response",
    "place_map",
    "poisson_counts",
    "pooled",
    "random_pools",
    "response_covariance",
    "sheet_pools",
    "show_protocol",
    "size_tuning",
    "snapped",
    "surround_tuning",
    "through_window",
    "tile",
    "units_of_fits",
}


def test_the_public_names_are_these_and_every_one_is_documented() -> None:
    assert set(neurosim.laboratory.__all__) == set(dir(neurosim.laboratory)) == NAMES
    for name in NAMES:
        assert getattr(neurosim.laboratory, name).__doc__, name


def test_the_room_needs_no_brian2() -> None:
    code = (
        "import sys, neurosim.laboratory as lab;"
        "[getattr(lab, name) for name in lab.__all__];"
        "assert not {'brian2', 'matplotlib', 'sklearn.datasets'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
