"""Digits: handwritten, printed, read from files."""
