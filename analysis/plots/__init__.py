"""Every figure of neurosim: pure functions of arrays and tables that return a matplotlib Figure.

No function touches pyplot, so nothing opens a window and figures are freed with their last reference; a notebook shows
them without ``%matplotlib inline``, once, at the end of the cell that made them. Save one with
``figure.savefig("mosaic.png")``. Functions that draw one panel take ``ax=`` to draw it in a figure of yours.

Examples
--------
>>> import numpy as np
>>> from neurosim.analysis.plots import dictionary_mosaic
>>> figure = dictionary_mosaic(np.random.default_rng(0).normal(size=(9, 8, 8)), sort_by="orientation")
>>> figure.axes[0].get_title(loc="left")
'Receptive fields: 9, by orientation'
"""

from neurosim.analysis.plots.dictionary import dictionary_mosaic
from neurosim.analysis.plots.disparity import plot_disparity, plot_disparity_of_units
from neurosim.analysis.plots.embedding import plot_embedding
from neurosim.analysis.plots.filters import plot_filters
from neurosim.analysis.plots.learning import learning_curve
from neurosim.analysis.plots.maps import (
    plot_fields_on_sheet,
    plot_orientation_map,
    plot_similarity_distance,
)
from neurosim.analysis.plots.matrices import plot_block_activity, plot_weights
from neurosim.analysis.plots.modalities import plot_linked_fields, plot_recall
from neurosim.analysis.plots.reconstruction import reconstruction_examples
from neurosim.analysis.plots.sparsity import sparsity_overview
from neurosim.analysis.plots.spikes import plot_membranes, plot_raster, plot_rates
from neurosim.analysis.plots.tuning import orientation_frequency, plot_unit_properties, plot_v1_properties
from neurosim.analysis.plots.v1 import amplitude_bound_sweep, nx_ny_against_macaque
from neurosim.analysis.plots.v1_models import arms_over_macaque, arms_sweep, models_over_macaque, models_sweep

__all__ = [
    "amplitude_bound_sweep",
    "arms_over_macaque",
    "arms_sweep",
    "dictionary_mosaic",
    "learning_curve",
    "models_over_macaque",
    "models_sweep",
    "nx_ny_against_macaque",
    "orientation_frequency",
    "plot_block_activity",
    "plot_disparity",
    "plot_disparity_of_units",
    "plot_embedding",
    "plot_fields_on_sheet",
    "plot_filters",
    "plot_linked_fields",
    "plot_membranes",
    "plot_orientation_map",
    "plot_raster",
    "plot_rates",
    "plot_recall",
    "plot_similarity_distance",
    "plot_unit_properties",
    "plot_v1_properties",
    "plot_weights",
    "reconstruction_examples",
    "sparsity_overview",
]
