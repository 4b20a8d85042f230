"""Public names: which packages have them, and the pages that tell of each."""

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["FACES", "INNER", "api_page", "face_pages", "is_ours", "public_names", "unlisted"]

FACES = (
    "neurosim",
    "neurosim.networks",
    "neurosim.stimuli",
    "neurosim.analysis",
    "neurosim.analysis.plots",
    "neurosim.laboratory",
    "neurosim.front_end",
    "neurosim.recordings",
    "neurosim.runs.recorded",
    "neurosim.report",
    "neurosim.sweeps",
    "neurosim.exchange",
    "neurosim.engine",
    # For those who add a model, a measure or a kind of stimuli.
    "neurosim.registry.model",
    "neurosim.registry.parameters",
    "neurosim.registry.network_section",
    "neurosim.registry.measure",
    "neurosim.registry.stimulus",
)
"""Packages and modules whose names are public."""

INNER = {
    "neurosim.report.explorer": "the part of a page in which cells are chosen one by one",
    "neurosim.measures": "told number by number on the page of the numbers of a run",
    "neurosim.stimuli.kinds": "told key by key on the page of the keys of a recipe",
}
"""Packages whose names are for the house, with all inside them, and where readers find what they do."""

_MANY = 20  # names on one page, beyond which parts have pages of their own


def public_names(face: str) -> list[str]:
    """Return the public names of a face; packages among them have pages of their own.

    Examples
    --------
    >>> "LCA" in public_names("neurosim.networks")
    True
    """
    package = importlib.import_module(face)
    return sorted(
        (
            name
            for name in package.__all__
            if not name.startswith("__") and not isinstance(getattr(package, name), ModuleType)
        ),
        key=str.casefold,
    )


def unlisted(objects: set[str]) -> list[str]:
    """Return the public names, in full, that are not among the documented objects."""
    every = (f"{face}.{name}" for face in FACES for name in public_names(face))
    return [name for name in every if name not in objects]


def is_ours(thing: Any) -> bool:
    """Whether a member of a class is told of: what comes from other packages is told of there."""
    home: Any = getattr(thing, "__module__", None)
    return not isinstance(home, str) or home.startswith("neurosim")


def api_page() -> str:
    """Return the page that lists all faces."""
    head = [
        *_title("Public names"),
        "What is listed here is public, and changes as :doc:`/contributing` says.",
        "",
        ".. toctree::",
        "   :maxdepth: 1",
        "",
    ]
    return "\n".join([*head, *(f"   {face}" for face in FACES), ""])


def face_pages(face: str) -> Iterator[tuple[str, str]]:
    """Yield the pages of a face in reStructuredText, each with its name: one, or one for each part as well."""
    package = importlib.import_module(face)
    whole = [*_title(f"``{face}``"), *_words(package)]
    parts = _parts(face)
    if face == "neurosim.networks":
        parts = {name: [name] for name in public_names(face)}
    if len(parts) == 1:
        yield face, "\n".join([*whole, *_told(face, public_names(face))])
        return
    whole += [".. toctree::", "   :maxdepth: 1", ""]
    here = _told(face, parts.pop(face, []))
    for part, names in parts.items():
        title = part if part in names else _first_sentence(part)
        page = f"{face}.{part}" if part in names else part
        whole += [f"   {page}"]
        yield page, "\n".join([*_title(title), *_told(face, names)])
    yield face, "\n".join([*whole, "", *here])


def _parts(face: str) -> dict[str, list[str]]:
    """Return names by the package below the face that they live in, or all together where they are few."""
    package: Any = importlib.import_module(face)
    homes, found = getattr(package, "_HOMES", {}), {}
    names = public_names(face)
    for name in names:
        home = homes.get(name) or getattr(getattr(package, name), "__module__", face)
        # Homes are told in full or from the face on.
        inside = home.removeprefix(f"{face}.").split(".")[0]
        folder = Path(package.__path__[0], inside) if hasattr(package, "__path__") else None
        found.setdefault(f"{face}.{inside}" if folder and folder.is_dir() else face, []).append(name)
    return dict(sorted(found.items())) if len(names) > _MANY else {face: names}


def _told(face: str, names: list[str]) -> list[str]:
    """Return a table of names with their first sentences, and below it all that is said of each."""
    package = importlib.import_module(face)
    own = [name for name in names if not _elsewhere(face, name)]
    lines = [f".. currentmodule:: {face}", ""]
    if len(own) > 1:
        lines += [".. autosummary::", "   :nosignatures:", "", *(f"   {name}" for name in own), ""]
    for name in own:
        thing = getattr(package, name)
        lines += _title(name, "-") if len(own) > 1 else []
        if inspect.isclass(thing):
            lines += [f".. autoclass:: {name}", "   :members:", "   :inherited-members:", ""]
        elif callable(thing):
            lines += [f".. autofunction:: {name}", ""]
        else:
            lines += [f".. autodata:: {name}", "   :no-value:", ""]
    for name in names:
        if home := _elsewhere(face, name):
            lines += [f".. py:data:: {name}", "   :no-contents-entry:", "", f"   :py:obj:`{home}.{name}`", ""]
    return lines


def _elsewhere(face: str, name: str) -> str:
    """Return the room in which a name of the whole package is told of, if there is one."""
    thing = getattr(importlib.import_module(face), name)
    rooms = [room for room in FACES[1:] if face == FACES[0] and name in public_names(room)]
    return next((room for room in rooms if getattr(importlib.import_module(room), name) is thing), "")


def _words(package: ModuleType) -> list[str]:
    """Return the docstring of a package, without its examples."""
    return [inspect.cleandoc(package.__doc__ or "").split("\n\nExamples\n---")[0], ""]


def _first_sentence(module: str) -> str:
    said = inspect.cleandoc(importlib.import_module(module).__doc__ or module)
    return said.split("\n")[0].split(". ")[0].rstrip(".")


def _title(text: str, line: str = "=") -> list[str]:
    return [text, line * len(text), ""]
