"""What is asked of the laboratory on the command line, as assignments to a recipe's [laboratory]."""

from neurosim.recipes.errors import RecipeError

__all__ = ["laboratory_assignments"]


def laboratory_assignments(
    *, ppd: str | None = None, tile: str | None = None, control: str | None = None, pools: str | None = None
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

    Raises
    ------
    RecipeError
        If a number is expected and something else said.

    Examples
    --------
    >>> laboratory_assignments(ppd="24", tile="8,32")
    ['laboratory.ppd=24', 'laboratory.tile={stride=8, size=32}']
    """
    said = {"ppd": _number(ppd), "tile": _tile(tile), "control": control, "pools": pools}
    return [f"laboratory.{key}={value}" for key, value in said.items() if value is not None]


def _number(ppd: str | None) -> str | None:
    if ppd is None or ppd == "auto":
        return ppd
    try:
        float(ppd)
    except ValueError as error:
        raise RecipeError(f"--ppd: expected pixels per degree, a number, or auto, got {ppd!r}") from error
    return ppd


def _tile(tile: str | None) -> str | None:
    if tile is None or tile == "off":
        return tile
    parts = tile.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise RecipeError(f"--tile: expected STRIDE,SIZE in pixels, such as 8,32, or off, got {tile!r}")
    stride, size = (int(part) for part in parts)
    return f"{{stride={stride}, size={size}}}"
