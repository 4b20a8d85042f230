"""Weighted locally sparse coding, its unrolled form, and local low dimensionality."""
