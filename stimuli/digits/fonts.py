"""Finding a font that can print digits."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

DIGITS = "0123456789"

PREFERRED_FAMILIES = ("Arial", "Liberation Sans", "Arimo", "Helvetica", "Nimbus Sans")
"""Arial, two fonts whose letters take the same room, and two of the same design."""

_FONT_SUFFIXES = {".ttf", ".otf", ".ttc", ".otc", ".pfb", ".pfa", ".woff"}


@dataclass(frozen=True)
class Font:
    """A font file, for a run's record.

    Attributes
    ----------
    family : str
        The name of its family, as the file gives it.
    path : pathlib.Path
        The file.
    sha256 : str
        Of the file.
    """

    family: str
    path: Path
    sha256: str


def find_font(name: str | PathLike[str] | None = None) -> Font:
    """Return a font with all ten digits: the one named, or else the nearest to Arial that is installed.

    Parameters
    ----------
    name : str or path, optional
        A family such as ``"Liberation Sans"``, or a font file. By default the first of
        ``PREFERRED_FAMILIES`` that is installed, and where none is, DejaVu Sans, which comes with matplotlib.

    Returns
    -------
    Font

    Raises
    ------
    ValueError
        If no family of that name is installed (the nearest is suggested), if the file is no font, or if the
        font lacks digits, which the message names.
    FileNotFoundError
        If there is no such file.

    Examples
    --------
    >>> find_font("DejaVu Sans").family
    'DejaVu Sans'
    """
    if name is None:
        installed = (_installed(family) for family in PREFERRED_FAMILIES)
        return _read_font(next((path for path in installed if path is not None), _matplotlib_font()))
    if not isinstance(name, str) or Path(name).suffix.lower() in _FONT_SUFFIXES or len(Path(name).parts) > 1:
        return _read_font(Path(name))
    path = _installed(name)
    if path is None:
        raise ValueError(_unknown(name))
    return _read_font(path)


def _installed(family: str) -> Path | None:
    """Return the upright file of an installed family; matplotlib keeps the list."""
    from matplotlib.font_manager import FontProperties, findfont

    try:  # a list: a bare string would be taken for a fontconfig pattern
        return Path(findfont(FontProperties(family=[family]), fallback_to_default=False))
    except ValueError:
        return None


def _matplotlib_font() -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def _read_font(path: Path) -> Font:
    import pooch
    from matplotlib.ft2font import FT2Font

    if not path.is_file():
        raise FileNotFoundError(f"{path}: expected a font file, found none; correct the path")
    try:
        face = FT2Font(str(path))
    except RuntimeError as error:
        raise ValueError(
            f"{path}: expected a font file, got one that FreeType cannot read ({error}); name a .ttf or .otf file"
        ) from error
    missing = [digit for digit in DIGITS if not face.get_char_index(ord(digit))]
    if missing:
        raise ValueError(
            f"{path}: expected a font with all ten digits, got {face.family_name!r}, which lacks "
            f"{', '.join(missing)}; choose a font for text"
        )
    return Font(face.family_name, path, pooch.file_hash(str(path)))


def _unknown(family: str) -> str:
    from matplotlib.font_manager import get_font_names

    near = difflib.get_close_matches(family, get_font_names(), n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else "install it, or give the path of its file"
    return f"expected an installed font family, got {family!r}; {hint}"
