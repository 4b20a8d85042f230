"""A small executor of NIR files that knows nothing of neurosim: forward Euler, spikes 1 for a step, one step late."""

import nir
import numpy as np

_SPIKING = (nir.LIF, nir.Threshold)


def spike_counts(path, stimuli):
    """Show each stimulus as a constant current from rest and count the output's spikes, (n_stimuli, n_neurons)."""
    graph = nir.read(path)
    dt, n_steps = (
        float(graph.metadata["dt"]),
        round(float(graph.metadata["presentation"] / graph.metadata["dt"])),
    )
    return np.array([_counts(graph, np.asarray(each, dtype=float), dt, n_steps) for each in stimuli])


def _counts(graph, stimulus, dt, n_steps):
    into = {name: [source for source, target in graph.edges if target == name] for name in graph.nodes}
    state = {name: np.zeros(_size(node)) for name, node in graph.nodes.items()}
    fired = {name: np.zeros(_size(n)) for name, n in graph.nodes.items() if isinstance(n, _SPIKING)}
    order, total = _order(graph, into), 0
    for _ in range(n_steps):
        now = {"input": stimulus}
        for name in order:
            if name == "output":
                total = total + sum(now[source] for source in into[name])
            elif name != "input":
                arrives = sum(fired[s] if _late(graph, s, name) else now[s] for s in into[name])
                now[name] = _step(graph.nodes[name], name, arrives, state, dt)
        fired = {name: now[name] for name in fired}
    return total


def _late(graph, source, target):
    return isinstance(graph.nodes[source], _SPIKING) and target != "output"


def _size(node):
    return int(np.ravel(next(iter(node.output_type.values())))[0])


def _order(graph, into):
    """Nodes in an order in which each comes after those it hears of in the same step."""
    order = []
    while len(order) < len(graph.nodes):
        order += [
            name
            for name in graph.nodes
            if name not in order and all(s in order or _late(graph, s, name) for s in into[name])
        ]
    return order


def _step(node, name, current, state, dt):
    if isinstance(node, nir.Affine):
        return node.weight @ current + node.bias
    if isinstance(node, nir.Linear):
        return node.weight @ current
    if isinstance(node, nir.Threshold):
        return (current >= node.threshold).astype(float)
    v = state[name]
    if isinstance(node, nir.I):
        state[name] = v + dt * node.r * current
        return state[name]
    v = v + dt / node.tau * (node.v_leak - v + node.r * current)
    if isinstance(node, nir.LIF):
        spikes = v >= node.v_threshold
        state[name] = np.where(spikes, node.v_reset, v)
        return spikes.astype(float)
    assert isinstance(node, nir.LI)
    state[name] = v
    return v
