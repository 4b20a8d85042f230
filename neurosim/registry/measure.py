"""A measure, declared once: when it applies, what it computes, and all that a reader is told of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Caption", "Measure", "Measured", "Metric", "nothing_said"]


class Metric(NamedTuple):
    """A documented number of a run."""

    unit: str
    """For example ``"fraction"`` (0 to 1), ``"bits"``, ``"dB"``, ``"s"``, ``"cycles"`` or ``"count"``."""
    meaning: str
    """One line: what is measured, and on what."""


class Caption(NamedTuple):
    """Words that go with a figure."""

    title: str
    text: str
    alternative: str
    """What the figure shows, for somebody who cannot see it."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a measure gives.

    Parameters
    ----------
    metrics : dict
        Flat, by the names of `summary.json`.
    columns : DataFrame or None
        One row per neuron, in the network's order: columns of `fields.csv`.
    tables : dict of str to DataFrame
        Files of the run folder by stem.
    figures : dict of str to callable
        Draw one figure each, by the stem of its file; called one after the other once all is measured.
    """

    metrics: Mapping[str, Any] = field(default_factory=dict)
    columns: "pd.DataFrame | None" = None
    tables: "Mapping[str, pd.DataFrame]" = field(default_factory=dict)
    figures: "Mapping[str, Callable[[], Figure]]" = field(default_factory=dict)


def nothing_said(run: Any) -> Iterator[str]:
    """Say nothing of a run."""
    return iter(())


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of trained networks.

    Parameters
    ----------
    name : str
        By which its stream of random numbers is known: the same name, the same numbers.
    applies : callable
        Whether it has anything to say of a `neurosim.measures.context.Context`.
    compute : callable
        Takes the context and a numpy Generator, and returns `Measured`.
    step : callable
        What is being done, in words, for the one who waits; takes the context.
    metrics : mapping of str to Metric
        Every number it may give.
    tables : mapping of str to str
        Caption of every table it may give that the page shows.
    files : tuple of str
        Stems of tables that it may write and the page does not show.
    figures : mapping of str to Caption
        Words of every figure it may give.
    sentences : callable
        Takes a `neurosim.results.run_folder.RunFolder` and yields what a reader is told in words; nothing where the
        run's numbers do not allow it.
    """

    name: str
    applies: Callable[[Any], bool]
    compute: "Callable[[Any, np.random.Generator], Measured]"
    step: Callable[[Any], str]
    metrics: Mapping[str, Metric]
    tables: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    figures: Mapping[str, Caption] = field(default_factory=dict)
    sentences: Callable[[Any], Iterator[str]] = nothing_said
