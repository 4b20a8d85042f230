"""Clips of films: what a recipe says of them, and what prepares them."""
