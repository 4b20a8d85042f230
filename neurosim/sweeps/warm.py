"""What a dask worker does when it starts, or starts again: import Brian2 in its main thread, and stop watching itself.

Brian2 sets a handler of signals at import, which fails in the threads that dask runs tasks in. Dask looks at a task's
stack a hundred times a second, which keeps simulations waiting.
"""

from typing import Any

from distributed import WorkerPlugin

_WATCHING = ("profile", "profile-cycle")


class Warm(WorkerPlugin):
    """Imports what a run needs, and leaves the processor to it."""

    name = "neurosim-warm"

    def setup(self, worker: Any) -> None:
        """Import it; dask calls this from the worker's event loop, in its main thread."""
        import neurosim.runs.execute  # noqa: F401

        for name in _WATCHING:
            if name in worker.periodic_callbacks:
                worker.periodic_callbacks[name].stop()
