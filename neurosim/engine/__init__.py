"""What Brian2 lacks for populations in many replicas; knows nothing of vision."""

from neurosim._turns import one_at_a_time
from neurosim.engine import quiet_brian2  # noqa: F401, before all that imports Brian2
from neurosim.engine.backend import BACKENDS, activated
from neurosim.engine.build_cache import clear_build_cache
from neurosim.engine.clearing import Cleared, clear_caches
from neurosim.engine.dense import DensePathway, DenseWeights
from neurosim.engine.errors import BackendError, DivergenceError, RuleError
from neurosim.engine.neighbours import NeighbourPathway, NeighbourWeights
from neurosim.engine.plasticity import Plasticity
from neurosim.engine.presentation import Presentation
from neurosim.engine.program import Program

__all__ = [
    "BACKENDS",
    "BackendError",
    "Cleared",
    "DensePathway",
    "DenseWeights",
    "DivergenceError",
    "NeighbourPathway",
    "NeighbourWeights",
    "Plasticity",
    "Presentation",
    "Program",
    "RuleError",
    "activated",
    "clear_build_cache",
    "clear_caches",
    "one_at_a_time",
]
