"""Packages of extras, imported when they are asked for."""

from importlib import import_module
from typing import Any

__all__ = ["required"]


def required(package: str, *, extra: str, what: str) -> Any:
    """Return a package, or raise `MissingExtraError` with the line that installs it.

    Examples
    --------
    >>> required("no_such_package", extra="nir", what="NIR graphs")
    Traceback (most recent call last):
        ...
    neurosim.engine.errors.MissingExtraError: NIR graphs need no_such_package, which is not installed: \
pip install -e ".[nir]" in the clone of neurosim
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        # Starts Brian2, which a network has already done.
        from neurosim.engine.errors import MissingExtraError

        raise MissingExtraError(
            f'{what} need {error.name}, which is not installed: pip install -e ".[{extra}]" in the clone of neurosim'
        ) from error
