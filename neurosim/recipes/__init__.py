"""The recipes that ship: one TOML file per experiment."""

from importlib.resources import files


def recipe_names() -> list[str]:
    """Return the names of the shipped recipes, in alphabetical order.

    Examples
    --------
    >>> "lca" in recipe_names()
    True
    """
    names = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def recipe_text(name: str) -> str:
    """Return the TOML text of a shipped recipe.

    Parameters
    ----------
    name : str
        One of `recipe_names`.

    Raises
    ------
    KeyError
        If no recipe of that name ships.

    Examples
    --------
    >>> "[network]" in recipe_text("lca")
    True
    """
    if name not in recipe_names():
        raise KeyError(name)
    return files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
