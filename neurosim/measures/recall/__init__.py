"""How well modalities that are not shown are recalled from the others: the one a recipe wants, and each in turn."""

from neurosim.measures.recall.missing import MISSING
from neurosim.measures.recall.wanted import RECALL, recall_measures

__all__ = ["MISSING", "RECALL", "recall_measures"]
