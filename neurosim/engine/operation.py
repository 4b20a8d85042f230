"""Work on whole arrays, once a time step: one piece of C++ for the compiled targets, one of numpy for the other.

A Brian2 function that is called for element 0 of a one-neuron group can do the work of a whole population: it
reaches the arrays by name and calls a loop over all replicas. That is far cheaper than one Brian2 statement per
synapse, and it runs in C++ standalone, where a ``network_operation`` would be dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from brian2 import Clock, Function, NeuronGroup, get_device
from brian2.core.network import Network
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

__all__ = ["Operation", "schedule"]

_C_TYPES = {"float32": "float", "float64": "double", "int32": "int32_t", "bool": "char"}


@dataclass(frozen=True)
class Operation:
    """A piece of work that both compiled and interpreted targets can do.

    Parameters
    ----------
    name : str
        A C identifier, unique in its network.
    arrays : mapping of str to brian2 ArrayVariable
        The arrays the work reads and writes, by the names `cpp` and `numpy` use for them.
    cpp : str
        Body of a C++ function that returns an int, zero or one to stop the simulation. Arrays are pointers; the
        templates of ``kernels.h`` are in scope.
    numpy : callable
        The same work in numpy: takes the arrays as keyword arguments and returns true to stop the simulation.
    stages : tuple of Operation
        Operations that `cpp` calls as ``stage_name()`` and that `numpy` receives as ``stage_name``.
    sizes : mapping of str to int
        Numbers that `cpp` may name. They are handed over when the code runs, so that the text, and with it Cython's
        cache of compiled modules, does not depend on them.
    support : str
        C++ definitions that `cpp` needs.
    """

    name: str
    arrays: Mapping[str, ArrayVariable]
    cpp: str
    numpy: Callable[..., Any]
    stages: tuple["Operation", ...] = field(default=())
    sizes: Mapping[str, int] = field(default_factory=dict)
    support: str = ""

    def variables(self) -> dict[str, ArrayVariable]:
        """Return every array of the operation and its stages, under names unique in the operation."""
        own = {f"{self.name}_{key}": variable for key, variable in self.arrays.items()}
        for stage in self.stages:
            own |= stage.variables()
        return own

    def all_sizes(self) -> tuple[int, ...]:
        """Return the sizes of the operation and its stages in the order that `definition` expects."""
        own = tuple(self.sizes.values())
        return own + tuple(size for stage in self.stages for size in stage.all_sizes())

    def definition(self) -> str:
        """Return the C++ function ``name_work``, its stages first.

        It takes the array of `all_sizes` and then the arrays of `variables`.
        """
        before = "".join(stage.definition() for stage in self.stages)
        parameters = "".join(f", {_pointer(v)} {name}" for name, v in self.variables().items())
        sizes = "".join(f"  const int {key} = sizes[{k}];\n" for k, key in enumerate(self.sizes))
        aliases = "".join(f"  {_pointer(v)} {key} = {self.name}_{key};\n" for key, v in self.arrays.items())
        return (
            f"{before}namespace {self.name}_code {{\nusing namespace std;\n{self.support}\n"
            f"static int {self.name}_work(const int32_t* sizes{parameters}) {{\n"
            f"{sizes}{aliases}{self._stage_calls()}{self.cpp}\n}}\n}}\nusing {self.name}_code::{self.name}_work;\n"
        )

    def _stage_calls(self) -> str:
        lines, place = [], len(self.sizes)
        for stage in self.stages:
            arguments = ", ".join([f"sizes + {place}", *stage.variables()])
            lines.append(f"  auto {stage.name} = [&]() {{ return {stage.name}_work({arguments}); }};\n")
            place += len(stage.all_sizes())
        return "".join(lines)

    def bound(self) -> Callable[[], Any]:
        """Return the numpy work with its arrays filled in."""
        arrays = {key: variable.get_value() for key, variable in self.arrays.items()}
        stages = {stage.name: stage.bound() for stage in self.stages}
        return lambda: self.numpy(**arrays, **stages)


def schedule(operation: Operation, *, clock: Clock, when: str, order: int = 0) -> NeuronGroup:
    """Make the Brian2 object that does an operation once every step of a clock.

    Parameters
    ----------
    operation : Operation
    clock : brian2.Clock
    when, order : str, int
        Slot in Brian2's schedule, and place in it.

    Returns
    -------
    brian2.NeuronGroup
        A group of one neuron, to be added to the network.
    """
    group = NeuronGroup(1, "done : 1", clock=clock, name=f"{operation.name}_group", namespace={})
    group.namespace[operation.name] = _function(operation)
    group.run_regularly(f"done = {operation.name}(done)", when=when, order=order, clock=clock)
    return group


def _function(operation: Operation) -> Function:
    function = Function(_numpy_work(operation), arg_units=[1], return_unit=1, stateless=False)
    # It writes arrays, but draws nothing (see `Program`).
    function.without_chance = True
    implementations = function.implementations
    implementations.add_implementation("numpy", code=_numpy_work(operation))
    implementations.add_dynamic_implementation(
        "cython",
        code=lambda owner: _cython_work(operation),
        namespace=lambda owner: _cython_arrays(operation),
    )
    implementations.add_dynamic_implementation(
        "cpp",
        code=lambda owner: _standalone_work(operation),
        namespace=lambda owner: {},
        compiler_kwds={"headers": [f"<{name}>" for name in _HEADERS]},
    )
    return function


_HEADERS = ("algorithm", "cmath", "cstdint", "cstring", "limits", "vector")


@cache
def kernels() -> str:
    """Return the C++ templates that operations call."""
    folder = files("neurosim.engine")
    return "\n".join((folder / name).read_text() for name in ("kernels.h", "patches.h"))


def _numpy_work(operation: Operation) -> Callable[[NDArray[Any]], NDArray[Any]]:
    work: list[Callable[[], Any]] = []

    def once(done: NDArray[Any]) -> NDArray[Any]:
        if not work:
            work.append(operation.bound())
        if work[0]():
            Network._globally_stopped = True
        return done

    return once


def _cython_arrays(operation: Operation) -> dict[str, NDArray[Any]]:
    arrays = {name: variable.get_value() for name, variable in operation.variables().items()}
    return arrays | {f"{operation.name}_sizes": np.array([*operation.all_sizes(), 0], dtype=np.int32)}


def _cython_work(operation: Operation) -> str:
    variables = operation.variables()
    includes = "\n".join(f"    #include <{name}>" for name in _HEADERS)
    text = "\n".join("    " + line for line in (kernels() + operation.definition()).splitlines())
    parameters = "".join(f", {_pointer(v)} {name}" for name, v in variables.items())
    # Brian2 hands booleans over as a type of their own.
    given = "".join(f", <{_pointer(v)}>_namespace{name}" for name, v in variables.items())
    arguments = f"_namespace{operation.name}_sizes{given}"
    return (
        "from brian2.core.network import Network as _Network\n"
        f'cdef extern from *:\n    """\n{includes}\n{text}\n    """\n'
        f"    int {operation.name}_work(const int32_t* sizes{parameters}) nogil\n\n"
        f"cdef double {operation.name}(double done):\n"
        f"    if {operation.name}_work({arguments}):\n"
        "        _Network._globally_stopped = True\n"
        "    return done\n"
    )


def _standalone_work(operation: Operation) -> str:
    device = get_device()
    variables = operation.variables().values()
    # Brian2 cannot see what the function writes; without this it would answer with the values from before the run.
    device.array_cache.update(dict.fromkeys(variables))
    arguments = ", ".join(f"brian::{device.get_array_name(v)}" for v in variables)
    sizes = ", ".join(str(size) for size in (*operation.all_sizes(), 0))
    return (
        f"{kernels()}\n{operation.definition()}\n"
        f"static inline double {operation.name}(const double done) {{\n"
        f"  static const int32_t sizes[] = {{{sizes}}};\n"
        f"  if ({operation.name}_work(sizes, {arguments})) Network::_globally_stopped = true;\n"
        "  return done;\n}\n"
    )


def _pointer(variable: ArrayVariable) -> str:
    dtype = np.dtype(variable.dtype).name
    if dtype not in _C_TYPES:
        raise TypeError(
            f"expected an array of type {', '.join(_C_TYPES)}, got {dtype} for {variable.name!r}; "
            "declare the variable as a float, an integer or a boolean"
        )
    return f"{_C_TYPES[dtype]}*"
