"""The shape of fields, n_x and n_y, beside that of macaque simple cells."""

from neurosim.measures.shape.measure import V1

__all__ = ["V1"]
