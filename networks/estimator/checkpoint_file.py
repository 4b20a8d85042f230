"""Files of checkpoints: the state of an interrupted training, whole or not there at all."""

import json
import os
import platform
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neurosim._version import __version__
from neurosim.engine.errors import CheckpointError
from neurosim.networks.saving.kept_values import digest, kept, restored

__all__ = ["KeptState", "fingerprint", "read_state", "versions_here", "write_state"]

_PACKAGES = ("brian2", "numpy", "scipy", "jax", "optax")
# What reading an empty file, an array of another kind, or one with a bit flipped in its header raises.
_DAMAGE = (
    OSError, EOFError, KeyError, TypeError, ValueError, AttributeError, RuntimeError, StopIteration, zipfile.BadZipFile,
)  # fmt: skip


@dataclass(frozen=True)
class KeptState:
    """What a file holds.

    Parameters
    ----------
    identity : dict of str to str
        Which training it is of; two trainings agree in all of it only if they are the same.
    state : dict
        What learning goes on from.
    """

    identity: dict[str, str]
    state: dict[str, Any]


def write_state(path: Path, kept_state: KeptState) -> None:
    """Write a file, aside at first, so that there is the one before or the new one at any moment."""
    text, arrays = _packed(kept_state.state)
    note = json.dumps({"identity": kept_state.identity, "state": text})
    aside = path.with_name(f"{path.name}.unfinished")
    try:
        with aside.open("wb") as file:
            np.savez(file, note=np.array(note), **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def read_state(path: Path) -> KeptState:
    """Read a file, or raise CheckpointError if it is damaged or something else."""
    try:
        # Opened here, because numpy leaves a damaged file open.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            note = json.loads(str(file["note"]))
            arrays = {name: file[name] for name in file.files if name != "note"}
        state = {name: restored(value, arrays) for name, value in json.loads(note["state"]).items()}
        return KeptState({str(k): str(v) for k, v in note["identity"].items()}, state)
    except _DAMAGE as error:
        raise CheckpointError(
            f"checkpoint: expected one of this network, cannot read {str(path)!r} ({error}); delete it to start anew"
        ) from error


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return a checksum of parameters or stimuli: two are the same only if all values are, to the last bit.

    Examples
    --------
    >>> fingerprint({"stimuli": np.zeros((2, 3))}) == fingerprint({"stimuli": np.zeros((3, 2))})
    False
    """
    text, arrays = _packed(values)
    shapes = {name: [str(array.dtype), array.shape] for name, array in arrays.items()}
    return digest(f"{text}{json.dumps(shapes)}", arrays)


def versions_here() -> str:
    """Return the versions of all that has a say in the last bit, as far as they are installed."""
    found = [f"neurosim {__version__}", f"python {platform.python_version()}"]
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)


def _packed(values: Mapping[str, Any]) -> tuple[str, dict[str, NDArray[Any]]]:
    arrays: dict[str, NDArray[Any]] = {}

    def add(path: tuple[str, ...], array: NDArray[Any]) -> str:
        name = f"array_{len(arrays)}"
        arrays[name] = array
        return name

    return json.dumps({name: kept(value, (name,), add) for name, value in values.items()}), arrays
