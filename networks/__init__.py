"""Models: one per file, each with its equations, parameters, learning rule and citation."""

from neurosim.networks.lca import LCA

__all__ = ["LCA"]
