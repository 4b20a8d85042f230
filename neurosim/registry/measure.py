"""A measure, declared once: when it applies, what it computes, and all that a reader is told of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["CONDITION", "Caption", "Measure", "Measured", "Metric", "declared_name", "undeclared"]

CONDITION = "<condition>"
"""Ends the name of what a run has once for each of several networks: the network's own name stands there."""


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


def always(context: Any) -> bool:
    """Apply to every run."""
    return True


def nothing_measured(context: Any, rng: "np.random.Generator") -> Measured:
    """Give nothing: the numbers are taken elsewhere, or there are words alone."""
    return Measured()


def nothing_redrawn(tables: "Mapping[str, pd.DataFrame]") -> "Mapping[str, Callable[[], Figure]]":
    """Draw nothing: what figures show is not stored."""
    return {}


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
        Whether it has anything to say of a `neurosim.measures.context.Context`; without it, of every one.
    compute : callable
        Takes the context and a numpy Generator, and returns `Measured`.
    step : callable, optional
        What is being done, in words, for the one who waits; takes the context. Not for what takes no time.
    metrics : mapping of str to Metric
        Every number it may give; a name may end with `CONDITION`.
    tables : mapping of str to str
        Caption of every table it may give that the page shows.
    files : tuple of str
        Stems of tables that it may write and the page does not show.
    columns : mapping of str to str
        Words, with the unit, of those columns of `fields.csv` whose quartiles the page shows.
    figures : mapping of str to Caption
        Words of every figure it may give; a stem may end with `CONDITION`, which the title may hold too.
    redraw : callable
        Takes tables of a finished run by the stems of their files and returns the figures that they are enough for, as
        `Measured` has them; a figure that is left out has to be measured again.
    sentences : callable
        Takes a `neurosim.results.run_folder.RunFolder` and yields what a reader is told in words; nothing where the
        run's numbers do not allow it.
    """

    name: str
    applies: Callable[[Any], bool] = always
    compute: "Callable[[Any, np.random.Generator], Measured]" = nothing_measured
    step: Callable[[Any], str] | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Caption] = field(default_factory=dict)
    redraw: "Callable[[Mapping[str, pd.DataFrame]], Mapping[str, Callable[[], Figure]]]" = nothing_redrawn
    sentences: Callable[[Any], Iterator[str]] = nothing_said


def undeclared(measure: Measure, given: Measured) -> list[str]:
    """Return what a measure gives and tells nobody of: numbers, tables and figures that it does not declare.

    Examples
    --------
    >>> measure = Measure(name="bits", metrics={"bits": Metric("bits", "How far.")})
    >>> undeclared(measure, Measured(metrics={"bits": 0.5, "bits_low": 0.25}))
    ['bits_low']
    """
    pairs = (
        (given.metrics, measure.metrics),
        (given.tables, [*measure.tables, *measure.files]),
        (given.figures, measure.figures),
    )
    return [name for names, known in pairs for name in names if declared_name(name, known) is None]


def declared_name(name: str, known: Iterable[str]) -> str | None:
    """Return the name under which a number, a table or a figure is declared, or None if nobody knows it.

    Parameters
    ----------
    name : str
        As in `summary.json`, or the stem of a file.
    known : iterable of str
        What measures declare; a name may end with `CONDITION`.

    Examples
    --------
    >>> known = ["bits_<condition>", "bits_corrected_<condition>", "bits"]
    >>> [declared_name(name, known) for name in ("bits", "bits_l1", "bits_corrected_l1", "other")]
    ['bits', 'bits_<condition>', 'bits_corrected_<condition>', None]
    """
    known = list(known)
    if name in known:
        return name
    beginnings = [
        key for key in known if key.endswith(CONDITION) and name.startswith(key.removesuffix(CONDITION))
    ]
    # The name of one kind of number may begin with that of another.
    return max(beginnings, key=len, default=None)
