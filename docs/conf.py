"""How the documentation is made: `make docs`, which treats warnings as errors and needs no network."""

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
os.environ.setdefault("MPLBACKEND", "Agg")

from made_pages import write_pages  # noqa: E402
from public_names import is_ours, unlisted  # noqa: E402

import neurosim  # noqa: E402

project = "neurosim"
author = "the neurosim developers"
copyright = author  # noqa: A001, Sphinx's word
release = version = neurosim.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
]
root_doc = "index"
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "gallery/GALLERY_HEADER.rst"]
default_role = "py:obj"

html_theme = "furo"
html_title = f"neurosim {release}"
html_static_path: list[str] = []
html_theme_options = {"sidebar_hide_name": False}
html_copy_source = False

autodoc_typehints = "none"  # numpydoc tells the types; those of arrays would fill three lines
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 4

# Inventories of other projects would have to be fetched; without them their names are plain text.

FAST = ("Rozell_2008_locally_competitive", "Shapero_2014_rates_solve_the_lasso", "Zeiler_2010_whole_pictures")
"""Examples that take seconds, and run whenever the pages are made."""

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": "|".join(FAST),
    "abort_on_example_error": True,
    "image_scrapers": ("gallery_figures.saved_figure",),
    "reset_argv": "gallery_figures.arguments",
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "within_subsection_order": "FileNameSortKey",
}


def setup(app: Any) -> None:
    """Write the pages that are made of what the code says, and see that every public name is on one."""
    write_pages(HERE)

    def skipped(*event: Any) -> bool | None:
        _, _, _, member, *_ = event
        return None if is_ours(member) else True

    def every_name_is_there(app: Any, error: Exception | None) -> None:
        if error is None:
            missing = unlisted({entry[0] for entry in app.env.domains["py"].get_objects()})
            if missing:
                raise RuntimeError(f"public, and on no page: {', '.join(missing)}")

    app.connect("autodoc-skip-member", skipped)
    app.connect("build-finished", every_name_is_there)
