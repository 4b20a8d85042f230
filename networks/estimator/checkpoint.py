"""Checkpoints: what learning goes on from, bit for bit, after it was interrupted or killed."""

import os
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurosim.engine.errors import CheckpointError
from neurosim.networks.estimator.backend_choice import repeatable
from neurosim.networks.estimator.checkpoint_file import (
    KeptState,
    fingerprint,
    read_state,
    versions_here,
    write_state,
)
from neurosim.networks.estimator.parameters import positive
from neurosim.networks.estimator.training_data import generator

__all__ = ["Checkpoint", "Given", "KeptTraining"]


@dataclass(frozen=True)
class Checkpoint:
    """A file that keeps the state of learning from time to time: ``net.fit(X, checkpoint=Checkpoint(path))``.

    If the file is there, `fit` goes on from it, and ends with the same network to the last bit as if it had not been
    interrupted, on the same machine. A kill at any moment loses no more than was learned since: `seconds`, and what
    was under way, a run of batches. Delete the file once the network is saved.

    Parameters
    ----------
    path : str or Path
        The file; its folder has to exist.
    seconds : float, default=60
        Of learning from one time of writing to the next, above 0; it is written once more when learning is over.

    Raises
    ------
    ValueError
        If `seconds` is impossible; from `fit`, if the folder is missing, the file is damaged or was written by
        another training (other stimuli, parameters or seed) or other versions (a
        `neurosim.engine.errors.CheckpointError`).

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> import neurosim
    >>> from neurosim.networks import SAILnet
    >>> stimuli = np.random.default_rng(0).standard_normal((200, 16))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = neurosim.Checkpoint(Path(folder) / "training.npz", seconds=600)
    ...     net = SAILnet(8, random_state=0, backend="numpy").fit(stimuli, checkpoint=kept)
    ...     again = SAILnet(8, random_state=0, backend="numpy").fit(stimuli, checkpoint=kept)
    >>> bool((net.dictionary_ == again.dictionary_).all())  # the second fit found nothing left to do
    True
    """

    path: str | Path
    seconds: float = 60.0

    def __post_init__(self) -> None:
        positive("seconds", self.seconds)

    @property
    def file(self) -> Path:
        """The path; ValueError if its folder is missing, which writing would notice too late."""
        if not Path(self.path).absolute().parent.is_dir():
            raise ValueError(
                f"checkpoint: expected a file in a folder that exists, got {str(self.path)!r}; make the folder"
            )
        return Path(self.path)


Given = str | Path | Checkpoint | None
"""What `fit` is given: a file, a `Checkpoint`, or nothing to keep."""


class KeptTraining:
    """One training, from the moment its stimuli are known: its generator, and its state in a file if one is given.

    Parameters
    ----------
    network : estimator
        Its parameters tell trainings apart, `random_state` as it is now.
    checkpoint : str, Path, Checkpoint or None
    fresh : bool
        False where learning goes on from what the network has learned (``warm_start``).
    **shown
        Whatever is learned from: arrays, numbers, words.

    Attributes
    ----------
    rng : numpy.random.Generator
        Of the network's `random_state`, in the state in which the training began that is gone on with.

    Raises
    ------
    CheckpointError
        If the file is damaged or of another training.
    """

    def __init__(self, network: Any, checkpoint: Given, *, fresh: bool = True, **shown: Any) -> None:
        given = Checkpoint(checkpoint) if isinstance(checkpoint, str | os.PathLike) else checkpoint
        # What was learned before tells warm starts apart; learning changes it in place.
        learned = {} if fresh else {"learned": network.dictionary_.copy()}
        self._checkpoint, self._shown = given, shown | learned
        self._found: KeptState | None = None
        self._identity: dict[str, str] = {}
        if given is not None:
            self._file = given.file
            parameters = network.get_params(deep=False)
            self._identity = {
                "versions": versions_here(),
                "network": type(network).__name__,
                "parameters": fingerprint(parameters),
            }
            if self._file.exists():
                self._found = self._required(read_state(self._file))
        self.rng = generator(network.random_state)
        if self._found is not None:
            self.rng.bit_generator.state = self._found.state["began"]
        self._began = self.rng.bit_generator.state
        self._last_write, self._is_new = time.monotonic(), True

    def choosing(self) -> AbstractContextManager[None]:
        """Have "auto" choose the same backend again inside the block, if there is something to go on from again."""
        return nullcontext() if self._checkpoint is None else repeatable()

    def begin(self, **circumstances: str) -> dict[str, Any] | None:
        """Return the state to go on from, or None for a training that is new; the clock starts.

        The circumstances have to be the same, too. The generator is brought to its state at that time.
        """
        self._last_write, found = time.monotonic(), self._found
        self._identity |= circumstances
        if found is None:
            return None
        self._require(found, circumstances)
        self.rng.bit_generator.state = found.state["rng"]
        self._found, self._is_new = None, False
        return found.state

    def note(self, state: Callable[..., Mapping[str, Any]], *given: Any) -> None:
        """Keep what ``state(*given)`` returns if the time has come; between two runs of batches."""
        self._is_new = True
        kept = self._checkpoint
        if kept is not None and time.monotonic() - self._last_write >= kept.seconds:
            self._write(state(*given))

    def end(self, state: Callable[..., Mapping[str, Any]], *given: Any) -> None:
        """Keep the last state, unless it is kept already."""
        if self._checkpoint is not None and self._is_new:
            self._write(state(*given))

    def _write(self, state: Mapping[str, Any]) -> None:
        if "stimuli" not in self._identity:
            self._identity["stimuli"] = fingerprint(self._shown)
        whole = {"began": self._began, "rng": self.rng.bit_generator.state, **state}
        try:
            write_state(self._file, KeptState(self._identity, whole))
        except OSError as error:
            warnings.warn(
                f"checkpoint: {str(self._file)!r} cannot be written ({error.strerror or error}); learning goes on "
                "without, and tries again: make room",
                stacklevel=5,
            )
        self._last_write, self._is_new = time.monotonic(), False

    def _required(self, found: KeptState) -> KeptState:
        self._require(found, {"versions": self._identity["versions"]})
        self._identity["stimuli"] = fingerprint(self._shown)
        self._require(found, self._identity)
        return found

    def _require(self, found: KeptState, own: Mapping[str, str]) -> None:
        differ = [name for name, value in own.items() if found.identity.get(name) != value]
        if differ == ["versions"]:
            raise CheckpointError(
                f"checkpoint: {str(self._file)!r} was written by {found.identity.get('versions')}, and here is "
                f"{own['versions']}, which may differ in the last bit; go on with those versions, or delete it to "
                "start anew"
            )
        if differ:
            raise CheckpointError(
                f"checkpoint: {str(self._file)!r} is of another training (other {' and other '.join(differ)}); "
                "delete it to start anew, or name another file"
            )
