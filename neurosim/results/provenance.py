"""Record what it takes to say where a result came from."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from neurosim._version import __version__

_PACKAGES = (
    "brian2", "numpy", "scipy", "scikit-learn", "scikit-image", "matplotlib", "xarray", "h5netcdf",
    "pandas", "pydantic", "cython", "neo", "elephant", "jax", "optax",
)  # fmt: skip
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def provenance(
    *,
    seed: int,
    command: Sequence[str],
    timings: Mapping[str, float],
    sources: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what a run was made with, ready for JSON.

    Parameters
    ----------
    seed : int
        The recipe's.
    command : sequence of str
        The command line, program first; empty when the run was started from Python.
    timings : mapping of str to float
        Seconds, by `seconds_*` name.
    sources : mapping
        What stimuli were made from: tables by name, such as ``images``, ``files`` or ``font``.

    Returns
    -------
    dict
        `neurosim`, `python`, `packages` (versions), `platform`, `n_cpus`, `threads` (the environment's
        settings), `git_commit` (None outside a checkout), `started_with`, `finished_at` (UTC), `seed`,
        `timings`, and the tables of `sources`.

    Examples
    --------
    >>> provenance(seed=1, command=[], timings={}, sources={"font": {"family": "Arial"}})["font"]
    {'family': 'Arial'}
    """
    return {
        "neurosim": __version__,
        "python": platform.python_version(),
        "packages": package_versions(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "n_cpus": os.cpu_count(),
        "threads": thread_settings(),
        "git_commit": git_commit(),
        "started_with": list(command),
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "timings": dict(timings),
        **sources,
    }


def package_versions() -> dict[str, str | None]:
    """Return the versions of the packages that results depend on, None for one that is absent.

    None of them is imported for it.

    Examples
    --------
    >>> import numpy
    >>> package_versions()["numpy"] == numpy.__version__
    True
    """
    return {name: _version(name) for name in _PACKAGES}


def thread_settings() -> dict[str, str | None]:
    """Return the environment's settings of the thread counts of numerical libraries, None where unset.

    Examples
    --------
    >>> "OMP_NUM_THREADS" in thread_settings()
    True
    """
    return {name: os.environ.get(name) for name in _THREAD_VARIABLES}


def git_commit(folder: Path | None = None) -> str | None:
    """Return the commit of the checkout that neurosim runs from, with ``-dirty`` if it was edited.

    Parameters
    ----------
    folder : Path, optional
        Look here instead of where the package lies.

    Returns
    -------
    str or None
        None where the package is installed rather than checked out, or git is missing.

    Examples
    --------
    >>> git_commit(Path("/")) is None
    True
    """
    root = Path(__file__).parents[2] if folder is None else folder
    # A site-packages folder inside somebody else's checkout must not report that project's commit.
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return finished.stdout.strip()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
