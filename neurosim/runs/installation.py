"""What this installation can do: for `neurosim info` and bug reports."""

import os
import platform
import shutil
from pathlib import Path
from typing import Any

from neurosim._version import __version__
from neurosim.results.provenance import git_commit, package_versions, thread_settings


def installation() -> dict[str, Any]:
    """Return versions, backends (``"available"`` or what is missing), compiler, threads and data folder, for JSON."""
    data = os.environ.get("NEUROSIM_DATA")
    return {
        "neurosim": __version__,
        "git_commit": git_commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": package_versions(),
        "backends": _backends(),
        "compiler": shutil.which(os.environ.get("CXX", "g++").split()[0]),
        "n_cpus": os.cpu_count(),
        "threads": thread_settings(),
        "data_folder": data,
        "data_folder_exists": data is not None and Path(os.path.expanduser(data)).is_dir(),
    }


def installation_text(found: dict[str, Any]) -> str:
    """Return what `installation` found as lines for a terminal."""
    lines = [f"neurosim     {found['neurosim']} ({found['git_commit'] or 'not a checkout'})"]
    lines += [f"Python       {found['python']} on {found['platform']}"]
    lines += [f"{name:<12} {version or 'missing'}" for name, version in found["packages"].items()]
    lines += ["", *(f"backend {name:<15} {state}" for name, state in found["backends"].items())]
    lines += [f"C++ compiler {found['compiler'] or 'none found'}", f"CPUs         {found['n_cpus']}"]
    lines += [f"{name}={value or '(unset)'}" for name, value in found["threads"].items()]
    return "\n".join([*lines, f"NEUROSIM_DATA={_data_line(found)}"])


def _data_line(found: dict[str, Any]) -> str:
    if found["data_folder"] is None:
        return "(unset; only recipes on MNIST look there)"
    return f"{found['data_folder']}{'' if found['data_folder_exists'] else ' (no such folder)'}"


def _backends() -> dict[str, str]:
    from neurosim.engine.backend import BACKENDS, require_backend
    from neurosim.engine.errors import BackendError

    states = {}
    for name in BACKENDS:
        try:
            require_backend(name)
            states[name] = "available"
        except BackendError as error:
            states[name] = str(error)
    return states
