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
    "pandas", "pydantic", "cython", "neo", "elephant", "pynwb", "nir", "dask", "distributed", "jax", "optax",
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

    Versions, platform, threads, commit, the command line (empty from Python), the end (UTC), seed, seconds by
    ``seconds_*`` name, and the tables that say what stimuli were made from, such as ``images`` or ``font``.
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
    """Return the versions of the packages that results depend on, without importing them; None for an absent one."""
    return {name: _version(name) for name in _PACKAGES}


def thread_settings() -> dict[str, str | None]:
    """Return the environment's settings of the thread counts of numerical libraries, None where unset."""
    return {name: os.environ.get(name) for name in _THREAD_VARIABLES}


def git_commit(folder: Path | None = None) -> str | None:
    """Return the commit of the checkout that neurosim runs from, ``-dirty`` behind it if it was edited.

    None where the package is installed rather than checked out, or git is missing.
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
