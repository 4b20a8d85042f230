"""Populations beside published data of primary visual cortex."""
