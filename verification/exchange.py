"""Runs handed on to other tools: spike counts as these read them, beside ours.

    python verification/exchange.py [--n-stimuli 100]

The recipes sailnet, einet and spiking-lca at full size, little trained (5,000 stimuli), on the compiled target. NWB:
findings of the NWB Inspector above a suggestion, and counts per trial as pynapple reads the file; Neo: trains of its
own file; NIR: the executor of the tests on the first 20 stimuli. Runs compute in single precision, as their recipes
say, and the executor in double: the network is shown the same stimuli in double precision too. Needs nwbinspector and
pynapple, which are no extras: ``pip install nwbinspector pynapple``. The dated table is ``exchange.csv`` beside this
file.
"""

import argparse
import importlib.metadata
import sys
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.exchange import to_table, to_xarray, write_neo, write_nir, write_nwb
from neurosim.networks.saving.loading import load
from neurosim.recipes.recipe import load_recipe
from neurosim.runs.execute import execute

# Where the executor of NIR graphs lies.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "exchange"))

RECIPES = ("sailnet", "einet", "spiking-lca")
SHORT = (
    "stimuli.n_train=5000", "stimuli.n_test=100", "network.n_epochs=1", "analysis.n_starts=1",
    "analysis.n_bootstrap=100",
)  # fmt: skip
N_NIR = 20


def main() -> None:
    """Run, hand on, compare, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n-stimuli", type=int, default=100)
    n_stimuli = parser.parse_args().n_stimuli
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="neurosim-exchange-") as folder:
        for name in RECIPES:
            run = Path(folder) / name
            execute(load_recipe(name, assignments=SHORT), out=run)
            for row in compared(run, n_stimuli):
                rows.append({"recipe": name, **row})
                print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
                date = datetime.now(UTC).date().isoformat()
                # After each: half a table is better than none of an hour on a busy machine.
                pd.DataFrame(rows).assign(date=date).to_csv(Path(__file__).with_suffix(".csv"), index=False)


def compared(run: Path, n_stimuli: int) -> Iterator[dict[str, Any]]:
    """Yield what each tool makes of a run: cells (stimulus, neuron) whose counts are equal, and spikes."""
    ours = own_counts(run, n_stimuli)
    write_nwb(run, run / "run.nwb", stimuli=n_stimuli)
    yield {**told("pynapple", ours, pynapple_counts(run / "run.nwb")), "findings": findings(run / "run.nwb")}
    write_neo(run, run / "run.mat", stimuli=n_stimuli)
    yield told("neo", ours, neo_counts(run / "run.mat"))
    if run.name != "einet":
        write_nir(run, run / "run.nir")
        executed, double = nir_counts(run), in_double_precision(run)
        yield told("nir", ours[:N_NIR], executed)
        yield {**told("nir", double, executed), "precision": "double"}


def own_counts(run: Path, n_stimuli: int) -> NDArray[Any]:
    """Return the counts that the run has stored, of all populations side by side."""
    populations = to_table(run, table="counts", stimuli=n_stimuli).groupby("population", sort=False)
    return np.hstack([part["spikes"].to_numpy().reshape(n_stimuli, -1) for _, part in populations])


def told(tool: str, ours: NDArray[Any], theirs: NDArray[Any]) -> dict[str, Any]:
    """Describe how far two tables of counts agree."""
    return {
        "tool": tool,
        "precision": "single",
        "version": importlib.metadata.version(tool),
        "n_cells": ours.size,
        "n_equal": int((ours == theirs).sum()) if ours.shape == theirs.shape else 0,
        "spikes": int(ours.sum()),
        "spikes_read": int(theirs.sum()),
    }


def findings(path: Path) -> int:
    """Count what the NWB Inspector finds that is more than a suggestion, and print it."""
    from nwbinspector import Importance, inspect_nwbfile

    found = list(inspect_nwbfile(nwbfile_path=str(path)))
    grave = [each for each in found if each.importance.value > Importance.BEST_PRACTICE_SUGGESTION.value]
    for each in grave:
        print(each.importance.name, each.check_function_name, each.message)
    return len(grave)


def pynapple_counts(path: Path) -> NDArray[Any]:
    """Return spikes of each unit in each trial, as pynapple has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of units with one spike, whose rate it divides by nothing
        import pynapple

        data = pynapple.load_file(str(path))
        units, trials = data["units"], data["trials"]
        counts = np.zeros((len(trials), len(units)), dtype=int)
        for trial in range(len(trials)):
            inside = units.restrict(trials[trial])
            counts[trial] = [len(inside[unit]) for unit in units.index]
        assert (trials["stimulus_index"].to_numpy() == np.arange(len(trials))).all()
    return counts


def neo_counts(path: Path) -> NDArray[Any]:
    """Return the sizes of all trains of Neo's own file."""
    from neo.io import NeoMatlabIO

    block = NeoMatlabIO(str(path)).read_block()
    return np.array([[train.size for train in segment.spiketrains] for segment in block.segments])


def nir_counts(run: Path) -> NDArray[Any]:
    """Return what the executor of the tests makes of the graph."""
    from nir_executor import spike_counts

    shown, network = first_stimuli(run), load(run)
    seen = network.standardised(shown) if "standardise" in network.get_params() else shown
    return np.asarray(spike_counts(run / "run.nir", seen))


def in_double_precision(run: Path) -> NDArray[Any]:
    """Return our own counts of the same stimuli in double precision, whose type the simulation follows."""
    counts: NDArray[Any] = load(run).spike_counts(first_stimuli(run))["neurons"]
    return counts


def first_stimuli(run: Path) -> NDArray[Any]:
    """Return the stimuli that the executor is shown."""
    return to_xarray(run, stimuli=N_NIR)["held_out"].to_numpy().astype(np.float64)


if __name__ == "__main__":
    main()
