"""Populations of one network that see different parts of the stimulus."""
