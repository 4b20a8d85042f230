"""Which files measures write: asked of a folder that does not tell which ones its run wrote."""


def written_by_measures(path: str) -> bool:
    """Return whether measures write a table or a figure of this name; imports them when asked, which takes time."""
    from neurosim.measures import writes

    return writes(path)
