"""Brian2's own code for the neurons of a group, to be placed inside a loop of ours.

Brian2 turns equations into statements and those into C++ or numpy. Its templates then loop over all neurons of a group;
here the statements are taken out, so that another loop can go round them.
"""

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brian2 import Function, prefs
from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
from brian2.codegen.generators.numpy_generator import NumpyCodeGenerator
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.codegen.translation import analyse_identifiers
from brian2.core.variables import ArrayVariable, Constant
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject
from brian2.groups.group import CodeRunner

from neurosim.engine.errors import NotLoopable

__all__ = ["Elementwise", "elementwise"]

_GENERATORS = {
    "cpp": (CPPCodeGenerator, CPPStandaloneCodeObject),
    "numpy": (NumpyCodeGenerator, NumpyCodeObject),
}
# These differ from step to step in a way that a loop over replicas cannot give.
_OF_THE_WHOLE_RUN = frozenset({"t", "t_in_timesteps"})


@dataclass(frozen=True)
class Elementwise:
    """Statements for one neuron after the other.

    Parameters
    ----------
    scalar : tuple of str
        Lines that stand before the loop over neurons; they hold what is the same for all of them.
    vector : tuple of str
        Lines for the neuron ``_idx``; in numpy, for all of them at once.
    support : str
        Definitions of the functions they call, C++ only.
    arrays : mapping of str to ArrayVariable
        What the lines read and write, by the names they use.
    constants : mapping of str to number
        Other names in the lines.
    functions : mapping of str to callable
        Functions they call, numpy only.
    """

    scalar: tuple[str, ...]
    vector: tuple[str, ...]
    support: str
    arrays: Mapping[str, ArrayVariable]
    constants: Mapping[str, float]
    functions: Mapping[str, Any]


def elementwise(runner: CodeRunner, *, language: str) -> Elementwise | None:
    """Translate what a part of a group does every step.

    Parameters
    ----------
    runner : brian2 CodeRunner
        A group's state update, its update of subexpressions that are constant over a time step, its threshold or its
        reset.
    language : {"cpp", "numpy"}

    Returns
    -------
    Elementwise or None
        None if there is nothing to do.

    Raises
    ------
    NotLoopable
        If the statements draw random numbers, need the time of the whole run, or reach beyond their own neuron.
    """
    runner.update_abstract_code(run_namespace={})
    code, group = runner.abstract_code, runner.group
    if not code.strip():
        return None
    _, known, unknown = analyse_identifiers(code, group.variables, recursive=True)
    variables = group.resolve_all(sorted(known | unknown), run_namespace={}, user_identifiers=set())
    _require_loopable(variables, group)
    generator_class, code_class = _GENERATORS[language]
    generator = generator_class(
        variables=variables,
        variable_indices=copy.copy(group.variables.indices),
        owner=group,
        iterate_all=["_idx"],
        codeobj_class=code_class,
        name=runner.name,
        template_name="stateupdate",
        allows_scalar_write=True,
    )
    scalar, vector, keywords = generator.translate({None: code}, prefs.core.default_float_dtype)
    arrays = {
        generator.get_array_name(variable): variable
        for variable in variables.values()
        if isinstance(variable, ArrayVariable)
    }
    text = "\n".join([*scalar[None], *vector[None]])
    return Elementwise(
        scalar=tuple(scalar[None]),
        vector=tuple(vector[None]),
        support="\n".join(keywords.get("support_code_lines", [])),
        arrays={name: v for name, v in arrays.items() if re.search(rf"\b{re.escape(name)}\b", text)},
        constants={n: v.get_value() for n, v in variables.items() if isinstance(v, Constant)},
        functions=_numpy_functions(variables) if language == "numpy" else {},
    )


def _require_loopable(variables: Mapping[str, Any], group: Any) -> None:
    indices = group.variables.indices
    for name, variable in variables.items():
        if isinstance(variable, Function) and not variable.stateless:
            raise NotLoopable(f"{name}() gives another value at every call")
        if name in _OF_THE_WHOLE_RUN:
            raise NotLoopable(f"the equations use {name}, the time since the start of the run")
        if isinstance(variable, ArrayVariable) and indices[name] not in ("_idx", "0"):
            raise NotLoopable(f"{name} belongs to other neurons")


def _numpy_functions(variables: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, variable in variables.items():
        if isinstance(variable, Function):
            if NumpyCodeObject not in variable.implementations:
                variable.implementations.add_numpy_implementation(variable.pyfunc)
            implementation = variable.implementations[NumpyCodeObject]
            found[implementation.name or name] = implementation.get_code(None)
    return found
