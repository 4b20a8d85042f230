"""What is asked of the laboratory on the command line, as assignments to a recipe's [laboratory], and back."""

import math
import re

from neurosim.recipes.errors import RecipeError

__all__ = ["in_options", "laboratory_assignments"]

_LEAST_SIZE = 4  # pixels, of a tiled field
_HEAD = re.compile(r"recipe .*? cannot be run:\s+(?=laboratory\.)")
_KEY = re.compile(r"\blaboratory\.(ppd|tile|control|pools|sensitivity)\b")


def laboratory_assignments(
    *,
    ppd: str | None = None,
    tile: str | None = None,
    control: str | None = None,
    pools: str | None = None,
    sensitivity: bool = False,
) -> list[str]:
    """Return ``laboratory.key=value`` for what was said, as `load_recipe` takes them.

    Parameters
    ----------
    ppd : str, optional
        A number, or ``auto``.
    tile : str, optional
        ``STRIDE,SIZE`` in pixels, or ``off``.
    control, pools : str, optional
        Words of the section.
    sensitivity : bool
        Asked for; else it is left to the recipe.

    Raises
    ------
    RecipeError
        If a number in a range is expected and something else said.

    Examples
    --------
    >>> laboratory_assignments(ppd="24", tile="8,32")
    ['laboratory.ppd=24', 'laboratory.tile={stride=8, size=32}']
    """
    said = {"ppd": _number(ppd), "tile": _tile(tile), "control": control, "pools": pools}
    assignments = [f"laboratory.{key}={value}" for key, value in said.items() if value is not None]
    return assignments + ["laboratory.sensitivity=true"] * sensitivity


def in_options(message: str) -> str:
    """Return a message about a recipe's [laboratory] in the words of the command line.

    Examples
    --------
    >>> in_options("recipe 'a.toml' cannot be run:\\n  laboratory.pools: expected 'off', got 'of'")
    "--pools: expected 'off', got 'of'"
    """
    return _KEY.sub(r"--\1", _HEAD.sub("", message))


def _number(ppd: str | None) -> str | None:
    if ppd is None or ppd == "auto":
        return ppd
    refused = RecipeError(f"--ppd: expected pixels per degree, a number above 0, or auto, got {ppd!r}")
    try:
        number = float(ppd)
    except ValueError as error:
        raise refused from error
    if not 0 < number < math.inf:
        raise refused
    return ppd


def _tile(tile: str | None) -> str | None:
    if tile is None or tile == "off":
        return tile
    parts = tile.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise RecipeError(f"--tile: expected STRIDE,SIZE in pixels, such as 8,32, or off, got {tile!r}")
    stride, size = (int(part) for part in parts)
    if stride < 1 or size < _LEAST_SIZE:
        raise RecipeError(
            f"--tile: expected a STRIDE of 1 pixel or more and a SIZE of {_LEAST_SIZE} or more, got {tile!r}"
        )
    return f"{{stride={stride}, size={size}}}"
