"""Tuning of neurons to what is shown."""
