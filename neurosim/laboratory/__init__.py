"""The laboratory: experiments done on real cells, for whatever answers images. No Brian2.

All that is asked of units is ``respond(images) -> (n_images, n_units)``. The names below are imported when they are
first used.
"""

from typing import TYPE_CHECKING

from neurosim._faces import lazy_face

if TYPE_CHECKING:
    from neurosim.laboratory.centred import grating_responses
    from neurosim.laboratory.components import over_phases
    from neurosim.laboratory.curvature import iso_response_curvature, natural_strength
    from neurosim.laboratory.populations.found_pools import (
        complex_pools,
        displaced_pairs,
        learned_pools,
        matched_pools,
    )
    from neurosim.laboratory.populations.pools import Pools, one_sided, pooled, random_pools, sheet_pools
    from neurosim.laboratory.populations.tiled import Tiled, tile
    from neurosim.laboratory.responders import (
        energy_units,
        feed_forward,
        mean_of_trials,
        network_units,
        poisson_counts,
    )
    from neurosim.laboratory.response_covariance import response_covariance
    from neurosim.laboratory.reverse_correlation import CorrelatedStimuliWarning, map_fields
    from neurosim.laboratory.showing import answers
    from neurosim.laboratory.significance import field_significance
    from neurosim.laboratory.size import cross_orientation, length_tuning, size_tuning, surround_tuning
    from neurosim.laboratory.tuning import (
        contrast_response,
        frequency_tuning,
        orientation_tuning,
        phase_response,
        place_map,
    )
    from neurosim.laboratory.units import snapped, units_of_fits
    from neurosim.laboratory.v1_protocol.field_centres import centres_of_fields, natural_pixels_per_degree
    from neurosim.laboratory.v1_protocol.on_patch import through_window
    from neurosim.laboratory.v1_protocol.shown import ProtocolResponses, show_protocol

__all__ = [
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
]

_HOMES = {
    "complex_pools": "neurosim.laboratory.populations.found_pools",
    "displaced_pairs": "neurosim.laboratory.populations.found_pools",
    "learned_pools": "neurosim.laboratory.populations.found_pools",
    "matched_pools": "neurosim.laboratory.populations.found_pools",
    "Pools": "neurosim.laboratory.populations.pools",
    "one_sided": "neurosim.laboratory.populations.pools",
    "pooled": "neurosim.laboratory.populations.pools",
    "random_pools": "neurosim.laboratory.populations.pools",
    "sheet_pools": "neurosim.laboratory.populations.pools",
    "Tiled": "neurosim.laboratory.populations.tiled",
    "tile": "neurosim.laboratory.populations.tiled",
    "grating_responses": "neurosim.laboratory.centred",
    "over_phases": "neurosim.laboratory.components",
    "iso_response_curvature": "neurosim.laboratory.curvature",
    "natural_strength": "neurosim.laboratory.curvature",
    "energy_units": "neurosim.laboratory.responders",
    "feed_forward": "neurosim.laboratory.responders",
    "mean_of_trials": "neurosim.laboratory.responders",
    "network_units": "neurosim.laboratory.responders",
    "poisson_counts": "neurosim.laboratory.responders",
    "response_covariance": "neurosim.laboratory.response_covariance",
    "CorrelatedStimuliWarning": "neurosim.laboratory.reverse_correlation",
    "map_fields": "neurosim.laboratory.reverse_correlation",
    "answers": "neurosim.laboratory.showing",
    "field_significance": "neurosim.laboratory.significance",
    "cross_orientation": "neurosim.laboratory.size",
    "length_tuning": "neurosim.laboratory.size",
    "size_tuning": "neurosim.laboratory.size",
    "surround_tuning": "neurosim.laboratory.size",
    "contrast_response": "neurosim.laboratory.tuning",
    "frequency_tuning": "neurosim.laboratory.tuning",
    "orientation_tuning": "neurosim.laboratory.tuning",
    "phase_response": "neurosim.laboratory.tuning",
    "place_map": "neurosim.laboratory.tuning",
    "snapped": "neurosim.laboratory.units",
    "units_of_fits": "neurosim.laboratory.units",
    "centres_of_fields": "neurosim.laboratory.v1_protocol.field_centres",
    "natural_pixels_per_degree": "neurosim.laboratory.v1_protocol.field_centres",
    "through_window": "neurosim.laboratory.v1_protocol.on_patch",
    "ProtocolResponses": "neurosim.laboratory.v1_protocol.shown",
    "show_protocol": "neurosim.laboratory.v1_protocol.shown",
}

__getattr__, __dir__ = lazy_face(__name__, _HOMES)
