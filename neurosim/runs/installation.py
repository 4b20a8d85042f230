"""What this installation can do: for `neurosim info` and bug reports."""

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from neurosim._version import __version__
from neurosim.results.provenance import git_commit, package_versions, thread_settings

_DISTRIBUTION = "neurosim-v1"


def installation() -> dict[str, Any]:
    """Return versions, backends (``"available"`` or what is missing), extras, compiler, threads, data folder."""
    data = os.environ.get("NEUROSIM_DATA")
    return {
        "neurosim": __version__,
        "git_commit": git_commit(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": package_versions(),
        "backends": _backends(),
        "extras": extras(),
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
    lines += [f"extra   {name:<15} {state}" for name, state in found["extras"].items()]
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


def extras() -> dict[str, str]:
    """Return ``"works"`` for each extra, or what is missing or too old and how to get it.

    Those for developers are among them. Empty where neurosim runs from a checkout that was not installed.
    """
    try:
        about = distribution(_DISTRIBUTION)
    except PackageNotFoundError:
        return {}
    needed = [Requirement(each) for each in about.requires or []]
    return {name: _state(name, needed) for name in sorted(about.metadata.get_all("Provides-Extra") or [])}


def _state(extra: str, needed: list[Requirement]) -> str:
    """Say what an extra lacks; what it takes from another extra is told there."""
    own = [each for each in needed if each.marker is not None and each.marker.evaluate({"extra": extra})]
    lacking = [told for each in own if each.name != _DISTRIBUTION and (told := _lacking(each))]
    if not lacking:
        return "works"
    return f"{', '.join(lacking)}: pip install '{_DISTRIBUTION}[{extra}]'"


def _lacking(needed: Requirement) -> str:
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is missing"
    if needed.specifier.contains(found, prereleases=True):
        return ""
    return f"{needed.name} {needed.specifier} is needed, {found} is here"
