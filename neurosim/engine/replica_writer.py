"""Parts of the C++ of a loop over replicas: what one step does to one replica's neurons."""

from typing import Any

import numpy as np
from brian2 import Clock, NeuronGroup
from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
from brian2.core.variables import ArrayVariable
from brian2.groups.group import CodeRunner

from neurosim.engine.elementwise import Elementwise, elementwise
from neurosim.engine.expression import ArrayExpression
from neurosim.engine.step_parts import StepParts

__all__ = ["CONDUCTING", "ReplicaWriter", "c_type"]

CONDUCTING = ("control", "valid", "bounds", "pace", "elapsed", "tally", "late", "close_enough")


_ALL_NEURONS = "for (int _idx = 0; _idx < {n}; ++_idx) {{\n{vector}\n}}"


class ReplicaWriter:
    """Gathers the arrays and sizes that the text names while it is written.

    Parameters
    ----------
    parts : StepParts

    Attributes
    ----------
    arrays, sizes : dict
        As an `Operation` takes them.
    pointers : dict of str to ArrayVariable
        What `declarations` points at the replica's part of.
    support : list of str
        C++ definitions the text needs.
    """

    def __init__(self, parts: StepParts) -> None:
        self.parts = parts
        self.real = c_type(parts.watched)
        block = parts.presentation.block
        self.arrays: dict[str, ArrayVariable] = {key: block.array(key) for key in CONDUCTING}
        self.pointers: dict[str, ArrayVariable] = {}
        self.sizes: dict[str, int] = {"_n_replicas": parts.presentation.n_replicas}
        self.support: list[str] = [_SUPPORT]

    def declarations(self) -> str:
        """Return the lines that point at this replica's part of everything named so far."""
        return "\n".join(self._declaration(name, variable) for name, variable in self.pointers.items())

    def part(self, runner: CodeRunner, *, loop: str = _ALL_NEURONS) -> str:
        """Return what a part of a group does to its neurons, in a loop over all of them or another one."""
        code = elementwise(runner, language="cpp")
        if code is None:
            return ""
        self.pointers |= code.arrays
        # Brian2 writes the same definitions for every part.
        functions = f"functions_{len(self.support)}"
        self.support.append(f"namespace {functions} {{\n{code.support}\n}}")
        scalar, vector = "\n".join(code.scalar), "\n".join(code.vector)
        body = loop.format(n=self.size(runner.group), vector=vector)
        return f"{{\nusing namespace {functions};\n{_constants(code)}{scalar}\n{body}\n}}"

    def pointer(self, variable: ArrayVariable) -> str:
        """Return the name of a variable's values in this replica."""
        name: str = CPPCodeGenerator.get_array_name(variable)
        self.pointers[name] = variable
        return name

    def size(self, group: NeuronGroup) -> str:
        """Return the name of the number of neurons that a group has in a replica."""
        # No name of the user's equations starts like this.
        name = f"_n_{group.name}"
        self.sizes[name] = self.parts.size(group)
        return name

    def prefix(self, expression: ArrayExpression) -> str:
        """Note the arrays of an expression, and return what their names start with in the text."""
        for variable in expression.arrays.values():
            name = self.pointer(variable)
            prefix = name.removesuffix(variable.name)
        return prefix

    @property
    def dtype(self) -> Any:
        """Precision of the membranes."""
        return self.parts.watched.dtype

    def _declaration(self, name: str, variable: ArrayVariable) -> str:
        """Point at this replica's part of an array; the time step is each replica's own."""
        if isinstance(variable.owner, Clock):
            return f"double* {name} = &step_length;"
        key = name.removeprefix("_ptr_")
        self.arrays[key] = variable
        if variable.scalar:
            return f"{c_type(variable)}* {name} = {key};"
        return f"{c_type(variable)}* __restrict {name} = {key} + (size_t)r * {self.size(variable.owner)};"


def _constants(code: Elementwise) -> str:
    return "".join(f"const double {name} = {_literal(v)};\n" for name, v in code.constants.items())


def _literal(value: float) -> str:
    """Write a number in C++, where infinity has another name than in Python."""
    return repr(float(value)).replace("inf", "INFINITY").replace("nan", "NAN")


def c_type(variable: ArrayVariable) -> str:
    return {"float32": "float", "float64": "double", "int32": "int32_t", "bool": "char"}[
        np.dtype(variable.dtype).name
    ]


_SUPPORT = """
template <typename T> static inline int int_(const T& value) { return static_cast<int>(value); }
// Limits in the precision of the value, unlike Brian2's, so that the loop can use the whole width of a register.
template <typename T, typename A, typename B>
static inline T _clip(const T value, const A lowest, const B highest) {
  return value < T(lowest) ? T(lowest) : (value > T(highest) ? T(highest) : value);
}
"""
