"""Whether a run fits in memory, before any of it is taken."""

import os
from contextlib import suppress
from pathlib import Path

from neurosim.recipes.errors import RecipeError
from neurosim.recipes.recipe import Recipe
from neurosim.results.byte_sizes import in_words
from neurosim.runs.needs.run_size import memory_needs

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")
# By version of control groups: the file of the limit, and of what is taken of it.
_LIMITS = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
_NAMED = 3


def require_memory(recipe: Recipe) -> None:
    """Raise `RecipeError` unless what a run holds at the same time fits in free memory; names the keys that decide."""
    needs = sorted(memory_needs(recipe), key=lambda need: need.n_bytes, reverse=True)
    total, free = sum(need.n_bytes for need in needs), free_memory()
    if free is None or total <= free:
        return
    large = [need for need in needs[:_NAMED] if need.n_bytes > total // 100]
    named = ", ".join(f"{need.what} {in_words(need.n_bytes)} ({need.key})" for need in large)
    raise RecipeError(
        f"the run needs about {in_words(total)} of memory, and {in_words(free)} are free: {named}; lower "
        f"{large[0].key}, or run it where there is more"
    )


def free_memory() -> int | None:
    """Return how many bytes this process may still take, or None where nobody can tell.

    What the system has left, swap included, and no more than a limit of the control group (of a container, or a job
    of a cluster) leaves.
    """
    known = [amount for amount in (_of_the_system(), *_of_control_groups()) if amount is not None]
    return max(min(known), 0) if known else None


def _of_the_system() -> int | None:
    with suppress(OSError, ValueError, KeyError):
        lines = (line.split() for line in (_PROC / "meminfo").read_text().splitlines())
        kilobytes = {words[0]: int(words[1]) for words in lines}
        return 1024 * (kilobytes["MemAvailable:"] + kilobytes["SwapFree:"])
    with suppress(OSError, ValueError, AttributeError):  # macOS: all there is
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_control_groups() -> list[int]:
    """Return what every control group that this process belongs to leaves."""
    left = []
    for folder in _control_groups():
        for limit, taken in _LIMITS:
            with suppress(OSError, ValueError):  # "max" is no limit
                allowed, used = (int((folder / name).read_text()) for name in (limit, taken))
                left.append(allowed - used + _given_back(folder))
    return left


def _given_back(folder: Path) -> int:
    """Return how much of what a group has taken is only kept copies of files, which the system gives back."""
    with suppress(OSError, ValueError, KeyError):
        lines = (line.split() for line in (folder / "memory.stat").read_text().splitlines())
        counted = {words[0]: int(words[1]) for words in lines}
        return counted.get("total_inactive_file", counted.get("inactive_file", 0))
    return 0


def _control_groups() -> list[Path]:
    with suppress(OSError, ValueError):
        found = []
        for line in (_PROC / "self" / "cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "" or "memory" in controllers.split(","):
                root = _CGROUPS / "memory" if controllers else _CGROUPS
                group = root / path.lstrip("/")
                inside = [root / part for part in Path(path.lstrip("/")).parents] if path != "/" else []
                found += [group, *inside, root]
        return list(dict.fromkeys(found))
    return []
