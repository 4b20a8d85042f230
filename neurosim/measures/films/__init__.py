"""Measures of networks that learned from films."""
