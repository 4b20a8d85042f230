"""Whether run folders stay whole: runs killed at random moments, two runs to one folder, full discs, odd places.

    python verification/run_folders.py [--kills 30] [--collisions 20] [--seed 0] [--only kills]

Every run is a process of its own, as small as runs are. Kills: SIGKILL, SIGTERM and SIGINT at random moments after the
program has begun, half of the SIGINT to a run that a shell has started in the background. Fine is: the exit code of the
signal (or 0 with a whole run), at most three lines, nothing that looks like a run, foreign files as they were, no
temporary files left (after SIGKILL: once the next command has run). Collisions: two runs to one folder at the same
moment; fine is one whole run and one refusal. Discs: of five sizes, and discs that somebody else fills during the run;
they are mounted, which takes an administrator, or else a limit on the size of files stands for them. Fine is a refusal,
or an error that keeps a network that opens, never a signal. Places: fine is a whole run where it is said to be, or a
refusal before anything was computed. The dated table is kept beside this file in ``run_folders.csv``.
"""

import argparse
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from neurosim.networks.saving.network_file import opens
from neurosim.results.run_files import is_run

ROOT = Path(__file__).parents[1]
SMALL = (
    "network.n_neurons=8", "stimuli.n_train=200", "stimuli.n_test=50", "stimuli.patch_size=8",
    "network.backend=numpy", "analysis.n_starts=1", "analysis.n_bootstrap=100", 'stimuli.photographs=["camera"]',
)  # fmt: skip
THESIS = "years of work"
SIZES = {"40 kB": 40, "600 kB": 600, "4.2 MB": 4200, "5.9 MB": 5900, "12 MB": 12_000}
# Kilobytes that are left of a disc when a run has begun to use it.
LEFT = (0, 8, 60, 400, 1_000, 2_500)
LARGE = ("stimuli.n_test=6000", "stimuli.n_train=6000")
_TIME = 120.0


def main() -> None:
    """Try, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--collisions", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=["kills", "collisions", "discs", "places"])
    wanted = parser.parse_args()
    rng, rows = np.random.default_rng(wanted.seed), []
    parts: dict[str, Callable[[], Iterator[dict[str, object]]]] = {
        "kills": lambda: kills(wanted.kills, rng=rng),
        "collisions": lambda: collisions(wanted.collisions),
        "discs": discs,
        "places": places,
    }
    for name, part in parts.items():
        if wanted.only in (None, name):
            for row in part():
                rows.append(row)
                print(row, flush=True)
    table = pd.DataFrame(rows).assign(seed=wanted.seed, date=datetime.now(UTC).date().isoformat())
    path = Path(__file__).with_suffix(".csv")
    if wanted.only is not None and path.is_file():
        have = pd.read_csv(path)
        table = pd.concat([have[~have["what"].isin(table["what"])], table])
    table.to_csv(path, index=False)


def kills(n_tries: int, *, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Yield a row for each signal."""
    with workplace() as work:
        started = time.perf_counter()
        begun(work).wait(_TIME)
        whole = time.perf_counter() - started
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
        faults, ended, kept = [], 0, 0
        for attempt in range(n_tries):
            moment = float(rng.uniform(0, whole))
            background = number == signal.SIGINT and attempt % 2 == 0
            with workplace() as work:
                fault, code = killed(work, number, moment=moment, background=background)
                ended += code == 0
                kept += any(work.glob("out.partial*/network.nc"))
            faults += [f"at {moment:.2f} s: {fault}"] if fault else []
        yield row(
            f"{number.name} at random moments",
            n_tries,
            faults,
            f"{ended} came to their end, {kept} kept a network",
        )


def killed(work: Path, number: signal.Signals, *, moment: float, background: bool) -> tuple[str, int]:
    """Kill a run at a moment, and return what is wrong with what it leaves, and its exit code."""
    program = begun(work, background=background)
    time.sleep(moment)
    program.send_signal(number)
    _, said = program.communicate(timeout=_TIME)
    fault = wrong(work, program.returncode, said, code=-number if number == signal.SIGKILL else 128 + number)
    if number == signal.SIGKILL:
        subprocess.run([*NEUROSIM, "recipes"], env=surroundings(work), capture_output=True, check=True)
    left = sorted(path.name for path in (work / "tmp").iterdir())
    return fault or (f"left {left}" if left else ""), program.returncode


def wrong(work: Path, returned: int, said: str, *, code: int) -> str:
    """Return what is wrong with a run's end, or nothing."""
    out = work / "out"
    if returned not in (0, code):
        return f"exit code {returned}: {said[-300:]}"
    if len(said.splitlines()) > 3 or "Traceback" in said:
        return f"message: {said[-300:]}"
    if out.exists() != is_run(out) or (returned == 0 and not is_run(out)):
        return "half a run in its place"
    if any(is_run(path) for path in work.glob("out.partial*")):
        return "an unfinished run that looks whole"
    if (work / "out.partial" / "thesis.txt").read_text() != THESIS:
        return "a foreign file was touched"
    return ""


def collisions(n_tries: int) -> Iterator[dict[str, object]]:
    """Yield a row: two runs to one folder, begun at the same moment."""
    faults = []
    for _ in range(n_tries):
        with workplace() as work:
            both = [started(work, "--out", str(work / "out"), "--seed", str(seed)) for seed in (0, 1)]
            said = [program.communicate(timeout=_TIME)[1] for program in both]
            codes = sorted(program.returncode for program in both)
            words = "".join(said)
            refused = "another process is writing" in words or "already holds a run" in words
            if codes != [0, 2] or not refused or not is_run(work / "out") or any(work.glob("out.partial-*")):
                faults.append(f"{codes}: {words[-300:]}")
    yield row("two runs to one folder", n_tries, faults, "one whole run and one refusal each time")


def discs() -> Iterator[dict[str, object]]:
    """Yield a row for each size of a disc, and for each amount that somebody else leaves of one during the run."""
    for name, kilobytes in SIZES.items():
        with workplace() as work, disc(work, kilobytes) as (folder, limit):
            program = started(work, "--out", str(folder / "out"), more=LARGE, limit=limit)
            yield on_disc(f"{'limit on files' if limit else 'disc'} of {name}", program, folder=folder)
    for left in LEFT:
        with workplace() as work, disc(work, 12_000) as (folder, limit):
            if limit:
                continue
            program = started(work, "--out", str(folder / "out"), more=LARGE)
            fill(folder, program, leave=left)
            yield on_disc(f"disc that fills up to {left} kB", program, folder=folder)


def fill(folder: Path, program: "subprocess.Popen[str]", *, leave: int) -> None:
    """Fill a disc, but for so many kilobytes, once a run on it has found room and begun."""
    while not list(folder.glob("out.partial-*/recipe.toml")) and program.poll() is None:
        time.sleep(0.01)
    with (folder / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(shutil.disk_usage(folder).free - 1000 * leave, 1))


def on_disc(what: str, program: "subprocess.Popen[str]", *, folder: Path) -> dict[str, object]:
    """Return the row of a run on a disc that may be too small."""
    said = program.communicate(timeout=_TIME)[1]
    kept = list(folder.glob("out.partial*/network.nc"))
    whole = program.returncode == 0 and is_run(folder / "out")
    told = program.returncode == 2 and len(said.splitlines()) <= 3 and not (folder / "out").exists()
    fine = (whole or told) and all(map(opens, kept)) and ("kept" in said) == bool(kept)
    faults = [] if fine else [f"exit code {program.returncode}: {said[-300:]}"]
    words = said.strip().replace(str(folder), "").replace("\n", " ")
    return row(what, 1, faults, "a whole run" if whole else words)


def places() -> Iterator[dict[str, object]]:
    """Yield a row for each kind of place."""
    for name, (prepare, runs) in PLACES.items():
        with workplace() as work:
            out, expected = prepare(work)
            program = started(work, f"--out={out}")
            said = program.communicate(timeout=_TIME)[1]
            whole = program.returncode == 0 and expected is not None and is_run(expected)
            early = program.returncode == 2 and "computed" not in said and len(said.splitlines()) <= 3
            same = (work / "out.partial" / "thesis.txt").read_text() == THESIS
            foreign = [path for path in work.rglob("thesis.tex") if path.read_text() != THESIS]
            fine = (whole if runs else early) and same and not foreign and not any(work.glob("~*"))
            faults = [] if fine else [f"exit code {program.returncode}: {said[-300:]}"]
            words = "a whole run" if whole else said.strip().replace(str(work), "")[:200]
            yield row(f"place: {name}", 1, faults, words)
            if (work / "read-only").is_mount():
                subprocess.run(["umount", str(work / "read-only")], check=True)


def _under_a_file(work: Path) -> tuple[str, Path | None]:
    (work / "file").write_text(THESIS)
    return str(work / "file" / "out"), None


def _a_file(work: Path) -> tuple[str, Path | None]:
    (work / "file").write_text(THESIS)
    return str(work / "file"), None


def _a_link(work: Path) -> tuple[str, Path | None]:
    (work / "elsewhere").mkdir()
    (work / "link").symlink_to(work / "elsewhere")
    return str(work / "link"), work / "elsewhere"


def _a_dangling_link(work: Path) -> tuple[str, Path | None]:
    (work / "link").symlink_to(work / "nowhere")
    return str(work / "link"), None


def _a_link_to_itself(work: Path) -> tuple[str, Path | None]:
    (work / "link").symlink_to(work / "link")
    return str(work / "link"), None


def _home(work: Path) -> tuple[str, Path | None]:
    return "~/runs/größe", work / "runs" / "größe"


def _read_only(work: Path) -> tuple[str, Path | None]:
    (work / "read-only").mkdir()
    if os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(work / "read-only")], check=True)
    else:
        (work / "read-only").chmod(0o500)
    return str(work / "read-only" / "out"), None


def _unicode(work: Path) -> tuple[str, Path | None]:
    return str(work / "räume 视觉 🧠" / "out"), work / "räume 视觉 🧠" / "out"


def _too_long(work: Path) -> tuple[str, Path | None]:
    return str(work / ("x" * 300)), None


def _nearly_too_long(work: Path) -> tuple[str, Path | None]:
    return str(work / ("x" * 250)), None


def _foreign(work: Path) -> tuple[str, Path | None]:
    (work / "folder").mkdir()
    (work / "folder" / "thesis.tex").write_text(THESIS)
    return str(work / "folder"), None


def _foreign_figures(work: Path) -> tuple[str, Path | None]:
    (work / "folder" / "figures").mkdir(parents=True)
    (work / "folder" / "figures" / "thesis.tex").write_text(THESIS)
    return str(work / "folder"), None


def _own_recipe(work: Path) -> tuple[str, Path | None]:
    (work / "folder").mkdir()
    (work / "folder" / "recipe.toml").write_text("[run]\n")
    return str(work / "folder"), None


def _working_folder(work: Path) -> tuple[str, Path | None]:
    return str(work / "empty"), None


def _nobody(work: Path) -> tuple[str, Path | None]:
    return "~nobody-of-this-name/out", None


def _device(work: Path) -> tuple[str, Path | None]:
    return "/dev/null", None


# By kind: what makes it, and whether a run has to come out of it.
PLACES: dict[str, tuple[Callable[[Path], tuple[str, Path | None]], bool]] = {
    "a link to a folder": (_a_link, True),
    "a dangling link": (_a_dangling_link, False),
    "a link to itself": (_a_link_to_itself, False),
    "~": (_home, True),
    "~ of nobody": (_nobody, False),
    "read-only": (_read_only, False),
    "under a file": (_under_a_file, False),
    "a file": (_a_file, False),
    "a device": (_device, False),
    "unicode": (_unicode, True),
    "a name of 300 letters": (_too_long, False),
    "a name of 250 letters": (_nearly_too_long, False),
    "foreign content": (_foreign, False),
    "foreign content in figures": (_foreign_figures, False),
    "a recipe of one's own": (_own_recipe, False),
    "the working folder": (_working_folder, False),
}

NEUROSIM = (sys.executable, "-m", "neurosim")


@contextmanager
def workplace() -> Iterator[Path]:
    """Give a folder with somebody else's files, a place for temporary ones, and an empty one to work in."""
    with tempfile.TemporaryDirectory(prefix="verify-") as name:
        work = Path(name)
        for folder in ("tmp", "empty", "out.partial"):
            (work / folder).mkdir()
        (work / "out.partial" / "thesis.txt").write_text(THESIS)
        yield work


@contextmanager
def disc(work: Path, kilobytes: int) -> Iterator[tuple[Path, int]]:
    """Give a small disc, or a folder and a limit on the size of files where none can be mounted."""
    folder = work / "disc"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        yield folder, 1000 * kilobytes
        return
    try:
        yield folder, 0
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def begun(work: Path, *, background: bool = False) -> "subprocess.Popen[str]":
    """Start a run to ``out``, and wait until the program has begun: until then it is Python that starts."""
    program = started(work, "--out", str(work / "out"), background=background)
    while not any((work / "tmp").iterdir()) and program.poll() is None:
        time.sleep(0.005)
    return program


def started(
    work: Path, *words: str, more: tuple[str, ...] = (), limit: int = 0, background: bool = False
) -> "subprocess.Popen[str]":
    """Start a small run; in the background, with SIGINT switched off as shells do."""

    def prepare() -> None:
        if background:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    settings = [word for setting in (*SMALL, *more) for word in ("--set", setting)]
    return subprocess.Popen(
        [*NEUROSIM, "run", "lca", "--quiet", *settings, *words],
        **{"cwd": work / "empty", "env": surroundings(work), "preexec_fn": prepare},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def surroundings(work: Path) -> dict[str, str]:
    """Return the environment of a run: this checkout, a home and a place for temporary files of its own."""
    own = {"HOME": str(work), "TMPDIR": str(work / "tmp"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with suppress(KeyError):
        own["MPLCONFIGDIR"] = os.environ["MPLCONFIGDIR"]
    return os.environ | own


def row(what: str, tries: int, faults: list[str], outcome: str) -> dict[str, object]:
    """Return a row of the table."""
    return {
        "what": what,
        "tries": tries,
        "fine": tries - len(faults),
        "outcome": "; ".join(faults)[:600] or outcome,
    }


if __name__ == "__main__":
    main()
