"""Several networks on the same photographs: each measured by itself, and all of them compared with macaque V1.

Files keep the recipe's word for a network among several: `arms.csv`, and the column ``arm``.
"""

from neurosim.measures.model_comparison.measure import MODEL_COMPARISON

__all__ = ["MODEL_COMPARISON"]
