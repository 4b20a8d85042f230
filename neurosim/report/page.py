"""The report: one HTML file that says what a run was and what came out, made from the run folder alone."""

import math
import os
from collections.abc import Iterator, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from pandas.api.types import is_numeric_dtype

from neurosim import measures
from neurosim.networks.models import MODELS
from neurosim.registry.measure import Caption
from neurosim.report import markup
from neurosim.results.run_folder import RunFolder, read_run_folder

__all__ = ["write_report"]

_FIELD_COLUMNS = {
    "r2": "R² of the Gabor fit, on whitened patches",
    "frequency": "frequency, on whitened patches (cycles/pixel)",
    "sigma_x": "σ_x, across the bars, on whitened patches (pixels)",
    "sigma_y": "σ_y, along the bars, on whitened patches (pixels)",
    "nx": "n_x, on whitened patches (cycles)",
    "ny": "n_y, on whitened patches (cycles)",
    "image_nx": "n_x in image space (cycles)",
    "image_ny": "n_y in image space (cycles)",
    **{
        f"{eye}_{column}": f"{words}, {eye} eye"
        for eye in ("left", "right")
        for column, words in {
            "r2": "R² of the Gabor fit",
            "frequency": "frequency (cycles/pixel)",
            "nx": "n_x (cycles)",
            "ny": "n_y (cycles)",
        }.items()
    },
}


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
    run = read_run_folder(run_dir, tables=measures.tables())
    try:
        page = _page(run)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"the files in {run.path} do not go together ({type(error).__name__}: {error}): restore them or run the "
            "recipe again"
        ) from error
    path = run.path / "report.html"
    aside = run.path / ".report.html.unfinished"
    try:
        # Names of files that are no text in UTF-8 are shown as well as they can be.
        aside.write_text(page, encoding="utf-8", errors="backslashreplace")
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _page(run: RunFolder) -> str:
    head = run.recipe.get("run", {})
    data = files("neurosim.report")
    return Template(data.joinpath("report.html").read_text(encoding="utf-8")).substitute(
        title=escape(f"Run {head.get('name', run.path.name)}"),
        subtitle=escape(str(head.get("description", ""))),
        style=data.joinpath("report.css").read_text(encoding="utf-8"),
        summary=markup.paragraph(" ".join(measures.sentences(run))),
        metrics=_metrics(run.summary),
        figures="\n".join(_figures(run.figures)),
        tables=_section("tables", "Tables", "\n".join(_tables(run))),
        fields=_section("fields", "Fitted fields", _fields(run)),
        recipe=escape(run.recipe_text),
        rerun=_rerun(run),
        provenance=_provenance(run.provenance),
    )


def _metrics(summary: Mapping[str, Any]) -> str:
    known = measures.metrics()
    ordered = [name for name in known if name in summary]
    ordered += [name for name in summary if name not in known]
    unknown = ("", "Not documented by this version.")
    rows = [(name, _value(summary[name]), *(measures.metric_of(name) or unknown)) for name in ordered]
    return markup.table(
        "All numbers of summary.json; on held-out stimuli unless a line says otherwise.",
        heads=["name", "value", "unit", "meaning"],
        rows=rows,
        kinds=["", "number", "unit", ""],
    )


def _value(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "not measurable"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _figures(paths: Mapping[str, Path]) -> Iterator[str]:
    """Yield the known figures in the order of the page, then those that a user or a later version added."""
    known = measures.captions()
    for stem in [*(stem for stem in known if stem in paths), *(stem for stem in paths if stem not in known)]:
        title = stem.replace("_", " ").capitalize()
        words = measures.caption_of(stem) or Caption(title, f"figures/{stem}.png", title)
        yield markup.figure(paths[stem], title=words.title, caption=words.text, alternative=words.alternative)


def _section(identifier: str, title: str, content: str) -> str:
    if not content:
        return ""
    heading = f'<h2 id="{identifier}">{escape(title)}</h2>'
    return f'<section aria-labelledby="{identifier}">\n{heading}\n{content}\n</section>'


def _tables(run: RunFolder) -> Iterator[str]:
    captions = measures.tables()
    for stem, table in run.tables.items():
        yield markup.table(
            captions[stem],
            heads=[str(column) for column in table],
            rows=[[_value(cell) for cell in row] for row in table.itertuples(index=False)],
            kinds=["number" if is_numeric_dtype(table[column]) else "" for column in table],
        )


def _fields(run: RunFolder) -> str:
    known = [column for column in _FIELD_COLUMNS if column in run.fields.columns]
    # Fields of several networks have no quartiles together.
    if not known or "arm" in run.fields.columns:
        return ""
    spread = run.fields[known].quantile([0.25, 0.5, 0.75])
    rows = [
        (_FIELD_COLUMNS[column], *(_value(float(number)) for number in spread[column])) for column in known
    ]
    return markup.table(
        f"Quartiles over all {len(run.fields)} neurons, Gabor-like or not; fields.csv holds each neuron's "
        "values.",
        heads=["quantity", "lower quartile", "median", "upper quartile"],
        rows=rows,
        kinds=["", "number", "number", "number"],
    )


def _rerun(run: RunFolder) -> str:
    version = run.provenance.get("neurosim", "")
    commit = run.provenance.get("git_commit")
    software = f"neurosim {version}".strip() + (f", commit {commit}" if commit else "")
    return "\n".join(
        (
            markup.paragraph("The same recipe gives the same numbers, all but the wall times:"),
            markup.preformatted("neurosim run recipe.toml"),
            markup.paragraph(
                f"To cite this result, name the software ({software}; CITATION.cff in its source holds the "
                f"reference), the recipe above, {_behind(run)}"
            ),
        )
    )


def _behind(run: RunFolder) -> str:
    papers = "; ".join(_papers(run))
    model = f"and the paper of the model ({papers})" if papers else "and the paper of the model"
    if not any(name.startswith("v1_nxny_js_bits") for name in run.summary):
        return f"{model}."
    return (
        f"{model.removeprefix('and ')}, and the one behind the comparison: Ringach DL (2002), Spatial structure and "
        "symmetry of simple-cell receptive fields in macaque primary visual cortex, J Neurophysiol 88:455–463, "
        "doi:10.1152/jn.2002.88.1.455."
    )


def _papers(run: RunFolder) -> list[str]:
    """Return the citations of what was trained, each once, in the order of the recipe."""
    arms = [arm.get("network", {}) for arm in run.recipe.get("arms", [])]
    trained = [network.get("model") for network in arms or [run.recipe.get("network", {})]]
    cited = {model.name: model.citation for model in MODELS}
    return list(dict.fromkeys(cited[name] for name in trained if name in cited))


def _provenance(record: Mapping[str, Any]) -> str:
    return markup.table(
        "What the run was made with (provenance.json).",
        heads=["item", "value"],
        rows=list(_flat(record)),
        kinds=["", "checksum"],
    )


def _flat(record: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield the record's leaves with dotted names."""
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            yield from _flat({str(index): item for index, item in enumerate(value)}, f"{before}{name}.")
        elif value not in (None, [], ""):
            yield f"{before}{name}", _value(value)
