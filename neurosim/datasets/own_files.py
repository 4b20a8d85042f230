"""Files of published data that a user has: named by their path, or kept in the folder that NEUROSIM_DATA names."""

import os
from pathlib import Path


def own_file(path: str | Path | None, *, place: Path, what: str) -> Path:
    """Return a file that is there: `path`, or `place` in the folder of data; else raise `FileNotFoundError`."""
    folder = os.path.expanduser(os.environ.get("NEUROSIM_DATA", ""))
    if path is None and not folder:
        raise FileNotFoundError(
            f"expected a path, or NEUROSIM_DATA naming the folder that holds {place}; it is not set"
        )
    file = Path(os.path.expanduser(path)) if path is not None else Path(folder) / place
    if not file.is_file():
        raise FileNotFoundError(f"expected {what} in {file}: no such file")
    return file
