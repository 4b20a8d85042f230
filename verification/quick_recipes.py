"""Run every quick recipe at a small size with one installation's program, and say what came of it.

    python verification/quick_recipes.py path/to/neurosim [--only lca sailnet]

A recipe passes if it exits with 0, its page and its `summary.json` are there, and nothing but our own words is said.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PATCHES = ("stimuli.n_train=400", "stimuli.n_test=60", "analysis.n_starts=2", "analysis.n_bootstrap=100")
_SMALL = (*_PATCHES, "stimuli.patch_size=8", "network.n_neurons=16")
_RELAYS = (*_PATCHES, "network.n_neurons=12", "analysis.noise_frames=1000", "laboratory.pools=off")
RECIPES = {
    "v1": (*_RELAYS, "network.streams=[[8, 2], [4, 2]]"),
    "lca": _SMALL,
    "spiking-lca": _SMALL,
    "sailnet": _SMALL,
    "einet": (*_SMALL, "network.n_inhibitory=4"),
    "linked": ("network.n_neurons=20", "network.n_epochs=2", "stimuli.n_train=400", "stimuli.n_test=100"),
    "linked-three": (
        "network.n_neurons=20",
        "network.n_epochs=2",
        "stimuli.n_train=400",
        "stimuli.n_test=100",
    ),
    "binocular": (*_SMALL, "disparity.n_trials=2", "disparity.largest=3"),
    "wlsc": _SMALL,
    "topographic": (*_SMALL, "network.sheet=[4, 4]"),
    "convolutional": (*_PATCHES, "stimuli.patch_size=24", "network.n_neurons=8", "network.field=8"),
    "films": ("stimuli.n_train=400", "stimuli.n_kept=100", "stimuli.n_test=60", "network.n_neurons=16"),
    "svae": (*_SMALL, "network.n_epochs=1", "likelihood.n_stimuli=20", "likelihood.n_annealed=2"),
}
_FOREIGN = ("Traceback", "RuntimeWarning", "DeprecationWarning", "brian2", "never included", "report this")


def complaints(program: str, recipe: str, folder: Path) -> list[str]:
    """Run one recipe in a folder and return what is wrong with the outcome."""
    command = [program, "run", recipe, "--out", "run", "--quiet"]
    command += (
        [] if recipe == "svae" else ["--backend", "numpy"]
    )  # learning by back-propagation has no backend
    for assignment in RECIPES[recipe]:
        command += ["--set", assignment]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"NEUROSIM_CACHE": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1200
    )
    if done.returncode:
        return [f"exit {done.returncode}", *done.stderr.splitlines()[-3:]]
    found = [line for line in done.stderr.splitlines() if any(word in line for word in _FOREIGN)]
    missing = [name for name in ("summary.json", "report.html") if not (folder / "run" / name).is_file()]
    if not missing and not json.loads((folder / "run" / "summary.json").read_text(encoding="utf-8")):
        missing = ["figures in summary.json"]
    return found + [f"no {name}" for name in missing]


def main() -> None:
    """Run the recipes one after the other and exit with 1 if one fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", help="the program `neurosim` of the environment to be tried")
    parser.add_argument("--only", nargs="+", choices=list(RECIPES), default=list(RECIPES))
    arguments = parser.parse_args()
    program = str(Path(arguments.program).absolute())
    failed = 0
    for recipe in arguments.only:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            wrong = complaints(program, recipe, Path(folder))
        failed += bool(wrong)
        print(
            f"{recipe:<12} {'FAIL' if wrong else 'pass'} {time.perf_counter() - started:5.0f} s",
            *wrong,
            sep="\n  " if wrong else " ",
        )
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
