"""How well codes tell classes apart; labels of held-out stimuli are used to count, after all that a network does.

Blocks of neurons belong to a class, and a network with such blocks has learned from labels; the others never see one.
"""

from neurosim.measures.classes.blocks import BLOCKS
from neurosim.measures.classes.classification import CLASSIFICATION
from neurosim.measures.classes.embedding import EMBEDDING
from neurosim.measures.classes.separation import SEPARATION
from neurosim.measures.classes.stimulus_clusters import STIMULUS_CLUSTERS

__all__ = ["BLOCKS", "CLASSIFICATION", "EMBEDDING", "SEPARATION", "STIMULUS_CLUSTERS"]
