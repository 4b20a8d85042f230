"""Turn the sources that Brian2 generated into a program, in less time than its makefile takes.

Most of a build is reading the same standard headers once per file, and optimising code that only loads and writes
arrays. So the files around the simulation are compiled together and with -O1, while the simulation's own code keeps
every flag. Where that fails, Brian2's makefile is used as it stands.
"""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from brian2 import get_device, prefs
from brian2.codegen.cpp_prefs import get_compiler_and_args

from neurosim.engine.errors import BackendError

__all__ = ["PROGRAM", "compile_program", "outside_inputs"]

PROGRAM = "main.exe" if os.name == "nt" else "main"

# In an order in which one can follow the other in a single translation unit.
_AROUND = ("objects.cpp", "network.cpp", "run.cpp", "synapses_classes.cpp", "main.cpp")
_TOGETHER = "around_the_simulation"


def compile_program(folder: Path, sources: Iterable[str]) -> None:
    """Compile a generated program inside its folder.

    Parameters
    ----------
    folder : Path
        Folder with the generated sources and the makefile; `PROGRAM` appears there.
    sources : iterable of str
        The makefile's sources, relative to the folder unless they lie elsewhere.

    Raises
    ------
    BackendError
        If the compiler refuses the sources.
    """
    if get_compiler_and_args()[0] == "msvc":
        get_device().compile_source(str(folder), "msvc", False, False)
        return
    if _make(folder, *_short_way(folder, list(sources))).returncode:
        done = _make(folder)
        if done.returncode:
            raise BackendError(
                f"the compiler refused the generated C++ (exit code {done.returncode}); if you did not add C++ of your "
                f'own, check the compiler that CXX names, or use backend="numpy": {done.stderr[-1500:]}'
            )


def outside_inputs(folder: Path) -> dict[str, str]:
    """Return the digest of every file from outside the folder that a build has read; system headers are left out.

    Raises
    ------
    OSError
        If one of them has gone.
    """
    paths: set[str] = set()
    for rules in folder.rglob("*.d"):
        words = re.findall(r"(?:\\ |[^\s\\])+", rules.read_text().replace("\\\n", " "))
        paths.update(word.replace("\\ ", " ") for word in words[1:])
    outside = sorted(path for path in paths if Path(path).is_absolute())
    return {path: hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in outside}


def _short_way(folder: Path, sources: list[str]) -> list[str]:
    """Write the files that shorten a build, and return the arguments of make that use them."""
    around = [name for name in _AROUND if name in sources]
    (folder / f"{_TOGETHER}.cpp").write_text("".join(f'#include "{name}"\n' for name in around))
    (folder / "shorter.mk").write_text(f"OPTIMISATIONS += -MMD\n{_TOGETHER}.o: OPTIMISATIONS += -O1\n")
    own = [f"{_TOGETHER}.cpp", *sorted(set(sources) - set(around))]
    # Brian2 first runs the preprocessor over everything for make.deps, which a single build has no use for.
    return ["-f", "makefile", "-f", "shorter.mk", f"SRCS={' '.join(own)}", "DEPS="]


def _make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    standalone = prefs.devices.cpp_standalone
    command = [*standalone.make_cmd_unix.split(), *standalone.extra_make_args_unix, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
