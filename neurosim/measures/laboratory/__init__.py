"""The fourteen properties of V1, measured on what a run trained, beside its controls."""

from neurosim.measures.laboratory.measure import LABORATORY

__all__ = ["LABORATORY"]
