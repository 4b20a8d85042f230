"""The report: one HTML file that says what a run was and what came out, made from the run folder alone."""

import os
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from neurosim.report.contents import files_of_a_page, page_contents
from neurosim.results.run_folder import RunFolder, read_run_folder

__all__ = ["write_report"]


def write_report(run_dir: str | Path) -> Path:
    """Write ``report.html`` into a run folder, from what the folder holds.

    Parameters
    ----------
    run_dir : str or Path
        A folder with ``summary.json``, ``recipe.toml``, ``provenance.json``, ``fields.csv`` and
        ``figures/*.png``.

    Returns
    -------
    Path
        ``report.html``: one file that loads nothing, with the figures inside.

    Raises
    ------
    FileNotFoundError
        If a file is missing; names it. An older report is left as it is.
    ValueError
        If a file cannot be understood; names it. If files do not go together.
    OSError
        If the page cannot be written. An older report is left as it is.

    Examples
    --------
    >>> write_report("no-such-run")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no run folder at no-such-run: expected a folder that `neurosim run` wrote
    """
    run = read_run_folder(run_dir, tables=files_of_a_page())
    try:
        page = _rendered(run)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"the files in {run.path} do not go together ({type(error).__name__}: {error}): restore them or run the "
            "recipe again"
        ) from error
    return written(page, run.path / "report.html")


def written(page: str, path: Path) -> Path:
    """Write a page aside and give it its name: an older one is there until the new one is whole."""
    aside = path.with_name(f".{path.name}.unfinished")
    try:
        # Names of files that are no text in UTF-8 are shown as well as they can be.
        aside.write_text(page, encoding="utf-8", errors="backslashreplace")
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _rendered(run: RunFolder) -> str:
    return template("report.html").render(page_contents(run))


@cache
def template(name: str) -> Template:
    """Return a template of this folder by the name of its file."""
    data = files("neurosim.report")
    # What a run holds comes from anywhere: nothing of it becomes markup.
    environment = Environment(
        loader=FunctionLoader(partial(_text, data)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return environment.get_template(name)


def _text(data: Traversable, name: str) -> str:
    folder = data / "explorer" if name.startswith("explorer.") else data
    return folder.joinpath(name).read_text(encoding="utf-8")
