"""How whatever takes long tells how far it is."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Progress"]

Progress = Callable[[Mapping[str, Any]], None]
"""Called with events: a ``stage``; a ``step`` in words; ``batch`` and ``n_batches``, or ``done`` and ``of``."""
