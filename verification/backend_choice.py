"""How near `backend="auto"` comes to the best backend by name, once circuits are compiled.

    python verification/backend_choice.py [--only LCA]

Calls of each backend take turns in one process that has every circuit (``warm``); or each call is the first one of a
process of its own on a machine that has compiled it before (``first``: building and loading the circuit, without the
imports). A row has the shortest seconds of each backend over the rounds; what
"auto" took over the best of the named ones, by these, by medians, and in processors' time over all rounds, which other
processes on the machine disturb least (``load`` is how many there were). A backend that took more than three seconds
and four times the best is not timed again, and for more stimuli left out. 256 neurons, 16×16 stimuli (two modalities
for the linked network), float32, random fields of which a tenth is active; otherwise default arguments. The dated table
is kept beside this file in ``backend_choice.csv``.
"""

import argparse
import itertools
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.engine.backend import BACKENDS
from neurosim.networks import LCA, WLSC, LinkedLCA, SAILnet, SpikingLCA

N_NEURONS, N_PIXELS, SIDE = 256, 256, 16
SIZES = (1, 10, 100, 500, 1000, 2000, 2040, 2060, 5000)
FEWER = (1, 100, 1000, 5000)
ROUNDS, LONG_ENOUGH, TOO_LONG = 30, 6.0, 3.0
CONTESTANTS = (*BACKENDS, "auto")
NETWORKS: dict[str, Callable[..., Any]] = {
    "LCA": LCA,
    "WLSC": WLSC,
    "LinkedLCA": LinkedLCA,
    "SAILnet": SAILnet,
    "SpikingLCA": SpikingLCA,
}


class Taken(NamedTuple):
    """Seconds of a call."""

    wall: float
    processors: float


def main() -> None:
    """Measure, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=NETWORKS, help="one network, warm; rows of others stay")
    parser.add_argument("--first", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.first:
        name, backend, size = given.first
        print(*seconds_of_the_first_call(name, backend, int(size)))
        return
    stored, date = Path(__file__).with_suffix(".csv"), datetime.now(UTC).date().isoformat()
    rows = pd.read_csv(stored).query("network != @given.only").to_dict("records") if given.only else []
    for name in [given.only] if given.only else NETWORKS:
        for row in itertools.chain(warm(name), first(name) if not given.only and name == "LCA" else ()):
            rows.append(row | {"date": date})
            print(pd.DataFrame([row]).to_string(index=False, header=len(rows) == 1), flush=True)
            # As they come: a run that is stopped leaves what it has measured.
            pd.DataFrame(rows).to_csv(stored, index=False, float_format="%.3g")
    table = pd.DataFrame(rows)
    warm_rows = table[table.call.str.startswith("warm")]
    most = warm_rows[["auto_over_best", "by_medians", "by_processors"]].max()
    print(f"\nonce compiled, at most this many times the best backend:\n{most.round(2).to_string()}")


def stimuli_of(name: str, number: int) -> Any:
    """Return sparse combinations of random fields, for a linked network in two modalities."""
    rng = np.random.default_rng(0)
    fields = rng.standard_normal((N_NEURONS, N_PIXELS)) / SIDE
    amounts = rng.laplace(size=(number, N_NEURONS)) * (rng.random((number, N_NEURONS)) < 0.1)
    stimuli: NDArray[Any] = (3 * amounts @ fields).astype(np.float32)
    return {"left": stimuli, "right": stimuli[:, ::-1].copy()} if name == "LinkedLCA" else stimuli


def part(stimuli: Any, number: int) -> Any:
    """Return the first of the stimuli."""
    if isinstance(stimuli, dict):
        return {name: values[:number] for name, values in stimuli.items()}
    return stimuli[:number]


def warm(name: str) -> Iterator[dict[str, Any]]:
    """Yield rows of a process that has every circuit."""
    stimuli = stimuli_of(name, max(SIZES))
    nets = {
        backend: NETWORKS[name](n_neurons=N_NEURONS, backend=backend, random_state=0)
        for backend in CONTESTANTS
    }
    for net in nets.values():
        net.fit(part(stimuli, 300))
        net.transform(part(stimuli, 1))
    for call, sizes in (("transform", SIZES if name == "LCA" else FEWER), ("fit", (100, 1000, 5000))):
        out: set[str] = set()
        for size in sizes:
            shown = part(stimuli, size)
            calls = {backend: getattr(net, call) for backend, net in nets.items() if backend not in out}
            taken = rounds_of(calls, shown)
            out |= hopeless(taken)
            yield row_of(name, f"warm {call}", size, taken)


def rounds_of(calls: dict[str, Callable[..., Any]], shown: Any) -> dict[str, list[Taken]]:
    """Time calls in turn, the order turned round from one round to the next."""
    taken: dict[str, list[Taken]] = {name: [] for name in calls}
    for k in range(ROUNDS):
        for name in list(calls)[:: 1 if k % 2 else -1]:
            if name in hopeless(taken):
                continue
            started = now()
            calls[name](shown)
            taken[name].append(Taken(*np.subtract(now(), started)))
        if k >= 2 and sum(each.wall for rounds in taken.values() for each in rounds) > LONG_ENOUGH:
            break
    return taken


def now() -> tuple[float, float]:
    """Return the time on the wall, and the processors' time of this process and of the programs it ran."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used)


def hopeless(taken: dict[str, list[Taken]]) -> set[str]:
    """Return who is too slow to be worth another round."""
    least = {name: min(rounds).wall for name, rounds in taken.items() if rounds}
    return {name for name, seconds in least.items() if seconds > max(TOO_LONG, 4 * min(least.values()))}


def first(name: str) -> Iterator[dict[str, Any]]:
    """Yield rows of processes that transform once."""
    for size in (1, 1000):
        taken: dict[str, list[Taken]] = {backend: [] for backend in CONTESTANTS}
        for _ in range(3):
            for backend in CONTESTANTS:
                command = [sys.executable, __file__, "--first", name, backend, str(size)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                taken[backend].append(Taken(*map(float, done.stdout.split())))
        yield row_of(name, "first transform", size, taken)


def seconds_of_the_first_call(name: str, backend: str, size: int) -> Taken:
    """Return how long the first call of this process takes."""
    stimuli = stimuli_of(name, size)
    net = NETWORKS[name](n_neurons=N_NEURONS, backend="numpy", random_state=0)
    # Learned by another circuit, so that nothing of the one that is measured is there yet.
    net.set_params(batch_size=7).fit(part(stimuli, 7) if size > 1 else stimuli)
    net.set_params(batch_size=100, backend=backend)
    started = now()
    net.transform(stimuli)
    return Taken(*np.subtract(now(), started))


def row_of(name: str, call: str, size: int, taken: dict[str, list[Taken]]) -> dict[str, Any]:
    """Return what each backend took, and what "auto" took over the best of the others."""
    least = {backend: min(rounds).wall for backend, rounds in taken.items()}
    middle = {backend: float(np.median([each.wall for each in rounds])) for backend, rounds in taken.items()}
    work = {
        backend: float(np.mean([each.processors for each in rounds])) for backend, rounds in taken.items()
    }
    named = [backend for backend in taken if backend != "auto"]
    figures = {
        "auto_over_best": least["auto"] / min(least[backend] for backend in named),
        "by_medians": middle["auto"] / min(middle[backend] for backend in named),
        "by_processors": work["auto"] / min(work[backend] for backend in named),
        "rounds": len(taken["auto"]),
        "load": round(os.getloadavg()[0], 1),
    }
    seconds = {name: least.get(name, np.nan) for name in CONTESTANTS}
    return {"network": name, "call": call, "n_stimuli": size, **seconds, **figures}


if __name__ == "__main__":
    main()
