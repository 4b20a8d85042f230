"""What a dask worker does when it starts, or starts again: import Brian2 in its main thread.

Brian2 sets a handler of signals at import, which fails in the threads that dask runs tasks in.
"""

from typing import Any

from distributed import WorkerPlugin


class Warm(WorkerPlugin):
    """Imports what a run needs."""

    name = "neurosim-warm"

    def setup(self, worker: Any) -> None:
        """Import it; dask calls this from the worker's event loop, in its main thread."""
        import neurosim.runs.execute  # noqa: F401
