"""Sparse coding of whole pictures and films: the same fields at every position."""
