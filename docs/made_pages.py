"""Pages that are made of what the code says, so that they cannot fall behind it: names, keys, numbers, commands.

`write_pages` writes them into ``docs/made``, which is not kept. Sphinx is not needed for that.
"""

import base64
import inspect
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from public_names import FACES, api_page, face_pages

__all__ = ["PAGES", "write_pages"]


def write_pages(docs: Path) -> None:
    """Write every page that is made of the code into the folder ``made`` of the documentation."""
    made = docs / "made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    for name, text in PAGES.items():
        (made / name).write_text(text(), encoding="utf-8")
    for face in FACES:
        for name, text in face_pages(face):
            (made / f"{name}.rst").write_text(text, encoding="utf-8")
    write_notebook(docs / "tutorial.ipynb", made / "tutorial.md")


def keys_page() -> str:
    """Return the page of all that a recipe can say, as the models and the kinds of stimuli declare it."""
    from neurosim.networks.models import MODELS
    from neurosim.recipes.recipe import Recipe
    from neurosim.stimuli.kinds import KINDS

    lines = [
        "# Keys of a recipe",
        "",
        "What a TOML file or `--set` can say, by section; "
        "see [the way of a key](../architecture.md#the-way-of-a-recipes-key).",
    ]
    for name, field in Recipe.model_fields.items():
        # A section that may be left out is a union with None.
        section = next(
            (each for each in get_args(field.annotation) if each is not type(None)), field.annotation
        )
        if name not in ("network", "stimuli", "arms"):
            lines += ["", f"## [{name}]", "", _one_line(inspect.getdoc(section) or ""), "", *_keys(section)]
    for model in MODELS:
        lines += ["", f'## [network] model = "{model.name}"', "", f"{model.title}. {model.citation}.", ""]
        lines += _keys(model.section)
    for kind in KINDS:
        lines += [
            "",
            f'## [stimuli] kind = "{kind.name}"',
            "",
            f"{_capital(kind.title)}.",
            "",
            *_keys(kind.section),
        ]
    return "\n".join([*lines, ""])


def _keys(section: Any) -> Iterator[str]:
    for name, field in section.model_fields.items():
        if name in ("model", "kind"):
            continue
        default = "" if field.is_required() or field.default_factory else f" = {_toml(field.default)}"
        yield f"- `{name}{default}`: {_one_line(field.description or '')}".rstrip(": ")


def _toml(value: Any) -> str:
    if value is None:
        return "(worked out)"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool | list) else str(value)


def numbers_page() -> str:
    """Return the page of every number of ``summary.json``, as the measures declare them."""
    from neurosim.measures import MEASURES

    lines = [
        "# Numbers of a run",
        "",
        "What `summary.json` holds, by measure, with unit and meaning.",
    ]
    for measure in MEASURES:
        if measure.metrics:
            lines += ["", f"## {_capital(measure.name.replace('_', ' '))}", ""]
            lines += [
                f"- `{name}` ({metric.unit}): {_escaped(metric.meaning)}"
                for name, metric in measure.metrics.items()
            ]
    return "\n".join([*lines, ""])


def commands_page() -> str:
    """Return the page of the command line, as its own help tells it."""
    from typer.main import get_command

    from neurosim.cli import app

    group: Any = get_command(app)
    lines = ["# Command line", "", "What `neurosim COMMAND --help` says."]
    for name, command in group.commands.items():
        lines += ["", f"## neurosim {name}", "", _escaped(inspect.cleandoc(command.help or "")), ""]
        for each in command.params:
            names = (
                [each.name.upper()]
                if each.param_type_name == "argument"
                else [*each.opts, *each.secondary_opts]
            )
            shown = ", ".join(f"`{name}`" for name in names)
            lines += [f"- {shown}: {_one_line(getattr(each, 'help', None) or '')}".rstrip(": ")]
    return "\n".join([*lines, ""])


def recipes_page() -> str:
    """Return the page of the recipes that ship, whole."""
    from neurosim.recipes import recipe

    folder = Path(recipe.__file__).parent
    lines = ["# Recipes that ship", "", "As they are in the package; `neurosim run NAME` carries one out."]
    for path in sorted(folder.glob("*.toml")):
        lines += ["", f"## {path.stem}", "", "```toml", path.read_text(encoding="utf-8").rstrip(), "```"]
    return "\n".join([*lines, ""])


def write_notebook(notebook: Path, page: Path) -> None:
    """Write a notebook as a page with the pictures and the text that its cells have left."""
    lines, n_pictures = [], 0
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = text.replace("](../examples)", "](gallery/index.rst)")
            lines += [re.sub(r"\]\((?!https?:|#)", "](../", text), ""]
            continue
        lines += ["```python", text, "```", ""]
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/png" in data:
                picture = page.with_name(f"{page.stem}_{n_pictures}.png")
                picture.write_bytes(base64.b64decode("".join(data["image/png"])))
                lines += [f"![what the cell above draws]({picture.name})", ""]
                n_pictures += 1
            elif said := "".join(output.get("text", data.get("text/plain", ""))):
                lines += ["```text", said.rstrip(), "```", ""]
    page.write_text("\n".join(lines), encoding="utf-8")


def _one_line(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Return words for Markdown: what stands in backticks stays, stars and bars elsewhere are no mark-up."""
    pieces = text.replace("``", "`").split("`")
    for k in range(0, len(pieces), 2):
        for sign in "*_|<>[]":
            pieces[k] = pieces[k].replace(sign, f"\\{sign}")
    return "`".join(pieces)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


PAGES = {
    "api.rst": api_page,
    "keys.md": keys_page,
    "numbers.md": numbers_page,
    "commands.md": commands_page,
    "recipes.md": recipes_page,
}
"""Name of each page that is made, and what makes its text."""
