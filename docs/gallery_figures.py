"""How the gallery gets the figure of an example: the example saves it under the name that it is given."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

__all__ = ["arguments", "saved_figure"]

_FIGURE = Path(tempfile.gettempdir(), f"neurosim-gallery-{os.getpid()}.png")


def arguments(gallery_conf: Any, script_vars: Any) -> list[str]:
    """Return the arguments of an example: where its figure goes."""
    return [str(_FIGURE)]


def saved_figure(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Take the figure that an example has saved, and return what shows it on its page."""
    from sphinx_gallery.scrapers import figure_rst

    if not _FIGURE.exists():
        return ""
    path = next(block_vars["image_path_iterator"])
    shutil.move(_FIGURE, path)  # perhaps to another disc
    shown: str = figure_rst([path], gallery_conf["src_dir"])
    return shown
