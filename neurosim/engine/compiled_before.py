"""Know which circuits were compiled with Cython on this machine, and say so when one is compiled for the first time.

Brian2 names a module by its code, which takes as long to generate as a short simulation. So one small file per circuit
says which modules it is made of; where they still exist, it only has to be loaded.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import statistics
import sys
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2.codegen.runtime.cython_rt import cython_rt

from neurosim._version import __version__
from neurosim.engine.build_cache import build_cache_folder
from neurosim.engine.cache_folder import owned_folder, write_at_once

__all__ = [
    "LoadedModules",
    "announce_compilation",
    "compiled_before",
    "expected_seconds",
    "noted_modules",
    "remember_compiled",
]

# Seconds a circuit takes to compile where nobody has measured it yet: 3 in standalone, 6 to 11 with Cython on two cores
# at 2.45 GHz (docs/speed.md).
_EXPECTED = {"cython": 10.0, "cpp_standalone": 4.0}
_KEPT = 256
_WORDS = {"cython": "Cython", "cpp_standalone": "C++ standalone"}
_LOG = logging.getLogger("neurosim")


@dataclass
class LoadedModules:
    """The files of the Cython modules that a block of code asked for, and whether one of them had to be compiled."""

    paths: list[str] = field(default_factory=list)
    compiled: bool = False


def announce_compilation(backend: str) -> None:
    """Log that a circuit is compiled now and how long it takes, as a warning, which is shown without any setup."""
    _LOG.warning(
        "compiling a circuit with %s, which takes about %.0f s, once on this machine",
        _WORDS[backend],
        expected_seconds(backend),
    )


@contextmanager
def noted_modules() -> Iterator[LoadedModules]:
    """Note the Cython modules that are loaded inside a ``with`` block, and announce the first one that is compiled."""
    manager, noted = cython_rt.cython_extension_manager, LoadedModules()
    load, create = manager._load_module, manager.create_extension

    def loading(path: str, *arguments: Any, **named: Any) -> Any:
        if not noted.compiled and not os.path.isfile(path):
            noted.compiled = True
            announce_compilation("cython")
        return load(path, *arguments, **named)

    def creating(*arguments: Any, **named: Any) -> Any:
        module = create(*arguments, **named)
        # There is none where Cython refused the code.
        noted.paths += [str(module.__file__)] if module is not None else []
        return module

    manager._load_module, manager.create_extension = loading, creating
    try:
        yield noted
    finally:
        manager._load_module, manager.create_extension = load, create


def compiled_before(key: Hashable) -> bool:
    """Whether the Cython modules of a circuit were compiled here by any process and still exist.

    Parameters
    ----------
    key : hashable
        All that decides the generated code.
    """
    modules = _told(_note(key)).get("modules") or ()
    return bool(modules) and all(Path(path).is_file() for path in modules)


def remember_compiled(key: Hashable, modules: Sequence[str], *, seconds: float | None) -> None:
    """Keep for later processes what a circuit is made of; a folder that cannot be written is left alone.

    Parameters
    ----------
    key : hashable
    modules : sequence of str
        Files of its Cython modules.
    seconds : float or None
        What compiling took, if it was compiled now.
    """
    note = _note(key)
    told = {"modules": list(modules), "seconds": _told(note).get("seconds") if seconds is None else seconds}
    with contextlib.suppress(OSError):
        owned_folder(note.parent)
        write_at_once(note, json.dumps(told).encode())
        for old in sorted(note.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)


def expected_seconds(backend: str) -> float:
    """Return how long a circuit takes to compile: the median of what was measured here, or else what is usual."""
    if backend != "cython":
        return _EXPECTED[backend]
    with contextlib.suppress(OSError):
        told = [_told(path).get("seconds") for path in _folder().glob("*.json")]
        measured = [float(seconds) for seconds in told if isinstance(seconds, int | float)]
        if measured:
            return max(1.0, statistics.median(measured))
    return _EXPECTED[backend]


def _folder() -> Path:
    return build_cache_folder().with_name("circuits")


def _note(key: Hashable) -> Path:
    versions = (__version__, brian2.__version__, np.__version__, sys.version, sys.executable)
    compilers = (os.environ.get("CC"), os.environ.get("CXX"))
    # Where a function lies in memory is not part of what it does.
    named = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(key))
    digest = hashlib.sha256(repr((versions, compilers, named)).encode()).hexdigest()
    return _folder() / f"{digest[:32]}.json"


def _told(note: Path) -> dict[str, Any]:
    try:
        told = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
