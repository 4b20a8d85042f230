"""Weights that all positions of a grid share: fields that stand everywhere, and the overlaps of their copies."""
