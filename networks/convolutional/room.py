"""Whether a population on a grid fits into memory, asked before any of it is taken."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from neurosim.engine.shared.grid import Grid

__all__ = ["needed_bytes", "replicas_that_fit", "require_room"]

# Numbers a neuron takes: four variables and their number, what it has told, where it goes, its code.
_PER_NEURON = 14
# So many neurons of all replicas together are shown at a time when nothing is learned.
_TOGETHER = 2**22


def needed_bytes(grid: Grid, *, n_features: int, n_replicas: int, itemsize: int) -> tuple[int, int]:
    """Return the bytes that the table of overlaps and the population at all positions take.

    Examples
    --------
    >>> needed_bytes(Grid((64, 64), (8, 8), (4, 4)), n_features=10, n_replicas=1, itemsize=4)
    (3600, 126000)
    """
    table = n_features * grid.overlaps(n_features).row * itemsize
    return table, _PER_NEURON * n_replicas * n_features * grid.n_positions * itemsize


def replicas_that_fit(grid: Grid, *, n_features: int, at_most: int) -> int:
    """Return how many pictures of a size are shown together."""
    return max(1, min(at_most, _TOGETHER // (n_features * grid.n_positions)))


def require_room(
    grid: Grid, *, n_features: int, n_replicas: int, itemsize: int, free: int | None = None
) -> None:
    """Raise ValueError unless a population fits into free memory, with what it takes and the stride that would fit."""
    free = _free_memory() if free is None else free
    sizes = {"n_features": n_features, "n_replicas": n_replicas, "itemsize": itemsize}
    table, code = needed_bytes(grid, **sizes)
    n_numbers = n_replicas * n_features * grid.n_positions
    if (free is None or table + code <= free) and n_numbers < 2**31:
        return
    fits = [s for s in _longer_strides(grid) if sum(needed_bytes(s, **sizes)) <= (free or table + code)]
    fits = [s for s in fits if n_replicas * n_features * s.n_positions < 2**31]
    pictures = "1 picture" if n_replicas == 1 else f"{n_replicas} pictures"
    remedy = f"stride {_words(fits[0])} would fit" if fits else "no longer stride would fit either"
    raise ValueError(
        f"the table of overlaps takes {_in_words(table)} and {n_features} neurons at {grid.n_positions:,} positions of "
        f"{pictures} {_in_words(code)}, and {_in_words(free or 0)} of memory are free; {remedy}; or show "
        "smaller pictures, fewer at a time (batch_size), or use fewer neurons"
    )


def _longer_strides(grid: Grid) -> list[Grid]:
    """Return the grids of longer strides that still cover the picture, the shortest first."""
    found = []
    for longer in range(1, max(grid.field) + 1):
        stride = tuple(s + longer if p > s else s for s, p in zip(grid.stride, grid.field, strict=True))
        with suppress(ValueError):
            found.append(replace(grid, stride=stride))
    return found


def _words(grid: Grid) -> str:
    return str(grid.stride[0]) if len(set(grid.stride)) == 1 else str(grid.stride)


def _in_words(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"


def _free_memory() -> int | None:
    """Return how many bytes the system has left, or None where nobody can tell."""
    with suppress(OSError, ValueError, KeyError):
        lines = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
        return 1024 * {words[0]: int(words[1]) for words in lines}["MemAvailable:"]
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None
