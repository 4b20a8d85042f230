"""Plain arrays that a Brian2 network owns: visible to generated code, set and read by name on every target."""

from collections.abc import Mapping

import numpy as np
from brian2.core.variables import ArrayVariable, Variables
from brian2.groups.group import Group
from numpy.typing import DTypeLike

__all__ = ["ArrayBlock", "ArrayVariable"]


class ArrayBlock(Group):
    """A named set of one-dimensional arrays without dynamics.

    Parameters
    ----------
    name : str
        Name of the block, unique in the process while the block lives.
    sizes : mapping of str to (int, dtype)
        Length and type of each array. All start at zero.

    Examples
    --------
    >>> block = ArrayBlock("doctest_block", {"counts": (3, "int32")})
    >>> block.variables["counts"].get_value()
    array([0, 0, 0], dtype=int32)
    """

    def __init__(self, name: str, sizes: Mapping[str, tuple[int, DTypeLike]]) -> None:
        super().__init__(name=name)
        # Nothing to schedule, so no network ever holds the block; this keeps Brian2 from warning about that.
        self._network = "none"
        self.variables = Variables(self)
        for key, (size, dtype) in sizes.items():
            # Brian2 has no array of length zero in C++.
            self.variables.add_array(key, size=max(1, size), dtype=np.dtype(dtype).type)
            # Brian2's variables hold their owner weakly; an operation that has only the variable keeps the block alive.
            self.variables[key].block = self

    def array(self, key: str) -> ArrayVariable:
        """Return the Brian2 variable of one array."""
        return self.variables[key]
