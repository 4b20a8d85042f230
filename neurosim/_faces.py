"""Public faces of packages: names that are imported when they are first used."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["lazy_face"]


def lazy_face(
    package: str, homes: Mapping[str, str], *, modules: tuple[str, ...] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` of a package whose names live elsewhere.

    Parameters
    ----------
    package : str
        Its full name.
    homes : mapping of str to str
        Full name of the module that each public name lives in.
    modules : tuple of str
        Modules and packages inside it that are public themselves.

    Examples
    --------
    >>> get, names = lazy_face("neurosim", {"fit_gabors": "neurosim.analysis.fields.gabor"}, modules=("analysis",))
    >>> names()
    ['analysis', 'fit_gabors']
    """
    public = sorted({*homes, *modules})

    def found(name: str) -> Any:
        if name in modules:
            return import_module(f"{package}.{name}")
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {', '.join(public)}")
        value = getattr(import_module(homes[name]), name)
        # Kept, so that the next use does not come here again.
        setattr(sys.modules[package], name, value)
        return value

    return found, lambda: list(public)
