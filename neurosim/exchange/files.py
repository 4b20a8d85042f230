"""Files that are written whole or not at all, and never over another without being told."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["new_file"]


@contextmanager
def new_file(path: str | os.PathLike[str], *, ending: str, overwrite: bool) -> Iterator[Path]:
    """Give a path to write to, and move what is there to its place when the block ends well.

    Raises ValueError unless the name has its ending, its folder is there, and so far nothing of that name (or a file
    that may be replaced).
    """
    place = Path(path).expanduser()
    if place.suffix.lower() != ending:
        raise ValueError(f"expected a file that ends in {ending}, got {str(path)!r}")
    if not place.absolute().parent.is_dir():
        raise ValueError(f"expected a file in a folder that exists, got {str(path)!r}; make the folder first")
    if place.is_dir() or (place.exists() and not overwrite):
        what, remedy = ("a folder", "") if place.is_dir() else ("there already", ", or pass overwrite=True")
        raise ValueError(f"{str(path)!r} is {what}; name another file{remedy}")
    # The ending stays: some libraries write by it.
    aside = place.with_name(f"{place.stem}.unfinished-{secrets.token_hex(4)}{ending}")
    try:
        yield aside
        os.replace(aside, place)
    finally:
        aside.unlink(missing_ok=True)
