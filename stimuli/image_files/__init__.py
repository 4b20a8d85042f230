"""Pixels as image files mean them."""
