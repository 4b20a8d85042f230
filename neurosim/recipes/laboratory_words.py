"""What is asked of the laboratory on the command line, as assignments to a recipe's [laboratory], and back."""

import math
import re

from neurosim.recipes.errors import RecipeError

__all__ = ["in_options", "laboratory_assignments"]

_LEAST_SIZE = 4  # pixels, of a tiled field
_HEAD = re.compile(r"recipe .*? cannot be run:\s+(?=laboratory\.)")
_KEY = re.compile(r"\blaboratory\.(ppd|tile|control|pools|gain_control|sensitivity)\b")


def laboratory_assignments(
    *,
    ppd: str | None = None,
    tile: str | None = None,
    control: str | None = None,
    pools: str | None = None,
    gain_control: str | None = None,
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
    gain_control : str, optional
        Strength of the inhibitory pool, a number of 0 or more.
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
    said = {"ppd": _scale(ppd), "tile": _tile(tile), "control": control, "pools": pools}
    said["gain_control"] = _strength(gain_control)
    assignments = [f"laboratory.{key}={value}" for key, value in said.items() if value is not None]
    return assignments + ["laboratory.sensitivity=true"] * sensitivity


def in_options(message: str) -> str:
    """Return a message about a recipe's [laboratory] in the words of the command line.

    Examples
    --------
    >>> in_options("recipe 'a.toml' cannot be run:\\n  laboratory.pools: expected 'off', got 'of'")
    "--pools: expected 'off', got 'of'"
    """
    return _KEY.sub(lambda key: f"--{key[1].replace('_', '-')}", _HEAD.sub("", message))


def _scale(ppd: str | None) -> str | None:
    if ppd is None or ppd == "auto" or 0 < _number(ppd) < math.inf:
        return ppd
    raise RecipeError(f"--ppd: expected pixels per degree, a number above 0, or auto, got {ppd!r}")


def _strength(gain_control: str | None) -> str | None:
    if gain_control is None or 0 <= _number(gain_control) < math.inf:
        return gain_control
    raise RecipeError(
        f"--gain-control: expected the strength of the inhibitory pool, a number of 0 or more, got {gain_control!r}"
    )


def _number(text: str) -> float:
    """Return a number, NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


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
