"""Compiled circuits of this process, so that an estimator's methods and its clones do not compile twice."""

from collections import OrderedDict

from neurosim.networks.lca_circuit import Circuit, LCADesign, build_circuit

__all__ = ["circuit_of"]

_KEPT = 4
_CIRCUITS: OrderedDict[tuple[object, ...], Circuit] = OrderedDict()


def circuit_of(design: LCADesign) -> Circuit:
    """Return a compiled circuit of a design, the kept one if there is one.

    Numbers that may change between runs (weights, thresholds, time constants, steps) are written before each run, so
    networks can share a circuit.
    """
    key = design.key()
    if key not in _CIRCUITS:
        circuit = build_circuit(design)
        circuit.program.compile()
        _CIRCUITS[key] = circuit
        while len(_CIRCUITS) > _KEPT:
            _CIRCUITS.popitem(last=False)
    _CIRCUITS.move_to_end(key)
    return _CIRCUITS[key]
