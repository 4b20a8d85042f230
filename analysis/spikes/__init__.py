"""Spike trains: rates, variability, correlations."""
