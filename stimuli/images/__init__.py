"""Photographs: files, sets of images, patches."""
