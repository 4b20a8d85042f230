"""What is said about a number of a run."""

from typing import NamedTuple

__all__ = ["Metric"]


class Metric(NamedTuple):
    """A documented number of a run."""

    unit: str
    """For example ``"fraction"`` (0 to 1), ``"bits"``, ``"dB"``, ``"s"``, ``"cycles"`` or ``"count"``."""
    meaning: str
    """One line: what is measured, and on what."""
