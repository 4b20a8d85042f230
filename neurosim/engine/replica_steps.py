"""A whole presentation in numpy: all replicas that are not yet at rest take their steps together."""

from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np
from brian2 import Clock, NeuronGroup
from brian2.codegen.generators.numpy_generator import NumpyCodeGenerator
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray
from scipy import sparse

from neurosim.engine.dense import DensePathway
from neurosim.engine.elementwise import elementwise
from neurosim.engine.expression import array_expression
from neurosim.engine.neighbours import NeighbourPathway, neighbour_sums
from neurosim.engine.shared.patches import add_patches, patch_products
from neurosim.engine.shared.pathways import GridPathway
from neurosim.engine.step_parts import StepParts, sends_changes

__all__ = ["replica_steps"]

Array = NDArray[Any]

# Below this share of changed neurons the sparse product beats the dense one (benchmarks, `crossover`).
_SPARSE_BELOW = 0.06
# Replicas at rest are carried along until they are this share of all; moving the others up costs as much as a step.
_CROWDED = 0.12


def replica_steps(parts: StepParts) -> Callable[..., bool]:
    """Return the work of `neurosim.engine.replica_loop` as a numpy function of the same arrays."""
    subexpressions = _Code(parts, "subexpressions")
    updates = _Code(parts, "state_updates")

    def settle(**given: Array) -> bool:
        n_live = int(given["valid"][given["control"][1]])
        if not n_live:
            return False
        batch = _Batch(parts, given, n_live, names=subexpressions.arrays | updates.arrays)
        batch.late[:] = 0 if batch.knows_rest else -1
        while batch.n:
            subexpressions.run(batch.namespace)
            if batch.diverged():
                return True
            over = batch.is_over()
            batch.finish(over, late=batch.is_late(over, subexpressions))
            if not batch.n:
                break
            batch.transmit()
            batch.finish(batch.come_to_rest(subexpressions) | (batch.settled() & batch.open))
            if not batch.n:
                break
            batch.step(updates)
        return False

    return settle


class _Code:
    """The statements of some parts of a step, compiled."""

    def __init__(self, parts: StepParts, which: str) -> None:
        codes = [elementwise(runner, language="numpy") for runner in getattr(parts, which)]
        self.arrays: dict[str, ArrayVariable] = {}
        # What Brian2's templates import for the code.
        self.constants: dict[str, Any] = {"_numpy": np, "logical_not": np.logical_not}
        self.compiled: list[CodeType] = []
        for code in codes:
            if code is not None:
                self.arrays |= code.arrays
                self.constants |= {**code.constants, **code.functions}
                text = "\n".join([*code.scalar, *code.vector])
                self.compiled.append(compile(text, f"<{which}>", "exec"))

    def run(self, namespace: dict[str, Any]) -> None:
        names = {**self.constants, **namespace}
        for code in self.compiled:
            exec(code, names)


class _Batch:
    """The replicas that still run, as two-dimensional working arrays, replica by neuron."""

    def __init__(
        self, parts: StepParts, given: dict[str, Array], n_live: int, *, names: dict[str, ArrayVariable]
    ) -> None:
        self.parts, self.given, self.step_number = parts, given, 0
        self.tolerance, self.limit, self.epsilon = given["bounds"]
        self.close = given["close_enough"][0]
        self.confirm = bool(given["control"][9])
        self.shortest, self.longest, self.duration = given["pace"]
        self.replicas = np.arange(n_live)
        first = int(given["control"][1]) * parts.presentation.n_replicas
        self.late = given["late"][first : first + n_live]
        self.open = np.ones(n_live, dtype=bool)
        self.time, self.step_length = np.zeros(n_live), np.full(n_live, max(self.shortest, self.longest / 5))
        self.moved_before, self.most_moved = np.zeros(n_live), np.zeros(n_live)
        self.growth, self.least = np.full(n_live, 0.2), np.full(n_live, self.shortest)
        self.live: dict[str, Array] = {}
        self.shared: dict[str, Any] = {}
        for name, variable in (names | self._other_arrays()).items():
            self._adopt(name, variable)
        self.sent = {p.name: np.zeros_like(self._of(p.source, p.transmits)) for p in self._changing()}
        self.last = {name: np.zeros_like(values) for name, values in self.sent.items()}
        for pathway in self._changing():
            self._of(pathway.target, pathway.into)[:] = 0
        self.watched, self.rest = _name(parts.watched), None
        transmitted = parts.transmitted()
        if parts.rest is not None and transmitted is not None:
            self.transmitted = _name(transmitted)
            self.rest = parts.rest, {key: _name(v) for key, v in parts.rest.arrays.items()}

    def _other_arrays(self) -> dict[str, ArrayVariable]:
        group, name = self.parts.presentation.watched
        variables = [group.variables[name], *(self.parts.rest.arrays.values() if self.parts.rest else ())]
        for pathway in self.parts.pathways:
            variables.append(pathway.target.variables[pathway.into])
            variables.extend(array_expression(pathway.source, pathway.transmits).arrays.values())
        return {_name(variable): variable for variable in variables}

    def _adopt(self, name: str, variable: ArrayVariable) -> None:
        if isinstance(variable.owner, Clock):
            self.clock_name = name
        elif variable.scalar:
            self.shared[name] = self.given[name.removeprefix("_")]
        else:
            stored = self.given[name.removeprefix("_")].reshape(self.parts.presentation.n_replicas, -1)
            self.live[name] = stored[: len(self.replicas)].copy()

    @property
    def n(self) -> int:
        """Replicas that still run."""
        return int(self.open.sum())

    @property
    def namespace(self) -> dict[str, Any]:
        dtype = self.parts.watched.dtype
        return {**self.live, **self.shared, self.clock_name: [self.step_length[:, np.newaxis].astype(dtype)]}

    def _changing(self) -> list[DensePathway | GridPathway]:
        return [pathway for pathway in self.parts.pathways if sends_changes(pathway)]

    def _of(self, group: NeuronGroup, variable: str) -> Array:
        return self.live[_name(group.variables[variable])]

    def is_over(self) -> Array:
        ended: Array = (self.time >= self.duration) | (self.step_number >= self.given["control"][3])
        return ended & self.open

    @property
    def knows_rest(self) -> bool:
        """Whether anybody can tell when a replica is at rest."""
        return self.parts.settles is not None or self.rest is not None

    def is_late(self, over: Array, subexpressions: "_Code") -> Array:
        """Say which replicas whose time is up are still on their way."""
        if not self.knows_rest or not over.any():
            return np.zeros(len(self.replicas), dtype=bool)
        if not self.step_number:
            return over
        if self.rest is None:
            return over & ~self._membranes_at_rest(self.close)
        late, asked = over.copy(), np.flatnonzero(over)
        content, _ = self._would_stay(asked, subexpressions, within=self.close)
        late[asked[content]] = False
        return late

    def settled(self) -> Array:
        """Say which replicas' membranes are all where their present input takes them, if that ends a presentation."""
        # Before the first step no membrane has heard of this stimulus.
        if self.parts.settles is None or not self.tolerance > 0 or not self.step_number:
            return np.zeros(len(self.replicas), dtype=bool)
        return self._membranes_at_rest(self.tolerance)

    def _membranes_at_rest(self, within: float) -> Array:
        rest = self.parts.settles
        assert rest is not None
        goal = rest.values({key: self.live[_name(v)] for key, v in rest.arrays.items()})
        settled: Array = np.abs(goal - self.live[self.watched]).max(axis=1) <= within
        return settled

    def diverged(self) -> bool:
        """Look for a membrane beyond the limit, every eighth step and at the end, and note the first one."""
        looked_at = self.is_over() if self.step_number % 8 else self.open
        if not looked_at.any():
            return False
        potential = self.live[self.watched]
        beyond = ~(np.abs(potential) <= self.limit) & looked_at[:, np.newaxis]
        if not beyond.any():
            return False
        row, neuron = np.argwhere(beyond)[0]
        self.given["control"][5] = self.step_number
        self.given["control"][6] = self.replicas[row] * potential.shape[1] + neuron
        return True

    def transmit(self) -> None:
        self.reversal, self.moved = np.zeros(len(self.replicas)), np.zeros(len(self.replicas))
        self.n_sent = np.zeros(len(self.replicas), dtype=np.intp)
        self._send(self._change)
        self.given["tally"][1] += self.n_sent[self.open].sum()

    def _send(self, change: "Callable[[DensePathway | GridPathway], Array]") -> None:
        """Let every pathway transmit; one that sends changes sends those given for it."""
        for pathway in self.parts.pathways:
            target = self._of(pathway.target, pathway.into)
            stored = self.given[f"{pathway.name}_weights"]
            if sends_changes(pathway):
                changed, matrix = change(pathway), stored.reshape(pathway.weights.shape)
                if isinstance(pathway, GridPathway):
                    add_patches(target, changed, matrix, pathway.weights.patches)
                    continue
                for block in pathway.weights.blocks:
                    target[:, block.columns] += _product(
                        changed[:, block.rows], matrix[block.rows, block.columns]
                    )
                continue
            sent = array_expression(pathway.source, pathway.transmits)
            values = sent.values({key: self._of(pathway.source, key) for key in sent.arrays})
            if isinstance(pathway, NeighbourPathway):
                shape = pathway.weights.shape
                indices = self.given[f"{pathway.name}_indices"].reshape(shape)
                target[:] = neighbour_sums(values, indices, stored.reshape(shape))
            elif isinstance(pathway, GridPathway):
                target[:] = patch_products(
                    values, stored.reshape(pathway.weights.shape), pathway.weights.patches
                )
            else:
                np.matmul(values, stored.reshape(pathway.weights.T.shape).T, out=target)

    def _change(self, pathway: DensePathway | GridPathway) -> Array:
        """Take the changes of activity that are large enough to be sent."""
        sent, last = self.sent[pathway.name], self.last[pathway.name]
        change = self._of(pathway.source, pathway.transmits) - sent
        silent = ~(np.abs(change) > self.epsilon)  # also what is no number
        change[silent] = 0
        sent += change
        self.reversal += np.einsum("rn,rn->r", change, last)
        self.moved += np.einsum("rn,rn->r", change, change)
        np.copyto(last, change, where=~silent)
        self.n_sent += change.shape[1] - silent.sum(axis=1)
        return change

    def come_to_rest(self, subexpressions: _Code) -> Array:
        """Move replicas to rest whose neurons would not send on their way there, and say which."""
        at_rest = np.zeros(len(self.replicas), dtype=bool)
        if not self.tolerance > 0 or self.rest is None:
            return at_rest
        asked = np.flatnonzero(self.open & ((self.n_sent == 0) | (self.step_number % 4 == 3)))
        if not asked.size:
            return at_rest
        content, there = self._would_stay(asked, subexpressions, within=self.tolerance)
        at_rest[asked[content]] = True
        for name in (self.watched, self.transmitted):
            self.live[name][at_rest] = there[name][content]
        return self._confirmed(at_rest, subexpressions) if self.confirm else at_rest

    def _would_stay(
        self, asked: Array, subexpressions: "_Code", *, within: float
    ) -> tuple[Array, dict[str, Array]]:
        """Say which of some replicas would send nothing if they went where they are heading, and how it is there."""
        assert self.rest is not None
        rest, names = self.rest
        read = {*subexpressions.arrays, *names.values()} & self.live.keys()
        there = {name: self.live[name][asked] for name in read}
        # What a neuron has not told its input neurons drives it on and on: its own activity counts as it was told.
        for pathway in self.parts.senders():
            there[self.transmitted] = self.sent[pathway.name][asked]
        there[self.watched] = rest.values({key: there[name] for key, name in names.items()}).copy()
        subexpressions.run({**self.namespace, **there})
        content = np.abs(there[self.watched]).max(axis=1) <= self.limit
        for pathway in self.parts.senders():
            unsaid = np.abs(there[self.transmitted] - self.sent[pathway.name][asked])
            content &= unsaid.max(axis=1) <= within
        return content, there

    def _confirmed(self, at_rest: Array, subexpressions: "_Code") -> Array:
        """Let replicas at rest send all they have not said, and say which of them stay.

        Where a threshold has a jump, what was not sent decides who is active.
        """
        if not at_rest.any():
            return at_rest

        def unsaid(pathway: DensePathway | GridPathway) -> Array:
            # Without a word to those who watch for swings.
            sent = self.sent[pathway.name]
            change = np.where(at_rest[:, np.newaxis], self._of(pathway.source, pathway.transmits) - sent, 0)
            sent += change
            return change

        self._send(unsaid)
        asked, stays = np.flatnonzero(at_rest), np.zeros(len(self.replicas), dtype=bool)
        content, _ = self._would_stay(asked, subexpressions, within=self.tolerance)
        stays[asked[content]] = True
        return stays

    def step(self, updates: _Code) -> None:
        back = self.reversal < 0
        doubled = back & (self.moved > 4 * self.moved_before)
        if self.longest > self.shortest:
            grows = back & (self.step_length <= self.least) & (self.moved > self.moved_before)
            longer_least = np.where(
                back, self.least, np.minimum(self.shortest, (1 + self.growth) * self.least)
            )
            self.least = np.where(grows, np.maximum(self.shortest / 64, self.least / 2), longer_least)
        calmer = np.where(doubled, 0, self.step_length / 2)
        self.step_length = np.where(back, np.maximum(self.least, calmer), self.step_length)
        self.growth[doubled & (4 * self.moved > self.most_moved)] /= 2
        self.moved_before, self.most_moved = self.moved, np.maximum(self.most_moved, self.moved)
        # Time is up when it is up: with the next frame of a film, for example.
        self.step_length = np.minimum(self.step_length, self.duration - self.time)
        updates.run(self.namespace)
        self.time += self.step_length
        longer = np.minimum(self.longest, (1 + self.growth) * self.step_length)
        self.step_length = np.where(back, self.step_length, longer)
        self.given["tally"][0] += self.n
        self.step_number += 1

    def finish(self, done: Array, *, late: Array | None = None) -> None:
        """Hand back the states of replicas that are done, and now and then close the ranks of the others."""
        if not done.any():
            return
        if late is not None and self.knows_rest:
            self.late[self.replicas[late]] = 1
        for name, values in self.live.items():
            stored = self.given[name.removeprefix("_")].reshape(self.parts.presentation.n_replicas, -1)
            stored[self.replicas[done]] = values[done]
        self.given["elapsed"][self.replicas[done]] = self.time[done]
        self.open &= ~done
        if (~self.open).mean() > _CROWDED:
            self._keep(self.open)

    def _keep(self, rows: Array) -> None:
        for table in (self.live, self.sent, self.last):
            for name in table:
                table[name] = table[name][rows]
        for name in (
            "replicas",
            "time",
            "step_length",
            "reversal",
            "moved",
            "moved_before",
            "most_moved",
            "growth",
            "least",
            "n_sent",
            "open",
        ):
            if hasattr(self, name):
                setattr(self, name, getattr(self, name)[rows])


def _product(change: Array, weights: Array) -> Array:
    """Return change @ weights, whichever way is shorter."""
    if np.count_nonzero(change) > _SPARSE_BELOW * change.size:
        result: Array = change @ weights
        return result
    rows, columns = np.nonzero(change)
    starts = np.searchsorted(rows, np.arange(len(change) + 1))
    few = sparse.csr_array((change[rows, columns], columns, starts), shape=change.shape)
    return np.asarray(few @ weights)


@lru_cache(maxsize=256)
def _name(variable: ArrayVariable) -> str:
    """The name that generated numpy code has for an array."""
    name: str = NumpyCodeGenerator.get_array_name(variable)
    return name
