"""Pairs of pictures for two eyes."""
