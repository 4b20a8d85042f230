"""A name for a standalone program that says all that its binary depends on: sources, compiler, machine."""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import brian2
from brian2 import prefs
from brian2.codegen.cpp_prefs import get_compiler_and_args

__all__ = ["compiler_version", "machine", "program_key"]

# Counts up when `compilation` builds in another way.
_RECIPE = 1
# What the program reads or writes when it runs is not part of the binary.
_RUN_TIME_FOLDERS = ("results", "static_arrays")
# Change what a compiler finds, or the oldest system it builds for.
_ENVIRONMENT = (
    *("CPATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX"),
    *("SDKROOT", "MACOSX_DEPLOYMENT_TARGET", "CL", "_CL_", "INCLUDE", "LIB", "VCToolsVersion"),
)
# Lines of /proc/cpuinfo that decide what ``-march=native`` means; the others hold clock rates and counters.
_PROCESSOR = ("vendor_id", "model name", "flags", "Features", "CPU implementer", "CPU part", "isa")


def program_key(sources: Path, *, numbered: Sequence[str] = ()) -> str:
    """Return the name under which a program is kept.

    The folder's own place is not part of the name, nor are the arrays the program loads when it starts: their sizes
    are in the sources, their values are not.

    Parameters
    ----------
    sources : Path
        Folder with the generated sources and the makefile, not compiled yet.
    numbered : sequence of str
        Identifiers to which Brian2 appends a number when an earlier network of the process has them too. Their place
        in the sequence counts instead.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     source = Path(folder, "main.cpp")
    ...     _ = source.write_text("int main() { return 0; }")
    ...     success = program_key(Path(folder))
    ...     _ = source.write_text("int main() { return 1; }")
    ...     success == program_key(Path(folder))
    False
    """
    texts = {}
    for path in sources.rglob("*"):
        name = path.relative_to(sources)
        if path.is_file() and name.parts[0] not in _RUN_TIME_FOLDERS:
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            texts[_by_place(name.as_posix(), numbered)] = _by_place(text, numbered)
    everything = json.dumps([_circumstances(), texts], sort_keys=True)
    return hashlib.sha256(everything.encode()).hexdigest()


def _by_place(text: str, numbered: Sequence[str]) -> str:
    """Replace each of some identifiers, also where it follows a prefix such as ``_run_``, by its place."""
    if not numbered:
        return text
    places = {name: f"\0{place}\0" for place, name in enumerate(numbered)}
    names = "|".join(re.escape(name) for name in sorted(numbered, key=len, reverse=True))
    # The default name of a network is also that of a header.
    pattern = rf"\bnetwork\.(?:h|cpp)\b|(?<![A-Za-z0-9])(?:{names})(?![A-Za-z0-9_])"
    return re.sub(pattern, lambda found: places.get(found[0], found[0]), text)


def _circumstances() -> dict[str, object]:
    standalone = prefs.devices.cpp_standalone
    return {
        "recipe": _RECIPE,
        "brian2": brian2.__version__,
        "compiler": compiler_version(os.environ.get("CXX") or "g++", os.environ.get("PATH", "")),
        # The number of jobs changes how long a build takes, not what comes out.
        "make": [standalone.make_cmd_unix, [a for a in standalone.extra_make_args_unix if a[:2] != "-j"]],
        "make_windows": list(standalone.extra_make_args_windows),
        "environment": {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        "machine": machine(),
    }


@cache
def compiler_version(command: str, path: str) -> list[str]:
    """Return the compiler's file and what it says of its version; `path` makes the cache follow the environment."""
    if get_compiler_and_args()[0] == "msvc":
        return ["msvc"]
    words = command.split()
    found = shutil.which(words[0], path=path or None) or words[0]
    try:
        said = subprocess.run([*words, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        said = ""
    return [command, os.path.realpath(found), said]


@cache
def machine() -> list[str]:
    """Return what of this machine decides the code that a compiler makes for it."""
    processor = [platform.processor()]
    try:
        first = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
        processor += [line for line in first.splitlines() if line.split("\t")[0].strip() in _PROCESSOR]
    except OSError:
        processor.append(_processor_name())
    return [platform.system(), platform.machine(), *platform.libc_ver(), *processor]


def _processor_name() -> str:
    if platform.system() != "Darwin":
        return ""
    command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
