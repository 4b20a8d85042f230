"""Names that folders, files and numbers of a run are called by."""

import re
from typing import Annotated

from pydantic import AfterValidator


def is_file_name(name: str) -> bool:
    """Return whether every file system takes a name, and it is no path."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name) is not None


def _checked(name: str) -> str:
    if not is_file_name(name):
        raise ValueError(f"expected letters, digits, dots, dashes and underscores, got {name!r}")
    return name


FileName = Annotated[str, AfterValidator(_checked)]
"""A name that every file system takes, and no path."""
