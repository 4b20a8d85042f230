"""Populations that experiments are done on beside a network on its patch: tiled fields, pools of simple units."""
