"""What a section adds to while it measures: rows, points of curves, and words for whoever is waiting."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.contest import Contestant
from benchmarks.pairs import Spread, interleaved, ratios, spread
from benchmarks.report import Row, Target, markdown_table
from benchmarks.settings import Settings
from benchmarks.worker import PLAIN
from benchmarks.worker_pool import borrowed

__all__ = ["BenchRun", "contestant", "fastest"]


@dataclass
class BenchRun:
    """Results so far.

    Parameters
    ----------
    settings : Settings
    rows : list of Row
    curves : dict
        Points of the plots, by name.
    """

    settings: Settings
    rows: list[Row] = field(default_factory=list)
    curves: dict[str, Any] = field(default_factory=dict)

    def say(self, words: str) -> None:
        """Tell what is going on."""
        print(f"   {words}", flush=True)

    def add(self, row: Row) -> None:
        """Keep a row and show it."""
        self.rows.append(row)
        print(markdown_table([row]).splitlines()[-1], flush=True)

    def measured(self, what: str, timed: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
        """Time things in turn and tell every result."""
        return interleaved(
            timed,
            rounds=self.settings.pairs,
            heard=lambda name, seconds: self.say(f"{what}: {name} {1e6 * seconds:,.1f} µs"),
        )

    def speed_ratio(
        self,
        section: str,
        name: str,
        seconds: dict[str, list[float]],
        *,
        target: Target | None = None,
        details: dict[str, float | str] | None = None,
    ) -> Spread:
        """Add a row that says how many times faster the first of two is than the second."""
        (_, ours), (_, theirs) = seconds.items()
        figure = ratios(theirs, ours)
        rates: dict[str, float | str] = {
            f"{who}, patches/s": 1 / spread(values).median for who, values in seconds.items()
        }
        self.add(Row(section, name, figure, target=target, details={**rates, **(details or {})}))
        return figure


@contextmanager
def contestant(
    builder: str, *, environment: Mapping[str, str | None] = PLAIN, **problem: Any
) -> Iterator[Contestant]:
    """Give an encoder of `benchmarks.encoders`, warmed up, in a process that no other uses meanwhile."""
    with borrowed(builder, environment=environment) as worker:
        one = Contestant(worker, f"benchmarks.encoders:{builder}", **problem)
        yield one
        one.close()


@contextmanager
def fastest(
    builder: str, variants: Mapping[str, Mapping[str, Any]], **problem: Any
) -> Iterator[tuple[str, Contestant]]:
    """Give the variant of an encoder that is fastest in the better of two trials, with its name.

    Parameters
    ----------
    builder : str
    variants : mapping of str to mapping
        Further arguments of the builder by name; ``environment`` is that of the process.
    **problem
        Arguments of the builder that all share.
    """
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(contestant(builder, **problem, **variant))
            for name, variant in variants.items()
        }
        trials = interleaved({name: one.seconds_per_patch for name, one in running.items()}, rounds=2)
        best = min(trials, key=lambda name: min(trials[name]))
        yield best, running[best]
