"""Topographic coding on a sheet."""
