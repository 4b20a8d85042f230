"""Runs of the circuit of complex cells: sequences that they learn from, and codes that they answer to."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim.engine.presentation import CONTROL
from neurosim.networks.complex.circuit import ComplexCircuit

__all__ = ["answers_to", "capacity_of", "learned_from"]


def learned_from(
    circuit: ComplexCircuit,
    sequences: NDArray[Any],
    weights: NDArray[Any],
    *,
    duration: float,
    n_before: int,
    rate: float | None,
) -> Iterator[tuple[NDArray[Any], int]]:
    """Yield what weights become by sequences (n_sequences, n_codes, n_simple), batches of them side by side.

    After every run of batches, with the number of sequences so far. `n_before` transitions were learned from already;
    without a `rate` weights are means over all.
    """
    design, program, n_codes = circuit.design, circuit.program, sequences.shape[1]
    done = n_before
    for part in _parts(len(sequences), design.n_replicas, most=max(1, design.capacity // n_codes)):
        batches, valid = _in_time(sequences[part], design.n_replicas)
        starts = np.arange(len(valid)) % n_codes == 0
        seen = done + np.cumsum(np.where(starts, 0, valid))
        done = int(seen[-1])
        # At the first code of a sequence there is no past to learn from.
        shares = np.divide(valid, seen, out=np.zeros(len(valid)), where=~starts)
        rates = shares if rate is None else np.where(starts, 0, rate)
        program.write(circuit.weights.variable, weights)
        _show(circuit, batches, valid=valid, duration=duration, rates=rates, starts=starts)
        weights = program.read(circuit.weights.variable).reshape(circuit.weights.shape)
        yield weights, min(part.stop, len(sequences))


def answers_to(
    circuit: ComplexCircuit, codes: NDArray[Any], weights: NDArray[Any], *, duration: float
) -> NDArray[Any]:
    """Return the answers (n_codes, n_complex) at the end of every code."""
    design, found = circuit.design, []
    circuit.program.write(circuit.weights.variable, weights)
    for part in _parts(len(codes), design.n_replicas, most=design.capacity):
        batches, valid = _in_time(codes[part, np.newaxis], design.n_replicas)
        found.append(_show(circuit, batches, valid=valid, duration=duration)[: len(codes[part])])
    return np.concatenate(found)


def capacity_of(batch_values: int, *, backend: str) -> int:
    """Return how many batches one run holds: a few megabytes; a standalone run starts a program, which takes long."""
    return int(np.clip(2**22 // batch_values, 1, 200 if backend == "cpp_standalone" else 40))


def _parts(n_sequences: int, n_replicas: int, *, most: int) -> Iterator[slice]:
    """Yield what one run shows each: up to `most` batches of sequences."""
    for first in range(0, n_sequences, most * n_replicas):
        yield slice(first, first + most * n_replicas)


def _in_time(sequences: NDArray[Any], n_replicas: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return batches in the order in which they are shown, and how many sequences of each count."""
    n_sequences, n_codes, n_simple = sequences.shape
    n_groups = -(-n_sequences // n_replicas)
    blank = np.zeros((n_groups * n_replicas - n_sequences, n_codes, n_simple), dtype=sequences.dtype)
    whole = np.concatenate([sequences, blank]).reshape(n_groups, n_replicas, n_codes, n_simple)
    live = np.clip(n_sequences - n_replicas * np.arange(n_groups), 0, n_replicas)
    return whole.transpose(0, 2, 1, 3).reshape(-1, n_simple), np.repeat(live, n_codes)


def _show(
    circuit: ComplexCircuit,
    batches: NDArray[Any],
    *,
    valid: NDArray[np.intp],
    duration: float,
    rates: NDArray[Any] | None = None,
    starts: NDArray[np.bool_] | None = None,
) -> NDArray[Any]:
    """Show batches of codes in one run and return the answers to all; weights change if there are rates."""
    design, program, block = circuit.design, circuit.program, circuit.presentation.block
    control = np.zeros(len(CONTROL), dtype=np.int32)
    control[CONTROL["n_presentations"]] = len(valid)
    # Exact, as inputs stay as they are: a code is one step.
    control[CONTROL["n_steps"]] = 1
    control[CONTROL["learning"]] = 0 if rates is None else 2
    control[CONTROL["bad_step"]] = -1
    program.write(block.array("control"), control)
    program.write(block.array("pace"), [duration, duration, np.inf])
    program.write(block.array("valid"), valid, first=True)
    program.write(block.array("stimuli"), batches, first=True)
    if starts is not None:
        program.write(circuit.starts, starts, first=True)
    if rates is not None:
        program.write(circuit.plasticity.parameter("eta"), rates, first=True)
    program.run(dt=duration)
    shown = int(program.read(block.array("control"))[CONTROL["shown"]])
    if shown != len(valid):
        raise RuntimeError(f"the simulation ended after {shown} of {len(valid)} batches")
    size = len(valid) * design.n_replicas * design.n_complex
    return program.read(block.array("collected_r"), first=size).reshape(-1, design.n_complex)
