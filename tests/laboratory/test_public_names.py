"""The room's public names are pinned, documented, and loaded without Brian2."""

import subprocess
import sys

import neurosim.laboratory

NAMES = {
    "CorrelatedStimuliWarning",
    "answers",
    "contrast_response",
    "cross_orientation",
    "energy_units",
    "feed_forward",
    "field_significance",
    "frequency_tuning",
    "grating_responses",
    "iso_response_curvature",
    "length_tuning",
    "map_fields",
    "mean_of_trials",
    "natural_strength",
    "network_units",
    "orientation_tuning",
    "over_phases",
    "phase_response",
    "place_map",
    "poisson_counts",
    "response_covariance",
    "size_tuning",
    "snapped",
    "surround_tuning",
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
