"""The part of a page that is explored: a mosaic of cells, and all that is known of the one that is chosen."""

from neurosim.report.explorer.explorer import Explorer, explorer_of
from neurosim.report.explorer.tuning import TABLES

__all__ = ["TABLES", "Explorer", "explorer_of"]
