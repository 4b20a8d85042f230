"""Measure everything, or some sections, and write ``bench.json``, ``bench.md`` and the picture of the curves.

python -m benchmarks [--quick] [--pairs 5] [--only encoding ...] [--picture docs/pictures/speed_curves.png]
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.backends import measure_backends
from benchmarks.bench_run import BenchRun
from benchmarks.curves import measure_curves
from benchmarks.encoding import measure_encoding
from benchmarks.fit_overhead import measure_fit_overhead
from benchmarks.gabor import measure_gabor
from benchmarks.learning import measure_learning
from benchmarks.memory import measure_memory
from benchmarks.plot import draw_curves
from benchmarks.report import markdown_table, write_results
from benchmarks.roofline import measure_roofline
from benchmarks.settings import Settings
from benchmarks.shortcuts import measure_shortcuts
from benchmarks.spiking import measure_spiking

SECTIONS: dict[str, Callable[[BenchRun], None]] = {
    "encoding": measure_encoding,
    "fit": measure_fit_overhead,
    "gabor": measure_gabor,
    "memory": measure_memory,
    "learning": measure_learning,
    "curves": measure_curves,
    "roofline": measure_roofline,
    "shortcuts": measure_shortcuts,
    "backends": measure_backends,
    "spiking": measure_spiking,
}


def main() -> None:
    """Run the sections; a finished one is written at once, so that a stopped run keeps what it has."""
    options = _parsed()
    pairs = options.pairs or (1 if options.quick else 5)
    run = BenchRun(Settings(pairs=pairs, quick=options.quick, folder=options.folder))
    conditions = {"pairs": pairs, "quick": options.quick, "sections": options.only, "seconds": {}}
    name = "bench" if set(options.only) == set(SECTIONS) and not options.quick else "bench-part"
    for section in options.only:
        print(f"== {section}", flush=True)
        started = time.perf_counter()
        SECTIONS[section](run)
        conditions["seconds"][section] = round(time.perf_counter() - started, 1)
        write_results(run.rows, curves=run.curves, conditions=conditions, path=options.folder / name)
    if run.curves:
        draw_curves(run.curves, options.picture or options.folder / f"{name}.png")
    print(f"\n{markdown_table(run.rows)}\n\nwritten: {options.folder / name}.json, .md", flush=True)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small numbers: does it work at all")
    parser.add_argument("--pairs", type=int, help="rounds of every comparison (5; quick: 1)")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), metavar="SECTION")
    parser.add_argument(
        "--folder", type=Path, default=Path("bench-results"), help="of results and dictionaries"
    )
    parser.add_argument("--picture", type=Path, help="where the curves are drawn")
    return parser.parse_args()


if __name__ == "__main__":
    main()
