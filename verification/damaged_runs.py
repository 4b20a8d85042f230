"""What mutated recipes and damaged run folders are answered with: a run, a page, or one message of our own.

    python verification/damaged_runs.py [--recipes 4000] [--folders 400] [--seed 0]

Recipes are the shipped ones with one to four mutations: bytes, lines, keys and values of other kinds, brackets without
end, other encodings; a third of them are assignments as after ``--set``. They are read, checked, sized and written
again. Folders are copies of a small run with one to three files removed, cut, overwritten, exchanged, of other content,
or made a folder or a link; the page is made from them, and network.nc opened. Counted: what was accepted, what was
refused with a message of our own, and anything else, which is a fault, as is an answer that takes more than ten
seconds. The dated table is kept beside this file in ``damaged_runs.csv``.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from neurosim.networks.saving.network_file import opens
from neurosim.recipes import recipe_names, recipe_text
from neurosim.recipes.default_folder import default_folder
from neurosim.recipes.errors import RecipeError
from neurosim.recipes.recipe import Recipe, load_recipe
from neurosim.report.page import write_report
from neurosim.results.store import RunFolderError, require_run
from neurosim.runs.execute import execute
from neurosim.runs.needs.run_size import folder_size, memory_needs

SLOW = 10.0
SMALL = (
    "network.n_neurons=8", "stimuli.n_train=200", "stimuli.n_test=50", "stimuli.patch_size=8",
    "network.backend=numpy", "analysis.n_starts=1", "analysis.n_bootstrap=100", 'stimuli.photographs=["camera"]',
    "analysis.bound_sweep=[1.5]", "analysis.margin=2",
)  # fmt: skip
VALUES = (
    "0", "-1", "1e400", "nan", "inf", "-inf", "true", "[]", "{}", "''", "'\\u0000'", "9" * 400, "9" * 5000, "1e308",
    "[1, 'a']", "[[]]", "{a = 1}", "1979-05-27", "'~nobody/x'", "'" + "x" * 5000 + "'", "'größe'", "0x10",
    "[nan]", "'10 ms'", "'-1 ms'", "'0 ms'", "'embedded'", "['embedded']", "1_000", "[-1]", "'../..'", "'/dev/null'",
    "[" * 3000, "'\ud83e\udde0'", "10000000", "2.5", "'auto'", "[1.0, 1e400]", "'soft'",
)  # fmt: skip
WORDS = (
    "x", "run", "stimuli.kind", "network.model", "n_neurons", "arms", "", "network.", ".", "a.b.c.d", "network",
    "stimuli.whitening", "stimuli.whitening.kind", "stimuli.source", "network.n_neurons", "network.tau",
    "linked.present", "analysis.bound_sweep", "run.name", "run.seed", "stimuli.photographs", "network.hidden",
    "network.weights", "arms.name",
    "network.sheet", "stimuli.classes", "stimuli.font", "stimuli.path", "network.n_neuron",
)  # fmt: skip


def main() -> None:
    """Count, print and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipes", type=int, default=4000)
    parser.add_argument("--folders", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder, rng = Path(name), np.random.default_rng(wanted.seed)
        rows.append({"what": "recipes", **answers(recipes(folder, n_recipes=wanted.recipes, rng=rng))})
        rows.append(
            {"what": "folders", **answers(folders(small_run(folder), n_folders=wanted.folders, rng=rng))}
        )
    table = pd.DataFrame(rows).assign(seed=wanted.seed, date=datetime.now(UTC).date().isoformat())
    print(table.to_string(index=False))
    table.to_csv(Path(__file__).with_suffix(".csv"), index=False)


def answers(tries: Iterator[tuple[str, Callable[[], None]]]) -> dict[str, int | float | str]:
    """Return how many tries were accepted, refused and faults, the longest time, and the first fault in words."""
    counted, longest, first = Counter[str](), 0.0, ""
    for what, attempt in tries:
        started = time.perf_counter()
        try:
            answer, words = answered(attempt)
        finally:
            elapsed = time.perf_counter() - started
        longest = max(longest, elapsed)
        answer, words = ("faults", f"{elapsed:.1f} s") if elapsed > SLOW else (answer, words)
        counted[answer] += 1
        if answer == "faults":
            print(f"{what}: {words}", flush=True)
        first = first or (f"{what}: {words}" if answer == "faults" else "")
    return {
        "tried": counted.total(),
        **{answer: counted[answer] for answer in ("accepted", "refused", "faults")},
        "longest_seconds": round(longest, 2),
        "first_fault": first,
    }


def answered(attempt: Callable[[], None]) -> tuple[str, str]:
    """Return what became of a try, and what was said."""
    try:
        attempt()
    except (RecipeError, RunFolderError, FileNotFoundError, PermissionError, IsADirectoryError) as error:
        return "refused", str(error)
    except ValueError as error:
        # Of a page: one that names the folder, or a file in it.
        ours = type(error) is ValueError and "run the recipe again" in str(error)
        return ("refused" if ours else "faults"), f"{type(error).__name__}: {error}"
    except Exception as error:
        return "faults", f"{type(error).__name__}: {error}"
    return "accepted", ""


def recipes(
    folder: Path, *, n_recipes: int, rng: np.random.Generator
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield mutated recipes, each with what reads it."""
    names = recipe_names()
    for number in range(n_recipes):
        name = names[rng.integers(len(names))]
        if rng.random() < 1 / 3:
            assignments = [_assignment(rng) for _ in range(rng.integers(1, 4))]
            yield f"{name} {assignments}"[:300], lambda: read(name, assignments)  # noqa: B023
            continue
        content = recipe_text(name).encode()
        for _ in range(rng.integers(1, 5)):
            content = MUTATIONS[rng.integers(len(MUTATIONS))](content, rng)
        path = folder / "mutated.toml"
        path.write_bytes(content)
        yield f"recipe {number} of {name}", lambda: read(path, [])  # noqa: B023


def read(name: str | Path, assignments: list[str]) -> None:
    """Read a recipe, and do with it what is done before anything is computed."""
    recipe = load_recipe(name, assignments=assignments)
    if sum(need.n_bytes for need in memory_needs(recipe)) < 0 or folder_size(recipe) < 0:
        raise ArithmeticError("an amount below nothing")
    default_folder(recipe, assignments)
    if Recipe.model_validate(_again(recipe)) != recipe:
        raise AssertionError("a recipe that is not itself when it is read again")


def _again(recipe: Recipe) -> dict[str, object]:
    import tomllib

    return tomllib.loads(recipe.to_toml())


def small_run(folder: Path) -> Path:
    """Return a whole run, as small as runs are."""
    execute(load_recipe("lca", assignments=SMALL), out=folder / "run")
    return folder / "run"


def folders(
    run: Path, *, n_folders: int, rng: np.random.Generator
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield damaged copies of a run, each with what makes its page."""
    files = sorted(path.relative_to(run) for path in run.rglob("*") if path.is_file())
    copy = run.with_name("copy")
    for _ in range(n_folders):
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(run, copy, symlinks=True)
        done = []
        for _ in range(rng.integers(1, 4)):
            file, damage = files[rng.integers(len(files))], DAMAGES[rng.integers(len(DAMAGES))]
            damage(copy / file, rng)
            done.append(f"{damage.__name__} {file}")
        yield ", ".join(done), lambda: report(copy)


def report(folder: Path) -> None:
    """Make the page of a folder; leave an older one as it was if that cannot be."""
    page = folder / "report.html"
    before = page.read_bytes() if page.is_file() else None
    opens(folder / "network.nc")
    try:
        require_run(folder)
        write_report(folder)
    except Exception:
        if before is not None and page.read_bytes() != before:
            raise AssertionError("the older page was changed") from None
        raise
    finally:
        left = [path.name for path in folder.iterdir() if path.name.endswith(".unfinished")]
        if left:
            raise AssertionError(f"left behind: {left}")


def _assignment(rng: np.random.Generator) -> str:
    word, value = WORDS[rng.integers(len(WORDS))], VALUES[rng.integers(len(VALUES))]
    return f"{word}={value}" if rng.random() < 0.95 else word


def _bytes_changed(content: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content or b" ")
    for place in rng.integers(len(changed), size=rng.integers(1, 6)):
        changed[place] = rng.integers(256)
    return bytes(changed)


def _line_changed(content: bytes, rng: np.random.Generator) -> bytes:
    lines = content.split(b"\n")
    place, other = rng.integers(len(lines), size=2)
    lines[place : place + 1] = ([], [lines[place]] * 2, [lines[other]], [lines[other], lines[place]])[
        rng.integers(4)
    ]
    return b"\n".join(lines)


def _value_changed(content: bytes, rng: np.random.Generator) -> bytes:
    lines = content.split(b"\n")
    keyed = [number for number, line in enumerate(lines) if b" = " in line]
    if not keyed:
        return content
    place = keyed[rng.integers(len(keyed))]
    value = VALUES[rng.integers(len(VALUES))].encode("utf-8", "surrogatepass")
    lines[place] = lines[place].partition(b" = ")[0] + b" = " + value
    return b"\n".join(lines)


def _key_changed(content: bytes, rng: np.random.Generator) -> bytes:
    lines = content.split(b"\n")
    place = rng.integers(len(lines))
    key, equals, value = lines[place].partition(b" = ")
    lines[place] = (key[: rng.integers(len(key) + 1)] or b'""') + equals + value
    return b"\n".join(lines)


def _section_changed(content: bytes, rng: np.random.Generator) -> bytes:
    sections = content.split(b"\n[")
    rng.shuffle(sections)
    return b"\n[".join(sections[: rng.integers(1, len(sections) + 1)])


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: rng.integers(len(content) + 1)]


def _encoded(content: bytes, rng: np.random.Generator) -> bytes:
    encoding = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp500")[
        rng.integers(7)
    ]
    return content.decode("utf-8", "replace").encode(encoding, "replace")


def _model_changed(content: bytes, rng: np.random.Generator) -> bytes:
    other = recipe_text(recipe_names()[rng.integers(len(recipe_names()))]).encode()
    return content + b"\n" + other[rng.integers(len(other)) :]


MUTATIONS = (
    *(_bytes_changed, _line_changed, _value_changed, _value_changed, _value_changed, _key_changed),
    *(_section_changed, _cut, _encoded, _model_changed),
)


def removed(file: Path, rng: np.random.Generator) -> None:
    """Damage: the file is not there."""
    file.unlink(missing_ok=True) if not file.is_dir() else shutil.rmtree(file)


def mutated(file: Path, rng: np.random.Generator) -> None:
    """Damage: as happens to recipes."""
    if file.is_file():
        file.write_bytes(MUTATIONS[rng.integers(len(MUTATIONS))](file.read_bytes(), rng))


def overwritten(file: Path, rng: np.random.Generator) -> None:
    """Damage: other content."""
    contents = (
        b"", b"\0" * 4096, b"{}", b"[1, 2]", b"null", b"a,b\n1\n", b"neuron,r2\nx,y\n", b"\xff\xfe\x00", b"[" * 100_000,
        b'{"objective": "high", "v1_nxny_js_interval": 3, "seconds_train": "long"}', b'{"a": ' * 5000, b"run = 3\n",
        b"[run]\nname = 3\n[network]\nmodel = []\nn_neurons = 'x'\n[stimuli]\npatch_size = []\n", b'{"a": 1e999}',
        b'{"v1_nxny_js_bits": [1], "active_fraction": {}, "gabor_fraction": null}', b"\x89PNG\r\n\x1a\n", b"arms = 3",
        b'arms = [{name = 3}]', b"\x89HDF\r\n\x1a\n" + b"\0" * 100, b'{"files": 3}', b"r2,nx,ny\n" + b"a," * 1000,
    )  # fmt: skip
    if not file.is_dir():
        file.unlink(missing_ok=True)
        file.write_bytes(contents[rng.integers(len(contents))])


def exchanged(file: Path, rng: np.random.Generator) -> None:
    """Damage: the content of another file."""
    others = [path for path in file.parent.iterdir() if path.is_file()] if file.parent.is_dir() else []
    if others and file.is_file():
        file.write_bytes(others[rng.integers(len(others))].read_bytes())


def a_folder(file: Path, rng: np.random.Generator) -> None:
    """Damage: a folder of that name."""
    removed(file, rng)
    file.mkdir()


def a_link(file: Path, rng: np.random.Generator) -> None:
    """Damage: a link to nowhere, or to itself."""
    removed(file, rng)
    file.symlink_to(file if rng.random() < 0.5 else file.with_name("nowhere"))


DAMAGES = (removed, mutated, mutated, overwritten, overwritten, exchanged, a_folder, a_link)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
