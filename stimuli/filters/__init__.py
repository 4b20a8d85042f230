"""Filters of retina and thalamus."""
