"""Time two or more things in turn, and the statistics of such rounds."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Spread", "interleaved", "ratios", "spread"]


@dataclass(frozen=True)
class Spread:
    """Median of several measurements and the smallest and largest of them.

    Parameters
    ----------
    median, low, high : float
    n : int
        Number of measurements.
    """

    median: float
    low: float
    high: float
    n: int


def spread(values: Sequence[float]) -> Spread:
    """Summarise measurements.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> spread([3.0, 1.0, 2.0])
    Spread(median=2.0, low=1.0, high=3.0, n=3)
    """
    if not values:
        raise ValueError("expected at least one measurement, got none")
    return Spread(statistics.median(values), min(values), max(values), len(values))


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Summarise the ratio within every round: what both suffered from in the same moment cancels.

    Raises
    ------
    ValueError
        If the two have different lengths.

    Examples
    --------
    >>> ratios([2.0, 40.0, 6.0], [1.0, 10.0, 2.0]).median
    3.0
    """
    return spread([a / b for a, b in zip(numerators, denominators, strict=True)])


def interleaved(
    timed: Mapping[str, Callable[[], float]],
    *,
    rounds: int,
    heard: Callable[[str, float], None] = lambda name, seconds: None,
) -> dict[str, list[float]]:
    """Call every function once per round, one after the other, and collect what they return.

    Parameters
    ----------
    timed : mapping of str to callable
        Each runs once and returns its own seconds.
    rounds : int
        At least 1.
    heard : callable, optional
        Told the name and the seconds after every call.

    Returns
    -------
    dict of str to list of float, length `rounds`

    Examples
    --------
    >>> interleaved({"a": lambda: 1.0, "b": lambda: 2.0}, rounds=2)
    {'a': [1.0, 1.0], 'b': [2.0, 2.0]}
    """
    if rounds < 1:
        raise ValueError(f"expected at least one round, got {rounds}")
    collected: dict[str, list[float]] = {name: [] for name in timed}
    for k in range(rounds):
        # Every other round goes backwards, so that nobody always follows the same neighbour.
        for name in list(timed)[:: 1 if k % 2 == 0 else -1]:
            collected[name].append(timed[name]())
            heard(name, collected[name][-1])
    return collected
