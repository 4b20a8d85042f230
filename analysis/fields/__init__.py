"""Receptive fields: the spaces they live in and the Gabor functions that fit them."""
