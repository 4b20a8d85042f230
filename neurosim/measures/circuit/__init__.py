"""The circuit as it ran: its equations, its learning rules, membranes while a stimulus is shown, and its weights."""

from neurosim.measures.circuit.measure import CIRCUIT
from neurosim.measures.circuit.rule_names import meanings
from neurosim.measures.circuit.weights import WEIGHTS

__all__ = ["CIRCUIT", "WEIGHTS", "meanings"]
