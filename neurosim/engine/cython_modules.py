"""Modules that Brian2's Cython target compiles, in a folder of ours, with a sum that is checked before one is loaded.

Brian2 loads whatever file has the right name. One that was cut short, by a full disk or a stopped process, ends Python
with a bus error; so a module is loaded only if it is, byte for byte, what was once compiled, and is compiled again if
not.
"""

import atexit
import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import brian2
from brian2 import prefs
from brian2.codegen.cpp_prefs import get_compiler_and_args
from brian2.codegen.runtime.cython_rt import cython_rt
from brian2.codegen.runtime.cython_rt.extension_manager import CythonExtensionManager

from neurosim._turns import forked
from neurosim.engine.build_key import compiler_version, machine
from neurosim.engine.cache_folder import cache_root, owned_folder, warn_once, write_at_once

__all__ = ["SUM", "checked_modules", "cython_cache_folder"]

SUM = ".sha256"
# What Brian2 hands the compiler beside the code; its own names of modules do not tell these.
_FLAGS = (
    "extra_link_args",
    "define_macros",
    "include_dirs",
    "library_dirs",
    "runtime_library_dirs",
    "libraries",
)


@contextmanager
def checked_modules() -> Iterator[None]:
    """Let Brian2 keep its compiled modules in our folder inside a ``with`` block, and load only sound ones."""
    folder = _usable_folder()
    where, safe = "codegen.runtime.cython.cache_dir", "codegen.runtime.cython.multiprocess_safe"
    kept = prefs[where], prefs[safe], cython_rt.cython_extension_manager
    prefs[where], prefs[safe] = str(folder), True
    cython_rt.cython_extension_manager = _manager(str(folder))
    try:
        yield
    finally:
        prefs[where], prefs[safe], cython_rt.cython_extension_manager = kept


def cython_cache_folder() -> Path:
    """Return the folder of compiled modules; it holds one folder for each compiler, set of flags and processor."""
    return cache_root() / "cython"


class _CheckedModules(CythonExtensionManager):
    """Brian2's manager of modules, which calls `_load_module` while it holds the module's lock file."""

    def _load_module(self, module_path: str, *arguments: Any, **keywords: Any) -> Any:
        path, search = Path(module_path), list(sys.path)
        kept = _is_sound(path)
        if not kept:
            # Not written over: another process may have it loaded.
            path.unlink(missing_ok=True)
        try:
            module = super()._load_module(module_path, *arguments, **keywords)
        finally:
            # Brian2 adds the folder to what Python searches, and leaves it there if loading fails.
            with suppress(ValueError):
                if str(path.parent) not in search:
                    sys.path.remove(str(path.parent))
        if not kept and path.exists():
            try:
                write_at_once(_sum_of(path), _digest(path).encode())
            except OSError as error:
                warn_once(path.parent, error)
        return module


def _is_sound(path: Path) -> bool:
    try:
        return _sum_of(path).read_text(encoding="ascii") == _digest(path)
    except (OSError, ValueError):
        return False


def _sum_of(path: Path) -> Path:
    return path.with_name(path.name + SUM)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@cache
def _manager(folder: str) -> _CheckedModules:
    return _CheckedModules()


def _usable_folder() -> Path:
    folder = cython_cache_folder()
    try:
        inside = owned_folder(owned_folder(folder) / _circumstances())
        if not os.access(inside, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "it cannot be written", str(inside))
    except OSError as error:
        warn_once(folder, error)
        return _own_folder(forked())
    return inside


@cache
def _own_folder(generation: int) -> Path:
    """Return a folder for this process alone, which goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="neurosim-modules-"))
    atexit.register(_remove, folder, generation)
    return folder


def _remove(folder: Path, generation: int) -> None:
    if forked() == generation:
        shutil.rmtree(folder, ignore_errors=True)


def _circumstances() -> str:
    """Return a name for what a module depends on beside the code, Python, Cython and numpy, which Brian2 counts in."""
    compiler, flags = get_compiler_and_args()
    given = {
        "brian2": brian2.__version__,
        "compiler": [compiler, *compiler_version(os.environ.get("CXX") or "g++", os.environ.get("PATH", ""))],
        "flags": [list(flags), *(prefs[f"codegen.cpp.{name}"] for name in _FLAGS)],
        "machine": machine(),
    }
    return hashlib.sha256(json.dumps(given, default=str).encode()).hexdigest()[:16]
