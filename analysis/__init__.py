"""Receptive fields, sparsity and the comparison with macaque V1: arrays in, tables and figures out."""
