"""A network as a C++ program in a folder of its own, that is run again and again with other arrays."""

import os
import shutil
import subprocess
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from brian2 import Clock, Network, NetworkOperation, get_device, second
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from neurosim._turns import forked
from neurosim.engine.arrays import ArrayBlock
from neurosim.engine.backend import waiting_environment
from neurosim.engine.build_cache import fetch_program, keep_program
from neurosim.engine.build_key import program_key
from neurosim.engine.compilation import PROGRAM, compile_program, outside_inputs
from neurosim.engine.compiled_before import announce_compilation
from neurosim.engine.errors import BackendError
from neurosim.owned_folders import own_folder

__all__ = ["StandaloneBuild", "Written"]

Written = Mapping[ArrayVariable, tuple[ArrayVariable, int, int] | None]

# What a shell and the loader answer when a program cannot be started.
_CANNOT_START = (126, 127)


class StandaloneBuild:
    """A compiled C++ program, and the results of its last run.

    The program is compiled unless one with the same sources, compiler and machine was kept by an earlier process.

    Parameters
    ----------
    network : brian2.Network
        Built for the standalone device that is active, after every other network of this process.
    clock : brian2.Clock
        The clock of all its objects.
    settings : ArrayBlock
        Arrays ``dt`` (seconds) and ``seed`` that each run is given.
    longest : float
        Bound of the simulated time of one run, in seconds.
    written : mapping of ArrayVariable to (ArrayVariable, int, int), optional
        What the program leaves behind: ``(counter, place, size)`` writes the first ``counter[place] * size`` values of
        an array, None all of it. Without the mapping Brian2 writes every array, which a network with monitors needs.

    Attributes
    ----------
    from_cache : bool
        Whether the program was compiled by an earlier process.

    Raises
    ------
    BackendError
        If the network cannot run in standalone, or another was built after it, or the compiler refuses its code.
    """

    def __init__(
        self,
        network: Network,
        clock: Clock,
        settings: ArrayBlock,
        *,
        longest: float,
        written: Written | None = None,
    ) -> None:
        self._device = get_device()
        _require_buildable(network, settings, self._device)
        self._folder = own_folder()
        self._generation = forked()
        self._remove = weakref.finalize(self, _discard, self._folder, self._device, self._generation)
        self._given: dict[ArrayVariable, Path] = {}
        if written is not None:
            self._device.insert_code("before_end", _writing(written, self._device))
        _generate(network, clock, settings, longest=longest, folder=self._folder)
        self._files = {
            variable: self._device.get_array_filename(variable) for variable in self._device.arrays
        }
        self._sources = tuple(self._device.writer.source_files)
        self._results: Path = self._folder / "results"
        self._key = program_key(self._folder, numbered=_numbered_names(self._device))
        self.from_cache = fetch_program(self._key, self._folder / PROGRAM)
        if not self.from_cache:
            self._compile()

    def give(self, variable: ArrayVariable, values: NDArray[Any]) -> None:
        """Set an array, or its first values, for all runs to come; what is never given starts as the network has it."""
        path = self._given[variable] = self._folder / f"given_{self._files[variable]}"
        values.tofile(path)
        # A run may be given the first values only: the rest of its file is a hole that takes no space.
        os.truncate(path, variable.size * values.itemsize)

    def run(self) -> None:
        """Run the program on the arrays it was given.

        Raises
        ------
        BackendError
            If the program fails, or was compiled by the process that this one was forked from.
        """
        if forked() != self._generation:
            raise BackendError(
                "this circuit was compiled for C++ standalone before this process was forked, and its files are its "
                'parent\'s; assemble it here, or use backend="cython"'
            )
        arguments = ["--results_dir", f"{self._results}{os.sep}"]
        arguments += [
            f"{variable.owner.name}.{variable.name}={path}" for variable, path in self._given.items()
        ]
        done = self._started(arguments)
        if done.returncode or "Error" in done.stderr or "Cannot" in done.stderr:
            raise BackendError(
                f"the compiled simulation failed with exit code {done.returncode}: {done.stderr[-500:]}"
            )
        if self._device.project_dir == str(self._folder):
            # Lets the monitors a user added read the results, until another network is built for standalone.
            self._device.has_been_run, self._device.results_dir = True, f"{self._results}{os.sep}"
            # Brian2 reads this one when the device is chosen again, and programs that write little leave it out.
            step = self._device.defaultclock.variables["dt"]
            known = self._device.array_cache.get(step)
            self._device.array_cache.clear()
            self._device.array_cache[step] = np.array([1e-4]) if known is None else known

    def result(self, variable: ArrayVariable, *, first: int | None = None) -> NDArray[Any]:
        """Return an array, or its first values, as the last run left it."""
        count = -1 if first is None else first
        return np.fromfile(self._results / self._files[variable], dtype=variable.dtype, count=count)

    def _compile(self) -> None:
        announce_compilation("cpp_standalone")
        compile_program(self._folder, self._sources)
        self.from_cache = False
        keep_program(self._key, self._folder / PROGRAM, inputs=outside_inputs(self._folder))

    def _started(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        command = [str(self._folder / PROGRAM), *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self._folder,
                env=waiting_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError:
            if not self.from_cache:
                raise
        else:
            if not (self.from_cache and done.returncode in _CANNOT_START):
                return done
        # The system has changed under a kept program, for instance a library it was linked with has gone.
        self._compile()
        return self._started(arguments)


def _require_buildable(network: Network, settings: ArrayBlock, device: Any) -> None:
    dropped = [part.name for part in network.sorted_objects if isinstance(part, NetworkOperation)]
    if dropped:
        raise BackendError(
            f"C++ standalone would silently drop the network_operation {dropped[0]!r}; write it as equations or "
            'run_regularly, or use backend="cython"'
        )
    if settings.array("dt") not in device.arrays:
        raise BackendError(
            "another network was built for C++ standalone before this one was compiled, and Brian2 keeps only the "
            "latest; build this one again and compile it (or run it) before the next is built"
        )


def _generate(network: Network, clock: Clock, settings: ArrayBlock, *, longest: float, folder: Path) -> None:
    """Write the program's sources: it takes arrays from the command line, the step and the seed among them."""
    device = get_device()
    device.apply_run_args()
    dt, seed = (f"brian::{device.get_array_name(settings.array(key))}[0]" for key in ("dt", "seed"))
    step = f"brian::{device.get_array_name(clock.variables['dt'])}[0]"
    device.insert_code("before_network_run", f"{step} = {dt};")
    device.insert_code(
        "before_network_run", f"for (auto& generator : brian::_random_generators) generator.seed({seed});"
    )
    network.run(longest * second, namespace={})
    device.build(directory=str(folder), compile=False, run=False, with_output=False)


def _writing(written: Written, device: Any) -> str:
    """Return C++ that writes some arrays and ends the program before Brian2 writes all of them."""
    lines = []
    for variable, part in written.items():
        array = f"brian::{device.get_array_name(variable)}"
        count = str(variable.size)
        if part is not None:
            counter, place, size = part
            count = f"(size_t)brian::{device.get_array_name(counter)}[{place}] * {size}"
        lines.append(f'keep("{device.get_array_filename(variable)}", {array}, {count} * sizeof(*{array}));')
    return _KEEP.format(lines="\n".join(lines))


_KEEP = """
auto keep = [](const char* name, const void* values, size_t n_bytes) {{
  std::ofstream file(brian::results_dir + name, std::ios::binary);
  if (!file.write(static_cast<const char*>(values), n_bytes)) {{
    std::cerr << "Error writing " << name << std::endl;
    std::_Exit(1);
  }}
}};
{lines}
std::_Exit(0);
"""


def _numbered_names(device: Any) -> list[str]:
    """Return the names that depend on which other networks this process still holds."""
    return [*device.code_objects, *sorted(network.name for network in device.networks)]


def _discard(folder: Path, device: Any, generation: int) -> None:
    """Remove a build, and clear the device that would go on reading results from its folder.

    Not in a forked process, which has the object too: the files are its parent's.
    """
    if forked() != generation:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if device.project_dir == str(folder):
        device.reinit()
