"""Install the sdist and the wheel of a folder in environments of their own, away from the checkout, and try them.

    python verification/package.py dist

`make package` builds both first. The sdist has to hold all that is in the checkout, the wheel all that is in the
package and nothing else; each has to say its version and which extras work, run a quick recipe, and carry `py.typed`,
the licence and the notice about Brian2's.
"""

import argparse
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def missing_from(sdist: Path) -> list[str]:
    """Return the files that git knows and the sdist does not hold as files; a linked folder has to be a real one."""
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in (m.name for m in archive.getmembers() if m.isfile())}
    wanted = []
    for name in _known_to_git():
        path = ROOT / name
        room = path.resolve()
        inside = [f"{name}/{inner.relative_to(room)}" for inner in room.rglob("*.py")]
        wanted += inside if path.is_symlink() else [name]
    return sorted(set(wanted) - held)


def odd_in(wheel: Path) -> list[str]:
    """Return the files of the package that the wheel does not hold, and those it holds that are none of it."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    linked = {path.resolve().name: path.name for path in (ROOT / "neurosim").iterdir() if path.is_symlink()}
    wanted = set()
    for name in _known_to_git():
        room, _, inside = name.partition("/")
        if room == "neurosim" and inside not in linked.values():
            wanted.add(name)
        elif room in linked:
            wanted.add(f"neurosim/{linked[room]}/{inside}")
    return sorted(wanted ^ held)


def _known_to_git() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def tried(package: Path, folder: Path) -> None:
    """Install a package in a new environment inside a folder, and run what the README promises there."""
    python, program = folder / "bin" / "python", folder / "bin" / "neurosim"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", str(package)], check=True)
    for word in ("--version", "info"):
        subprocess.run([str(program), word], cwd=folder, check=True)
    about = (
        "import neurosim, importlib.resources as r, importlib.metadata as m; home = str(r.files('neurosim')); "
        f"assert home.startswith({str(folder)!r}), home; assert (r.files('neurosim') / 'py.typed').is_file(); "
        "names = {p.name for p in m.files('neurosim-v1')}; assert {'LICENSE', 'NOTICE'} <= names, names"
    )
    subprocess.run([str(python), "-c", about], cwd=folder, check=True)
    recipes = ROOT / "verification" / "quick_recipes.py"
    subprocess.run(
        [sys.executable, str(recipes), str(program), "--only", "lca", "sailnet"], cwd=folder, check=True
    )


def main() -> None:
    """Try each package of the folder; any failure ends the program."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where `python -m build` put the sdist and the wheel")
    folder = parser.parse_args().folder
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    missing = missing_from(sdist)
    if missing:
        sys.exit(f"the sdist lacks {len(missing)} files: {', '.join(missing[:10])}")
    odd = odd_in(wheel)
    if odd:
        sys.exit(f"the wheel and the package differ by {len(odd)} files: {', '.join(odd[:10])}")
    for package in (sdist, wheel):
        print(package.name, flush=True)
        with tempfile.TemporaryDirectory() as environment:
            tried(package.resolve(), Path(environment).resolve())


if __name__ == "__main__":
    main()
