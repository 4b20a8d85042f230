"""Files from which the training of an autoencoder goes on as if it had not been interrupted."""

import hashlib
import json
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Restored", "checkpoint_file", "restored", "saved", "signature"]

# What reading an empty file, an array of another kind, or one with a bit flipped in its header raises.
_DAMAGE = (OSError, EOFError, KeyError, TypeError, ValueError, RuntimeError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Restored:
    """What a file holds: weights and moments, the rows of the history, whole epochs so far, state of the generator."""

    leaves: list[NDArray[Any]]
    rows: list[list[float]]
    epoch: int
    rng_state: dict[str, Any]


def checkpoint_file(path: str | Path) -> Path:
    """Return a path, or raise ValueError if its folder is missing, which writing would notice an epoch too late."""
    if not Path(path).absolute().parent.is_dir():
        raise ValueError(
            f"checkpoint: expected a file in a folder that exists, got {str(path)!r}; make the folder"
        )
    return Path(path)


def signature(arrays: Sequence[NDArray[Any]], *settings: object) -> str:
    """Return a checksum of stimuli, first weights and settings: two trainings share it only if they are the same.

    Examples
    --------
    >>> signature([np.zeros((2, 3))], "laplace") == signature([np.zeros((2, 3))], "cauchy")
    False
    """
    digest = hashlib.sha256(repr(([np.shape(array) for array in arrays], settings)).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def saved(
    path: Path,
    leaves: Sequence[NDArray[Any]],
    *,
    rows: list[list[float]],
    epoch: int,
    rng: np.random.Generator,
    signature: str,
) -> None:
    """Write a file, which is there whole or not at all."""
    note = {"signature": signature, "epoch": epoch, "rng": rng.bit_generator.state}
    arrays = {f"leaf_{k}": leaf for k, leaf in enumerate(leaves)}
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez(file, note=json.dumps(note), rows=np.asarray(rows), **arrays)  # type: ignore[arg-type]
    os.replace(partial, path)


def restored(path: Path, own: Sequence[NDArray[Any]], *, signature: str) -> Restored:
    """Read a file, or raise ValueError if it is damaged or of another training than the one with these leaves."""
    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            note = json.loads(str(file["note"]))
            leaves = [file[f"leaf_{k}"] for k in range(len(own))]
            rows = file["rows"].tolist()
    except _DAMAGE as error:
        raise ValueError(
            f"checkpoint: expected one of this network, cannot read {path.name!r} ({error}); delete it to start anew"
        ) from error
    shapes = [np.shape(leaf) for leaf in own]
    if note["signature"] != signature or [leaf.shape for leaf in leaves] != shapes:
        raise ValueError(
            f"checkpoint: {path.name!r} is of another training (other stimuli, parameters or seed); delete it to "
            "start anew, or name another file"
        )
    return Restored(leaves, rows, int(note["epoch"]), note["rng"])
