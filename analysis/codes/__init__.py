"""Codes of a population: sparsity, classes, clusters, recall."""
